"""The list of a bloc's year by decision: the first one, and every renewal within the year (kiện toàn khối)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.errors import FieldError, Invalid
from workflow_app.organisations.blocs import (
    check_going,
    check_list,
    check_other_blocs,
    close_row,
    lock_bloc,
    rows_on,
    set_bloc_year,
)
from workflow_app.organisations.errors import BlocYearMissing, LaterChange, MemberNotThere
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.trees import subtree_ids


@dataclass(frozen=True, slots=True)
class Composition:
    """Who is in a bloc, in order, and who leads; leader None only while it is being written."""

    members: tuple[UUID, ...]
    leader: UUID | None
    deputy: UUID | None


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a decision changed. led: leader or deputy changed. reordered: only the order did."""

    joined: tuple[UUID, ...]
    left: tuple[UUID, ...]
    led: bool
    reordered: bool


def composition_on(session: Session, bloc_id: UUID, year: int, on: date) -> Composition:
    """The list as it stood on the day; no members when there was none."""
    rows = rows_on(session, bloc_id, year, on)
    leader = next((row.unit_id for row in rows if row.is_leader), None)
    deputy = next((row.unit_id for row in rows if row.is_deputy), None)
    return Composition(tuple(row.unit_id for row in rows), leader, deputy)


def found_list(
    session: Session, bloc_id: UUID, year: int, wanted: Composition, *, effective: date, basis: str
) -> list[BlocMember]:
    """The first list of a year, by a decision of the federation.

    Raises BlocYearSet, BlocEnded, InAnotherBloc, MemberNotThere, Invalid (also for a day of another year).
    """
    bloc = lock_bloc(session, bloc_id)
    leader = _checked(session, bloc, year, wanted, effective)
    return set_bloc_year(
        session,
        bloc_id,
        year,
        members=wanted.members,
        leader=leader,
        deputy=wanted.deputy,
        basis=basis,
        effective=effective,
    )


def renew_list(
    session: Session, bloc_id: UUID, year: int, wanted: Composition, *, effective: date, basis: str
) -> Renewal:
    """From the day on the list is the one wanted; the days before keep the old one.

    Units that stay in their old order keep their places, so that a leaving one renumbers nobody.
    Raises BlocYearMissing, BlocEnded, LaterChange, InAnotherBloc, MemberNotThere, Invalid.
    """
    bloc = lock_bloc(session, bloc_id)
    _checked(session, bloc, year, wanted, effective)
    current = rows_on(session, bloc_id, year, effective)
    if not current:
        raise BlocYearMissing(f"bloc {bloc_id} has no list for {year} on {effective}")
    _check_last(session, bloc_id, year, effective)
    was = composition_on(session, bloc_id, year, effective)
    found = _difference(was, wanted)
    if not (found.joined or found.left or found.led or found.reordered):
        raise Invalid([FieldError("members", "Danh sách chưa có gì thay đổi so với danh sách hiện nay.")])
    check_other_blocs(session, bloc, year, found.joined, effective)
    _Writing(session, bloc_id, year, effective, basis).write(current, wanted, found)
    return found


class _Writing:
    """Closes and opens the rows of one renewal."""

    def __init__(self, session: Session, bloc_id: UUID, year: int, effective: date, basis: str) -> None:
        self.session, self.bloc_id, self.year = session, bloc_id, year
        self.effective, self.basis = effective, basis

    def write(self, current: list[BlocMember], wanted: Composition, found: Renewal) -> None:
        places = self._places(current, wanted, found)
        rows = {row.unit_id: row for row in current}
        for unit_id in found.left:
            close_row(self.session, rows[unit_id], self.effective, self.basis)
        fresh = []
        for unit_id in wanted.members:
            facts = (places[unit_id], unit_id == wanted.leader, unit_id == wanted.deputy)
            row = rows.get(unit_id)
            if row is None or facts != (row.position, row.is_leader, row.is_deputy):
                fresh.append(self._row(row, unit_id, facts))
        # All that gives a duty up is written before anybody takes it: the database knows one leader.
        self.session.flush()
        for row, (position, leads, helps) in fresh:
            row.position, row.is_leader, row.is_deputy = position, leads, helps
            self.session.add(row)
        self.session.flush()

    def _row(
        self, row: BlocMember | None, unit_id: UUID, facts: tuple[int, bool, bool]
    ) -> tuple[BlocMember, tuple[int, bool, bool]]:
        if row is not None and row.valid_from == self.effective and row.valid_to is None:
            row.is_leader = row.is_deputy = False  # changed on its own first day: one row, not an empty one
            row.basis = self.basis
            return row, facts
        if row is not None:
            close_row(self.session, row, self.effective, self.basis)
        fresh = BlocMember(bloc_id=self.bloc_id, year=self.year, unit_id=unit_id, basis=self.basis)
        fresh.valid_from = self.effective
        return fresh, facts

    def _places(self, current: list[BlocMember], wanted: Composition, found: Renewal) -> dict[UUID, int]:
        if found.reordered:
            return {unit_id: place for place, unit_id in enumerate(wanted.members, start=1)}
        places = {row.unit_id: row.position for row in current}
        last = max(places.values())
        return places | {unit_id: last + place for place, unit_id in enumerate(found.joined, start=1)}


def _difference(was: Composition, wanted: Composition) -> Renewal:
    joined = tuple(unit_id for unit_id in wanted.members if unit_id not in was.members)
    left = tuple(unit_id for unit_id in was.members if unit_id not in wanted.members)
    kept = tuple(unit_id for unit_id in was.members if unit_id in wanted.members)
    led = (was.leader, was.deputy) != (wanted.leader, wanted.deputy)
    return Renewal(joined, left, led, reordered=wanted.members != kept + joined)


def _checked(session: Session, bloc: Bloc, year: int, wanted: Composition, effective: date) -> UUID:
    """The leader, when everything about the list can be so on the day."""
    errors = []
    if not year - 1 <= effective.year <= year:
        vi = f"Danh sách năm {year} có hiệu lực trong năm {year - 1} hoặc {year}. Nhập lại ngày hiệu lực."
        errors.append(FieldError("effective", vi))
    if wanted.leader is None:
        errors.append(FieldError("leader", "Chọn đơn vị làm Khối trưởng."))
    if errors or wanted.leader is None:
        raise Invalid(errors)
    check_list(wanted.members, wanted.leader, wanted.deputy)
    check_going(bloc, effective)
    below = sa.select(UnitPeriod.unit_id).where(
        UnitPeriod.unit_id.in_(wanted.members),
        UnitPeriod.unit_id.in_(subtree_ids(bloc.federation_id, effective)),
        holds_on(UnitPeriod, effective),
    )
    there = set(session.scalars(below))
    if absent := [unit_id for unit_id in wanted.members if unit_id not in there]:
        raise MemberNotThere(
            f"units {[str(unit_id) for unit_id in absent]} are not below {bloc.federation_id} on {effective}",
            units=absent,
        )
    return wanted.leader


def _check_last(session: Session, bloc_id: UUID, year: int, effective: date) -> None:
    """History is only added to at its end: raises LaterChange."""
    query = sa.select(sa.func.max(sa.func.greatest(BlocMember.valid_from, BlocMember.valid_to))).where(
        BlocMember.bloc_id == bloc_id, BlocMember.year == year
    )
    last = session.scalar(query)
    if last is not None and last > effective:
        raise LaterChange(f"bloc {bloc_id} has a change on {last} in {year}", since=last)
