"""The conference: frozen text, invitation, minutes, what follows from the votes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow_app.core.errors import FieldError, Invalid
from workflow_app.documents import service as documents
from workflow_app.organisations.types import Seat
from workflow_app.processes.pledges import deadlines
from workflow_app.processes.pledges.forms import PledgeInvite, PledgeMinutes
from workflow_app.processes.pledges.models import Pledge, PledgeConference, PledgeState, SignState
from workflow_app.processes.pledges.rules import is_adopted, quorum
from workflow_app.processes.pledges.service.rows import frozen, last_conference, locked, must_be


def freeze(session: Session, pledge_id: UUID, *, version_id: UUID, content_id: str) -> None:
    """From here on every signature binds itself to this content."""
    pledge = locked(session, pledge_id)
    pledge.move(PledgeState.FREEZING, to=PledgeState.CONVENING)
    pledge.frozen_version_id, pledge.frozen_content_id = version_id, content_id


def invite(
    session: Session, pledge_id: UUID, form: PledgeInvite, *, seat: Seat, name: str, at: datetime
) -> PledgeConference:
    """The conference is convened; its invitation is made by the worker."""
    pledge = locked(session, pledge_id)
    must_be(pledge, PledgeState.CONVENING)
    starts_at = deadlines.moment(form.day, form.time)
    deadlines.check_notice(session, pledge, at=at, starts_at=starts_at)
    count = select(func.count()).where(PledgeConference.pledge_id == pledge_id)
    conference = PledgeConference(
        pledge_id=pledge_id,
        number=(session.scalar(count) or 0) + 1,
        starts_at=starts_at,
        place=form.place,
        invitation=form.model_dump(mode="json"),
        convener=_acting(seat, name),
        total=len(pledge.units),
    )
    session.add(conference)
    session.flush()
    return conference


def record_conference(
    session: Session, pledge_id: UUID, form: PledgeMinutes, *, seat: Seat, name: str, at: datetime
) -> PledgeConference:
    """Attendance and votes; whether the pledge is adopted follows from the rules, not from a choice.

    Too few units make it "not adopted" as well: the minutes then say that there was no quorum.
    """
    pledge = locked(session, pledge_id)
    must_be(pledge, PledgeState.CONVENING)
    conference = last_conference(session, pledge_id)
    deadlines.check_happened(form, at, since=_frozen_at(session, pledge))
    _check_attendance(pledge, form)
    conference.minutes, conference.recorder = form.model_dump(mode="json"), _acting(seat, name)
    conference.starts_at, conference.place = deadlines.moment(form.day, form.started), form.place
    conference.ended_at = deadlines.moment(form.day, form.ended)
    _count_votes(session, pledge, conference, form, at)
    _note_absences(pledge, form)
    if conference.adopted:
        deadlines.set_sign_due(session, pledge, at)
    return conference


def withdraw_frozen(session: Session, pledge_id: UUID) -> Pledge:
    """The conference did not adopt the frozen text: it goes back to the leader."""
    pledge = locked(session, pledge_id)
    pledge.move(PledgeState.CONVENING, to=PledgeState.CONSOLIDATING)
    pledge.frozen_version_id = pledge.frozen_content_id = None
    return pledge


def open_signing(session: Session, pledge_id: UUID) -> None:
    """The conference adopted it and its minutes are issued: every unit may sign."""
    pledge = locked(session, pledge_id)
    pledge.move(PledgeState.CONVENING, to=PledgeState.SIGNING)
    for unit in pledge.units:
        unit.sign_state, unit.sign_reason = SignState.OPEN, None


def _frozen_at(session: Session, pledge: Pledge) -> datetime:
    frozen_at = documents.version(session, frozen(pledge).version_id).frozen_at
    if frozen_at is None:
        raise ValueError(f"version {pledge.frozen_version_id} is frozen without a moment")
    return frozen_at


def _acting(seat: Seat, name: str) -> dict[str, str]:
    return {
        "person_id": str(seat.person_id),
        "name": name,
        "capacity": seat.capacity.value,
        "title": seat.title,
    }


def _count_votes(
    session: Session, pledge: Pledge, conference: PledgeConference, form: PledgeMinutes, at: datetime
) -> None:
    present = sum(row.present for row in form.attendance)
    attendance = quorum(present, len(pledge.units), deadlines.quorum_share(session, pledge, at))
    conference.present, conference.total = attendance.present, attendance.total
    conference.agree, conference.disagree = form.agree, form.disagree
    threshold = deadlines.adoption_share(session, pledge, at)
    conference.adopted = attendance.met and is_adopted(form.agree, attendance.present, threshold)


def _check_attendance(pledge: Pledge, form: PledgeMinutes) -> None:
    listed, given = {unit.unit_id for unit in pledge.units}, [row.unit_id for row in form.attendance]
    if len(set(given)) != len(given) or set(given) != listed:
        sentence = "Danh sách dự họp phải có đủ mỗi đơn vị một dòng. Hãy tải lại trang và nhập lại."
        raise Invalid([FieldError("attendance", sentence)])


def _note_absences(pledge: Pledge, form: PledgeMinutes) -> None:
    absent = {row.unit_id: row.reason for row in form.attendance if not row.present}
    for unit in pledge.units:
        unit.absent_reason = absent.get(unit.unit_id)
