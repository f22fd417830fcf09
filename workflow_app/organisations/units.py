"""Founding, renaming, moving, ending and merging units: each act has one effective day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.organisations.errors import (
    ChildrenRemain,
    CircularTree,
    CodeTaken,
    LaterChange,
    ParentNotThere,
    UnitEnded,
    UnitNotThere,
)
from workflow_app.organisations.models.blocs import BlocMember
from workflow_app.organisations.models.people import Appointment
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import Unit, UnitPeriod, UnitSuccession
from workflow_app.organisations.trees import ancestors_at

_TREE_LOCK = 7_301_001  # any number of our own: one structural change of the tree at a time

_COPIED = (
    "parent_id",
    "name",
    "short_name",
    "kind",
    "letterhead_parent",
    "letterhead_name",
    "symbol",
    "place",
    "phone",
)


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a unit is called and how its papers look; short_name defaults to the name."""

    name: str
    kind: str
    short_name: str = ""
    letterhead_parent: str = ""
    letterhead_name: str = ""
    symbol: str = ""
    place: str = ""
    phone: str = ""


def found_unit(
    session: Session,
    *,
    code: str,
    facts: UnitFacts,
    parent_id: UUID | None,
    valid_from: date,
    basis: str = "",
) -> Unit:
    """A new unit from a day on; raises CodeTaken, ParentNotThere."""
    lock_tree(session)
    if session.scalar(sa.select(Unit.id).where(Unit.code == code)) is not None:
        raise CodeTaken(f"unit code {code} is taken")
    unit = Unit(code=code)
    session.add(unit)
    session.flush()
    period = UnitPeriod(
        unit_id=unit.id, parent_id=parent_id, valid_from=valid_from, basis=basis, kind=facts.kind
    )
    _describe(period, facts)
    session.add(period)
    session.flush()
    check_tree(session, [unit.id], valid_from)
    return unit


def rename_unit(
    session: Session, unit_id: UUID, *, effective: date, basis: str, **changes: str
) -> UnitPeriod:
    """New name, short name, kind, letterhead, symbol, place or phone from a day on.

    changes: fields of UnitFacts. Raises UnitNotThere, UnitEnded, LaterChange.
    """
    lock_tree(session)
    return change_period(session, unit_id, effective, basis, changes)


def move_unit(
    session: Session, unit_id: UUID, *, parent_id: UUID | None, effective: date, basis: str
) -> UnitPeriod:
    """The unit belongs to another parent from a day on; raises also CircularTree, ParentNotThere."""
    lock_tree(session)
    period = change_period(session, unit_id, effective, basis, {"parent_id": parent_id})
    check_tree(session, [unit_id], effective)
    return period


def end_unit(
    session: Session, unit_id: UUID, *, effective: date, basis: str, successor_id: UUID | None = None
) -> None:
    """The unit is no more from a day on: its terms of office and bloc memberships end the same day.

    Raises ChildrenRemain when a unit would be left without a parent.
    """
    lock_tree(session)
    close_unit(session, unit_id, effective, basis, successor_id)
    check_no_orphans(session, [unit_id], effective)


def merge_units(
    session: Session, unit_ids: Sequence[UUID], *, into: UUID, effective: date, basis: str
) -> None:
    """Several units end and one goes on in their place; their sub-units move under it."""
    lock_tree(session)
    for unit_id in unit_ids:
        absorb(session, unit_id, into, effective, basis)
    check_no_orphans(session, unit_ids, effective)
    check_tree(session, [into], effective)


def absorb(session: Session, unit_id: UUID, into: UUID, effective: date, basis: str) -> None:
    """One part of a merger: sub-units move, then the unit ends. The caller checks the tree."""
    for child in _children_at(session, unit_id, effective):
        if child != into:
            change_period(session, child, effective, basis, {"parent_id": into})
    close_unit(session, unit_id, effective, basis, into)


def lock_tree(session: Session) -> None:
    """Two moves that are fine alone can make a circle together: one change at a time, until the commit."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_TREE_LOCK)))


def change_period(
    session: Session,
    unit_id: UUID,
    effective: date,
    basis: str,
    changes: dict[str, Any],
    act_id: UUID | None = None,
) -> UnitPeriod:
    """Closes the open period and opens the next one with the changes; the caller holds the lock."""
    current = _open_period(session, unit_id, effective)
    if changes.get("parent_id") == unit_id:
        raise CircularTree(f"unit {unit_id} cannot be its own parent")
    if current.valid_from == effective:  # a second change on the same day: one period, not an empty one
        _set(current, changes)
        current.basis, current.opened_by_id = basis or current.basis, act_id or current.opened_by_id
        session.flush()
        return current
    current.valid_to, current.closed_by_id = effective, act_id
    session.flush()  # the old row must be closed before the database sees the new one
    following = UnitPeriod(unit_id=unit_id, valid_from=effective, basis=basis, opened_by_id=act_id)
    _set(following, {name: getattr(current, name) for name in _COPIED} | changes)
    session.add(following)
    session.flush()
    return following


def close_unit(
    session: Session,
    unit_id: UUID,
    effective: date,
    basis: str,
    successor_id: UUID | None = None,
    act_id: UUID | None = None,
) -> None:
    """Ends the unit and what hangs on it; the caller holds the lock and checks for orphans."""
    current = _open_period(session, unit_id, effective)
    if successor_id == unit_id:
        raise CircularTree(f"unit {unit_id} cannot succeed itself")
    if current.valid_from == effective:
        raise LaterChange(f"unit {unit_id} changed on {effective}, it cannot end on the same day")
    current.valid_to, current.closed_by_id = effective, act_id
    for model, values in ((Appointment, {"end_basis": basis}), (BlocMember, {"end_basis": basis})):
        session.execute(
            sa.update(model)
            .where(model.unit_id == unit_id, model.valid_from < effective)
            .where(sa.or_(model.valid_to.is_(None), model.valid_to > effective))
            .values(valid_to=effective, **values)
        )
    if successor_id is not None:
        succession = UnitSuccession(
            from_unit_id=unit_id, to_unit_id=successor_id, on_date=effective, basis=basis
        )
        session.add(succession)
    session.flush()


def check_tree(session: Session, unit_ids: Sequence[UUID], on: date) -> None:
    """Raises CircularTree or ParentNotThere when a unit's place makes no sense on the day or later.

    Later counts because changes may be entered ahead: today's move must fit the one of next month.
    """
    for day in [on, *_days_of_change(session, on)]:
        for unit_id in unit_ids:
            _check_place(session, unit_id, day)


def check_no_orphans(session: Session, ended: Sequence[UUID], on: date) -> None:
    """Raises ChildrenRemain when an ended unit still has units below it on the day or later."""
    query = sa.select(UnitPeriod.unit_id).where(
        UnitPeriod.parent_id.in_(ended), sa.or_(UnitPeriod.valid_to.is_(None), UnitPeriod.valid_to > on)
    )
    if left := session.scalars(query).all():
        raise ChildrenRemain(
            f"units {[str(unit_id) for unit_id in left]} lose their parent on {on}", units=list(left)
        )


def _check_place(session: Session, unit_id: UUID, on: date) -> None:
    period = session.scalar(
        sa.select(UnitPeriod).where(UnitPeriod.unit_id == unit_id, holds_on(UnitPeriod, on))
    )
    if period is None or period.parent_id is None:
        return
    above = [ancestor.unit_id for ancestor in ancestors_at(session, unit_id, on)]
    if not above:
        raise ParentNotThere(f"parent {period.parent_id} of unit {unit_id} is not there on {on}")
    if unit_id in above:
        raise CircularTree(f"unit {unit_id} would stand below itself on {on}")


def _days_of_change(session: Session, after: date) -> list[date]:
    begins = sa.select(UnitPeriod.valid_from.label("day")).where(UnitPeriod.valid_from > after)
    ends = sa.select(UnitPeriod.valid_to).where(UnitPeriod.valid_to > after)
    days = session.scalars(begins.union(ends)).all()
    return sorted(day for day in days if day is not None)


def _open_period(session: Session, unit_id: UUID, effective: date) -> UnitPeriod:
    query = (
        sa.select(UnitPeriod)
        .where(UnitPeriod.unit_id == unit_id)
        .order_by(UnitPeriod.valid_from.desc())
        .limit(1)
    )
    last = session.scalar(query.with_for_update())
    if last is None:
        raise UnitNotThere(f"unit {unit_id} does not exist")
    if last.valid_to is not None:
        raise UnitEnded(f"unit {unit_id} ended on {last.valid_to}")
    if effective < last.valid_from:
        raise LaterChange(
            f"unit {unit_id} changed on {last.valid_from}, after {effective}", since=last.valid_from
        )
    return last


def _children_at(session: Session, unit_id: UUID, on: date) -> Sequence[UUID]:
    query = sa.select(UnitPeriod.unit_id).where(UnitPeriod.parent_id == unit_id, holds_on(UnitPeriod, on))
    return session.scalars(query).all()


def _describe(period: UnitPeriod, facts: UnitFacts) -> None:
    names = ("name", "short_name", "letterhead_parent", "letterhead_name", "symbol", "place", "phone")
    _set(period, {name: getattr(facts, name) for name in names})


def _set(period: UnitPeriod, changes: dict[str, Any]) -> None:
    unknown = changes.keys() - set(_COPIED)
    if unknown:
        raise TypeError(f"a unit has no {sorted(unknown)}")
    for name, value in changes.items():
        setattr(period, name, vietnamese.clean_line(value) if isinstance(value, str) else value)
    period.short_name = period.short_name or period.name
    period.fold = vietnamese.fold(f"{period.name} {period.short_name}")
    period.sort_key = vietnamese.sort_key(period.name)
