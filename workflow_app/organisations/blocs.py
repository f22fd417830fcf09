"""Blocs: founding, the list of a year, changes within the year, the scope of an instance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.organisations.errors import (
    BlocEnded,
    BlocYearMissing,
    BlocYearSet,
    CodeTaken,
    InAnotherBloc,
    LaterChange,
    SymbolTaken,
)
from workflow_app.organisations.models.blocs import Bloc, BlocKind, BlocMember, BlocName
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.types import Scope


@dataclass(frozen=True, slots=True)
class Member:
    """One unit of a bloc as it stood on a day."""

    unit_id: UUID
    position: int
    name: str
    short_name: str
    letterhead_name: str
    is_leader: bool
    is_deputy: bool


def form_bloc(
    session: Session,
    *,
    federation_id: UUID,
    code: str,
    name: str,
    valid_from: date,
    symbol: str = "",
    kind: BlocKind = BlocKind.BLOC,
    basis: str = "",
) -> Bloc:
    """A new bloc of a federation; raises CodeTaken, SymbolTaken."""
    taken = sa.select(Bloc.id).where(Bloc.federation_id == federation_id, Bloc.code == code)
    if session.scalar(taken) is not None:
        raise CodeTaken(f"bloc code {code} is taken in federation {federation_id}")
    check_symbol(session, federation_id, symbol)
    bloc = Bloc(federation_id=federation_id, code=code, name=vietnamese.clean_line(name), symbol=symbol)
    bloc.kind, bloc.valid_from, bloc.basis = kind, valid_from, basis
    session.add(bloc)
    session.flush()
    called = BlocName(bloc_id=bloc.id, name=bloc.name, symbol=symbol, basis=basis, valid_from=valid_from)
    session.add(called)
    session.flush()
    return bloc


def check_symbol(session: Session, federation_id: UUID, symbol: str, but: UUID | None = None) -> None:
    """Raises SymbolTaken: the book of a bloc is found by its symbol, two blocs would share one book.

    but: the bloc that may have it.
    """
    query = sa.select(Bloc.id).where(Bloc.federation_id == federation_id, Bloc.symbol == symbol)
    other = session.scalar(query.where(Bloc.id != but) if but else query)
    if symbol and other is not None:
        raise SymbolTaken(f"symbol of bloc {other} in federation {federation_id}")


def set_bloc_year(
    session: Session,
    bloc_id: UUID,
    year: int,
    *,
    members: Sequence[UUID],
    leader: UUID,
    deputy: UUID | None,
    basis: str,
    effective: date | None = None,
) -> list[BlocMember]:
    """The list of a year, in the order given, with its leader and deputy (kiện toàn khối).

    effective: the day of the decision; without one the list holds from 1 January of the year
    before, because conferences decide next year's list in December.
    Raises BlocYearSet when the year has a list, BlocEnded, InAnotherBloc, Invalid.
    """
    bloc = lock_bloc(session, bloc_id)
    check_list(members, leader, deputy)
    if session.scalar(
        sa.select(BlocMember.id).where(BlocMember.bloc_id == bloc_id, BlocMember.year == year).limit(1)
    ):
        raise BlocYearSet(f"bloc {bloc_id} has a list for {year}")
    since = effective or date(year - 1, 1, 1)
    check_going(bloc, since)
    check_other_blocs(session, bloc, year, members, since)
    rows = [
        BlocMember(
            bloc_id=bloc_id,
            year=year,
            unit_id=unit_id,
            position=position,
            is_leader=unit_id == leader,
            is_deputy=unit_id == deputy,
            valid_from=since,
            basis=basis,
        )
        for position, unit_id in enumerate(members, start=1)
    ]
    session.add_all(rows)
    session.flush()
    return rows


def change_leader(
    session: Session,
    bloc_id: UUID,
    year: int,
    *,
    leader: UUID,
    deputy: UUID | None,
    effective: date,
    basis: str,
) -> list[BlocMember]:
    """Another leader and deputy from a day of the year on; the days before keep the old ones.

    Returns the rows that hold from that day. Raises BlocYearMissing, LaterChange, Invalid.
    """
    lock_bloc(session, bloc_id)
    current = rows_on(session, bloc_id, year, effective)
    if not current:
        raise BlocYearMissing(f"bloc {bloc_id} has no list for {year} on {effective}")
    check_list([row.unit_id for row in current], leader, deputy)
    duties = {row.unit_id: (row.unit_id == leader, row.unit_id == deputy) for row in current}
    changed = [row for row in current if (row.is_leader, row.is_deputy) != duties[row.unit_id]]
    for row in changed:
        close_row(session, row, effective, basis)
    fresh = [_continued(row, effective, basis, duties[row.unit_id]) for row in changed]
    session.add_all(fresh)
    session.flush()
    return rows_on(session, bloc_id, year, effective)


def add_member(
    session: Session, bloc_id: UUID, year: int, *, unit_id: UUID, effective: date, basis: str
) -> BlocMember:
    """A unit joins within the year, at the end of the list; raises BlocYearMissing, InAnotherBloc."""
    bloc = lock_bloc(session, bloc_id)
    query = sa.select(sa.func.max(BlocMember.position)).where(
        BlocMember.bloc_id == bloc_id, BlocMember.year == year
    )
    last = session.scalar(query)
    if last is None:
        raise BlocYearMissing(f"bloc {bloc_id} has no list for {year}")
    check_going(bloc, effective)
    check_other_blocs(session, bloc, year, [unit_id], effective)
    row = BlocMember(
        bloc_id=bloc_id, year=year, unit_id=unit_id, position=last + 1, valid_from=effective, basis=basis
    )
    session.add(row)
    session.flush()
    return row


def remove_member(
    session: Session, bloc_id: UUID, year: int, *, unit_id: UUID, effective: date, basis: str = ""
) -> None:
    """A unit leaves within the year (moved, dissolved, withdrawn); raises BlocYearMissing, LaterChange."""
    lock_bloc(session, bloc_id)
    row = next((row for row in rows_on(session, bloc_id, year, effective) if row.unit_id == unit_id), None)
    if row is None:
        raise BlocYearMissing(f"unit {unit_id} is not in bloc {bloc_id} in {year} on {effective}")
    close_row(session, row, effective, basis)
    session.flush()


def bloc_members(session: Session, bloc_id: UUID, year: int, on: date) -> list[Member]:
    """The list as it stood on the day, in its order, with the names of that day; may be empty."""
    query = (
        sa.select(BlocMember, UnitPeriod)
        .join(UnitPeriod, sa.and_(UnitPeriod.unit_id == BlocMember.unit_id, holds_on(UnitPeriod, on)))
        .where(BlocMember.bloc_id == bloc_id, BlocMember.year == year, holds_on(BlocMember, on))
        .order_by(BlocMember.position, BlocMember.unit_id)
    )
    return [
        Member(
            row.unit_id,
            row.position,
            unit.name,
            unit.short_name,
            unit.letterhead_name,
            row.is_leader,
            row.is_deputy,
        )
        for row, unit in session.execute(query)
    ]


def bloc_scope(session: Session, bloc_id: UUID, year: int, on: date) -> Scope:
    """Federation, bloc, year, leader and deputy as of the day; one statement. Raises NotFound."""
    query = (
        sa.select(Bloc.federation_id, BlocMember.unit_id, BlocMember.is_leader)
        .outerjoin(
            BlocMember,
            sa.and_(
                BlocMember.bloc_id == Bloc.id,
                BlocMember.year == year,
                sa.or_(BlocMember.is_leader, BlocMember.is_deputy),
                holds_on(BlocMember, on),
            ),
        )
        .where(Bloc.id == bloc_id)
    )
    rows = session.execute(query).all()
    if not rows:
        raise NotFound(f"no bloc {bloc_id}")
    duties = {is_leader: unit_id for _, unit_id, is_leader in rows if unit_id is not None}
    return Scope(rows[0][0], bloc_id, year, None, duties.get(True), duties.get(False))


def lock_bloc(session: Session, bloc_id: UUID) -> Bloc:
    """The bloc, locked until the commit: one change of a list at a time. Raises NotFound."""
    bloc = session.scalar(sa.select(Bloc).where(Bloc.id == bloc_id).with_for_update())
    if bloc is None:
        raise NotFound(f"no bloc {bloc_id}")
    return bloc


def check_going(bloc: Bloc, on: date) -> None:
    """Raises BlocEnded when the bloc is no more on the day."""
    if bloc.valid_to is not None and on >= bloc.valid_to:
        raise BlocEnded(f"bloc {bloc.id} ended on {bloc.valid_to}")


def rows_on(session: Session, bloc_id: UUID, year: int, on: date) -> list[BlocMember]:
    """The rows of a year's list that hold on the day, in its order."""
    query = (
        sa.select(BlocMember)
        .where(BlocMember.bloc_id == bloc_id, BlocMember.year == year, holds_on(BlocMember, on))
        .order_by(BlocMember.position)
    )
    return list(session.scalars(query))


def close_row(session: Session, row: BlocMember, effective: date, basis: str) -> None:
    """Ends one row of a list; raises LaterChange when something later stands already."""
    if effective <= row.valid_from or row.valid_to is not None:
        raise LaterChange(
            f"bloc {row.bloc_id} has a change after {effective} in {row.year}", since=row.valid_from
        )
    row.valid_to, row.end_basis = effective, basis
    session.flush()


def _continued(row: BlocMember, effective: date, basis: str, duty: tuple[bool, bool]) -> BlocMember:
    return BlocMember(
        bloc_id=row.bloc_id,
        year=row.year,
        unit_id=row.unit_id,
        position=row.position,
        is_leader=duty[0],
        is_deputy=duty[1],
        valid_from=effective,
        basis=basis,
    )


def check_list(members: Sequence[UUID], leader: UUID | None, deputy: UUID | None) -> None:
    """Raises Invalid when the leader or the deputy is not a unit of the list, or a unit stands twice."""
    errors = []
    if not members or len(set(members)) != len(members):
        errors.append(
            FieldError("members", "Danh sách khối phải có ít nhất một đơn vị, mỗi đơn vị ghi một lần.")
        )
    if leader not in members:
        errors.append(FieldError("leader", "Khối trưởng phải là một đơn vị trong khối. Hãy chọn lại."))
    if deputy is not None and (deputy not in members or deputy == leader):
        errors.append(FieldError("deputy", "Khối phó phải là một đơn vị khác trong khối. Hãy chọn lại."))
    if errors:
        raise Invalid(errors)


def check_other_blocs(session: Session, bloc: Bloc, year: int, members: Sequence[UUID], since: date) -> None:
    """Raises InAnotherBloc: a unit is in one bloc of the federation at a time."""
    query = (
        sa.select(BlocMember.unit_id)
        .join(Bloc, Bloc.id == BlocMember.bloc_id)
        .where(
            Bloc.federation_id == bloc.federation_id, BlocMember.bloc_id != bloc.id, BlocMember.year == year
        )
        .where(
            BlocMember.unit_id.in_(members),
            sa.or_(BlocMember.valid_to.is_(None), BlocMember.valid_to > since),
        )
    )
    if found := session.scalars(query).all():
        raise InAnotherBloc(
            f"units {[str(unit_id) for unit_id in found]} are in another bloc", units=list(found)
        )
