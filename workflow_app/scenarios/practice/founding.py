"""Makes a practice federation: bodies, blocs, unions, people, terms of office, its help line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.organisations import service
from workflow_app.organisations.models.people import Appointment, Person
from workflow_app.organisations.models.units import Unit
from workflow_app.organisations.service import UnitFacts
from workflow_app.organisations.settings_data import change_setting
from workflow_app.scenarios.practice.plans import (
    BlocPlan,
    BodyPlan,
    FederationPlan,
    OfficerPlan,
    PersonPlan,
    UnionPlan,
)

SINCE = date(2018, 1, 1)  # terms of office that cover every year of the stories
_TERM = "Quyết định công nhận Ban Chấp hành, dữ liệu thực hành"
_YEAR = "Quyết định kiện toàn khối, cụm thi đua, dữ liệu thực hành"


@dataclass(frozen=True, slots=True)
class Member:
    """One union with the people of its committee."""

    unit_id: UUID
    name: str
    chair: UUID
    vice_chair: UUID


@dataclass(frozen=True, slots=True)
class Federation:
    """The rows of a practice federation, seen from one of its blocs.

    people: person by user name. terms: appointment by user name; both shared by all blocs.
    unions: of the bloc, by slug, in its order.
    """

    plan: FederationPlan
    bloc: BlocPlan
    unit_id: UUID
    bloc_id: UUID
    people: dict[str, UUID]
    terms: dict[str, UUID]
    unions: dict[str, Member]


def found(session: Session, plan: FederationPlan, *, years: Sequence[int], at: datetime) -> Federation:
    """Makes everything of a plan; the bloc has the same list, leader and deputy in each of the years.

    Raises CodeTaken when it was made before.
    """
    parent: UUID | None = None
    for body in plan.above:
        parent = _body(session, body, parent)
    unit_id = _body(session, plan.body, parent)
    empty = Federation(plan, plan.bloc, unit_id, UUID(int=0), {}, {}, {})
    for officer in plan.officers:
        _officer(session, empty, f"{officer.username}.{plan.slug}", officer, unit_id)
    _help_line(session, empty, at)
    return add_bloc(session, empty, plan.bloc, years=years)


def add_bloc(session: Session, federation: Federation, bloc: BlocPlan, *, years: Sequence[int]) -> Federation:
    """One more bloc of the federation, with its unions and their people; the federation seen from it."""
    unions = {
        union.slug: _union(session, federation, bloc, number, union)
        for number, union in enumerate(bloc.unions, start=1)
    }
    row = service.form_bloc(
        session,
        federation_id=federation.unit_id,
        code=bloc.code,
        name=bloc.name,
        kind=bloc.kind,
        symbol=bloc.symbol,
        valid_from=SINCE,
        basis=_YEAR,
    )
    for year in years:
        service.set_bloc_year(
            session,
            row.id,
            year,
            members=[member.unit_id for member in unions.values()],
            leader=unions[bloc.leader.slug].unit_id,
            deputy=unions[bloc.deputy.slug].unit_id,
            basis=_YEAR,
        )
    return replace(federation, bloc=bloc, bloc_id=row.id, unions=unions)


def add(session: Session, plan: PersonPlan) -> Person:
    """A practice person."""
    return service.add_person(session, full_name=plan.full_name, gender=plan.gender)


def appoint(
    session: Session, person: Person, unit_id: UUID, office: str, *, since: date, title: str | None = None
) -> Appointment:
    """A term of office with the basis that practice data carry."""
    return service.appoint(
        session,
        person_id=person.id,
        unit_id=unit_id,
        office_code=office,
        valid_from=since,
        basis=_TERM,
        title=title,
    )


def _body(session: Session, body: BodyPlan, parent: UUID | None) -> UUID:
    """A body; one that another practice federation has made already is shared."""
    known = session.scalar(sa.select(Unit.id).where(Unit.code == body.code))
    if known is not None:
        return known
    facts = UnitFacts(
        name=body.name,
        short_name=body.short_name,
        kind=body.kind,
        letterhead_parent=body.letterhead_parent,
        letterhead_name=body.letterhead_name,
        symbol=body.symbol,
        place=body.place,
    )
    return service.found_unit(session, code=body.code, facts=facts, parent_id=parent, valid_from=SINCE).id


def _union(session: Session, federation: Federation, bloc: BlocPlan, number: int, plan: UnionPlan) -> Member:
    body = federation.plan.body
    facts = UnitFacts(
        name=plan.name,
        short_name=plan.short_name,
        kind="grassroots_union",
        letterhead_parent=body.letterhead_name,
        letterhead_name=plan.name,
        symbol="CĐCS",
        place=body.place,
    )
    code = f"{body.code}-{bloc.code}-{number:02}"
    unit = service.found_unit(session, code=code, facts=facts, parent_id=federation.unit_id, valid_from=SINCE)
    chair = OfficerPlan(f"chutich.{plan.slug}", "chair", plan.chair)
    vice = OfficerPlan(f"phochutich.{plan.slug}", "vice_chair", plan.vice_chair)
    for officer in (chair, vice):
        _officer(session, federation, officer.username, officer, unit.id)
    people = federation.people
    return Member(unit.id, plan.name, people[chair.username], people[vice.username])


def _officer(
    session: Session, federation: Federation, username: str, plan: OfficerPlan, unit_id: UUID
) -> None:
    person = add(session, plan.person)
    term = appoint(session, person, unit_id, plan.office, since=SINCE, title=plan.title)
    federation.people[username], federation.terms[username] = person.id, term.id


def _help_line(session: Session, federation: Federation, at: datetime) -> None:
    plan = federation.plan
    change_setting(
        session,
        "help_line",
        {"office": f"Văn phòng {plan.body.short_name}", "phone": plan.help_phone, "hours": "giờ hành chính"},
        unit_id=federation.unit_id,
        valid_from=SINCE,
        legal_basis=_TERM,
        by=federation.people[f"quantri.{plan.slug}"],
        at=at,
    )
