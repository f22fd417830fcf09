"""First reference data of an installation: kinds of units, offices, settings, the working calendar."""

from datetime import date
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.working_days import load_calendar, read_calendar_days, read_open_points
from workflow_app.organisations.models.people import Office
from workflow_app.organisations.models.settings import DatedSetting
from workflow_app.organisations.models.units import UnitKind
from workflow_app.organisations.settings_catalogue import KEYS
from workflow_app.organisations.types import Capacity

SINCE = date(2010, 1, 1)  # before anything that an installation will hold
LAW_2024 = date(2025, 7, 1)  # Law 50/2024/QH15 and its amendment changed the levels on this day

_KINDS = (
    ("confederation", "Tổng Liên đoàn", SINCE, None),
    ("federation", "Liên đoàn Lao động cấp tỉnh", SINCE, None),
    ("sector_union", "Công đoàn ngành", SINCE, None),
    ("civil_servants_union", "Công đoàn Viên chức tỉnh", SINCE, LAW_2024),
    ("district_union", "Liên đoàn Lao động huyện", SINCE, LAW_2024),
    ("upper_union", "Công đoàn cấp trên cơ sở", SINCE, None),
    ("commune_union", "Công đoàn xã, phường, đặc khu", LAW_2024, None),
    ("grassroots_union", "Công đoàn cơ sở", SINCE, None),
    ("occupational_union", "Nghiệp đoàn cơ sở", SINCE, None),
    ("section_union", "Công đoàn bộ phận", SINCE, None),
    ("union_group", "Tổ công đoàn", SINCE, None),
)

_CHAIR = ["unit_chair", "bloc_leader", "bloc_deputy"]
_EXECUTIVE, _STANDING, _INSPECTION = "BAN CHẤP HÀNH", "BAN THƯỜNG VỤ", "ỦY BAN KIỂM TRA"

# code, title, roles, capacity, body, rank
_OFFICES: tuple[tuple[str, str, list[str], Capacity, str, int], ...] = (
    ("chair", "Chủ tịch", _CHAIR, Capacity.ON_BEHALF, _EXECUTIVE, 10),
    ("vice_chair", "Phó Chủ tịch", [], Capacity.FOR_HEAD, "", 20),
    ("committee_member", "Ủy viên Ban Chấp hành", [], Capacity.DIRECT, "", 60),
    (
        "federation_chair",
        "Chủ tịch",
        ["federation_standing", *_CHAIR],
        Capacity.ON_BEHALF,
        _STANDING,
        10,
    ),
    ("federation_vice_chair", "Phó Chủ tịch", ["federation_standing"], Capacity.ON_BEHALF, _STANDING, 20),
    ("standing_member", "Ủy viên Ban Thường vụ", ["federation_standing"], Capacity.ON_BEHALF, _STANDING, 30),
    ("federation_officer", "Chuyên viên", ["federation_officer"], Capacity.DIRECT, "", 50),
    (
        "inspection_chair",
        "Chủ nhiệm Ủy ban Kiểm tra",
        ["inspection_chair"],
        Capacity.ON_BEHALF,
        _INSPECTION,
        30,
    ),
    (
        "inspection_vice_chair",
        "Phó Chủ nhiệm Ủy ban Kiểm tra",
        ["inspection_member"],
        Capacity.FOR_HEAD,
        "",
        40,
    ),
    ("inspection_member", "Ủy viên Ủy ban Kiểm tra", ["inspection_member"], Capacity.DIRECT, "", 50),
    ("council_chair", "Chủ tịch Hội đồng Thi đua - Khen thưởng", ["council_chair"], Capacity.DIRECT, "", 30),
    ("council_member", "Ủy viên Hội đồng Thi đua - Khen thưởng", ["council_member"], Capacity.DIRECT, "", 50),
    ("records_clerk", "Văn thư", ["records_clerk"], Capacity.DIRECT, "", 70),
    ("administrator", "Quản trị hệ thống", ["administrator"], Capacity.DIRECT, "", 80),
    ("process_author", "Người soạn quy trình", ["process_author"], Capacity.DIRECT, "", 80),
    ("auditor", "Người kiểm soát nhật ký", ["auditor"], Capacity.DIRECT, "", 80),
)


def seed_reference(session: Session) -> None:
    """Adds what is not there yet; what an administrator changed stays as it is."""
    kinds = set(session.scalars(sa.select(UnitKind.code)))
    for code, name, since, until in _KINDS:
        if code not in kinds:
            session.add(UnitKind(code=code, name=name, valid_from=since, valid_to=until))
    offices = set(session.scalars(sa.select(Office.code)))
    for code, title, roles, capacity, body, rank in _OFFICES:
        if code not in offices:
            office = Office(code=code, title=title, roles=roles, sign_capacity=capacity, body=body, rank=rank)
            office.valid_from = SINCE
            session.add(office)
    _seed_settings(session)
    session.flush()


def _seed_settings(session: Session) -> None:
    known = {
        (key, since)
        for key, since in session.execute(
            sa.select(DatedSetting.key, DatedSetting.valid_from).where(DatedSetting.unit_id.is_(None))
        )
    }
    touched = {key for key, _ in known}
    for key in KEYS.values():
        if key.default is not None and key.key not in touched:
            session.add(DatedSetting(key=key.key, value=key.default, valid_from=SINCE))
    complete, open_points = load_calendar().complete_years, read_open_points()
    for year, days in groupby(read_calendar_days(), key=lambda entry: entry.day.year):
        since = date(year, 1, 1)
        if ("calendar", since) in known:
            continue
        entries = [
            {"day": d.day.isoformat(), "name": d.name, "source": d.source, "works": d.works} for d in days
        ]
        value = {"complete": year in complete, "days": entries, "open": open_points.get(year, "")}
        row = DatedSetting(key="calendar", value=value, valid_from=since, valid_to=date(year + 1, 1, 1))
        session.add(row)
