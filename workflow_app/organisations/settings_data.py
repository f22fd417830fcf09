"""Reading and changing dated settings: the nearest unit up the tree decides, as of a day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.errors import NotFound
from workflow_app.core.working_days import CalendarDay, WorkingCalendar
from workflow_app.organisations.errors import LaterChange, SettingMissing
from workflow_app.organisations.models.settings import DatedSetting
from workflow_app.organisations.settings_catalogue import KEYS, register
from workflow_app.organisations.settings_keys import SettingKey

__all__ = [
    "KEYS",
    "SettingKey",
    "change_setting",
    "confirm_setting",
    "corrections_of_setting",
    "history_of_setting",
    "lock_setting",
    "register",
    "setting",
    "settings",
    "working_calendar",
]

_DEPTH_CAP = 64  # see trees.py

_UP = """
WITH RECURSIVE up AS (
  SELECT unit_id, parent_id, 0 AS distance FROM unit_period
  WHERE unit_id = :unit AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
  UNION ALL
  SELECT p.unit_id, p.parent_id, up.distance + 1 FROM up JOIN unit_period p ON p.unit_id = up.parent_id
  WHERE p.valid_from <= :on AND (p.valid_to IS NULL OR p.valid_to > :on) AND up.distance < :cap
)
"""

_NEAREST = sa.text(f"""{_UP}
SELECT DISTINCT ON (s.key) s.key, s.value
FROM dated_setting s LEFT JOIN up ON up.unit_id = s.unit_id
WHERE s.replaced_at IS NULL AND s.key = ANY(:keys) AND (s.unit_id IS NULL OR up.unit_id IS NOT NULL)
  AND s.valid_from <= :on AND (s.valid_to IS NULL OR s.valid_to > :on)
ORDER BY s.key, up.distance NULLS LAST
""")  # noqa: S608 - constants of this module

# The calendar has one row per year; all years are needed to count across 31 December.
_CALENDAR = sa.text(f"""{_UP}
SELECT DISTINCT ON (s.valid_from) s.valid_from, s.value
FROM dated_setting s LEFT JOIN up ON up.unit_id = s.unit_id
WHERE s.replaced_at IS NULL AND s.key = 'calendar' AND (s.unit_id IS NULL OR up.unit_id IS NOT NULL)
ORDER BY s.valid_from, up.distance NULLS LAST
""")  # noqa: S608 - constants of this module


def setting(session: Session, key: str, *, unit_id: UUID | None, on: date) -> Any:
    """The value in force for the unit on the day, in the type of its key (shares are Fractions).

    Raises SettingMissing when nobody has set it, KeyError for a key that does not exist.
    """
    return settings(session, [key], unit_id=unit_id, on=on)[key]


def settings(session: Session, keys: Iterable[str], *, unit_id: UUID | None, on: date) -> dict[str, Any]:
    """Several settings in one statement; raises SettingMissing if one of them is not set."""
    wanted = {key: KEYS[key] for key in keys}
    rows = session.execute(_NEAREST, {"keys": list(wanted), "unit": unit_id, "on": on, "cap": _DEPTH_CAP})
    found = {row.key: wanted[row.key].shape.read(row.value, on) for row in rows}
    if missing := wanted.keys() - found.keys():
        names = ", ".join(wanted[key].vi for key in sorted(missing))
        raise SettingMissing(
            f"settings {sorted(missing)} are not set for unit {unit_id} on {on}",
            vi=f"Chưa khai báo: {names}. Hãy báo quản trị hệ thống.",
        )
    return found


def working_calendar(session: Session, *, unit_id: UUID | None, on: date) -> WorkingCalendar:
    """The calendar that the unit follows: every year that is known, each from the nearest unit."""
    rows = session.execute(_CALENDAR, {"unit": unit_id, "on": on, "cap": _DEPTH_CAP}).all()
    days = [_calendar_day(entry) for row in rows for entry in row.value["days"]]
    return WorkingCalendar.of(days, [row.valid_from.year for row in rows if row.value["complete"]])


def change_setting(
    session: Session,
    key: str,
    value: Any,
    *,
    unit_id: UUID | None,
    valid_from: date,
    legal_basis: str,
    by: UUID,
    at: datetime,
    valid_to: date | None = None,
    confirmed: bool = True,
) -> DatedSetting:
    """A new value from a day on; the old one ends there and stays on record, also one corrected on its first day.

    Raises Invalid, LaterChange when a later value already stands, KeyError for an unknown key.
    """
    KEYS[key].validate(value)
    lock_setting(session, key, unit_id)
    current = _latest(session, key, unit_id)
    if current is not None and (current.valid_to is None or current.valid_to > valid_from):
        if current.valid_from > valid_from:
            raise LaterChange(
                f"setting {key} has a value from {current.valid_from}", since=current.valid_from
            )
        if current.valid_from == valid_from:
            current.replaced_at = at
        else:
            current.valid_to = valid_from
        session.flush()
    row = DatedSetting(key=key, unit_id=unit_id, valid_from=valid_from, valid_to=valid_to)
    session.add(row)
    return _fill(session, row, value, legal_basis, by, at, confirmed)


def lock_setting(session: Session, key: str, unit_id: UUID | None) -> None:
    """One change of a setting at a time, until the commit: a row lock would miss the row that replaces it."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"{key}|{unit_id}", 0))))


def confirm_setting(
    session: Session, setting_id: UUID, *, by: UUID, at: datetime, legal_basis: str = ""
) -> DatedSetting:
    """Takes the mark "cần xác nhận" off; raises NotFound.

    legal_basis: added where the value had none; one that stands already is kept.
    """
    row = session.get(DatedSetting, setting_id)
    if row is None or row.replaced_at is not None:
        raise NotFound(f"no setting {setting_id}")
    row.legal_basis = row.legal_basis or legal_basis
    row.confirmed, row.changed_by, row.changed_at = True, by, at
    session.flush()
    return row


def history_of_setting(session: Session, key: str, *, unit_id: UUID | None) -> list[DatedSetting]:
    """Every value the unit itself has set and that was not corrected since, newest first."""
    query = sa.select(DatedSetting).where(*_live(key, unit_id))
    return list(session.scalars(query.order_by(DatedSetting.valid_from.desc())))


def corrections_of_setting(session: Session, key: str, *, unit_id: UUID | None) -> list[DatedSetting]:
    """Values that were corrected on their first day, the last corrected first."""
    query = sa.select(DatedSetting).where(
        DatedSetting.key == key, _same_unit(unit_id), DatedSetting.replaced_at.is_not(None)
    )
    return list(session.scalars(query.order_by(DatedSetting.replaced_at.desc())))


def _latest(session: Session, key: str, unit_id: UUID | None) -> DatedSetting | None:
    query = sa.select(DatedSetting).where(*_live(key, unit_id))
    return session.scalar(query.order_by(DatedSetting.valid_from.desc()).limit(1).with_for_update())


def _live(key: str, unit_id: UUID | None) -> tuple[sa.ColumnElement[bool], ...]:
    return DatedSetting.key == key, _same_unit(unit_id), DatedSetting.replaced_at.is_(None)


def _same_unit(unit_id: UUID | None) -> sa.ColumnElement[bool]:
    return DatedSetting.unit_id.is_(None) if unit_id is None else DatedSetting.unit_id == unit_id


def _fill(
    session: Session, row: DatedSetting, value: Any, legal_basis: str, by: UUID, at: datetime, confirmed: bool
) -> DatedSetting:
    row.value, row.legal_basis, row.confirmed = value, legal_basis, confirmed
    row.changed_by, row.changed_at = by, at
    session.flush()
    return row


def _calendar_day(entry: Mapping[str, Any]) -> CalendarDay:
    return CalendarDay(date.fromisoformat(entry["day"]), entry["name"], entry["source"], entry["works"])
