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
    )
)
