"""Settings that only pledges have; those shared with other processes are in organisations."""

from workflow_app.organisations.settings_data import SettingKey, register
from workflow_app.organisations.settings_keys import SettingUnit, whole

register(
    SettingKey(
        "pledge.draft_days",
        "Thời hạn Khối trưởng soạn dự thảo",
        whole(1, 90),
        15,
        SettingUnit.WORKING_DAYS,
        "Giá trị ban đầu của phần mềm, chưa có văn bản làm căn cứ: cần xác nhận.",
    ),
    SettingKey(
        "pledge.score_sheet_total",
        "Tổng điểm tối đa của bảng điểm thi đua",
        whole(1, 10_000),
        100,
        SettingUnit.NONE,
        "Hướng dẫn 1294/HD-TLĐ ngày 14/8/2019: 100 điểm = 40 + 40 + 15 + 5 điểm thưởng. Áp dụng cho khối: cần xác nhận.",
    ),
)
