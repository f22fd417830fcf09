"""WordprocessingML as text: runs, paragraphs, tables, sections and the package around them.

Only what our templates need, so that a package holds nothing else: no custom XML, no thumbnail, no revision marks.
Measures are millimetres for pages and columns, points for letters and gaps.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."


def twips(mm: float) -> int:
    """Twentieths of a point, Word's unit of length."""
    return round(mm * 1440 / 25.4)


def run(text: str, *, bold: bool = False, italic: bool = False, size: float | None = None) -> str:
    """Letters of one look; size in points. A Jinja tag has to lie inside one run."""
    look = ("<w:b/><w:bCs/>" if bold else "") + ("<w:i/><w:iCs/>" if italic else "")
    if size:
        look += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(style: str, *content: str, properties: str = "") -> str:
    """A paragraph of plain texts or of runs.

    properties: further children of w:pPr, in the order of the schema, after w:pStyle.
    """
    runs = "".join(part if part.startswith("<w:") else run(part) for part in content)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>'


def tag(jinja: str) -> str:
    """A paragraph that only steers (`p if x`, `p endfor`) and is gone after rendering."""
    return paragraph("Normal", "{%" + jinja + " %}")


def field(instruction: str, shown: str) -> str:
    """A field that Word computes, such as PAGE."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f"<w:r><w:t>{shown}</w:t></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def cell(width: float, *paragraphs: str, align: str = "top", span: int = 1) -> str:
    """A table cell over `span` columns; Word requires a paragraph in it that is left after rendering."""
    vertical = f'<w:vAlign w:val="{align}"/>' if align != "top" else ""
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    width_ = f'<w:tcW w:w="{twips(width)}" w:type="dxa"/>'
    return f"<w:tc><w:tcPr>{width_}{spanned}{vertical}</w:tcPr>{''.join(paragraphs)}</w:tc>"


def row(*cells: str, header: bool = False) -> str:
    """A row that stays on one page; header rows are repeated on every page the table reaches."""
    repeated = "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def steering_row(width: float, jinja: str) -> str:
    """A row that only steers (`tr for x in y`) and is gone after rendering."""
    return f"<w:tr>{cell(width, paragraph('TableText', '{%' + jinja + ' %}'))}</w:tr>"


def table(widths: Sequence[float], *rows: str, style: str, caption: str) -> str:
    """A table of fixed column widths. caption: read aloud by screen readers, not printed."""
    grid = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in widths)
    described = f"<w:tblCaption w:val={quoteattr(caption)}/>"
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(map(twips, widths))}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblLayout w:type="fixed"/>{described}</w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


@dataclass(frozen=True, slots=True)
class Page:
    """A4 with the margins of Decree 30/2020 (Annex I): top and bottom 20, left 30, right 15 millimetres."""

    landscape: bool = False

    @property
    def text_width(self) -> float:
        """Millimetres between the margins."""
        return (297 if self.landscape else 210) - 30 - 15

    def section(self, *, restart: bool = False) -> str:
        """The section: page number in the header, but not on the section's first page.

        restart: pages count from 1 again, as in an annex.
        """
        width, height = (297, 210) if self.landscape else (210, 297)
        turned = ' w:orient="landscape"' if self.landscape else ""
        numbering = '<w:pgNumType w:start="1"/>' if restart else ""
        return (
            '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:type w:val="nextPage"/>'
            f'<w:pgSz w:w="{twips(width)}" w:h="{twips(height)}"{turned}/>'
            f'<w:pgMar w:top="{twips(20)}" w:right="{twips(15)}" w:bottom="{twips(20)}" w:left="{twips(30)}" '
            f'w:header="{twips(10)}" w:footer="{twips(10)}" w:gutter="0"/>'
            f'{numbering}<w:cols w:space="720"/><w:titlePg/></w:sectPr>'
        )


def package(*, body: Iterable[str], section: str, styles: str, header: str, theme: str, title: str) -> bytes:
    """The .docx. Stored without compression: the same bytes with every zlib, and readable changes in git."""
    document = f"<w:body>{''.join(body)}{section}</w:body>"
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            ("officeDocument", "word/document.xml"),
            ("metadata/core-properties", "docProps/core.xml"),
            ("extended-properties", "docProps/app.xml"),
        ),
        "docProps/app.xml": _app_properties(),
        "docProps/core.xml": _core_properties(title),
        "word/_rels/document.xml.rels": _relationships(
            ("styles", "styles.xml"),
            ("settings", "settings.xml"),
            ("header", "header1.xml"),
            ("fontTable", "fontTable.xml"),
            ("theme", "theme/theme1.xml"),
        ),
        "word/document.xml": f'{_DECLARATION}<w:document xmlns:w="{W}" xmlns:r="{R}">{document}</w:document>',
        "word/fontTable.xml": _font_table(),
        "word/header1.xml": f'{_DECLARATION}<w:hdr xmlns:w="{W}" xmlns:r="{R}">{header}</w:hdr>',
        "word/settings.xml": _settings(),
        "word/theme/theme1.xml": f"{_DECLARATION}{theme}",
        "word/styles.xml": f'{_DECLARATION}<w:styles xmlns:w="{W}">{styles}</w:styles>',
    }
    return _zip(parts)


def _zip(parts: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 0  # otherwise the system that builds shows in the bytes
            archive.writestr(entry, text.encode("utf-8"))
    return out.getvalue()


def _content_types() -> str:
    types = {
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/word/document.xml": f"{_WORD_TYPE}document.main+xml",
        "/word/fontTable.xml": f"{_WORD_TYPE}fontTable+xml",
        "/word/header1.xml": f"{_WORD_TYPE}header+xml",
        "/word/settings.xml": f"{_WORD_TYPE}settings+xml",
        "/word/styles.xml": f"{_WORD_TYPE}styles+xml",
        "/word/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
    }
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in types.items())
    return (
        f'{_DECLARATION}<Types xmlns="{_CONTENT_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relationships(*targets: tuple[str, str]) -> str:
    # No white space inside: LibreOffice and Office disagree on its digest when the file is signed.
    lines = (
        f'<Relationship Id="rId{number}" Type="{_relationship_type(kind)}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_DECLARATION}<Relationships xmlns="{_RELATIONSHIPS}">{"".join(lines)}</Relationships>'


def _relationship_type(kind: str) -> str:
    return f"{_RELATIONSHIPS}/{kind}" if kind.startswith("metadata/") else f"{R}/{kind}"


def _app_properties() -> str:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return f'{_DECLARATION}<Properties xmlns="{space}"><Application>Giao Uoc</Application></Properties>'


def _core_properties(title: str) -> str:
    return (
        f'{_DECLARATION}<cp:coreProperties xmlns:cp="{_RELATIONSHIPS.replace("relationships", "metadata/core-properties")}" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator></dc:creator>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2020-01-01T00:00:00Z</dcterms:created>'
        '<dcterms:modified xsi:type="dcterms:W3CDTF">2020-01-01T00:00:00Z</dcterms:modified>'
        "<dc:language>vi-VN</dc:language></cp:coreProperties>"
    )


def _font_table() -> str:
    return (
        f'{_DECLARATION}<w:fonts xmlns:w="{W}"><w:font w:name="Times New Roman">'
        '<w:panose1 w:val="02020603050405020304"/><w:charset w:val="A3"/><w:family w:val="roman"/>'
        '<w:pitch w:val="variable"/></w:font></w:fonts>'
    )


def _settings() -> str:
    # Mode 15: without it Word opens the file as a document of Word 2007 and lays tables out differently.
    return (
        f'{_DECLARATION}<w:settings xmlns:w="{W}"><w:defaultTabStop w:val="720"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="vi-VN"/></w:settings>'
    )
