"""Delegations: letting somebody else act in one's own office, and taking it back."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock, vietnamese
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.organisations import people as service
from workflow_app.organisations.models.people import Appointment, Delegation, Office, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.types import Capacity, Seat
from workflow_app.web.actors import current_actor
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.organisations.mandates import scopes
from workflow_app.web.organisations.people import bp
from workflow_app.web.reading import reader, stop_reading

__all__ = ["bp"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can act in one's place. appointment_id: his own office in the same unit."""

    appointment_id: UUID
    person_id: UUID
    name: str
    title: str
    deputy: bool


@bp.get("/delegations/new")
def delegation_form() -> ResponseReturnValue:
    """Whom to let act in one's own office, for what, until when, on which paper."""
    return _page(_own_seat(), {}, [])


@bp.post("/delegations")
def delegate() -> ResponseReturnValue:
    """Gives the delegation; it ends with the term of whoever gave it."""
    actor, seat = current_actor(), _own_seat()
    candidates = _candidates(reader(), seat)
    stop_reading()
    try:
        _carry_out(seat, candidates)
    except Invalid as refusal:
        return _page(seat, request.form.to_dict(), list(refusal.errors)), 422
    flash(_("Đã ghi ủy quyền. Người được ủy quyền thấy việc ngay từ ngày bắt đầu."), "success")
    return redirect(url_for("people.show", person_id=actor.person_id), code=303)


@bp.post("/delegations/<uuid:delegation_id>/revocation")
def revoke(delegation_id: UUID) -> ResponseReturnValue:
    """Takes a delegation back from today on: only who gave it."""
    actor = current_actor()
    stop_reading()
    with transaction() as session:
        given = session.get(Delegation, delegation_id)
        principal = session.get(Appointment, given.principal_appointment_id) if given else None
        if given is None or principal is None or principal.person_id != actor.person_id:
            raise NotFound(f"delegation {delegation_id} is not of person {actor.person_id}")
        service.revoke_delegation(session, delegation_id, on=clock.today())
        _record(session, "delegation.revoked", delegation_id, actor.seat, {})
    flash(_("Đã thu hồi ủy quyền."), "success")
    return redirect(url_for("people.show", person_id=actor.person_id), code=303)


def _carry_out(seat: Seat, candidates: list[Candidate]) -> None:
    errors: list[FieldError] = []
    typed = request.form
    since = posted_day(typed, "valid_from", errors) or clock.today()
    until = posted_day(typed, "valid_to", errors)
    chosen = [each for each in candidates if str(each.appointment_id) == typed.get("delegate")]
    if not chosen:
        errors.append(FieldError("delegate", _("Chọn người được ủy quyền trong danh sách.")))
    if set(typed.getlist("scope")) - {code for code, _label in scopes()}:
        # Left out it would turn "only this" into "everything".
        errors.append(FieldError("scope", _("Chọn lại những việc được làm.")))
    require_none(errors)
    with transaction() as session:
        given = service.delegate(
            session,
            principal_appointment_id=seat.id,
            delegate_person_id=chosen[0].person_id,
            delegate_appointment_id=chosen[0].appointment_id if chosen[0].deputy else None,
            valid_from=since,
            valid_to=_first_day_after(until),
            scope=typed.getlist("scope"),
            capacity=Capacity.FOR_HEAD if chosen[0].deputy else Capacity.BY_DELEGATION,
            basis_number=vietnamese.clean_line(typed.get("basis_number", "")),
            basis_date=since,
        )
        _record(session, "delegation.given", given.id, seat, {"basis": given.basis_number or "KT"})


def _own_seat() -> Seat:
    """The office in use, when it is held by oneself: a delegation cannot be passed on."""
    actor = current_actor()
    seats = [seat for seat in actor.seats if seat.delegation_id is None]
    chosen = next((seat for seat in seats if seat == actor.seat), seats[0] if seats else None)
    if chosen is None:
        raise NotFound(
            f"person {actor.person_id} holds no office",
            vi=_("Ông/bà không giữ chức vụ nào của riêng mình nên không ủy quyền được."),
        )
    return chosen


def _candidates(session: Session, seat: Seat) -> list[Candidate]:
    """The other officers of the unit: a deputy signs KT., anybody else TUQ."""
    query = (
        select(Appointment, Person.full_name, Office.title)
        .join(Person, Person.id == Appointment.person_id)
        .join(Office, Office.code == Appointment.office_code)
        .where(Appointment.unit_id == seat.unit_id, holds_on(Appointment, clock.today()))
        .where(Person.id != seat.person_id)
        .order_by(Office.rank, Person.sort_key, Appointment.id)
    )
    return [
        Candidate(row.id, row.person_id, name, row.title or title, "vice" in row.office_code)
        for row, name, title in session.execute(query)
    ]


def _first_day_after(last: date | None) -> date | None:
    # People give the last day of a period, the tables hold the first day after it.
    return date.fromordinal(last.toordinal() + 1) if last else None


def _record(
    session: Session, action: str, object_id: UUID, seat: Seat | None, details: dict[str, Any]
) -> None:
    audit.record(
        session,
        action=action,
        actor=ActorRef.of(current_actor(), seat),
        at=clock.now(),
        object_type="delegation",
        object_id=object_id,
        details=details,
    )


def _page(seat: Seat, typed: dict[str, str], errors: list[FieldError]) -> str:
    candidates = _candidates(reader(), seat)
    return render_template(
        "people/delegation.html",
        seat=seat,
        candidates=[(each.appointment_id, f"{each.name}, {each.title}") for each in candidates],
        scopes=scopes(),
        chosen=request.form.getlist("scope"),
        typed=typed,
        **field_errors(errors),
    )
