"""What our documents have in common: masthead, title, clauses, tables, signature blocks, recipients.

Every text in `{{ }}` or `{% %}` is filled by workflow_app.documents.rendering; its filters are listed there.
"""

import re
from collections.abc import Sequence

from document_templates.ooxml import (
    Page,
    cell,
    field,
    package,
    paragraph,
    row,
    run,
    steering_row,
    table,
    tag,
    twips,
)
from document_templates.styles import styles_xml
from document_templates.theme import theme_xml

PORTRAIT = Page()
BORDERLESS = "Borderless"
_LEFT, _RIGHT = 72.0, 93.0  # millimetres: the country's name at 12 points needs 90
_MOTTO_WIDTH = 58.0  # millimetres of "Độc lập - Tự do - Hạnh phúc" at 13 points bold: its line is as long


def build(title: str, *body: str, page: Page = PORTRAIT, annex: bool = False, body_size: float = 14) -> bytes:
    """The template file. annex: the last section is an annex whose pages count from 1."""
    header = paragraph("Header", field("PAGE", "2"))
    return package(
        body=body,
        section=page.section(restart=annex),
        styles=styles_xml(body_size=body_size),
        header=header,
        theme=theme_xml(),
        title=title,
    )


def masthead(*, dated: bool = True) -> str:
    """Issuer, number on the left; country, motto, place and date on the right (components 1 to 4)."""
    left = cell(
        _LEFT,
        paragraph("MastheadParent", "{{ letterhead.parent|capitals }}"),
        paragraph("MastheadIssuer", "{{ letterhead.issuer|capitals }}"),
        _rule("MastheadRule", _LEFT, 20),
    )
    right = cell(
        _RIGHT,
        paragraph("MastheadCountry", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        paragraph("MastheadMotto", "Độc lập - Tự do - Hạnh phúc"),
        _rule("MastheadRule", _RIGHT, _MOTTO_WIDTH),
    )
    place = "{{ letterhead.place }}, {{ letterhead.date|official_date }}" if dated else ""
    numbers = cell(_LEFT, tag("p if letterhead.symbol"), _number(), tag("p endif"), *_draft_label())
    dates = cell(_RIGHT, paragraph("MastheadPlace", place))
    return table(
        (_LEFT, _RIGHT), row(left, right), row(numbers, dates), style=BORDERLESS, caption="Đầu văn bản"
    )


def _number() -> str:
    # A number not yet taken leaves the room in which a clerk writes it.
    return paragraph(
        "MastheadNumber",
        "Số: {% if letterhead.number %}{{ letterhead.number }}{% else %}        {% endif %}/{{ letterhead.symbol }}",
    )


def _draft_label() -> tuple[str, ...]:
    # The second branch keeps the cell from ending up without a paragraph, which Word calls corrupt.
    return (
        tag("p if letterhead.draft_label"),
        paragraph("DraftLabel", "{{ letterhead.draft_label }}"),
        tag("p else"),
        paragraph("MastheadRule"),
        tag("p endif"),
    )


def _rule(style: str, width: float, length: float) -> str:
    """A centred line of that length: the border of an empty paragraph, drawn alike by every program."""
    side = twips((width - length) / 2)
    border = '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'
    return paragraph(style, properties=f'{border}<w:ind w:left="{side}" w:right="{side}"/>')


def title(name: str, *subject: str) -> tuple[str, ...]:
    """Name of the document type, abstract and the short line below (component 5)."""
    lines = (paragraph("DocumentSubject", line) for line in subject)
    return (paragraph("DocumentTitle", name), *lines, _rule("SubjectRule", PORTRAIT.text_width, 40))


def legal_bases() -> tuple[str, ...]:
    """Each basis ends in a semicolon, the last one in a full stop."""
    text = "{% if loop.last %}{{ basis|ended('.') }}{% else %}{{ basis|ended(';') }}{% endif %}"
    return (tag("p for basis in legal_bases"), paragraph("LegalBasis", text), tag("p endfor"))


def body(text: str) -> str:
    return paragraph("BodyText", text)


def lead_in(text: str) -> str:
    """A paragraph that announces a list or a table and never stands alone at the end of a page."""
    return paragraph("BodyText", text, properties="<w:keepNext/>")


def last(text: str) -> str:
    """The last paragraph of the text: it goes along to the page of the signatures."""
    return lead_in(text) + paragraph("Spacer")


def optional(name: str, text: str) -> tuple[str, ...]:
    """A paragraph that is there only when the variable holds something."""
    return (tag(f"p if {name}"), body(text), tag("p endif"))


def listed(name: str, text: str) -> tuple[str, ...]:
    """A paragraph for each `item` of the list."""
    return (tag(f"p for item in {name}"), body(text), tag("p endfor"))


def loop_table(
    columns: Sequence[tuple[str, float, str, str]],
    item: str,
    sequence: str,
    *,
    caption: str,
    text_style: str = "TableText",
    head_style: str = "TableHead",
) -> str:
    """A bordered table with one row for each item; the head is repeated on every page.

    columns: (head, millimetres, text, style of the text or "" for the table's own).
    """
    widths = [width for _, width, _, _ in columns]
    head = row(
        *(cell(width, paragraph(head_style, name), align="center") for name, width, _, _ in columns),
        header=True,
    )
    texts = row(*(cell(width, paragraph(own or text_style, text)) for _, width, text, own in columns))
    loop = (
        steering_row(widths[0], f"tr for {item} in {sequence}"),
        texts,
        steering_row(widths[0], "tr endfor"),
    )
    return table(widths, head, *loop, style="TableGrid", caption=caption) + paragraph("AfterTable")


def signature(name: str, *, unit: str = "") -> tuple[str, ...]:
    """One signature block: unit, authority and title, room or mark, full name (component 7).

    name: the variable that holds the block. unit: the variable of the unit above it, for many signers.
    """
    above: tuple[str, ...] = ()
    if unit:
        above = (
            paragraph("SignatureUnit", "{{ " + unit + "|capitals }}"),
            tag(f"p if {name}.role"),
            paragraph("SignatureRole", "({{ " + name + ".role }})"),
            tag("p endif"),
        )
    return (
        *above,
        tag(f"p for line in {name}.authority"),
        paragraph("SignatureLine", "{{ line|capitals }}"),
        tag("p endfor"),
        *_mark(name),
        paragraph("SignatureName", "{{ " + name + ".full_name }}"),
    )


def _mark(name: str) -> tuple[str, ...]:
    return (
        tag(f"p if {name}.state == 'open'"),
        paragraph("SignatureRoom"),
        tag(f"p elif {name}.state == 'signed'"),
        _around("before"),
        paragraph("SignatureMark", "Đã ký điện tử"),
        paragraph("SignatureMark", "{{ " + name + ".signed_at }}"),
        _around("after"),
        tag("p else"),
        _around("before"),
        paragraph("SignatureMark", run("Không ký: {{ " + name + ".reason }}", italic=True)),
        _around("after"),
        tag("p endif"),
    )


def _around(side: str) -> str:
    """Keeps a marked block as high as an empty one, so that names in one row stand on one line."""
    return paragraph("SignatureMark", properties=f'<w:spacing w:{side}="240"/>')


def signature_grid(name: str, *closing: str, columns: int) -> tuple[str, ...]:
    """Blocks in rows of two or three, then the recipients and the closing block on the right.

    A row never breaks over pages; titles and names of a row stand on one line; the last row goes along
    with the closing block, so that no page begins with the witness alone.
    """
    rows = f"{name}|grid({columns})"
    widths = (PORTRAIT.text_width / columns,) * columns
    end = row(cell(widths[0], *recipients_list()), cell(sum(widths[1:]), *closing, span=columns - 1))
    caption = "Chữ ký của các đơn vị"
    return (
        tag(f"p if {rows}|length > 1"),
        table(widths, *_grid_rows(f"{rows}|but_last", widths), style="SignatureGrid", caption=caption),
        paragraph("MastheadRule"),  # two tables without a paragraph between them become one
        tag("p endif"),
        table(
            widths,
            *_grid_rows(f"{rows}|only_last", widths, keep=True),
            end,
            style="SignatureGrid",
            caption=caption,
        ),
    )


def _grid_rows(rows: str, widths: Sequence[float], *, keep: bool = False) -> tuple[str, ...]:
    body_row = row(*(_grid_cell(f"row[{index}]", width) for index, width in enumerate(widths)))
    if keep:
        body_row = re.sub(r'(<w:pStyle w:val="Signature\w+"/>)', r"\1<w:keepNext/>", body_row)
    return (steering_row(widths[0], f"tr for row in {rows}"), body_row, steering_row(widths[0], "tr endfor"))


def _grid_cell(block: str, width: float) -> str:
    empty = (tag("p else"), paragraph("SignatureMark"), tag("p endif"))
    # Aligned to the bottom: titles and names stand on one line although names of units wrap differently.
    return cell(width, tag(f"p if {block}"), *signature(block, unit=f"{block}.unit"), *empty, align="bottom")


def closing_blocks(*right: str, left: Sequence[str] | None = None) -> str:
    """Recipients on the left, signature on the right, never over two pages (components 7 and 9)."""
    recipients = cell(72, *(recipients_list() if left is None else left))
    return table((72, 93), row(recipients, cell(93, *right)), style=BORDERLESS, caption="Nơi nhận và chữ ký")


def recipients_list() -> tuple[str, ...]:
    """The list "Nơi nhận"; its last line is always the file copy."""
    return (
        paragraph("RecipientsHead", "Nơi nhận:"),
        tag("p for recipient in recipients"),
        paragraph("Recipient", "- {{ recipient|ended(';') }}"),
        tag("p endfor"),
        paragraph("Recipient", "- Lưu: VT."),
    )
