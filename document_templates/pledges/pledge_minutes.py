"""Biên bản hội nghị: the minutes of the bloc's conference (model 1.9 of Decree 30/2020)."""

from document_templates.layout import (
    BORDERLESS,
    body,
    build,
    last,
    lead_in,
    listed,
    loop_table,
    masthead,
    optional,
    recipients_list,
    signature,
    title,
)
from document_templates.ooxml import cell, paragraph, row, table, tag


def pledge_minutes() -> bytes:
    parts = (
        masthead(dated=False),
        *title("BIÊN BẢN", "{{ subject }}"),
        body("Thời gian bắt đầu: {{ started_at|time_of_day }}."),
        body("Địa điểm: {{ place|ended('.') }}"),
        *_attendance(),
        body("Chủ trì (chủ tọa): {{ chair.name }}, {{ chair.title|ended('.') }}"),
        body("Thư ký (người ghi biên bản): {{ secretary.name }}, {{ secretary.title|ended('.') }}"),
        paragraph("PartHeading", "NỘI DUNG"),
        *_items(),
        *_conclusions(),
        last("{{ meeting_word }} kết thúc vào {{ ended_at|time_of_day }}./."),
        _signatures(),
        *recipients_list(),
    )
    return build("Biên bản hội nghị", *parts)


def _attendance() -> tuple[str, ...]:
    end = "{% if loop.last %}.{% else %};{% endif %}"
    reason = "{% if item.reason %}{{ item.reason|ended('') }}{% else %}không có lý do{% endif %}"
    present = "{{ present|two_digits }}/{{ total|two_digits }} đơn vị, đạt {{ present|percent(total) }}"
    return (
        body(f"Thành phần tham dự: {present}."),
        tag("p if present_units"),
        _present_units(),
        tag("p endif"),
        tag("p if absent"),
        lead_in("Vắng {{ absent|length|two_digits }} đơn vị:"),
        *listed("absent", f"- {{{{ item.unit }}}}: {reason}{end}"),
        tag("p endif"),
        tag("p if guests"),
        lead_in("Khách mời:"),
        *listed(
            "guests", "- {% if loop.last %}{{ item|ended('.') }}{% else %}{{ item|ended(';') }}{% endif %}"
        ),
        tag("p endif"),
        *optional("quorum_note", "{{ quorum_note|ended('.') }}"),
    )


def _present_units() -> str:
    columns = (
        ("TT", 12.0, "{{ loop.index }}", "TableCentered"),
        ("Đơn vị", 70.0, "{{ attendee.unit }}", ""),
        ("Người dự", 45.0, "{{ attendee.representative }}", ""),
        ("Chức vụ", 38.0, "{{ attendee.title }}", ""),
    )
    return loop_table(columns, "attendee", "present_units", caption="Đại biểu có mặt")


def _items() -> tuple[str, ...]:
    vote = (
        "Biểu quyết {{ vote.subject|ended('') }}: tán thành {{ vote.agree }}/{{ vote.total }} ({{ vote.agree|percent(vote.total) }}); "
        "không tán thành {{ vote.disagree }}/{{ vote.total }}; không có ý kiến {{ vote.abstain }}/{{ vote.total }}. "
        "Kết quả: {% if vote.adopted %}được thông qua{% else %}không được thông qua{% endif %}."
    )
    return (
        tag("p for entry in items"),
        paragraph("SectionHeading", "{{ loop.index }}. {{ entry.title }}"),
        *listed("entry.paragraphs", "{{ item|ended('.') }}"),
        tag("p for vote in entry.votes"),
        body(vote),
        tag("p endfor"),
        tag("p endfor"),
    )


def _conclusions() -> tuple[str, ...]:
    return (
        tag("p if conclusions"),
        paragraph("PartHeading", "KẾT LUẬN"),
        *listed("conclusions", "{{ loop.index }}. {{ item|ended('.') }}"),
        tag("p endif"),
    )


def _signatures() -> str:
    secretary = cell(82.5, *signature("secretary_signature"), align="bottom")
    chair = cell(82.5, *signature("chair_signature"), align="bottom")
    return table(
        (82.5, 82.5), row(secretary, chair), style=BORDERLESS, caption="Chữ ký của thư ký và chủ tọa"
    )
