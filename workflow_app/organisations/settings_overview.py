"""Settings for people who keep them: what holds today, from where, since when, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.organisations.models.settings import DatedSetting
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.settings_catalogue import KEYS
from workflow_app.organisations.settings_keys import SettingKey
from workflow_app.organisations.trees import ancestors_at


@dataclass(frozen=True, slots=True)
class SettingState:
    """One setting as a unit (None: the installation) finds it on a day.

    row: what holds, None when nobody has set it. own: set by the unit itself, not inherited.
    coming: the next value of the unit's own.
    """

    key: SettingKey
    row: DatedSetting | None
    own: bool
    coming: DatedSetting | None

    @property
    def value(self) -> Any:
        return self.row.value if self.row else None


def states_of(
    session: Session, keys: Sequence[str], *, unit_id: UUID | None, on: date
) -> dict[str, SettingState]:
    """The states of several settings, in the order asked for; at most two statements."""
    line = [unit_id, *_above(session, unit_id, on), None]
    found: dict[str, list[DatedSetting]] = {key: [] for key in keys}
    for row in session.scalars(_rows(keys, line, on)):
        found[row.key].append(row)
    return {key: _state(KEYS[key], rows, line, on) for key, rows in found.items()}


def only_root(session: Session, on: date) -> UUID | None:
    """The one unit that stands above all others on the day; None when there are several, or none."""
    query = sa.select(UnitPeriod.unit_id).where(
        UnitPeriod.parent_id.is_(None),
        UnitPeriod.valid_from <= on,
        sa.or_(UnitPeriod.valid_to.is_(None), UnitPeriod.valid_to > on),
    )
    roots = session.scalars(query.limit(2)).all()
    return roots[0] if len(roots) == 1 else None


def _state(
    key: SettingKey, rows: Sequence[DatedSetting], line: Sequence[UUID | None], on: date
) -> SettingState:
    held = {row.unit_id: row for row in rows if row.holds_on(on)}
    row = next((held[unit_id] for unit_id in line if unit_id in held), None)
    later = sorted(
        (each for each in rows if each.unit_id == line[0] and each.valid_from > on),
        key=lambda each: each.valid_from,
    )
    return SettingState(key, row, row is not None and row.unit_id == line[0], later[0] if later else None)


def _rows(keys: Sequence[str], line: Sequence[UUID | None], on: date) -> sa.Select[DatedSetting]:
    units = [unit_id for unit_id in line if unit_id is not None]
    return sa.select(DatedSetting).where(
        DatedSetting.key.in_(keys),
        DatedSetting.replaced_at.is_(None),
        sa.or_(DatedSetting.valid_to.is_(None), DatedSetting.valid_to > on),
        sa.or_(DatedSetting.unit_id.is_(None), DatedSetting.unit_id.in_(units)),
    )


def _above(session: Session, unit_id: UUID | None, on: date) -> list[UUID]:
    return [] if unit_id is None else [unit.unit_id for unit in ancestors_at(session, unit_id, on)]
