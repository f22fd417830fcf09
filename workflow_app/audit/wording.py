"""Acts in Vietnamese, for timelines. Processes register the sentences of their own acts."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from workflow_app.core import vietnamese
from workflow_app.organisations.types import Capacity


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a timeline: who, in which office, did what, when.

    behind: a short name of the unit. substitute: set when somebody acted for another ("ký thay …").
    system: True for acts of the worker and the timers, which pages fold away.
    """

    event_id: int
    action: str
    who: str
    office: str
    unit: str
    act: str
    at: datetime
    when: str
    substitute: str = ""
    system: bool = False
    doc_sha256: str | None = None
    instance_id: UUID | None = None
    object_type: str = ""
    object_id: UUID | None = None

    @property
    def text(self) -> str:
        """The whole line, for exports and screen readers."""
        office = f", {self.office}" if self.office else ""
        unit = f" {self.unit}" if self.unit else ""
        instead = f" ({self.substitute})" if self.substitute else ""
        return f"{self.who}{office}{unit} {self.act}{instead}, {self.when}"


_PHRASES: dict[str, str] = {}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def register(phrases: Mapping[str, str]) -> None:
    """Adds phrases: action code -> verb phrase, which may name details: "gửi dự thảo bản {number}".

    Raises ValueError when a code already has another phrase.
    """
    for action, phrase in phrases.items():
        if _PHRASES.setdefault(action, phrase) != phrase:
            raise ValueError(f"action {action} has a phrase already")


def is_known(action: str) -> bool:
    """Whether the action has a phrase: a test holds every process to it."""
    return action in _PHRASES


def phrase(action: str, details: Mapping[str, Any]) -> str:
    """The verb phrase with its details filled in.

    What stands after a bar is left out when a detail is missing: "gửi dự thảo | bản {number}".
    An unknown action is shown by its code: a timeline never fails for a word.
    """
    text = _PHRASES.get(action)
    if text is None:
        return f"thực hiện {action}"
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name]
    if all(details.get(name) not in (None, "") for name in names):
        return _joined(text.format_map({name: _shown(details[name]) for name in names}).replace("|", " "))
    kept = text.partition("|")[0]
    return _joined("".join(literal for literal, _, _, _ in string.Formatter().parse(kept)))


def substitute(capacity: Capacity, principal: str | None) -> str:
    """ "KT. Bùi Hải Yến": in whose place somebody acted, empty when in his own."""
    return f"{capacity.value} {principal}".strip() if principal else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, int):
        return vietnamese.format_number(value)
    return _day(str(value))


def _day(text: str) -> str:
    """A day as people write it; any other text as it is."""
    try:
        return vietnamese.decree_date(date.fromisoformat(text)) if _DAY.fullmatch(text) else text
    except ValueError:
        return text


def _joined(text: str) -> str:
    return " ".join(text.split())


register(
    {
        "unit.founded": "thành lập đơn vị",
        "unit.renamed": "đổi tên đơn vị",
        "unit.moved": "chuyển đơn vị về cấp trên mới",
        "unit.ended": "kết thúc hoạt động của đơn vị",
        "unit.merged": "sáp nhập đơn vị",
        "unit.reorganised": "sắp xếp lại tổ chức theo {basis}",
        "bloc.formed": "thành lập khối",
        "bloc.renamed": "đổi tên, ký hiệu khối",
        "bloc.ended": "kết thúc hoạt động của khối",
        "bloc.year_set": "lập danh sách khối năm {year}",
        "bloc.year_changed": "kiện toàn khối năm {year}",
        "bloc.leader_changed": "kiện toàn Khối trưởng, Khối phó năm {year}",
        "bloc.member_added": "thêm đơn vị vào khối",
        "bloc.member_removed": "đưa đơn vị ra khỏi khối",
        "person.added": "thêm người dùng",
        "person.renamed": "sửa họ tên",
        "appointment.begun": "giao chức vụ",
        "appointment.ended": "kết thúc chức vụ",
        "delegation.given": "ủy quyền {basis}",
        "delegation.revoked": "thu hồi ủy quyền",
        "account.opened": "mở tài khoản",
        "account.closed": "khóa tài khoản",
        "account.reopened": "mở lại tài khoản",
        "account.password_reset": "đặt lại mật khẩu",
        "account.pin_reset": "đặt lại mã PIN ký",
        "account.unlocked": "bỏ thời gian chờ đăng nhập",
        "account.signed_out": "kết thúc các phiên đăng nhập và mã truy cập",
        "account.session_ended": "kết thúc một phiên đăng nhập",
        "account.sessions_ended": "kết thúc các phiên đăng nhập khác",
        "account.password_changed": "đổi mật khẩu",
        "account.pin_changed": "đổi mã PIN ký",
        "token.issued": "cấp mã truy cập",
        "token.revoked": "thu hồi mã truy cập",
        "installation.begun": "cài đặt lần đầu: liên đoàn và quản trị hệ thống",
        "unit.facts_changed": "sửa thông tin đơn vị",
        "calendar.day_set": "ghi ngày {day} vào lịch nghỉ và làm bù",
        "calendar.day_dropped": "bỏ ngày {day} khỏi lịch nghỉ và làm bù",
        "calendar.completed": "xác nhận lịch nghỉ năm {year} đã đủ",
        "calendar.reopened": "mở lại lịch nghỉ năm {year}",
        "setting.changed": "thay đổi thông số {key}",
        "setting.confirmed": "xác nhận thông số {key}",
        "audit.exported": "xuất nhật ký",
    }
)
