"""The signing round: sign, refuse, settle, close without somebody, witness, issue."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow_app.core.clock import local
from workflow_app.organisations.errors import FourEyes
from workflow_app.organisations.types import Seat
from workflow_app.processes.pledges.errors import NotYourTurn, PledgeNotOpen
from workflow_app.processes.pledges.forms import PledgeIssue, PledgeSettle, PledgeSign, PledgeWitness
from workflow_app.processes.pledges.models import Pledge, PledgeConference, PledgeState, PledgeUnit, SignState
from workflow_app.processes.pledges.rules import SigningOrder, blockers
from workflow_app.processes.pledges.service.rows import frozen, locked, must_be, pledge_and_unit
from workflow_app.signatures import service as signatures
from workflow_app.signatures.models import Signature, SignatureRole

_IN_TURN = "Chưa đến lượt đơn vị ký. Các đơn vị ký lần lượt theo danh sách khối."


def sign(
    session: Session,
    pledge_id: UUID,
    unit_id: UUID,
    form: PledgeSign,
    *,
    seat: Seat,
    signer_name: str,
    at: datetime,
    op_id: UUID,
) -> Signature | None:
    """A chair signs (the signature) or refuses with a reason (None). The pledge's own row is not locked."""
    pledge, unit = pledge_and_unit(session, pledge_id, unit_id)
    must_be(pledge, PledgeState.SIGNING)
    if form.result == "refused":
        unit.refuse(form.reason)
        return None
    _check_turn(session, pledge, unit)
    signature = signatures.sign(
        session,
        frozen(pledge),
        role=SignatureRole.PARTY,
        unit_id=unit_id,
        unit_name=unit.name,
        signer_name=signer_name,
        seat=seat,
        seen_content_id=form.content_id,
        at=at,
        op_id=op_id,
    )
    session.flush()
    unit.sign(signature.id, late=_is_late(session, unit, at))
    return signature


def settle(session: Session, pledge_id: UUID, unit_id: UUID, form: PledgeSettle) -> None:
    """The leader's answer to a refusal: sign once more, or stay recorded as not signed with its reason."""
    _, unit = pledge_and_unit(session, pledge_id, unit_id)
    if form.settlement == "invite_again":
        unit.sign_state, unit.sign_reason = SignState.OPEN, None
    else:
        unit.sign_state = SignState.NOT_SIGNED


def record_not_signed(session: Session, pledge_id: UUID, unit_id: UUID, *, reason: str) -> PledgeUnit:
    """The round closes without this unit; the reason stands on the document."""
    pledge, unit = pledge_and_unit(session, pledge_id, unit_id)
    must_be(pledge, PledgeState.SIGNING)
    unit.leave_out(reason)
    return unit


def readmit(session: Session, pledge_id: UUID, unit_id: UUID) -> PledgeUnit:
    """A unit that was recorded as not signing may sign after all."""
    pledge, unit = pledge_and_unit(session, pledge_id, unit_id)
    must_be(pledge, PledgeState.SIGNING)
    unit.readmit()
    return unit


def cancel(session: Session, pledge_id: UUID, *, reason: str) -> Pledge:
    """Ends a pledge before it is issued; raises PledgeNotOpen afterwards."""
    pledge = locked(session, pledge_id)
    if pledge.state in {PledgeState.ISSUED, PledgeState.CANCELLED}:
        raise PledgeNotOpen(f"pledge {pledge_id} is {pledge.state}", state=pledge.state)
    pledge.state, pledge.end_reason = PledgeState.CANCELLED, reason
    return pledge


def witness(
    session: Session,
    pledge_id: UUID,
    form: PledgeWitness,
    *,
    seat: Seat,
    signer_name: str,
    at: datetime,
    op_id: UUID,
) -> Signature:
    """The federation witnesses; raises FourEyes for the author, PledgeNotOpen while a unit may still sign."""
    pledge = locked(session, pledge_id)
    if pledge.author_id in {seat.person_id, seat.principal_id}:
        raise FourEyes(f"person {seat.person_id} wrote pledge {pledge_id}", act="witness")
    pledge.move(PledgeState.SIGNING, to=PledgeState.ISSUING)
    return signatures.sign(
        session,
        frozen(pledge),
        role=SignatureRole.WITNESS,
        unit_id=pledge.federation_id,
        unit_name=seat.unit_name,
        signer_name=signer_name,
        seat=seat,
        seen_content_id=form.content_id,
        at=at,
        op_id=op_id,
    )


def issue(session: Session, pledge_id: UUID, form: PledgeIssue, *, at: datetime) -> Pledge:
    """The pledge holds: its document is numbered, signed, registered."""
    pledge = locked(session, pledge_id)
    pledge.move(PledgeState.ISSUING, to=PledgeState.ISSUED)
    pledge.issued_at = at
    pledge.recipients, pledge.paper_copies = list(form.recipients), form.copies
    return pledge


def _check_turn(session: Session, pledge: Pledge, unit: PledgeUnit) -> None:
    order = SigningOrder(pledge.signing_order)
    if order is SigningOrder.ANY:
        return
    query = select(PledgeUnit.position, PledgeUnit.is_leader).where(
        PledgeUnit.pledge_id == pledge.id, PledgeUnit.sign_state == SignState.OPEN
    )
    rows = session.execute(query).all()
    leader = next((row.position for row in rows if row.is_leader), 0)
    if first := blockers(order, unit.position, [row.position for row in rows], leader):
        vi = _IN_TURN if order is SigningOrder.LISTED else None
        raise NotYourTurn(f"unit {unit.unit_id} waits for positions {first}", vi=vi, positions=first)


def _is_late(session: Session, unit: PledgeUnit, at: datetime) -> bool:
    if unit.absent_reason is not None:
        return True
    ended = session.scalar(
        select(func.max(PledgeConference.ended_at)).where(PledgeConference.pledge_id == unit.pledge_id)
    )
    return ended is not None and local(at).date() > local(ended).date()
