"""Settings that only dossiers have; those shared with other processes are in organisations."""

from workflow_app.organisations.settings_data import SettingKey, register
from workflow_app.organisations.settings_keys import SYMBOLS

register(
    SettingKey(
        "dossier.symbol",
        "Mẫu số, ký hiệu văn bản của hồ sơ",
        SYMBOLS,
        {"chung": "{number}/{kind}-{symbol}"},
        note="Giá trị ban đầu của phần mềm theo mẫu của Nghị định 30/2020/NĐ-CP: cần xác nhận.",
    )
)
