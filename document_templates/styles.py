"""The paragraph styles of our documents: sizes and looks of Decree 30/2020/NĐ-CP, Annex I, section II.

Font and size stand in the document defaults as well: some programs do not look at the style Normal.
"""

from dataclasses import dataclass

FONT = "Times New Roman"
BODY_SIZE = 14  # the decree: 13-14 for the text


@dataclass(frozen=True, slots=True)
class Style:
    """One paragraph style.

    size, before, after: points. line: multiple of a single line. indent: first line, millimetres.
    keep: stays on the page of the next paragraph. level: outline level, 0 is the highest.
    """

    id: str
    name: str
    based_on: str = "Normal"
    size: float = 0
    bold: bool = False
    italic: bool = False
    align: str = ""
    before: float | None = None
    after: float | None = None
    line: float | None = None
    indent: float | None = None
    keep: bool = False
    level: int | None = None

    def xml(self) -> str:
        return (
            (
                f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{self.id}"><w:name w:val="{self.name}"/>'
                f'<w:basedOn w:val="{self.based_on}"/><w:qFormat/>'
                f"<w:pPr>{self._paragraph()}</w:pPr><w:rPr>{self._letters()}</w:rPr></w:style>"
            )
            .replace("<w:pPr></w:pPr>", "")
            .replace("<w:rPr></w:rPr>", "")
        )

    def _paragraph(self) -> str:
        parts = [
            "<w:keepNext/><w:keepLines/>" if self.keep else "",
            _spacing(self.before, self.after, self.line),
        ]
        if self.indent is not None:
            parts.append(f'<w:ind w:firstLine="{round(self.indent * 1440 / 25.4)}"/>')
        if self.align:
            parts.append(f'<w:jc w:val="{self.align}"/>')
        if self.level is not None:
            parts.append(f'<w:outlineLvl w:val="{self.level}"/>')
        return "".join(parts)

    def _letters(self) -> str:
        look = ("<w:b/><w:bCs/>" if self.bold else "") + ("<w:i/><w:iCs/>" if self.italic else "")
        if self.size:
            look += f'<w:sz w:val="{round(self.size * 2)}"/><w:szCs w:val="{round(self.size * 2)}"/>'
        return look


def _spacing(before: float | None, after: float | None, line: float | None) -> str:
    values = (("before", before, 20), ("after", after, 20), ("line", line, 240))
    given = "".join(f' w:{name}="{round(value * unit)}"' for name, value, unit in values if value is not None)
    rule = ' w:lineRule="auto"' if line is not None else ""
    return f"<w:spacing{given}{rule}/>" if given else ""


def _tight(id: str, name: str, **look: object) -> Style:  # noqa: A002 - the word of the file format
    """A style of single lines without gaps, for mastheads, tables and signatures."""
    return Style(id, name, **({"after": 0, "before": 0, "line": 1.0} | look))  # type: ignore[arg-type]  # one dict of mixed looks


STYLES = (
    _tight("Header", "header", size=13, align="center"),
    _tight("MastheadParent", "Cơ quan cấp trên", size=12, align="center"),
    _tight("MastheadIssuer", "Cơ quan ban hành", size=12, bold=True, align="center"),
    _tight("MastheadCountry", "Quốc hiệu", size=12, bold=True, align="center"),
    _tight("MastheadMotto", "Tiêu ngữ", size=13, bold=True, align="center"),
    _tight("MastheadRule", "Đường kẻ", size=2),
    _tight("MastheadNumber", "Số và ký hiệu", size=13, before=6, align="center"),
    _tight("MastheadPlace", "Địa danh và ngày", size=13, italic=True, before=6, align="center"),
    _tight("DraftLabel", "Dự thảo", size=13, bold=True, before=2, align="center"),
    _tight(
        "DocumentTitle", "Tên loại văn bản", size=14, bold=True, before=18, align="center", keep=True, level=0
    ),
    _tight("DocumentSubject", "Trích yếu", size=14, bold=True, align="center", keep=True),
    _tight("SubjectRule", "Đường kẻ trích yếu", size=2, after=10),
    Style("BodyText", "Nội dung", align="both", indent=12.7),
    Style("LegalBasis", "Căn cứ", based_on="BodyText", italic=True),
    Style("PartHeading", "Đề mục lớn", bold=True, indent=12.7, before=6, keep=True, level=1),
    Style("SectionHeading", "Đề mục nhỏ", based_on="BodyText", bold=True, keep=True, level=2),
    Style("Addressees", "Kính gửi", after=3),
    _tight("Spacer", "Khoảng cách", size=6, after=4, keep=True),
    _tight("TableText", "Chữ trong bảng", size=12, before=2, after=2),
    _tight("TableCentered", "Chữ giữa trong bảng", size=12, before=2, after=2, align="center"),
    _tight("TableHead", "Đầu bảng", size=12, bold=True, before=2, after=2, align="center"),
    _tight("RegisterText", "Chữ trong sổ", size=11, before=2, after=2),
    _tight("RegisterCentered", "Chữ giữa trong sổ", size=11, before=2, after=2, align="center"),
    _tight("RegisterHead", "Đầu sổ", size=11, bold=True, before=2, after=2, align="center"),
    _tight("AfterTable", "Sau bảng", size=6),
    Style("SignatureHeading", "Đầu phần ký", bold=True, align="center", before=12, after=6, keep=True),
    _tight("SignatureUnit", "Đơn vị ký", size=13, after=3, bold=True, align="center"),
    _tight("SignatureRole", "Vai trong khối", size=12, italic=True, align="center"),
    _tight("SignatureLine", "Quyền hạn chức vụ", size=13, bold=True, align="center"),
    _tight("SignatureRoom", "Chỗ ký", size=13, before=26, after=26, align="center"),
    _tight("SignatureMark", "Dấu ký điện tử", size=10, align="center"),
    _tight("SignatureName", "Họ và tên người ký", size=13, bold=True, after=14, align="center"),
    _tight("RecipientsHead", "Nơi nhận", size=12, bold=True, italic=True),
    _tight("Recipient", "Một nơi nhận", size=11),
    Style("AnnexLabel", "Phụ lục", bold=True, align="center", after=0, keep=True, level=0),
    Style("AnnexTitle", "Tên phụ lục", bold=True, align="center", after=0, keep=True),
    Style("AnnexNote", "Chú thích phụ lục", italic=True, align="center", keep=True),
)


def styles_xml(*, body_size: float = BODY_SIZE) -> str:
    """The content of styles.xml."""
    fonts = f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>'
    size = f'<w:sz w:val="{round(body_size * 2)}"/><w:szCs w:val="{round(body_size * 2)}"/>'
    language = '<w:lang w:val="vi-VN" w:eastAsia="vi-VN" w:bidi="ar-SA"/>'
    spacing = _spacing(0, 6, 1.1)  # the decree: at least 6 points between paragraphs, 1 to 1.5 lines
    return (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts}{size}{language}</w:rPr></w:rPrDefault>"
        f"<w:pPrDefault><w:pPr>{spacing}</w:pPr></w:pPrDefault></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{spacing}</w:pPr><w:rPr>{fonts}{size}{language}</w:rPr></w:style>"
        f"{''.join(style.xml() for style in STYLES)}{_table_styles()}"
    )


def _table_styles() -> str:
    normal = (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/>{margins}</w:tblPr></w:style>'
    )
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
    return (
        normal.format(margins=_cell_margins(108))
        + '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>'
        f"<w:tblPr><w:tblBorders>{lines}</w:tblBorders>{_cell_margins(85)}</w:tblPr></w:style>"
        '<w:style w:type="table" w:customStyle="1" w:styleId="SignatureGrid"><w:name w:val="Lưới chữ ký"/>'
        f'<w:basedOn w:val="TableNormal"/><w:tblPr>{_cell_margins(70)}</w:tblPr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="Borderless"><w:name w:val="Bảng không viền"/>'
        # The country's name fits its column at 12 points only without margins in the cell.
        f'<w:basedOn w:val="TableNormal"/><w:tblPr>{_cell_margins(0)}</w:tblPr></w:style>'
    )


def _cell_margins(side: int) -> str:
    return (
        f'<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="{side}" w:type="dxa"/>'
        f'<w:bottom w:w="0" w:type="dxa"/><w:right w:w="{side}" w:type="dxa"/></w:tblCellMar>'
    )
