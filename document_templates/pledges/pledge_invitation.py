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
from document_templates.ooxml import tag


def pledge_invitation() -> bytes:
    parts = (
        masthead(),
        *title("GIẤY MỜI", "{{ subject }}"),
        tag("p if invitees|length == 1"),
        body("{{ inviter }} trân trọng kính mời: {{ invitees[0]|ended('.') }}"),
        tag("p else"),
        lead_in("{{ inviter }} trân trọng kính mời:"),
        *listed(
            "invitees", "- {% if loop.last %}{{ item|ended('.') }}{% else %}{{ item|ended(';') }}{% endif %}"
        ),
        tag("p endif"),
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
