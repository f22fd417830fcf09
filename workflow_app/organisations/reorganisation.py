"""Many changes of the tree by one decision, with one effective day, as one act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.organisations import units
from workflow_app.organisations.errors import UnitNotThere
from workflow_app.organisations.models.units import Reorganisation, Unit, UnitPeriod
from workflow_app.organisations.units import UnitFacts

UnitRef = UUID | str  # an id, or the code of a unit (also of one founded in the same act)


@dataclass(frozen=True, slots=True)
class Found:
    """A new unit; parent None = a root."""

    code: str
    facts: UnitFacts
    parent: UnitRef | None


@dataclass(frozen=True, slots=True)
class Rename:
    """changes: fields of UnitFacts."""

    unit: UnitRef
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    unit: UnitRef
    parent: UnitRef | None


@dataclass(frozen=True, slots=True)
class End:
    """successor: the unit that takes over its people and papers, if there is one."""

    unit: UnitRef
    successor: UnitRef | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """The units end; their sub-units move under `into`."""

    units: tuple[UnitRef, ...]
    into: UnitRef


Change = Found | Rename | Move | End | Merge


def reorganise(
    session: Session, changes: Sequence[Change], *, effective: date, basis: str, by: UUID, at: datetime
) -> Reorganisation:
    """Does all changes or none; the order given counts, the tree is checked once at the end.

    The day before `effective` still shows the old tree. Raises the refusals of `units`.
    """
    units.lock_tree(session)
    act = Reorganisation(effective=effective, basis=basis, made_by=by, made_at=at)
    session.add(act)
    session.flush()
    work = _Work(session, act)
    for change in changes:
        work.do(change)
    work.check()
    return act


def changes_of(session: Session, act_id: UUID) -> tuple[list[UnitPeriod], list[UnitPeriod]]:
    """(periods it closed, periods it opened): the tables "trước" and "sau" of the decision."""
    closed = session.scalars(
        sa.select(UnitPeriod).where(UnitPeriod.closed_by_id == act_id).order_by("sort_key")
    )
    opened = session.scalars(
        sa.select(UnitPeriod).where(UnitPeriod.opened_by_id == act_id).order_by("sort_key")
    )
    return list(closed), list(opened)


class _Work:
    """The state of one reorganisation while it is done."""

    def __init__(self, session: Session, act: Reorganisation) -> None:
        self.session, self.act = session, act
        self.placed: list[UUID] = []
        self.ended: list[UUID] = []

    def do(self, change: Change) -> None:
        match change:
            case Found():
                self._found(change)
            case Rename():
                self._change(change.unit, dict(change.changes))
            case Move():
                self._change(change.unit, {"parent_id": self._id(change.parent)})
            case End():
                self._end(self._unit(change.unit), self._id(change.successor))
            case Merge():
                for unit in change.units:
                    self._merge(self._unit(unit), self._unit(change.into))
            case _:
                assert_never(change)

    def check(self) -> None:
        units.check_no_orphans(self.session, self.ended, self.act.effective)
        units.check_tree(self.session, self.placed, self.act.effective)

    def _found(self, change: Found) -> None:
        unit = units.found_unit(
            self.session,
            code=change.code,
            facts=change.facts,
            parent_id=self._id(change.parent),
            valid_from=self.act.effective,
            basis=self.act.basis,
        )
        opened = sa.update(UnitPeriod).where(UnitPeriod.unit_id == unit.id).values(opened_by_id=self.act.id)
        self.session.execute(opened)
        self.placed.append(unit.id)

    def _change(self, ref: UnitRef, changes: dict[str, object]) -> None:
        unit_id = self._unit(ref)
        units.change_period(self.session, unit_id, self.act.effective, self.act.basis, changes, self.act.id)
        self.placed.append(unit_id)

    def _merge(self, unit_id: UUID, into: UUID) -> None:
        query = sa.select(UnitPeriod.unit_id).where(
            UnitPeriod.parent_id == unit_id, UnitPeriod.valid_to.is_(None)
        )
        for child in self.session.scalars(query).all():
            if child != into:
                self._change(child, {"parent_id": into})
        self._end(unit_id, into)

    def _end(self, unit_id: UUID, successor: UUID | None) -> None:
        units.close_unit(self.session, unit_id, self.act.effective, self.act.basis, successor, self.act.id)
        self.ended.append(unit_id)

    def _id(self, ref: UnitRef | None) -> UUID | None:
        return None if ref is None else self._unit(ref)

    def _unit(self, ref: UnitRef) -> UUID:
        if isinstance(ref, UUID):
            return ref
        unit_id = self.session.scalar(sa.select(Unit.id).where(Unit.code == ref))
        if unit_id is None:
            raise UnitNotThere(f"no unit with code {ref}")
        return unit_id
