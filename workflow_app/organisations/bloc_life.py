"""A bloc from its founding to its end: names over time, the end, and everything that ever changed."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.organisations.blocs import check_going, check_symbol, lock_bloc
from workflow_app.organisations.errors import BlocEnded, LaterChange, NotYet
from workflow_app.organisations.models.blocs import Bloc, BlocMember, BlocName
from workflow_app.organisations.models.periods import holds_on


def rename_bloc(
    session: Session, bloc_id: UUID, *, name: str, symbol: str, effective: date, basis: str, today: date
) -> Bloc:
    """Another name and symbol from a day on that has come; the days before keep the old ones.

    Raises NotYet, LaterChange, BlocEnded, SymbolTaken, Invalid for an empty or unchanged name.
    """
    bloc = lock_bloc(session, bloc_id)
    name, symbol = vietnamese.clean_line(name), vietnamese.clean_line(symbol)
    if not name or (name, symbol) == (bloc.name, bloc.symbol):
        raise Invalid([FieldError("name", "Nhập tên mới hoặc ký hiệu mới của khối.")])
    if effective > today:
        raise NotYet(f"bloc {bloc_id} would be renamed on {effective}, today is {today}")
    check_going(bloc, effective)
    check_symbol(session, bloc.federation_id, symbol, but=bloc_id)
    _call(session, bloc, name, symbol, effective, basis)
    bloc.name, bloc.symbol = name, symbol
    session.flush()
    return bloc


def end_bloc(session: Session, bloc_id: UUID, *, effective: date, basis: str) -> Bloc:
    """The bloc is no more from a day on; its lists end the same day.

    Raises BlocEnded, LaterChange when something of the bloc begins on that day or later.
    """
    bloc = lock_bloc(session, bloc_id)
    if bloc.valid_to is not None:
        raise BlocEnded(f"bloc {bloc_id} ended on {bloc.valid_to}")
    members = sa.select(sa.func.max(BlocMember.valid_from)).where(BlocMember.bloc_id == bloc_id)
    names = sa.select(sa.func.max(BlocName.valid_from)).where(BlocName.bloc_id == bloc_id)
    last = max(day for day in (bloc.valid_from, session.scalar(members), session.scalar(names)) if day)
    if last >= effective:
        raise LaterChange(f"bloc {bloc_id} has a change on {last}", since=last)
    bloc.valid_to, bloc.end_basis = effective, basis
    still = (BlocMember.valid_to.is_(None), BlocMember.valid_to > effective)
    session.execute(
        sa.update(BlocMember)
        .where(BlocMember.bloc_id == bloc_id, sa.or_(*still))
        .values(valid_to=effective, end_basis=basis)
    )
    session.execute(
        sa.update(BlocName)
        .where(BlocName.bloc_id == bloc_id, BlocName.valid_to.is_(None))
        .values(valid_to=effective)
    )
    session.flush()
    return bloc


def name_on(session: Session, bloc: Bloc, on: date) -> str:
    """What the bloc was called on the day; before its founding and after its end the nearest name."""
    query = sa.select(BlocName.name).where(BlocName.bloc_id == bloc.id, holds_on(BlocName, on))
    return session.scalar(query) or bloc.name


@dataclass(slots=True)
class BlocChange:
    """What one decision did on one day. year None: to the bloc itself.

    named: the new name, of the founding too. leader, deputy: who took the duty that day.
    first: the year's first list, in which everybody joins.
    """

    day: date
    year: int | None
    basis: str = ""
    founded: bool = False
    ended: bool = False
    first: bool = False
    named: str = ""
    symbol: str = ""
    joined: list[UUID] = field(default_factory=list)
    left: list[UUID] = field(default_factory=list)
    leader: UUID | None = None
    deputy: UUID | None = None


def changes_of_bloc(session: Session, bloc_id: UUID) -> list[BlocChange]:
    """Everything that ever changed, oldest first; two statements."""
    bloc = session.get_one(Bloc, bloc_id)
    changes = _of_the_bloc(session, bloc)
    query = sa.select(BlocMember).where(BlocMember.bloc_id == bloc_id)
    rows = list(session.scalars(query.order_by(BlocMember.year, BlocMember.valid_from, BlocMember.position)))
    for year in sorted({row.year for row in rows}):
        changes.extend(_of_the_year(year, [row for row in rows if row.year == year], bloc.valid_to))
    return sorted(changes, key=lambda change: (change.day, change.year or 0, change.ended))


def _call(session: Session, bloc: Bloc, name: str, symbol: str, effective: date, basis: str) -> None:
    query = sa.select(BlocName).where(BlocName.bloc_id == bloc.id).order_by(BlocName.valid_from.desc())
    current = session.scalars(query.limit(1)).one()
    if effective < current.valid_from:
        raise LaterChange(
            f"bloc {bloc.id} changed its name on {current.valid_from}", since=current.valid_from
        )
    if current.valid_from == effective:  # a second change on the same day: one period, not an empty one
        current.name, current.symbol, current.basis = name, symbol, basis or current.basis
        return
    current.valid_to = effective
    session.flush()
    fresh = BlocName(bloc_id=bloc.id, name=name, symbol=symbol, basis=basis, valid_from=effective)
    session.add(fresh)


def _of_the_bloc(session: Session, bloc: Bloc) -> list[BlocChange]:
    query = sa.select(BlocName).where(BlocName.bloc_id == bloc.id).order_by(BlocName.valid_from)
    changes = [
        BlocChange(row.valid_from, None, row.basis, named=row.name, symbol=row.symbol)
        for row in session.scalars(query)
    ]
    if changes:
        changes[0].founded = True
    if bloc.valid_to is not None:
        changes.append(BlocChange(bloc.valid_to, None, bloc.end_basis, ended=True))
    return changes


def _of_the_year(year: int, rows: list[BlocMember], ended: date | None) -> list[BlocChange]:
    """Rows that end and go on the same day only changed their place or duty."""
    begun = {row.valid_from for row in rows}
    over = {row.valid_to for row in rows if row.valid_to is not None and row.valid_to != ended}
    days = sorted(begun | over)
    changes = []
    for day in days:
        opened = [row for row in rows if row.valid_from == day]
        closed = [row for row in rows if row.valid_to == day]
        before, after = {row.unit_id for row in closed}, {row.unit_id for row in opened}
        told = next((row.basis for row in opened), next((row.end_basis for row in closed), ""))
        change = BlocChange(day, year, told, first=day == days[0])
        change.joined = [row.unit_id for row in opened if row.unit_id not in before]
        change.left = [row.unit_id for row in closed if row.unit_id not in after]
        change.leader = _taken(
            [row.unit_id for row in opened if row.is_leader], [row.unit_id for row in closed if row.is_leader]
        )
        change.deputy = _taken(
            [row.unit_id for row in opened if row.is_deputy], [row.unit_id for row in closed if row.is_deputy]
        )
        changes.append(change)
    return changes


def _taken(now: list[UUID], before: list[UUID]) -> UUID | None:
    """Who took a duty that day; None for one who only kept it."""
    return next((unit_id for unit_id in now if unit_id not in before), None)
