"""People, their terms of office, and delegations."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.organisations.errors import LaterChange, OverlappingPeriod
from workflow_app.organisations.models.people import Appointment, Delegation, Gender, Office, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.trees import unit_at
from workflow_app.organisations.types import Capacity


def add_person(
    session: Session, *, full_name: str, gender: Gender | None = None, phone: str = "", email: str = ""
) -> Person:
    """A new person; raises Invalid for an empty name."""
    person = Person(gender=gender, phone=vietnamese.clean_line(phone), email=vietnamese.clean_line(email))
    _name(person, full_name)
    session.add(person)
    session.flush()
    return person


def rename_person(session: Session, person_id: UUID, *, full_name: str) -> Person:
    """Corrects a name; papers already signed keep the one they carry."""
    person = person_of(session, person_id)
    _name(person, full_name)
    session.flush()
    return person


def person_of(session: Session, person_id: UUID) -> Person:
    """The person; raises NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(f"no person {person_id}")
    return person


def appoint(
    session: Session,
    *,
    person_id: UUID,
    unit_id: UUID,
    office_code: str,
    valid_from: date,
    valid_to: date | None = None,
    basis: str = "",
    title: str | None = None,
) -> Appointment:
    """Puts a person into an office for a term.

    valid_to: first day after the term. title: when the papers print another one than the office's.
    Raises NotFound, UnitNotThere, OverlappingPeriod, Invalid for an empty term.
    """
    person_of(session, person_id)
    unit_at(session, unit_id, valid_from)
    if (
        session.scalar(sa.select(Office.code).where(Office.code == office_code, holds_on(Office, valid_from)))
        is None
    ):
        raise NotFound(f"no office {office_code} on {valid_from}")
    _check_term(valid_from, valid_to)
    row = Appointment(person_id=person_id, unit_id=unit_id, office_code=office_code, title=title, basis=basis)
    row.valid_from, row.valid_to = valid_from, valid_to
    overlap = sa.select(Appointment.id).where(
        Appointment.person_id == person_id,
        Appointment.unit_id == unit_id,
        Appointment.office_code == office_code,
        sa.or_(Appointment.valid_to.is_(None), Appointment.valid_to > valid_from),
        Appointment.valid_from < (valid_to or date.max),
    )
    if session.scalar(overlap) is not None:
        raise OverlappingPeriod(f"person {person_id} already is {office_code} in {unit_id}")
    session.add(row)
    session.flush()
    return row


def end_appointment(session: Session, appointment_id: UUID, *, on: date, basis: str) -> Appointment:
    """The term ends: `on` is the first day without the office. What was delegated from it falls.

    Raises NotFound, LaterChange when it had not begun or already ended earlier.
    """
    row = session.scalar(sa.select(Appointment).where(Appointment.id == appointment_id).with_for_update())
    if row is None:
        raise NotFound(f"no appointment {appointment_id}")
    if on <= row.valid_from or (row.valid_to is not None and row.valid_to < on):
        raise LaterChange(
            f"appointment {appointment_id} runs {row.valid_from} to {row.valid_to}, not over {on}"
        )
    row.valid_to, row.end_basis = on, basis
    session.flush()
    return row


def delegate(
    session: Session,
    *,
    principal_appointment_id: UUID,
    delegate_person_id: UUID,
    valid_from: date,
    valid_to: date | None,
    scope: Iterable[str] = (),
    capacity: Capacity = Capacity.FOR_HEAD,
    basis_number: str = "",
    basis_date: date | None = None,
    delegate_appointment_id: UUID | None = None,
    delegate_title: str | None = None,
) -> Delegation:
    """Lets another person do some acts of an office for a time (ủy quyền, phân công ký thay).

    scope: acts such as "sign"; empty = all. A KT. needs the delegate's own office in the same unit,
    a TUQ. the number of its paper. Raises NotFound, Invalid.
    """
    principal = session.get(Appointment, principal_appointment_id)
    if principal is None:
        raise NotFound(f"no appointment {principal_appointment_id}")
    person_of(session, delegate_person_id)
    own = session.get(Appointment, delegate_appointment_id) if delegate_appointment_id else None
    _check_term(valid_from, valid_to)
    errors = _delegation_errors(principal, own, delegate_person_id, capacity, basis_number, valid_from)
    if errors:
        raise Invalid(errors)
    row = Delegation(
        principal_appointment_id=principal.id,
        delegate_person_id=delegate_person_id,
        delegate_appointment_id=delegate_appointment_id,
        delegate_title=delegate_title,
        scope=sorted(set(scope)),
        capacity=capacity,
        basis_number=basis_number,
        basis_date=basis_date,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    session.add(row)
    session.flush()
    return row


def revoke_delegation(session: Session, delegation_id: UUID, *, on: date) -> Delegation:
    """Takes a delegation back: `on` is the first day on which it no longer holds."""
    row = session.scalar(sa.select(Delegation).where(Delegation.id == delegation_id).with_for_update())
    if row is None:
        raise NotFound(f"no delegation {delegation_id}")
    row.revoked_on = min(on, row.revoked_on or on)
    session.flush()
    return row


def _name(person: Person, full_name: str) -> None:
    name = vietnamese.clean_line(full_name)
    if not name:
        raise Invalid([FieldError("full_name", "Hãy nhập họ và tên.")])
    person.full_name, person.fold = name, vietnamese.fold(name)
    person.sort_key = vietnamese.person_sort_key(name)


def _check_term(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid([FieldError("valid_to", "Ngày kết thúc phải sau ngày bắt đầu.")])


def _delegation_errors(
    principal: Appointment,
    own: Appointment | None,
    delegate_person_id: UUID,
    capacity: Capacity,
    basis_number: str,
    valid_from: date,
) -> list[FieldError]:
    errors = []
    if principal.person_id == delegate_person_id:
        errors.append(
            FieldError("delegate_person_id", "Không thể ủy quyền cho chính mình. Hãy chọn người khác.")
        )
    if not principal.holds_on(valid_from):
        errors.append(FieldError("valid_from", "Ngày bắt đầu nằm ngoài nhiệm kỳ của người ủy quyền."))
    if own is not None and own.person_id != delegate_person_id:
        errors.append(
            FieldError("delegate_appointment_id", "Chức vụ này không phải của người được ủy quyền.")
        )
    if capacity is Capacity.FOR_HEAD and (own is None or own.unit_id != principal.unit_id):
        errors.append(FieldError("capacity", "Ký thay (KT.) chỉ dành cho cấp phó trong cùng đơn vị."))
    if capacity is Capacity.BY_DELEGATION and not basis_number.strip():
        errors.append(FieldError("basis_number", "Hãy ghi số giấy ủy quyền, ví dụ 02/GUQ-CĐCS."))
    return errors
