"""Reading for pages: people, the tree with counts, terms that end soon, blocs of a federation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.organisations.models.people import Appointment, Office, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.trees import TreeNode, subtree_ids, tree_at


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list, with today's offices in words: "Chủ tịch, Sở Nội vụ"."""

    person: Person
    offices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountedNode:
    """A place in the tree: units directly below it, units below it in all, officers of its own."""

    node: TreeNode
    children: int
    below: int
    officers: int


@dataclass(frozen=True, slots=True)
class EndingTerm:
    """A term that ends; last_day is the last day in office. succeeded: somebody follows in the same office."""

    appointment: Appointment
    person_name: str
    title: str
    unit_name: str
    last_day: date
    succeeded: bool


@dataclass(frozen=True, slots=True)
class BlocRow:
    """A bloc in the list of a year; leader and deputy by name, empty when there is none."""

    bloc: Bloc
    members: int
    leader: str
    deputy: str


def find_people(
    session: Session,
    query: str = "",
    *,
    on: date,
    within: UUID | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[PersonRow]:
    """People whose names have words that begin like the words asked for, without diacritics.

    within: only those in office somewhere in this unit's subtree. Vietnamese order of names;
    after: (sort_key, id) of the last one of the page before.
    """
    statement = sa.select(Person).order_by(Person.sort_key, Person.id).limit(limit)
    for word in vietnamese.search_words(query):
        # A word has only letters and digits, so nothing in it is a pattern.
        statement = statement.where(sa.func.concat(" ", Person.fold).like(f"% {word}%"))
    if within is not None:
        in_office = sa.select(Appointment.person_id).where(
            Appointment.unit_id.in_(subtree_ids(within, on)), holds_on(Appointment, on)
        )
        statement = statement.where(Person.id.in_(in_office))
    if after is not None:
        statement = statement.where(sa.tuple_(Person.sort_key, Person.id) > sa.tuple_(*after))
    people = list(session.scalars(statement))
    offices = _offices_of(session, [person.id for person in people], on)
    return [PersonRow(person, tuple(offices.get(person.id, ()))) for person in people]


def find_units(session: Session, query: str, *, on: date, within: UUID, limit: int = 50) -> list[UnitPeriod]:
    """Units of a subtree on a day by name, without diacritics, in Vietnamese order."""
    statement = sa.select(UnitPeriod).where(
        UnitPeriod.unit_id.in_(subtree_ids(within, on)), holds_on(UnitPeriod, on)
    )
    for word in vietnamese.search_words(query):
        statement = statement.where(sa.func.concat(" ", UnitPeriod.fold).like(f"% {word}%"))
    return list(session.scalars(statement.order_by(UnitPeriod.sort_key, UnitPeriod.unit_id).limit(limit)))


def counted_tree(session: Session, root: UUID, on: date) -> list[CountedNode]:
    """The tree with counts, parents before children; two statements whatever its size."""
    nodes = tree_at(session, root, on)
    query = (
        sa.select(Appointment.unit_id, sa.func.count(sa.distinct(Appointment.person_id)))
        .where(Appointment.unit_id.in_(subtree_ids(root, on)), holds_on(Appointment, on))
        .group_by(Appointment.unit_id)
    )
    officers: dict[UUID, int] = dict(session.execute(query).all())
    below: dict[UUID, int] = {}
    for node in reversed(nodes):  # children come after their parent, so backwards they are counted first
        below[node.unit_id] = sum(below[child.unit_id] + 1 for child in node.children)
    return [
        CountedNode(node, len(node.children), below[node.unit_id], officers.get(node.unit_id, 0))
        for node in nodes
    ]


def ending_terms(session: Session, *, within: UUID, on: date, days: int = 60) -> list[EndingTerm]:
    """Terms in the subtree whose last day falls within the next `days`, soonest first."""
    next_term = sa.orm.aliased(Appointment)
    follows = sa.exists().where(
        next_term.unit_id == Appointment.unit_id,
        next_term.office_code == Appointment.office_code,
        next_term.valid_from <= Appointment.valid_to,
        sa.or_(next_term.valid_to.is_(None), next_term.valid_to > Appointment.valid_to),
    )
    title = sa.func.coalesce(Appointment.title, Office.title)
    query = (
        sa.select(Appointment, Person.full_name, title, UnitPeriod.short_name, follows)
        .join(Person, Person.id == Appointment.person_id)
        .join(Office, Office.code == Appointment.office_code)
        .join(UnitPeriod, sa.and_(UnitPeriod.unit_id == Appointment.unit_id, holds_on(UnitPeriod, on)))
        .where(Appointment.unit_id.in_(subtree_ids(within, on)), holds_on(Appointment, on))
        .where(Appointment.valid_to <= on + timedelta(days=days))
        .order_by(Appointment.valid_to, Person.sort_key)
    )
    return [
        EndingTerm(row[0], row[1], row[2], row[3], (row[0].valid_to or on) - timedelta(days=1), row[4])
        for row in session.execute(query)
    ]


def blocs_of(session: Session, federation_id: UUID, year: int, on: date) -> list[BlocRow]:
    """The federation's blocs with the year's list as of the day, in order of their codes; one statement."""
    members, unit = BlocMember, UnitPeriod
    query = (
        sa.select(
            Bloc,
            sa.func.count(members.id),
            sa.func.max(unit.short_name).filter(members.is_leader),
            sa.func.max(unit.short_name).filter(members.is_deputy),
        )
        .outerjoin(members, sa.and_(members.bloc_id == Bloc.id, members.year == year, holds_on(members, on)))
        .outerjoin(unit, sa.and_(unit.unit_id == members.unit_id, holds_on(unit, on)))
        .where(Bloc.federation_id == federation_id, holds_on(Bloc, on))
        .group_by(Bloc.id)
        .order_by(Bloc.code)
    )
    return [
        BlocRow(bloc, count, leader or "", deputy or "")
        for bloc, count, leader, deputy in session.execute(query)
    ]


def blocs_with_unit(
    session: Session, unit_ids: Sequence[UUID], year: int, on: date
) -> list[tuple[Bloc, UUID]]:
    """The blocs in which these units are this year, each with the unit."""
    query = (
        sa.select(Bloc, BlocMember.unit_id)
        .join(BlocMember, BlocMember.bloc_id == Bloc.id)
        .where(BlocMember.unit_id.in_(unit_ids), BlocMember.year == year, holds_on(BlocMember, on))
        .order_by(Bloc.code)
    )
    return [(bloc, unit_id) for bloc, unit_id in session.execute(query)]


def appointments_of(session: Session, person_id: UUID) -> list[Any]:
    """Every term of a person, newest first: rows of (Appointment, title, unit's latest short name)."""
    latest = (
        sa.select(UnitPeriod.short_name)
        .where(UnitPeriod.unit_id == Appointment.unit_id)
        .order_by(UnitPeriod.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(
            Appointment,
            sa.func.coalesce(Appointment.title, Office.title).label("title"),
            latest.label("unit"),
        )
        .join(Office, Office.code == Appointment.office_code)
        .where(Appointment.person_id == person_id)
        .order_by(Appointment.valid_from.desc())
    )
    return list(session.execute(query).all())


def _offices_of(session: Session, people: Sequence[UUID], on: date) -> dict[UUID, list[str]]:
    query = (
        sa.select(
            Appointment.person_id, sa.func.coalesce(Appointment.title, Office.title), UnitPeriod.short_name
        )
        .join(Office, Office.code == Appointment.office_code)
        .join(UnitPeriod, sa.and_(UnitPeriod.unit_id == Appointment.unit_id, holds_on(UnitPeriod, on)))
        .where(Appointment.person_id.in_(people), holds_on(Appointment, on))
        .order_by(Office.rank, UnitPeriod.sort_key)
    )
    found: dict[UUID, list[str]] = {}
    for person_id, title, unit in session.execute(query):
        found.setdefault(person_id, []).append(f"{title}, {unit}")
    return found
