"""From the first draft to the federation's word: draft, comment, consolidate, approve."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.organisations.errors import FourEyes
from workflow_app.organisations.types import Seat
from workflow_app.processes.pledges import deadlines
from workflow_app.processes.pledges.forms import (
    PledgeApprove,
    PledgeComment,
    PledgeConsolidate,
    PledgeDraft,
    Point,
    Reply,
)
from workflow_app.processes.pledges.models import CommentState, Pledge, PledgePoint, PledgeState
from workflow_app.processes.pledges.service.pinning import (
    check_refs,
    check_registration,
    check_replies,
)
from workflow_app.processes.pledges.service.rows import locked, must_be, pledge_and_unit
from workflow_app.processes.pledges.service.writing import write_text


def draft(session: Session, pledge_id: UUID, form: PledgeDraft, *, author_id: UUID, at: datetime) -> Pledge:
    """The leader's first text, and the deadline of the first round of comments."""
    pledge = locked(session, pledge_id)
    must_be(pledge, PledgeState.DRAFTING)
    pledge.author_id = author_id
    pledge.next_round()
    write_text(session, pledge, form, at)
    pledge.comment_due = deadlines.comment_due(session, pledge, at)
    return pledge


def comment(
    session: Session, pledge_id: UUID, unit_id: UUID, form: PledgeComment, *, by: UUID, at: datetime
) -> int:
    """One unit's word in the current round; returns the number of its remarks."""
    pledge, unit = pledge_and_unit(session, pledge_id, unit_id)
    check_registration(pledge, form.values)
    check_refs(pledge, form.points)
    unit.comment(CommentState.AGREED if form.verdict == "agree" else CommentState.REMARKED, at)
    unit.registered_values = {row.target_key: str(row.value) for row in form.values if row.value is not None}
    unit.titles, unit.works = list(form.titles), list(form.works)
    points = form.points if form.verdict == "comment" else []
    _add_points(session, pledge, points, unit_id=unit_id, by=by, at=at)
    return len(points)


def record_silence(session: Session, pledge_id: UUID, unit_id: UUID, *, at: datetime) -> None:
    """Silence to the deadline is agreement, and is kept as silence (im lặng là đồng ý)."""
    _, unit = pledge_and_unit(session, pledge_id, unit_id)
    unit.comment(CommentState.SILENT, at)


def consolidate(
    session: Session, pledge_id: UUID, form: PledgeConsolidate, *, by: UUID, at: datetime
) -> Pledge:
    """The merged text: on to the federation, or once more to the units (RoundsExhausted at the cap)."""
    pledge = locked(session, pledge_id)
    again = form.decision == "new_round"
    pledge.move(
        PledgeState.COMMENTING,
        PledgeState.CONSOLIDATING,
        to=PledgeState.CONSOLIDATING if again else PledgeState.APPROVING,
    )
    if again:
        pledge.next_round()
        pledge.comment_due = deadlines.comment_due(session, pledge, at)
    pledge.author_id = by
    write_text(session, pledge, form, at)
    _answer(session, pledge, form.replies, at)
    return pledge


def open_comments(session: Session, pledge_id: UUID) -> None:
    """A draft stands in Word: every unit is asked; earlier words stay in the points."""
    pledge = locked(session, pledge_id)
    pledge.move(PledgeState.DRAFTING, PledgeState.CONSOLIDATING, to=PledgeState.COMMENTING)
    for unit in pledge.units:
        unit.comment_state, unit.commented_at = CommentState.OPEN, None


def approve(session: Session, pledge_id: UUID, form: PledgeApprove, *, seat: Seat, at: datetime) -> Pledge:
    """The federation's word; raises FourEyes for the author of the text."""
    pledge = locked(session, pledge_id)
    if pledge.author_id in {seat.person_id, seat.principal_id}:
        raise FourEyes(f"person {seat.person_id} wrote pledge {pledge_id}", act="approve")
    returned = form.verdict == "return"
    pledge.move(PledgeState.APPROVING, to=PledgeState.CONSOLIDATING if returned else PledgeState.FREEZING)
    check_refs(pledge, form.points)
    if returned:
        _add_points(session, pledge, form.points, unit_id=None, by=seat.person_id, at=at)
    return pledge


def _add_points(
    session: Session, pledge: Pledge, points: Sequence[Point], *, unit_id: UUID | None, by: UUID, at: datetime
) -> None:
    session.add_all(
        PledgePoint(
            pledge_id=pledge.id,
            source="unit" if unit_id else "federation",
            unit_id=unit_id,
            person_id=by,
            round=pledge.round,
            ref=point.ref,
            text=point.text,
            made_at=at,
        )
        for point in points
    )


def _answer(session: Session, pledge: Pledge, replies: Sequence[Reply], at: datetime) -> None:
    given: Mapping[UUID, Reply] = {reply.point_id: reply for reply in replies}
    query = select(PledgePoint).where(PledgePoint.pledge_id == pledge.id, PledgePoint.id.in_(given))
    points = session.scalars(query).all()
    check_replies(replies, {point.id for point in points})
    for point in points:
        point.accepted, point.reply, point.answered_at = given[point.id].accepted, given[point.id].reply, at
