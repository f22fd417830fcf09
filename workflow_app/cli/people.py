"""What the console does to people and accounts; each act is in the record, by the system."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.core import clock
from workflow_app.core.errors import NotFound
from workflow_app.core.vietnamese import fold
from workflow_app.organisations import accounts, service
from workflow_app.organisations.actors import load_actor
from workflow_app.organisations.models.accounts import Account
from workflow_app.organisations.models.people import Person
from workflow_app.organisations.models.units import Unit
from workflow_app.organisations.service import UnitFacts


def found_federation(session: Session, *, code: str, name: str, place: str) -> UUID:
    """A federation for a new installation, from today on. Raises CodeTaken."""
    facts = UnitFacts(name=name, kind="federation", letterhead_name=name, symbol="LĐLĐ", place=place)
    unit = service.found_unit(session, code=code, facts=facts, parent_id=None, valid_from=clock.today())
    _record(session, "unit.founded", "unit", unit.id)
    return unit.id


def add(session: Session, *, username: str, name: str, unit_code: str, office: str, password: str) -> UUID:
    """A person with an office and an account. Raises NotFound, CodeTaken, Invalid."""
    unit_id = session.scalar(sa.select(Unit.id).where(Unit.code == unit_code))
    if unit_id is None:
        raise NotFound(
            f"no unit {unit_code}",
            vi=f"Chưa có đơn vị mã {unit_code}. Thêm --new-unit để lập đơn vị đầu tiên.",
        )
    person = service.add_person(session, full_name=name)
    term = service.appoint(
        session, person_id=person.id, unit_id=unit_id, office_code=office, valid_from=clock.today()
    )
    accounts.open_account(session, person.id, username=username, at=clock.now(), password=password)
    _record(session, "person.added", "person", person.id)
    _record(session, "appointment.begun", "appointment", term.id)
    _record(session, "account.opened", "account", person.id)
    return person.id


def set_password(session: Session, username: str, password: str) -> None:
    """Raises NotFound, Invalid."""
    person_id = _person(session, username)
    accounts.set_password(session, person_id, password=password, at=clock.now())
    _record(session, "account.password_changed", "account", person_id)


def set_pin(session: Session, username: str, pin: str) -> None:
    """Raises NotFound, Invalid."""
    person_id = _person(session, username)
    accounts.set_pin(session, person_id, pin=pin)
    _record(session, "account.pin_changed", "account", person_id)


def listed(session: Session) -> list[tuple[str, str, str, str]]:
    """User name, full name, today's offices, state; by user name."""
    query = sa.select(Account, Person).join(Person, Person.id == Account.person_id).order_by(Account.username)
    rows = []
    for account, person in session.execute(query):
        seats = load_actor(session, person.id, on=clock.today()).seats
        offices = "; ".join(f"{seat.title}, {seat.unit_short_name}" for seat in seats)
        rows.append((account.username, person.full_name, offices, "" if account.active else "đã khóa"))
    return rows


def _person(session: Session, username: str) -> UUID:
    found = session.scalar(sa.select(Account.person_id).where(Account.username == fold(username)))
    if found is None:
        raise NotFound("no such account", vi=f"Không có tài khoản {username}.")
    return found


def _record(session: Session, action: str, kind: str, object_id: UUID) -> None:
    audit.record(
        session,
        action=action,
        actor=audit.SYSTEM,
        at=clock.now(),
        object_type=kind,
        object_id=object_id,
        details={"by": "console"},
    )
