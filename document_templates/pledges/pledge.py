"""Giao ước thi đua: the pledge that every unit of a bloc signs."""

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
from document_templates.ooxml import paragraph, tag

_ANNEX = ("Chỉ tiêu, danh hiệu và công trình", "đăng ký của các đơn vị")


def pledge() -> bytes:
    parts = (masthead(), *_opening(), *_contents(), *_targets(), *_organisation(), *_signatures(), *_annex())
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
    shown = "{{ item.title }}{% if item.digest %} (SHA-256: {{ item.digest }}){% endif %}"
    return (
        tag("p if attachments"),
        lead_in("Kèm theo giao ước:"),
        *listed("attachments", "- " + shown + "{% if loop.last %}.{% else %};{% endif %}"),
        tag("p endif"),
    )


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


def _annex() -> tuple[str, ...]:
    end_of_body = paragraph("AfterTable", properties=PORTRAIT.section())
    number = (
        "(Kèm theo Giao ước thi đua năm {{ year }} của {{ bloc.name }}"
        "{% if letterhead.number and letterhead.symbol %}, số {{ letterhead.number }}/{{ letterhead.symbol }}{% endif %}"
        "{% if letterhead.date %}, {{ letterhead.date|official_date }}{% endif %})"
    )
    return (
        tag("p if registrations"),
        end_of_body,
        paragraph("AnnexLabel", "Phụ lục"),
        *(paragraph("AnnexTitle", line.upper()) for line in _ANNEX),
        paragraph("AnnexNote", number),
        _registrations(),
        tag("p endif"),
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
