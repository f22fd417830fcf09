"""Quyết định hỗ trợ: the Word template of the example process "ho_tro_kho_khan" (model 1.2 of Decree 30/2020)."""

from document_templates.layout import body, build, closing_blocks, last, lead_in, masthead, signature, title
from document_templates.ooxml import paragraph, tag


def quyet_dinh() -> bytes:
    parts = (
        masthead(),
        *title("QUYẾT ĐỊNH", "Về việc hỗ trợ đoàn viên có hoàn cảnh khó khăn"),
        paragraph("LegalBasis", "Căn cứ Điều lệ Công đoàn Việt Nam;"),
        paragraph(
            "LegalBasis",
            "Xét đề nghị của {{ dossier.unit }} ngày {{ de_nghi.filled_on|day }}.",
        ),
        paragraph("DocumentTitle", "QUYẾT ĐỊNH:"),
        body(
            "Điều 1. Hỗ trợ {{ de_nghi.doan_vien }}, đoàn viên {{ dossier.unit }},"
            " số tiền {{ phe_duyet.muc_duyet }} đồng"
            "{% if phe_duyet.muc_duyet_words %} ({{ phe_duyet.muc_duyet_words }}){% endif %}."
        ),
        body(
            "Hoàn cảnh: {{ de_nghi.hoan_canh }}, từ ngày {{ de_nghi.tu_ngay|day }}."
            " {{ de_nghi.trinh_bay|ended('.') }}"
        ),
        tag("p if de_nghi.giay_to"),
        lead_in("Giấy tờ kèm theo đề nghị:"),
        tag("p endif"),
        tag("p for giay in de_nghi.giay_to"),
        body("- {{ giay.ten }}{% if giay.ngay %}, ngày {{ giay.ngay|day }}{% endif %};"),
        tag("p endfor"),
        body("Điều 2. Kinh phí chi từ ngân sách công đoàn theo quy định hiện hành."),
        last("Điều 3. {{ dossier.unit }} và các bộ phận liên quan chịu trách nhiệm thi hành Quyết định này./."),
        closing_blocks(*signature("signature")),
    )  # fmt: skip
    return build("Quyết định hỗ trợ đoàn viên", *parts)
