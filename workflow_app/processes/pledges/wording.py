"""The acts of a pledge in Vietnamese, for timelines."""

from workflow_app.audit.wording import register

register(
    {
        "pledge.opened": "mở giao ước thi đua",
        "pledge.drafted": "gửi dự thảo, {targets} chỉ tiêu",
        "pledge.agreed": "đồng ý với dự thảo",
        "pledge.commented": "gửi {remarks} ý kiến",
        "pledge.silent": "không góp ý đến hết hạn, được coi là đồng ý",
        "pledge.consolidated": "tổng hợp ý kiến",
        "pledge.approved": "duyệt giao ước",
        "pledge.returned": "trả lại, {points} chỗ cần sửa",
        "pledge.numbered": "lấy số cho giao ước",
        "pledge.frozen": "khóa bản ký",
        "pledge.convened": "mời họp hội nghị",
        "pledge.conference_recorded": "ghi biên bản hội nghị, {agree}/{present} phiếu tán thành",
        "pledge.withdrawn": "thu hồi bản ký, hủy số",
        "pledge.signed": "ký giao ước",
        "pledge.refused": "từ chối ký",
        "pledge.invited_again": "mời đơn vị ký lại",
        "pledge.refusal_recorded": "ghi nhận đơn vị không ký",
        "pledge.not_signed": "chốt đợt ký không có đơn vị",
        "pledge.readmitted": "mời đơn vị ký bổ sung",
        "pledge.extended": "gia hạn ký | đến hết {to}",
        "pledge.delegated": "nhờ người ký thay",
        "pledge.overdue": "quá hạn ký, đã báo Khối trưởng và Liên đoàn Lao động",
        "pledge.witnessed": "chứng kiến giao ước",
        "pledge.issued": "ban hành giao ước",
        "pledge.distributed": "gửi giao ước đến các nơi nhận",
        "pledge.cancelled": "hủy giao ước",
    }
)
