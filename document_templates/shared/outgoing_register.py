"""Sổ đăng ký văn bản đi: the 10 columns of the outgoing register (Decree 30/2020, Annex IV)."""

from document_templates.layout import build, loop_table
from document_templates.ooxml import Page, paragraph


def outgoing_register() -> bytes:
    page = Page(landscape=True)
    parts = (
        paragraph("MastheadParent", "{{ parent|capitals }}"),
        paragraph("MastheadIssuer", "{{ owner|capitals }}"),
        paragraph("DocumentTitle", "SỔ ĐĂNG KÝ VĂN BẢN ĐI"),
        paragraph("DocumentSubject", "Năm {{ year }}"),
        paragraph(
            "AnnexNote", "{{ book }}{% if printed_on %} - in {{ printed_on|official_date }}{% endif %}"
        ),
        loop_table(
            _COLUMNS,
            "entry",
            "rows",
            caption="Sổ đăng ký văn bản đi",
            text_style="RegisterText",
            head_style="RegisterHead",
        ),
    )
    return build("Sổ đăng ký văn bản đi", *parts, page=page, body_size=13)


_COLUMNS = (
    ("Số, ký hiệu văn bản", 28.0, "{{ entry.symbol }}", ""),
    ("Ngày tháng văn bản", 22.0, "{{ entry.date|day }}", "RegisterCentered"),
    ("Tên loại và trích yếu nội dung văn bản", 51.0, "{{ entry.subject }}", ""),
    ("Người ký", 25.0, "{{ entry.signer }}", ""),
    ("Nơi nhận văn bản", 33.0, "{{ entry.recipients }}", ""),
    ("Đơn vị, người nhận bản lưu", 20.0, "{{ entry.file_copy }}", ""),
    ("Số lượng bản", 14.0, "{{ entry.copies }}", "RegisterCentered"),
    ("Ngày chuyển", 22.0, "{{ entry.sent_on|day }}", "RegisterCentered"),
    ("Ký nhận", 13.0, "{{ entry.receipt }}", ""),
    ("Ghi chú", 24.0, "{{ entry.note }}", ""),
)
