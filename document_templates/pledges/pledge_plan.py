"""Kế hoạch hoạt động: the bloc's plan of the year (model 1.4 of Decree 30/2020)."""

from document_templates.layout import (
    build,
    closing_blocks,
    last,
    legal_bases,
    listed,
    loop_table,
    masthead,
    optional,
    signature,
    title,
)
from document_templates.ooxml import paragraph, tag


def pledge_plan() -> bytes:
    dashes = "- {% if loop.last %}{{ item|ended('.') }}{% else %}{{ item|ended(';') }}{% endif %}"
    parts = (
        masthead(),
        *title("KẾ HOẠCH", "{{ subject }}"),
        *legal_bases(),
        *optional("opening", "{{ opening|ended(':') }}"),
        paragraph("PartHeading", "I. MỤC ĐÍCH, YÊU CẦU"),
        tag("p if purposes"),
        paragraph("SectionHeading", "1. Mục đích"),
        *listed("purposes", dashes),
        tag("p endif"),
        tag("p if requirements"),
        paragraph("SectionHeading", "{% if purposes %}2{% else %}1{% endif %}. Yêu cầu"),
        *listed("requirements", dashes),
        tag("p endif"),
        paragraph("PartHeading", "II. NỘI DUNG, TIẾN ĐỘ THỰC HIỆN"),
        _work_items(),
        paragraph("PartHeading", "III. TỔ CHỨC THỰC HIỆN"),
        *listed("organisation", "{{ loop.index }}. {{ item|ended('.') }}"),
        last("{{ closing|ended('') }}./."),
        closing_blocks(*signature("signature")),
    )
    return build("Kế hoạch", *parts)


def _work_items() -> str:
    columns = (
        ("TT", 10.0, "{{ loop.index }}", "TableCentered"),
        ("Nội dung công việc", 57.0, "{{ work.name }}", ""),
        ("Đơn vị chủ trì", 35.0, "{{ work.lead }}", ""),
        ("Đơn vị phối hợp", 35.0, "{{ work.partners }}", ""),
        ("Thời gian", 28.0, "{{ work.due }}", "TableCentered"),
    )
    return loop_table(columns, "work", "work_items", caption="Nội dung, tiến độ thực hiện")
