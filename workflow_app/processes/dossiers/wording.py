"""The acts on dossiers and on what they run on, in Vietnamese, for timelines."""

from workflow_app.audit.wording import register

register(
    {
        "dossier.opened": "mở hồ sơ",
        "dossier.filled": "gửi {form}",
        "dossier.decided": "gửi {form}, kết quả | {decision}",
        "dossier.numbered": "lấy số văn bản {number}",
        "dossier.issued": "ban hành văn bản | {number}",
        "dossier.cancelled": "hủy hồ sơ",
        "definition.forms_brought": "đưa vào {forms} biểu mẫu, {templates} mẫu văn bản cùng sơ đồ",
    }
)
