"""The acts on dossiers and on what they run on, in Vietnamese, for timelines."""

from workflow_app.audit.wording import register

register(
    {
        "dossier.opened": "mở hồ sơ",
        "dossier.filled": "gửi biểu mẫu của hồ sơ",
        "dossier.decided": "cho ý kiến về hồ sơ",
        "dossier.numbered": "lấy số văn bản {number}",
        "dossier.issued": "ban hành văn bản | {number}",
        "dossier.cancelled": "hủy hồ sơ",
        "definition.forms_brought": "đưa vào {forms} biểu mẫu, {templates} mẫu văn bản cùng sơ đồ",
    }
)
