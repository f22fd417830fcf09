"""Reading the unit tree as it stood on a day. Any depth, one statement each."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.organisations.errors import UnitNotThere
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitPeriod

_LEADING_KINDS = frozenset({"federation", "sector_union", "civil_servants_union", "confederation"})
_DEPTH_CAP = 64  # deeper than any union; stops a walk on a tree that somebody spoiled by hand


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A unit in its place: depth 0 is the root that was asked for."""

    period: UnitPeriod
    depth: int
    children: list["TreeNode"] = field(default_factory=list)

    @property
    def unit_id(self) -> UUID:
        return self.period.unit_id


def unit_at(session: Session, unit_id: UUID, on: date) -> UnitPeriod:
    """The unit as it was on the day; raises UnitNotThere."""
    found = session.scalar(
        sa.select(UnitPeriod).where(UnitPeriod.unit_id == unit_id, holds_on(UnitPeriod, on))
    )
    if found is None:
        raise UnitNotThere(f"unit {unit_id} is not there on {on}")
    return found


def units_at(session: Session, unit_ids: set[UUID] | frozenset[UUID], on: date) -> dict[UUID, UnitPeriod]:
    """Many units by id; those that were not there on the day are left out."""
    query = sa.select(UnitPeriod).where(UnitPeriod.unit_id.in_(unit_ids), holds_on(UnitPeriod, on))
    return {period.unit_id: period for period in session.scalars(query)}


def history_of(session: Session, unit_id: UUID) -> list[UnitPeriod]:
    """Every period of the unit, oldest first."""
    query = sa.select(UnitPeriod).where(UnitPeriod.unit_id == unit_id).order_by(UnitPeriod.valid_from)
    return list(session.scalars(query))


def ancestors_at(session: Session, unit_id: UUID, on: date) -> list[UnitPeriod]:
    """The units above it on the day, nearest first."""
    start = sa.select(UnitPeriod.parent_id.label("unit_id"), sa.literal(1).label("distance")).where(
        UnitPeriod.unit_id == unit_id, holds_on(UnitPeriod, on)
    )
    up = start.cte("up", recursive=True)
    step = sa.select(UnitPeriod.parent_id, up.c.distance + 1).where(
        UnitPeriod.unit_id == up.c.unit_id, holds_on(UnitPeriod, on), up.c.distance < _DEPTH_CAP
    )
    up = up.union_all(step)
    query = (
        sa.select(UnitPeriod)
        .join(up, up.c.unit_id == UnitPeriod.unit_id)
        .where(holds_on(UnitPeriod, on))
        .order_by(up.c.distance)
    )
    return list(session.scalars(query))


def federation_above(session: Session, unit_id: UUID, on: date) -> UnitPeriod:
    """The nearest unit that leads others of its kind: the unit itself, or one above it; else the topmost one.

    Raises UnitNotThere.
    """
    line = [unit_at(session, unit_id, on), *ancestors_at(session, unit_id, on)]
    return next((unit for unit in line if unit.kind in _LEADING_KINDS), line[-1])


def subtree_ids(root: UUID, on: date) -> sa.Select[UUID]:
    """SELECT of the root and every unit below it on the day: for `IN (...)`."""
    down = (
        sa.select(UnitPeriod.unit_id, sa.literal(0).label("depth"))
        .where(UnitPeriod.unit_id == root, holds_on(UnitPeriod, on))
        .cte("down", recursive=True)
    )
    step = sa.select(UnitPeriod.unit_id, down.c.depth + 1).where(
        UnitPeriod.parent_id == down.c.unit_id, holds_on(UnitPeriod, on), down.c.depth < _DEPTH_CAP
    )
    return sa.select(down.union_all(step).c.unit_id)


def tree_at(session: Session, root: UUID, on: date) -> list[TreeNode]:
    """The root and everything below it, each parent before its children, siblings in Vietnamese order.

    Raises UnitNotThere when the root was not there on the day.
    """
    query = sa.select(UnitPeriod).where(
        UnitPeriod.unit_id.in_(subtree_ids(root, on)), holds_on(UnitPeriod, on)
    )
    periods = {period.unit_id: period for period in session.scalars(query)}
    if root not in periods:
        raise UnitNotThere(f"unit {root} is not there on {on}")
    below: dict[UUID, list[UnitPeriod]] = {}
    for period in sorted(periods.values(), key=lambda period: (period.sort_key, period.unit_id)):
        if period.parent_id is not None:
            below.setdefault(period.parent_id, []).append(period)
    nodes: list[TreeNode] = []
    waiting = [TreeNode(periods[root], 0)]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        node.children.extend(TreeNode(child, node.depth + 1) for child in below.get(node.unit_id, ()))
        waiting.extend(reversed(node.children))
    return nodes
