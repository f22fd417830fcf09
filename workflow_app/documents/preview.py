"""A .docx as safe HTML: the real document, not a second rendering of its data.

Only elements and classes that are named here come out, and every text is escaped. Looks that matter in an
official document are kept: alignment, bold, italic, capitals, the short rules, tables, the masthead in two
columns, the grid of signatures. Widths are classes in steps of five per cent (`gu-w-45`).
"""

import re
from collections.abc import Iterator

from lxml import etree
from markupsafe import Markup, escape

from workflow_app.core.vietnamese import fold
from workflow_app.documents.extraction import paragraph_text
from workflow_app.documents.looks import Look, read_letters, read_look, style_looks, value_of
from workflow_app.documents.marking import Ranges, inserted
from workflow_app.documents.package import Package, W, parse_xml

_SMALL = 23  # half points; smaller letters are marks and lists of recipients
_PICTURE = '<span class="gu-picture">[hình]</span>'
_HERE = Markup('<span class="gu-sign-here">Chỗ ông/bà ký</span>')


def to_html(docx: bytes, *, sign_here: str = "", before: bytes | None = None) -> Markup:
    """An <article class="gu-doc">.

    sign_here: name of the unit whose empty signature block is pointed out to its chair.
    before: an earlier version; words that were not in it stand in <ins class="gu-new">.
    Raises PackageBroken.
    """
    package = Package.read(docx)
    root = parse_xml(package.parts[package.main_part()])
    writer = _Writer(style_looks(package), fold(sign_here), _new_words(root, before))
    body = root.find(f"{{{W}}}body")
    inside = "".join(writer.blocks(body)) if body is not None else ""
    return Markup(f'<article class="gu-doc" lang="vi">{inside}</article>')  # noqa: S704 - built from escaped pieces


class _Writer:
    def __init__(
        self, styles: dict[str, Look], sign_here: str, new_words: dict[etree._Element, Ranges]
    ) -> None:
        self._styles = styles
        self._sign_here = sign_here
        self._new_words = new_words

    def blocks(self, container: etree._Element, width: int = 0) -> Iterator[str]:
        for element in container:
            word = _word(element)
            if word == "p":
                yield self._paragraph(element, width)
            elif word == "tbl":
                yield self._table(element)
            elif word in {"sdt", "sdtContent", "ins", "smartTag", "customXml"}:
                yield from self.blocks(element, width)

    def _paragraph(self, paragraph: etree._Element, width: int) -> str:
        style = value_of(paragraph.find(f"{{{W}}}pPr/{{{W}}}pStyle"))
        look = read_look(paragraph.find(f"{{{W}}}pPr"), self._styles.get(style, self._styles[""]))
        inside = "".join(self._runs(paragraph, look))
        after = '<hr class="gu-page">' if paragraph.find(f"{{{W}}}pPr/{{{W}}}sectPr") is not None else ""
        if not inside:
            return self._empty(paragraph, style, width) + after
        tag = f"h{min(look.level, 3) + 2}" if look.level >= 0 else "p"
        return f'<{tag} class="{_classes(style, look)}">{inside}</{tag}>{after}'

    def _empty(self, paragraph: etree._Element, style: str, width: int) -> str:
        properties = paragraph.find(f"{{{W}}}pPr")
        if properties is not None and properties.find(f"{{{W}}}pBdr/{{{W}}}bottom") is not None:
            indents = properties.find(f"{{{W}}}ind")
            return f'<hr class="gu-rule {_width_class(_rule_width(indents, width or 9354))}">'
        return f'<p class="{_style_class(style)} gu-blank"></p>'

    def _runs(self, paragraph: etree._Element, look: Look) -> Iterator[str]:
        new_words = self._new_words.get(paragraph, ())
        in_field, at = False, 0
        for run in paragraph.iter(f"{{{W}}}r"):
            mark = run.find(f"{{{W}}}fldChar")
            if mark is not None:
                in_field = mark.get(f"{{{W}}}fldCharType") == "begin"
            if not in_field:
                yield self._run(run, look, new_words, at)
                at += sum(len(text) for text, _ in _pieces(run))

    def _run(self, run: etree._Element, look: Look, new_words: Ranges, at: int) -> str:
        text = ""
        for raw, shown in _pieces(run):
            text += shown or _marked(raw, new_words, at)
            at += len(raw)
        if not text:
            return ""
        own = read_letters(run.find(f"{{{W}}}rPr"), look)
        for tag, wanted in (("strong", own.bold), ("em", own.italic)):
            text = f"<{tag}>{text}</{tag}>" if wanted else text
        parent = run.getparent()
        change = _word(parent) if parent is not None else ""
        return f"<{change}>{text}</{change}>" if change in {"ins", "del"} else text

    def _table(self, table: etree._Element) -> str:
        bordered = value_of(table.find(f"{{{W}}}tblPr/{{{W}}}tblStyle")) == "TableGrid" or (
            table.find(f"{{{W}}}tblPr/{{{W}}}tblBorders") is not None
        )
        widths = [
            int(column.get(f"{{{W}}}w", "0")) for column in table.iterfind(f"{{{W}}}tblGrid/{{{W}}}gridCol")
        ]
        total = sum(widths) or 1
        columns = "".join(f'<col class="{_width_class(100 * width / total)}">' for width in widths)
        opening = (
            f'<table class="gu-table">{_caption(table)}'
            if bordered
            else '<table class="gu-layout" role="presentation">'
        )
        rows = list(table.iterfind(f"{{{W}}}tr"))
        heads = (
            [row for row in rows if row.find(f"{{{W}}}trPr/{{{W}}}tblHeader") is not None] if bordered else []
        )
        body = "".join(self._row(row, "td", widths) for row in rows if row not in heads)
        head = "".join(self._row(row, "th", widths) for row in heads)
        head = f"<thead>{head}</thead>" if head else ""
        return f"{opening}<colgroup>{columns}</colgroup>{head}<tbody>{body}</tbody></table>"

    def _row(self, row: etree._Element, tag: str, widths: list[int]) -> str:
        cells, column = [], 0
        for cell in row.iterfind(f"{{{W}}}tc"):
            span = int(value_of(cell.find(f"{{{W}}}tcPr/{{{W}}}gridSpan")) or 1)
            cells.append(self._cell(cell, tag, span, sum(widths[column : column + span])))
            column += span
        return f"<tr>{''.join(cells)}</tr>"

    def _cell(self, cell: etree._Element, tag: str, span: int, width: int) -> str:
        classes = ["gu-bottom"] if value_of(cell.find(f"{{{W}}}tcPr/{{{W}}}vAlign")) == "bottom" else []
        inside = "".join(self.blocks(cell, width))
        if self._sign_here and self._is_here(cell):
            classes.append("gu-mine")
            inside = re.sub(
                r'(<p class="gu-signature-room[^"]*">)(?=</p>)', rf"\g<1>{_HERE}", inside, count=1
            )
        attributes = f' class="{" ".join(classes)}"' if classes else ""
        attributes += f' colspan="{span}"' if span > 1 else ""
        attributes += ' scope="col"' if tag == "th" else ""
        return f"<{tag}{attributes}>{inside}</{tag}>"

    def _is_here(self, cell: etree._Element) -> bool:
        texts = (paragraph_text(p) for p in cell.iterfind(f"{{{W}}}p") if _style_of(p) == "SignatureUnit")
        return any(fold(text) == self._sign_here for text in texts)


_SIGNS = {
    "br": ("\n", "<br>"),
    "cr": ("\n", "<br>"),
    "tab": ("\t", '<span class="gu-tab"> </span>'),
    "noBreakHyphen": ("\u2011", "\u2011"),
    "drawing": ("", _PICTURE),
    "pict": ("", _PICTURE),
    "object": ("", _PICTURE),
}


def _pieces(run: etree._Element) -> Iterator[tuple[str, str]]:
    """Letters as the text has them, and as HTML where they are no plain text."""
    for element in run:
        word = _word(element)
        if word in {"t", "delText"}:
            yield element.text or "", ""
        elif word in _SIGNS:
            yield _SIGNS[word]


def _marked(text: str, new_words: Ranges, at: int) -> str:
    """Escaped text that begins at that letter of its paragraph, new words marked."""
    shown, done = "", 0
    for first, last in new_words:
        start, end = max(first - at, done), min(last - at, len(text))
        if start < end:
            shown += f'{escape(text[done:start])}<ins class="gu-new">{escape(text[start:end])}</ins>'
            done = end
    return shown + str(escape(text[done:]))


def _new_words(root: etree._Element, before: bytes | None) -> dict[etree._Element, Ranges]:
    """New words by paragraph; a paragraph with a field is left out, because its shown result is no text."""
    if before is None:
        return {}
    package = Package.read(before)
    older = parse_xml(package.parts[package.main_part()])
    paragraphs = list(root.iter(f"{{{W}}}p"))
    found = inserted(
        [paragraph_text(p) for p in older.iter(f"{{{W}}}p")], [paragraph_text(p) for p in paragraphs]
    )
    pairs = zip(paragraphs, found, strict=True)
    return {p: ranges for p, ranges in pairs if ranges and p.find(f".//{{{W}}}fldChar") is None}


def _classes(style: str, look: Look) -> str:
    chosen = (
        _style_class(style),
        look.align,
        "gu-indent" if look.indented else "",
        "gu-capitals" if look.capitals else "",
        "gu-small" if look.size <= _SMALL else "",
    )
    return " ".join(filter(None, chosen))


def _style_class(style: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", re.sub(r"[^A-Za-z0-9]", "", style)).lower()
    return f"gu-{words}" if words else "gu-normal"


def _caption(table: etree._Element) -> str:
    text = value_of(table.find(f"{{{W}}}tblPr/{{{W}}}tblCaption"))
    return f'<caption class="visually-hidden">{escape(text)}</caption>' if text else ""


def _rule_width(indents: etree._Element | None, width: int) -> float:
    sides = 0
    if indents is not None:
        given = (indents.get(f"{{{W}}}{side}", "0") for side in ("left", "start", "right", "end"))
        sides = sum(int(value) for value in given if value.lstrip("-").isdigit())
    return 100 * (width - sides) / width


def _width_class(percent: float) -> str:
    return f"gu-w-{min(100, max(5, 5 * round(percent / 5)))}"


def _style_of(paragraph: etree._Element) -> str:
    return value_of(paragraph.find(f"{{{W}}}pPr/{{{W}}}pStyle"))


def _word(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
