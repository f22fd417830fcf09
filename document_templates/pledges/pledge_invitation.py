"""Giấy mời: the invitation to a conference of the bloc (model 1.7 of Decree 30/2020)."""

from document_templates.layout import (
    body,
    build,
    closing_blocks,
    last,
    lead_in,
    listed,
    masthead,
    optional,
    signature,
    title,
)
from document_templates.ooxml import paragraph, tag


def pledge_invitation() -> bytes:
    centred = '<w:jc w:val="center"/>'
    parts = (
        masthead(),
        *title("GIẤY MỜI", "{{ subject }}"),
        tag("p if addressees|length == 1"),
        paragraph("Addressees", "Kính gửi: {{ addressees[0]|ended('') }}", properties=centred),
        tag("p else"),
        paragraph("Addressees", "Kính gửi:", properties='<w:ind w:firstLine="1701"/>'),
        tag("p for addressee in addressees"),
        paragraph(
            "Addressees",
            "- {% if loop.last %}{{ addressee|ended('.') }}{% else %}{{ addressee|ended(';') }}{% endif %}",
            properties='<w:ind w:left="2552"/>',
        ),
        tag("p endfor"),
        tag("p endif"),
        paragraph("AfterTable"),
        body("{{ inviter }} trân trọng kính mời: {{ invitees|ended('.') }}"),
        body("Tới dự: {{ event|ended('.') }}"),
        *optional("chair", "Chủ trì: {{ chair|ended('.') }}"),
        body("Thời gian: {{ starts_at|time_of_day }}."),
        body("Địa điểm: {{ place|ended('.') }}"),
        tag("p if agenda"),
        lead_in("Nội dung:"),
        *listed(
            "agenda", "- {% if loop.last %}{{ item|ended('.') }}{% else %}{{ item|ended(';') }}{% endif %}"
        ),
        tag("p endif"),
        *listed("notes", "{{ item|ended('.') }}"),
        *optional("contact", "Liên hệ: {{ contact|ended('.') }}"),
        last("{{ closing|ended('') }}./."),
        closing_blocks(*signature("signature")),
    )
    return build("Giấy mời", *parts)
