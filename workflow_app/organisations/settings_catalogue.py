"""The known settings with their first values; domain facts without a source are marked in `note`."""

from typing import Any

from workflow_app.organisations.settings_keys import (
    CALENDAR,
    DAYS,
    FLAG,
    HELP,
    LEGAL_BASES,
    SHARE,
    SYMBOLS,
    SettingKey,
    SettingUnit,
    choice,
    whole,
)

_UNSEEN = "Giá trị ban đầu của phần mềm, chưa có văn bản làm căn cứ: cần xác nhận."
_DAYS = SettingUnit.WORKING_DAYS


def _basis(text: str, since: str, until: str | None = None) -> dict[str, Any]:
    return {"text": text, "from": since, "to": until}


_EMULATION_LAW = (
    _basis(
        "Luật Thi đua, khen thưởng ngày 26 tháng 11 năm 2003; Luật sửa đổi, bổ sung một số điều của Luật Thi đua,"
        " khen thưởng ngày 14 tháng 6 năm 2005 và ngày 16 tháng 11 năm 2013",
        "2014-06-01",
        "2024-01-01",
    ),
    _basis("Luật Thi đua, khen thưởng ngày 15 tháng 6 năm 2022", "2024-01-01"),
)
_EMULATION_DECREE = (
    _basis("Nghị định số 91/2017/NĐ-CP ngày 31 tháng 7 năm 2017 của Chính phủ", "2017-10-01", "2024-01-01"),
    _basis("Nghị định số 98/2023/NĐ-CP ngày 31 tháng 12 năm 2023 của Chính phủ", "2024-01-01", "2025-07-01"),
    # The decree itself is listed with an end date.
    _basis("Nghị định số 152/2025/NĐ-CP ngày 14 tháng 6 năm 2025 của Chính phủ", "2025-07-01", "2027-03-01"),
)
_BLOC_GUIDANCE = (
    _basis("Hướng dẫn hoạt động cụm, khối thi đua của Liên đoàn Lao động tỉnh", "2010-01-01", "2019-11-12"),
    _basis(
        "Hướng dẫn số 1723/HD-TLĐ ngày 12 tháng 11 năm 2019 của Tổng Liên đoàn Lao động Việt Nam"
        " về hoạt động cụm, khối thi đua",
        "2019-11-12",
    ),
)
_BASES = [*_EMULATION_LAW, *_EMULATION_DECREE, *_BLOC_GUIDANCE]

_CATALOGUE = (
    SettingKey("pledge.comment_days", "Thời hạn đơn vị góp ý dự thảo", whole(1, 60), 7, _DAYS, _UNSEEN),
    SettingKey("pledge.silence_agrees", "Hết hạn không góp ý được coi là đồng ý", FLAG, True, note=_UNSEEN),
    SettingKey("pledge.max_rounds", "Số vòng góp ý tối đa", whole(1, 10), 3, SettingUnit.ROUNDS, _UNSEEN),
    SettingKey("pledge.approve_days", "Thời hạn Liên đoàn duyệt dự thảo", whole(1, 60), 5, _DAYS, _UNSEEN),
    SettingKey(
        "pledge.invite_min_days", "Gửi giấy mời trước hội nghị ít nhất", whole(0, 30), 3, _DAYS, _UNSEEN
    ),
    SettingKey(
        "pledge.quorum", "Hội nghị hợp lệ khi có mặt ít nhất", SHARE, "2/3", SettingUnit.SHARE, _UNSEEN
    ),
    SettingKey(
        "pledge.adoption_threshold",
        "Thông qua khi số đơn vị đồng ý quá",
        SHARE,
        "1/2",
        SettingUnit.SHARE,
        _UNSEEN,
    ),
    SettingKey(
        "pledge.signing_order",
        "Thứ tự ký",
        choice(
            {
                "leader_first": "Khối trưởng ký trước",
                "listed": "Lần lượt theo danh sách khối",
                "any": "Không theo thứ tự",
            }
        ),
        "leader_first",
        note=_UNSEEN,
    ),
    SettingKey("pledge.sign_soft_days", "Nhắc đơn vị chưa ký sau", whole(1, 60), 3, _DAYS, _UNSEEN),
    SettingKey("pledge.sign_hard_days", "Thời hạn ký", whole(1, 60), 5, _DAYS, _UNSEEN),
    SettingKey("pledge.extend_max_days", "Gia hạn ký thêm tối đa", whole(0, 60), 5, _DAYS, _UNSEEN),
    SettingKey("pledge.reminder_days", "Nhắc trước hạn", DAYS, [7, 3, 0], _DAYS, _UNSEEN),
    SettingKey(
        "pledge.witness_order",
        "Liên đoàn chứng kiến",
        choice({"last": "Sau khi các đơn vị ký", "any": "Bất cứ lúc nào"}),
        "last",
        note=_UNSEEN,
    ),
    SettingKey(
        "pledge.symbol",
        "Mẫu số, ký hiệu văn bản của khối",
        SYMBOLS,
        {kind: f"{{number}}/{kind}-{{symbol}}" for kind in ("GƯ", "KH", "BB", "GM", "TB", "BC", "TTr")},
        note="Giao ước không có trong danh mục loại văn bản của Nghị định 30/2020/NĐ-CP: cần xác nhận.",
    ),
    SettingKey(
        "legal_bases",
        "Căn cứ ban hành theo loại văn bản",
        LEGAL_BASES,
        {"GƯ": _BASES, "KH": _BASES, "BB": [], "GM": []},
        note=_UNSEEN,
    ),
    SettingKey(
        "help_line",
        "Nơi hỗ trợ người dùng",
        HELP,
        {"office": "Văn phòng Liên đoàn Lao động tỉnh", "phone": "chưa khai báo", "hours": "giờ hành chính"},
        note=_UNSEEN,
    ),
    SettingKey(
        "account.first_password_days",
        "Mật khẩu cấp lần đầu dùng được trong",
        whole(1, 30),
        7,
        SettingUnit.DAYS,
        _UNSEEN,
    ),
    SettingKey(
        "account.history_days",
        "Giữ lịch sử đăng nhập, địa chỉ mạng",
        whole(30, 366),
        90,
        SettingUnit.DAYS,
        _UNSEEN,
        common=True,
    ),
    SettingKey(
        "api.token_holders",
        "Ai được tạo mã truy cập",
        choice(
            {
                "nobody": "Không ai",
                "federation": "Cán bộ giữ chức vụ ở cơ quan Liên đoàn",
                "everybody": "Mọi người đang giữ chức vụ",
            }
        ),
        "federation",
        note=_UNSEEN,
    ),
    SettingKey(
        "api.token_max_days",
        "Thời hạn dài nhất của mã truy cập",
        whole(1, 366),
        180,
        SettingUnit.DAYS,
        _UNSEEN,
    ),
    SettingKey(
        "housekeeping.hour", "Giờ dọn dẹp hằng đêm", whole(0, 23), 2, SettingUnit.HOUR, _UNSEEN, common=True
    ),
    SettingKey(
        "housekeeping.failed_job_days",
        "Giữ việc nền đã hỏng để xem lại",
        whole(1, 366),
        30,
        SettingUnit.DAYS,
        _UNSEEN,
        common=True,
    ),
    SettingKey("calendar", "Ngày nghỉ lễ và ngày làm bù của năm", CALENDAR, None),
)

KEYS: dict[str, SettingKey] = {key.key: key for key in _CATALOGUE}


def register(*keys: SettingKey) -> None:
    """A process adds its own settings when it is imported; a key is known once."""
    for key in keys:
        if KEYS.setdefault(key.key, key) is not key:
            raise ValueError(f"setting {key.key} is registered twice")
