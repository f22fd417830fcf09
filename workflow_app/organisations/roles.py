"""The roles that lanes of diagrams name, and where each one is held."""

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Which unit of an instance's scope a role belongs to."""

    UNIT = "unit"
    LEADER = "leader"
    DEPUTY = "deputy"
    FEDERATION = "federation"


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its code (the lane's id), its Vietnamese name, where it is held."""

    code: str
    vi: str
    place: Place


_ROLES = (
    Role("unit_chair", "Chủ tịch công đoàn đơn vị", Place.UNIT),
    Role("bloc_leader", "Khối trưởng", Place.LEADER),
    Role("bloc_deputy", "Khối phó", Place.DEPUTY),
    Role("federation_officer", "Chuyên viên Liên đoàn Lao động", Place.FEDERATION),
    Role("federation_standing", "Ban Thường vụ Liên đoàn Lao động", Place.FEDERATION),
    Role("records_clerk", "Văn thư", Place.FEDERATION),
    Role("inspection_chair", "Chủ nhiệm Ủy ban Kiểm tra", Place.FEDERATION),
    Role("inspection_member", "Ủy viên Ủy ban Kiểm tra", Place.FEDERATION),
    Role("council_chair", "Chủ tịch Hội đồng Thi đua - Khen thưởng", Place.FEDERATION),
    Role("council_member", "Ủy viên Hội đồng Thi đua - Khen thưởng", Place.FEDERATION),
    Role("administrator", "Quản trị hệ thống", Place.FEDERATION),
    Role("process_author", "Người soạn quy trình", Place.FEDERATION),
    Role("auditor", "Người kiểm soát nhật ký", Place.FEDERATION),
)

ROLES: dict[str, Role] = {role.code: role for role in _ROLES}


def role_name(code: str) -> str:
    """The Vietnamese name; an unknown code is shown as it is, so that a page never fails for a label."""
    role = ROLES.get(code)
    return role.vi if role else code
