"""A small federation that many tests share: a federation, a bloc of four unions, one person for each role."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.organisations import service
from workflow_app.organisations.models import Appointment, Bloc, Person, Unit
from workflow_app.organisations.seeds import seed_reference
from workflow_app.organisations.service import UnitFacts

START = date(2018, 1, 1)
DAY = date(2019, 3, 1)
YEAR = 2019

UNIONS = ("Sở Thông tin và Truyền thông", "Sở Nội vụ", "Sở Ngoại vụ", "Sở Tư pháp")


@dataclass
class Cast:
    """federation and unions by place in the bloc's list; leader = unions[0], deputy = unions[1]."""

    federation: Unit
    bloc: Bloc
    unions: list[Unit] = field(default_factory=list)
    chairs: list[Person] = field(default_factory=list)
    terms: list[Appointment] = field(default_factory=list)
    officer: Person = field(init=False)


def make_cast(session: Session) -> Cast:
    seed_reference(session)
    federation = found(session, "AG", "Liên đoàn Lao động tỉnh An Giang", None, kind="federation")
    bloc = service.form_bloc(
        session,
        federation_id=federation.id,
        code="04",
        name="Khối thi đua 04",
        symbol="KTĐ04",
        valid_from=START,
    )
    cast = Cast(federation, bloc)
    for number, name in enumerate(UNIONS, start=1):
        union = found(session, f"AG-{number:02}", f"CĐCS {name}", federation.id)
        chair = service.add_person(session, full_name=f"Nguyễn Văn {'ABCD'[number - 1]}")
        cast.unions.append(union)
        cast.chairs.append(chair)
        cast.terms.append(appoint(session, chair, union, "chair"))
    members = [union.id for union in cast.unions]
    service.set_bloc_year(
        session, bloc.id, YEAR, members=members, leader=members[0], deputy=members[1], basis="12/QĐ-LĐLĐ"
    )
    cast.officer = service.add_person(session, full_name="Lê Thị Thu Hà")
    appoint(session, cast.officer, federation, "federation_officer")
    return cast


def found(
    session: Session,
    code: str,
    name: str,
    parent: UUID | None,
    *,
    kind: str = "grassroots_union",
    since: date = START,
) -> Unit:
    facts = UnitFacts(name=name, kind=kind, short_name=name.removeprefix("CĐCS "))
    return service.found_unit(session, code=code, facts=facts, parent_id=parent, valid_from=since)


def appoint(
    session: Session,
    person: Person,
    unit: Unit,
    office: str,
    *,
    since: date = START,
    until: date | None = None,
) -> Appointment:
    return service.appoint(
        session, person_id=person.id, unit_id=unit.id, office_code=office, valid_from=since, valid_to=until
    )
