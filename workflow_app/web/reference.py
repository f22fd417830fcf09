"""What every page shows of the installation: whose it is, whom to call, which days count.

These change a few times a year and are asked for by every page, so they are kept for a minute per unit.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import cast
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.working_days import WorkingCalendar, load_calendar
from workflow_app.organisations.errors import SettingMissing
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.settings_data import setting, working_calendar
from workflow_app.organisations.trees import federation_above

_KEPT_S = 60.0


@dataclass(frozen=True, slots=True)
class BlocLink:
    """A bloc that a unit belongs to, for the menu."""

    id: UUID
    name: str
    year: int


@dataclass(frozen=True, slots=True)
class Reference:
    """federation_id: the unit that the reader's unit finally belongs to; None without a unit."""

    federation_id: UUID | None
    federation_name: str
    help_line: dict[str, str] | None
    calendar: WorkingCalendar
    blocs: tuple[BlocLink, ...]


NOBODY = Reference(None, "", None, WorkingCalendar(), ())


class ReferenceCache:
    """Kept per application, so that two applications in one process (tests) do not share it."""

    def __init__(self) -> None:
        self._found: dict[tuple[UUID | None, date], tuple[float, Reference]] = {}
        self._help_lines: dict[UUID | None, dict[str, str] | None] = {}

    def get(self, unit_id: UUID | None, on: date, make: Callable[[], Reference]) -> Reference:
        kept = self._found.get((unit_id, on))
        if kept is not None and time.monotonic() - kept[0] < _KEPT_S:
            return kept[1]
        made = make()
        if len(self._found) > 10_000:
            self._found.clear()
            self._help_lines.clear()
        self._found[unit_id, on] = (time.monotonic(), made)
        self._help_lines[unit_id] = made.help_line
        return made

    def help_line(self, unit_id: UUID | None) -> dict[str, str] | None:
        """The unit's last known help line; for an unknown reader the one that everybody has, if there is one.

        A wrong number is worse than none: with the lines of several federations nobody's is shown.
        """
        if unit_id is not None and unit_id in self._help_lines:
            return self._help_lines[unit_id]
        known = [line for line in self._help_lines.values() if line]
        return known[0] if known and all(line == known[0] for line in known) else None

    def forget(self) -> None:
        """After an administrator changed something that pages show."""
        self._found.clear()


def register(app: Flask) -> None:
    """One cache per application."""
    app.extensions["reference"] = ReferenceCache()


def reference_of(session: Callable[[], Session], unit_id: UUID | None) -> Reference:
    """What the pages of somebody in this unit show today; usually without a statement."""
    on = clock.today()
    cache = cast("ReferenceCache", current_app.extensions["reference"])
    return cache.get(unit_id, on, lambda: _read(session(), unit_id, on))


def remembered_help_line(unit_id: UUID | None) -> dict[str, str] | None:
    """Whom to call, as far as this process knows it: never a statement, so that every error page may ask."""
    return cast("ReferenceCache", current_app.extensions["reference"]).help_line(unit_id)


def forget() -> None:
    """The next page reads anew."""
    current_app.extensions["reference"].forget()


def _read(session: Session, unit_id: UUID | None, on: date) -> Reference:
    found = replace(NOBODY, help_line=_help_line(session, unit_id, on))
    if unit_id is None:
        return replace(found, calendar=load_calendar())
    federation = federation_above(session, unit_id, on)
    return Reference(
        federation_id=federation.unit_id,
        federation_name=federation.short_name,
        help_line=found.help_line,
        calendar=working_calendar(session, unit_id=unit_id, on=on),
        blocs=tuple(_blocs(session, unit_id, on)),
    )


def _help_line(session: Session, unit_id: UUID | None, on: date) -> dict[str, str] | None:
    try:
        line = dict(setting(session, "help_line", unit_id=unit_id, on=on))
    except SettingMissing:
        return None
    if not any(char.isdigit() for char in line.get("phone", "")):
        line["phone"] = ""  # "chưa khai báo" is no number to call
    return line


def _blocs(session: Session, unit_id: UUID, on: date) -> list[BlocLink]:
    query = (
        select(Bloc.id, Bloc.name, BlocMember.year)
        .join(BlocMember, and_(BlocMember.bloc_id == Bloc.id, holds_on(BlocMember, on)))
        .where(BlocMember.unit_id == unit_id, BlocMember.year == on.year)
        .order_by(Bloc.code)
    )
    return [BlocLink(*row) for row in session.execute(query)]
