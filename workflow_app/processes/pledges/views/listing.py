"""Lists of pledges, and the blocs for which one can be opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import decree_date, matches
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges.handlers.opening import OFFICER
from workflow_app.processes.pledges.models import CommentState, Pledge, PledgeState, PledgeUnit, SignState
from workflow_app.processes.pledges.views.steps import STATES

_MOST = 1_000  # the newest that a search looks through


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; empty values narrow nothing."""

    year: int | None = None
    state: PledgeState | None = None
    bloc_id: UUID | None = None
    words: str = ""

    def __bool__(self) -> bool:
        return any((self.year, self.state, self.bloc_id, self.words))


@dataclass(frozen=True, slots=True)
class PledgeRow:
    """One pledge in a list. progress: "12/14 đã ký". due: the day it waits for."""

    id: UUID
    title: str
    bloc: str
    year: int
    state: tuple[str, str, str]
    progress: str
    due: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the visible pledges can be narrowed to."""

    years: tuple[int, ...]
    blocs: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Openable:
    """A bloc that has a list for the year and no pledge."""

    bloc_id: UUID
    name: str
    year: int
    units: int
    leader: str
    deputy: str

    @property
    def hint(self) -> str:
        leads = f"Khối trưởng {self.leader}" if self.leader else "chưa có Khối trưởng"
        deputy = f", Khối phó {self.deputy}" if self.deputy else ""
        return f"{self.units} đơn vị, {leads}{deputy}"


def pledges(session: Session, actor: Actor, wanted: Wanted) -> list[PledgeRow]:
    """The visible pledges, newest year first, then by bloc."""
    query = _query(actor, wanted)
    found = [_row(*row) for row in session.execute(query)]
    return [row for row in found if matches(wanted.words, f"{row.title} {row.bloc} {row.year}")]


def choices(session: Session, actor: Actor) -> Choices:
    """The years and blocs of the visible pledges."""
    query = (
        sa.select(Pledge.year, Bloc.id, Bloc.name)
        .join(Bloc, Bloc.id == Pledge.bloc_id)
        .where(_visible(actor))
        .distinct()
    )
    rows = session.execute(query).all()
    years = sorted({year for year, _, _ in rows}, reverse=True)
    blocs = sorted({(identity, name) for _, identity, name in rows}, key=lambda each: each[1])
    return Choices(tuple(years), tuple(blocs))


def may_open(actor: Actor) -> list[UUID]:
    """The federations for which the actor opens pledges."""
    return sorted({unit_id for role, unit_id in actor.pairs if role == OFFICER})


def openable(session: Session, federations: Sequence[UUID], on: date) -> list[Openable]:
    """Blocs with a list that holds today and without a pledge for its year; newest year first."""
    taken = sa.exists().where(
        Pledge.bloc_id == BlocMember.bloc_id,
        Pledge.year == BlocMember.year,
        Pledge.state != PledgeState.CANCELLED,
    )
    name = sa.func.max(UnitPeriod.short_name)
    query = (
        sa.select(
            Bloc.id,
            Bloc.name,
            BlocMember.year,
            sa.func.count(),
            sa.func.coalesce(name.filter(BlocMember.is_leader), ""),
            sa.func.coalesce(name.filter(BlocMember.is_deputy), ""),
        )
        .join(BlocMember, BlocMember.bloc_id == Bloc.id)
        .join(UnitPeriod, sa.and_(UnitPeriod.unit_id == BlocMember.unit_id, holds_on(UnitPeriod, on)))
        .where(Bloc.federation_id.in_(federations), holds_on(BlocMember, on), BlocMember.year >= on.year - 1)
        .where(~taken)
        .group_by(Bloc.id, Bloc.name, BlocMember.year)
        .order_by(BlocMember.year.desc(), Bloc.name)
    )
    return [Openable(*row) for row in session.execute(query)]


def _query(actor: Actor, wanted: Wanted) -> sa.Select[Any]:
    count = sa.func.count()
    unit = PledgeUnit
    tally = (
        sa.select(
            unit.pledge_id,
            count.label("units"),
            count.filter(unit.sign_state == SignState.SIGNED).label("signed"),
            count.filter(unit.comment_state != CommentState.OPEN).label("spoken"),
        )
        .group_by(unit.pledge_id)
        .subquery()
    )
    query = (
        sa.select(Pledge, Bloc.name, tally.c.units, tally.c.signed, tally.c.spoken)
        .join(Bloc, Bloc.id == Pledge.bloc_id)
        .join(tally, tally.c.pledge_id == Pledge.id)
        .where(_visible(actor), *_conditions(wanted))
    )
    return query.order_by(Pledge.year.desc(), Bloc.code, Pledge.id.desc()).limit(_MOST)


def _visible(actor: Actor) -> sa.ColumnElement[bool]:
    units = list(actor.unit_ids)
    member = sa.exists().where(PledgeUnit.pledge_id == Pledge.id, PledgeUnit.unit_id.in_(units))
    return sa.or_(Pledge.federation_id.in_(units), member)


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    pairs = ((Pledge.year, wanted.year), (Pledge.state, wanted.state), (Pledge.bloc_id, wanted.bloc_id))
    return [column == value for column, value in pairs if value is not None]


def _row(pledge: Pledge, bloc: str, units: int, signed: int, spoken: int) -> PledgeRow:
    signing = {PledgeState.SIGNING, PledgeState.ISSUING, PledgeState.ISSUED}
    progress, due = "", None
    if pledge.state in signing:
        progress = f"{signed}/{units} đã ký"
    elif pledge.state is PledgeState.COMMENTING:
        progress, due = f"{spoken}/{units} đã góp ý", pledge.comment_due
    if pledge.state is PledgeState.SIGNING:
        due = pledge.sign_hard_due
    until = f"đến hết {decree_date(due)}" if due else ""
    return PledgeRow(pledge.id, pledge.title, bloc, pledge.year, STATES[pledge.state], progress, until)
