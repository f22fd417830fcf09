"""Days off and make-up days, year by year: what is known, corrected by an administrator, confirmed complete.

One year is one dated setting ("calendar") of a unit or of the whole installation; every change is a new row, the one
before stays with the time at which it was replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.core.working_days import CalendarDay
from workflow_app.organisations.models.settings import DatedSetting
from workflow_app.organisations.settings_catalogue import KEYS
from workflow_app.organisations.settings_data import lock_setting
from workflow_app.organisations.trees import ancestors_at

KEY = "calendar"
_SATURDAY = 5
_FIRST, _LAST = 2000, 2100


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """What is known of a year for a unit.

    open_points: what was still to be settled when the days were entered, in words; empty when nothing.
    own: whether the unit itself (or the installation, when it was asked for) has set it.
    """

    year: int
    days: tuple[CalendarDay, ...] = ()
    complete: bool = False
    open_points: str = ""
    legal_basis: str = ""
    own: bool = False
    changed_by: UUID | None = None
    changed_at: datetime | None = None

    def day(self, day: date) -> CalendarDay | None:
        return next((entry for entry in self.days if entry.day == day), None)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who changes a calendar, whose, and when. unit_id None: the whole installation's."""

    unit_id: UUID | None
    by: UUID
    at: datetime
    today: date


def calendar_year(session: Session, year: int, *, unit_id: UUID | None, on: date) -> CalendarYear:
    """The year as the unit follows it: its own, or that of the nearest unit above, or the installation's."""
    line = [unit_id, *_above(session, unit_id, on), None]
    rows = {row.unit_id: row for row in session.scalars(_of(year, line))}
    row = next((rows[each] for each in line if each in rows), None)
    return CalendarYear(year) if row is None else _read(year, row, own=row.unit_id == unit_id)


def years_known(session: Session, *, unit_id: UUID | None, on: date) -> dict[int, bool]:
    """Every year of which something is known, and whether it is complete; in order."""
    query = sa.select(sa.func.extract("year", DatedSetting.valid_from)).where(DatedSetting.key == KEY)
    years = sorted({int(year) for year in session.scalars(query)})
    return {year: calendar_year(session, year, unit_id=unit_id, on=on).complete for year in years}


def put_day(
    session: Session, year: int, entry: CalendarDay, *, keeper: Keeper, instead_of: date | None = None
) -> CalendarYear:
    """Adds a day, or corrects the one that stands there.

    instead_of: the day under which the entry stood before. Raises Invalid.
    """
    entry = replace(entry, name=vietnamese.clean_line(entry.name), source=vietnamese.clean_line(entry.source))
    _check_entry(year, entry)
    known = _locked(session, year, keeper)
    kept = [each for each in known.days if each.day not in {entry.day, instead_of}]
    days = tuple(sorted([*kept, entry], key=lambda each: each.day))
    return _write(session, replace(known, days=days), keeper)


def drop_day(session: Session, year: int, day: date, *, keeper: Keeper) -> CalendarYear:
    """Takes a day out; raises NotFound when it is not there."""
    known = _locked(session, year, keeper)
    if known.day(day) is None:
        raise NotFound(f"{day} is not in the calendar of unit {keeper.unit_id}")
    return _write(session, replace(known, days=tuple(e for e in known.days if e.day != day)), keeper)


def declare_year(
    session: Session, year: int, *, complete: bool, legal_basis: str, keeper: Keeper
) -> CalendarYear:
    """Says that everything announced for the year is there, or takes that back. Raises Invalid."""
    if not _FIRST <= year <= _LAST:
        raise Invalid([FieldError("year", f"Năm phải từ {_FIRST} đến {_LAST}.")])
    basis = vietnamese.clean_line(legal_basis)
    if complete and not basis:
        raise Invalid([FieldError("basis", "Ghi văn bản thông báo lịch nghỉ của năm làm căn cứ.")])
    known = _locked(session, year, keeper)
    return _write(session, replace(known, complete=complete, legal_basis=basis), keeper)


def _check_entry(year: int, entry: CalendarDay) -> None:
    errors = []
    if not _FIRST <= year <= _LAST or entry.day.year != year:
        errors.append(FieldError("day", f"Ngày phải thuộc năm {year}. Nhập lại ngày."))
    elif entry.works and entry.day.weekday() < _SATURDAY:
        errors.append(FieldError("day", "Chỉ làm bù vào thứ Bảy hoặc Chủ nhật. Nhập lại ngày."))
    if not entry.name:
        errors.append(FieldError("name", "Ghi tên ngày, ví dụ Giỗ Tổ Hùng Vương."))
    if not entry.source:
        errors.append(FieldError("source", "Ghi văn bản làm căn cứ, ví dụ Bộ luật Lao động 2019, Điều 112."))
    if errors:
        raise Invalid(errors)


def _locked(session: Session, year: int, keeper: Keeper) -> CalendarYear:
    """The year, nobody else changing this calendar until the commit."""
    lock_setting(session, KEY, keeper.unit_id)
    return calendar_year(session, year, unit_id=keeper.unit_id, on=keeper.today)


def _write(session: Session, changed: CalendarYear, keeper: Keeper) -> CalendarYear:
    value: dict[str, Any] = {
        "complete": changed.complete,
        "days": [
            {"day": e.day.isoformat(), "name": e.name, "source": e.source, "works": e.works}
            for e in changed.days
        ],
        "open": "" if changed.complete else changed.open_points,
    }
    KEYS[KEY].validate(value)
    for row in session.scalars(_of(changed.year, [keeper.unit_id])):
        row.replaced_at = keeper.at
    session.flush()
    begins, ends = date(changed.year, 1, 1), date(changed.year + 1, 1, 1)
    row = DatedSetting(key=KEY, unit_id=keeper.unit_id, valid_from=begins, valid_to=ends, value=value)
    row.legal_basis, row.confirmed = changed.legal_basis, changed.complete
    row.changed_by, row.changed_at = keeper.by, keeper.at
    session.add(row)
    session.flush()
    return _read(changed.year, row, own=True)


def _of(year: int, units: Sequence[UUID | None]) -> sa.Select[DatedSetting]:
    some = [unit_id for unit_id in units if unit_id is not None]
    places = [DatedSetting.unit_id.in_(some)] if some else []
    if None in units:
        places.append(DatedSetting.unit_id.is_(None))
    return sa.select(DatedSetting).where(
        DatedSetting.key == KEY,
        DatedSetting.valid_from == date(year, 1, 1),
        DatedSetting.replaced_at.is_(None),
        sa.or_(*places),
    )


def _above(session: Session, unit_id: UUID | None, on: date) -> list[UUID]:
    return [] if unit_id is None else [unit.unit_id for unit in ancestors_at(session, unit_id, on)]


def _read(year: int, row: DatedSetting, *, own: bool) -> CalendarYear:
    days = tuple(
        CalendarDay(date.fromisoformat(entry["day"]), entry["name"], entry["source"], entry["works"])
        for entry in row.value["days"]
    )
    told = row.value.get("open", "")
    return CalendarYear(
        year, days, row.value["complete"], told, row.legal_basis, own, row.changed_by, row.changed_at
    )
