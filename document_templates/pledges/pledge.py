"""Giao ước thi đua: the pledge that every unit of a bloc signs."""

from collections.abc import Sequence

from document_templates.layout import (
    PORTRAIT,
    body,
    build,
    last,
    lead_in,
    legal_bases,
    listed,
    loop_table,
    masthead,
    optional,
    signature,
    signature_grid,
    title,
)
from document_templates.ooxml import cell, paragraph, row, run, steering_row, table, tag

_SHEET = "Bảng điểm thi đua năm {{ year }}"
_ANNEX = ("Chỉ tiêu, danh hiệu và công trình", "đăng ký của các đơn vị")


def pledge() -> bytes:
    parts = (
        masthead(),
        *_opening(),
        *_contents(),
        *_targets(),
        *_organisation(),
        *_signatures(),
        *_annexes(),
    )
    return build("Giao ước thi đua", *parts, annex=True)


def _opening() -> tuple[str, ...]:
    agreed = (
        "Chúng tôi, {{ bloc.unit_count|two_digits }} {{ bloc.unit_word }} thuộc {{ bloc.name }}, "
        "{{ bloc.leader_title }} là {{ bloc.leader }}"
        "{% if bloc.deputy %}, {{ bloc.deputy_title }} là {{ bloc.deputy }}{% endif %}, cùng thống nhất giao ước:"
    )
    return (
        *title("GIAO ƯỚC THI ĐUA", "Năm {{ year }}"),
        *legal_bases(),
        *optional("amendment_note", "{{ amendment_note|ended('.') }}"),
        body(agreed),
    )


def _contents() -> tuple[str, ...]:
    return (
        paragraph("PartHeading", "I. NỘI DUNG THI ĐUA"),
        tag("p for group in contents"),
        body(
            "{{ loop.index }}. {% if group.points %}{{ group.title|ended(':') }}{% else %}{{ group.title|ended('.') }}{% endif %}"
        ),
        *listed(
            "group.points",
            "- {% if loop.last %}{{ item|ended('.') }}{% else %}{{ item|ended(';') }}{% endif %}",
        ),
        tag("p endfor"),
    )


def _targets() -> tuple[str, ...]:
    text = (
        "{{ loop.index }}. {% if item.condition %}{{ item.text|ended('') }} ({{ item.condition|ended('') }})."
        "{% else %}{{ item.text|ended('.') }}{% endif %}"
    )
    return (paragraph("PartHeading", "II. CHỈ TIÊU"), *listed("targets", text))


def _organisation() -> tuple[str, ...]:
    count = "organisation.clauses|length"
    return (
        paragraph("PartHeading", "III. TỔ CHỨC THỰC HIỆN"),
        tag("p for clause in organisation.clauses"),
        body(
            "{{ loop.index }}. {% if clause.points %}{{ clause.text|ended(':') }}{% else %}{{ clause.text|ended('.') }}{% endif %}"
        ),
        *listed(
            "clause.points",
            "{{ loop.index|letter }}) {% if loop.last %}{{ item|ended('.') }}{% else %}{{ item|ended(';') }}{% endif %}",
        ),
        tag("p endfor"),
        tag("p if organisation.reporting"),
        lead_in("{{ " + count + " + 1 }}. Các đơn vị gửi báo cáo về {{ bloc.leader_title }} đúng hạn:"),
        *listed(
            "organisation.reporting",
            "{{ loop.index|letter }}) {{ item.name }}: trước {{ item.due|official_date }}{% if loop.last %}.{% else %};{% endif %}",
        ),
        tag("p endif"),
        tag("p if organisation.monitoring"),
        lead_in(
            "{% if organisation.reporting %}{{ "
            + count
            + " + 2 }}{% else %}{{ "
            + count
            + " + 1 }}{% endif %}. "
            "Phân công giám sát chéo việc thực hiện giao ước:"
        ),
        *_monitoring_table(),
        tag("p endif"),
        *_attachments(),
        last("{{ closing|ended('') }}./."),
    )


def _monitoring_table() -> tuple[str, ...]:
    columns = (
        ("TT", 13.0, "{{ loop.index }}", "TableCentered"),
        ("Đơn vị giám sát", 76.0, "{{ pair.monitor }}", ""),
        ("Đơn vị được giám sát", 76.0, "{{ pair.monitored }}", ""),
    )
    return (loop_table(columns, "pair", "organisation.monitoring", caption="Phân công giám sát chéo"),)


def _attachments() -> tuple[str, ...]:
    last_annex = "{% if attachments %};{% else %}.{% endif %}"
    return (
        tag("p if score_sheet.rows or registrations or attachments"),
        lead_in("Kèm theo giao ước:"),
        *optional(
            "score_sheet.rows",
            f"- {_number('I')}: {_SHEET}{{% if registrations %}};{{% else %}}{last_annex}{{% endif %}}",
        ),
        *optional("registrations", f"- {_number('II')}: {' '.join(_ANNEX)}{last_annex}"),
        *listed(
            "attachments",
            "- {% if loop.last %}{{ item|ended('.') }}{% else %}{{ item|ended(';') }}{% endif %}",
        ),
        tag("p endif"),
    )


def _number(place: str) -> str:
    """ "Phụ lục II", or "Phụ lục" when there is only one: only several of them are numbered."""
    return f"Phụ lục{{% if score_sheet.rows and registrations %}} {place}{{% endif %}}"


def _signatures() -> tuple[str, ...]:
    witness = (
        paragraph("SignatureUnit", "ĐẠI DIỆN {{ witness.organisation|capitals }} CHỨNG KIẾN"),
        *signature("witness"),
    )
    return (
        paragraph("SignatureHeading", "ĐẠI DIỆN CÁC ĐƠN VỊ KÝ GIAO ƯỚC"),
        tag("p if signers|length > 6"),
        *signature_grid("signers", *witness, columns=3),
        tag("p else"),
        *signature_grid("signers", *witness, columns=2),
        tag("p endif"),
    )


def _annexes() -> tuple[str, ...]:
    """Each in a section of its own, whose pages count from 1 (Decree 30/2020, Annex I, part III)."""
    return (
        tag("p if score_sheet.rows or registrations"),
        paragraph("AfterTable", properties=PORTRAIT.section()),
        tag("p endif"),
        tag("p if score_sheet.rows"),
        *_annex_head("I", ["BẢNG ĐIỂM THI ĐUA NĂM {{ year }}"]),
        _score_sheet(),
        tag("p if registrations"),
        paragraph("AfterTable", properties=PORTRAIT.section(restart=True)),
        tag("p endif"),
        tag("p endif"),
        tag("p if registrations"),
        *_annex_head("II", [line.upper() for line in _ANNEX]),
        _registrations(),
        tag("p endif"),
    )


def _annex_head(place: str, titles: Sequence[str]) -> tuple[str, ...]:
    number = (
        "(Kèm theo Giao ước thi đua năm {{ year }} của {{ bloc.name }}"
        "{% if letterhead.number and letterhead.symbol %}, số {{ letterhead.number }}/{{ letterhead.symbol }}{% endif %}"
        "{% if letterhead.date %}, {{ letterhead.date|official_date }}{% endif %})"
    )
    return (
        paragraph("AnnexLabel", _number(place)),
        *(paragraph("AnnexTitle", line) for line in titles),
        paragraph("AnnexNote", number),
    )


def _score_sheet() -> str:
    widths = (14.0, 81.0, 20.0, 50.0)
    heads = ("TT", "Nội dung, tiêu chí", "Điểm tối đa", "Cách chấm")
    head = row(
        *(
            cell(width, paragraph("TableHead", name), align="center")
            for width, name in zip(widths, heads, strict=True)
        ),
        header=True,
    )
    return table(
        widths,
        head,
        steering_row(widths[0], "tr for line in score_sheet.rows"),
        steering_row(widths[0], "tr if line.is_group"),
        _sheet_line(widths, bold=True),
        steering_row(widths[0], "tr else"),
        _sheet_line(widths, bold=False),
        steering_row(widths[0], "tr endif"),
        steering_row(widths[0], "tr endfor"),
        _sheet_total(widths),
        style="TableGrid",
        caption="Bảng điểm thi đua",
    ) + paragraph("AfterTable")


def _sheet_line(widths: Sequence[float], *, bold: bool) -> str:
    texts = ("{{ line.number }}", "{{ line.text }}", "{{ line.points }}", "{{ line.how }}")
    styles = ("TableCentered", "TableText", "TableCentered", "TableText")
    # A group is not left alone at the end of a page.
    together = "<w:keepNext/>" if bold else ""
    return row(
        *(
            cell(width, paragraph(style, run(text, bold=bold), properties=together))
            for width, style, text in zip(widths, styles, texts, strict=True)
        )
    )


def _sheet_total(widths: Sequence[float]) -> str:
    bold = run("Tổng cộng", bold=True)
    return row(
        cell(sum(widths[:2]), paragraph("TableCentered", bold), span=2),
        cell(widths[2], paragraph("TableCentered", run("{{ score_sheet.total }}", bold=True))),
        cell(widths[3], paragraph("TableText")),
    )


def _registrations() -> str:
    columns = (
        ("TT", 10.0, "{{ loop.index }}", "TableCentered"),
        ("Đơn vị", 38.0, "{{ unit.unit }}", ""),
        ("Chỉ tiêu đăng ký", 45.0, "{{ unit.values|pairs('label', 'value') }}", ""),
        ("Danh hiệu thi đua", 32.0, "{{ unit.titles|lines }}", ""),
        ("Công trình, phần việc", 40.0, "{{ unit.works|lines }}", ""),
    )
    return loop_table(columns, "unit", "registrations", caption=" ".join(_ANNEX))
