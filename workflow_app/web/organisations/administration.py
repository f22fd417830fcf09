"""What an administrator of a federation does to offices: giving and ending them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock, vietnamese
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid, NotFound, Refusal
from workflow_app.organisations import people as people_service
from workflow_app.organisations.models.people import Appointment, Office, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.trees import subtree_ids, unit_at
from workflow_app.organisations.types import Seat
from workflow_app.web.actors import current_actor, seat_with
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.reading import reader, stop_reading

bp = Blueprint("administration", __name__, url_prefix="/administration")


@bp.get("/units/<uuid:unit_id>/appointments/new")
def appointment_form(unit_id: UUID) -> ResponseReturnValue:
    """Who gets which office of the unit, from when, on which decision."""
    _unit_in_charge(unit_id)
    return _appointment_page(unit_id, {}, [])


@bp.post("/units/<uuid:unit_id>/appointments")
def appoint(unit_id: UUID) -> ResponseReturnValue:
    """Puts a known person, or a new one, into an office."""
    seat, form = _unit_in_charge(unit_id), request.form
    errors: list[FieldError] = []
    since = posted_day(form, "valid_from", errors) or clock.today()
    until = posted_day(form, "valid_to", errors)
    stop_reading()
    try:
        require_none(errors)
        with transaction() as session:
            person_id = _chosen_person(session, form, seat)
            made = people_service.appoint(
                session,
                person_id=person_id,
                unit_id=unit_id,
                office_code=form.get("office", ""),
                valid_from=since,
                valid_to=until,
                basis=vietnamese.clean_line(form.get("basis", "")),
            )
            record(session, seat, "appointment.begun", "appointment", made.id, {"office": made.office_code})
    except Invalid as refusal:
        return _appointment_page(unit_id, form.to_dict(), list(refusal.errors)), 422
    except Refusal as refusal:
        return _appointment_page(unit_id, form.to_dict(), [FieldError("office", refusal.vi)]), 422
    flash(_("Đã giao chức vụ."), "success")
    return redirect(url_for("units.show", unit_id=unit_id), code=303)


@bp.get("/appointments/<uuid:appointment_id>/ending")
def ending_form(appointment_id: UUID) -> ResponseReturnValue:
    """The confirming page: from which day, on which decision."""
    return _ending_page(_appointment(appointment_id), {}, [])


@bp.post("/appointments/<uuid:appointment_id>/ending")
def end(appointment_id: UUID) -> ResponseReturnValue:
    """Ends a term; what was delegated from it falls with it."""
    term, form, errors = _appointment(appointment_id), request.form, list[FieldError]()
    seat = _unit_in_charge(term.unit_id)
    on = posted_day(form, "on", errors) or clock.today()
    basis = vietnamese.clean_line(form.get("basis", ""))
    if not basis:
        errors.append(FieldError("basis", _("Ghi căn cứ, ví dụ số quyết định hoặc nghị quyết đại hội.")))
    person_id = term.person_id
    stop_reading()
    try:
        require_none(errors)
        with transaction() as session:
            people_service.end_appointment(session, appointment_id, on=on, basis=basis)
            record(session, seat, "appointment.ended", "appointment", appointment_id, {"on": on.isoformat()})
    except Invalid as refusal:
        return _ending_page(_appointment(appointment_id), form.to_dict(), list(refusal.errors)), 422
    except Refusal as refusal:
        return _ending_page(_appointment(appointment_id), form.to_dict(), [FieldError("on", refusal.vi)]), 422
    flash(_("Đã ghi kết thúc chức vụ."), "success")
    return redirect(url_for("people.show", person_id=person_id), code=303)


def _unit_in_charge(unit_id: UUID) -> Seat:
    """The administrator's seat whose subtree holds the unit; raises NotFound."""
    seat = seat_with("administrator")
    if unit_id not in set(reader().scalars(subtree_ids(seat.unit_id, clock.today()))):
        raise NotFound(f"unit {unit_id} is not below {seat.unit_id}")
    return seat


def _appointment(appointment_id: UUID) -> Appointment:
    term = reader().get(Appointment, appointment_id)
    if term is None:
        raise NotFound(f"no appointment {appointment_id}")
    _unit_in_charge(term.unit_id)
    return term


def _chosen_person(session: Session, form: Mapping[str, str], seat: Seat) -> UUID:
    name = vietnamese.clean_line(form.get("new_name", ""))
    if name:
        person = people_service.add_person(
            session, full_name=name, phone=form.get("phone", ""), email=form.get("email", "")
        )
        record(session, seat, "person.added", "person", person.id, {})
        return person.id
    try:
        person_id = UUID(form.get("person", ""))
    except ValueError:
        raise Invalid([FieldError("person", _("Chọn một người, hoặc nhập họ tên người mới."))]) from None
    # Only whom the list offers: an office here must not reach for somebody of another union.
    if session.scalar(_known_people(seat.unit_id).where(Person.id == person_id).limit(1)) is None:
        raise Invalid([FieldError("person", _("Người này không thuộc đơn vị ông/bà quản trị. Chọn lại."))])
    return person_id


def _known_people(unit_id: UUID) -> Select[UUID, str]:
    """People who have or had an office in the unit or below it."""
    here = subtree_ids(unit_id, clock.today())
    served = select(Appointment.person_id).where(Appointment.unit_id.in_(here))
    return select(Person.id, Person.full_name).where(Person.id.in_(served))


def _appointment_page(unit_id: UUID, typed: dict[str, str], errors: list[FieldError]) -> str:
    on = clock.today()
    offices = (
        select(Office.code, Office.title).where(holds_on(Office, on)).order_by(Office.rank, Office.title)
    )
    seat = seat_with("administrator")
    known = _known_people(seat.unit_id).order_by(Person.sort_key).limit(2000)
    return render_template(
        "administration/appointment.html",
        unit=unit_at(reader(), unit_id, on),
        offices=list(reader().execute(offices)),
        people=list(reader().execute(known)),
        typed=typed,
        **field_errors(errors),
    )


def _ending_page(term: Appointment, typed: dict[str, str], errors: list[FieldError]) -> str:
    return render_template(
        "administration/ending.html",
        term=term,
        person=reader().get_one(Person, term.person_id),
        office=reader().get_one(Office, term.office_code),
        unit=unit_at(reader(), term.unit_id, clock.today()),
        typed=typed,
        **field_errors(errors),
    )


def record(
    session: Session,
    seat: Seat,
    action: str,
    object_type: str,
    object_id: UUID,
    details: dict[str, Any],
    op_id: UUID | None = None,
) -> None:
    """One event of the actor in the seat that allowed the act."""
    audit.record(
        session,
        action=action,
        actor=ActorRef.of(current_actor(), seat),
        at=clock.now(),
        object_type=object_type,
        object_id=object_id,
        op_id=op_id,
        details=details,
    )
