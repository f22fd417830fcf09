"""Which rows an act of a pledge locks, and in which state it must find them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core.errors import NotFound
from workflow_app.processes.pledges.errors import PledgeNotOpen
from workflow_app.processes.pledges.models import Pledge, PledgeConference, PledgeState, PledgeUnit
from workflow_app.signatures.service import Frozen


def locked(session: Session, pledge_id: UUID) -> Pledge:
    """The pledge under lock: one act at a time changes it."""
    return session.execute(
        select(Pledge).where(Pledge.id == pledge_id).with_for_update(key_share=True)
    ).scalar_one()


def pledge_and_unit(session: Session, pledge_id: UUID, unit_id: UUID) -> tuple[Pledge, PledgeUnit]:
    """One unit of a pledge under lock, the pledge beside it without one. Raises NotFound for a foreign unit."""
    # Only the unit's row is locked: fourteen chairs sign at the same moment.
    query = (
        select(Pledge, PledgeUnit)
        .join(PledgeUnit, PledgeUnit.pledge_id == Pledge.id)
        .where(Pledge.id == pledge_id, PledgeUnit.unit_id == unit_id)
        .with_for_update(of=PledgeUnit, key_share=True)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"unit {unit_id} is not in pledge {pledge_id}", vi="Đơn vị không thuộc giao ước này.")
    return row[0], row[1]


def must_be(pledge: Pledge, *states: PledgeState) -> None:
    """Raises PledgeNotOpen from any other state."""
    if pledge.state not in states:
        raise PledgeNotOpen(f"pledge {pledge.id} is {pledge.state}", state=pledge.state)


def frozen(pledge: Pledge) -> Frozen:
    """What is being signed; raises PledgeNotOpen when nothing is frozen."""
    if pledge.frozen_version_id is None or pledge.frozen_content_id is None:
        raise PledgeNotOpen(f"pledge {pledge.id} has no frozen version", state=pledge.state)
    return Frozen(pledge.frozen_version_id, pledge.frozen_content_id)


def last_conference(session: Session, pledge_id: UUID) -> PledgeConference:
    """The conference that was convened last."""
    query = select(PledgeConference).where(PledgeConference.pledge_id == pledge_id)
    return session.scalars(query.order_by(PledgeConference.number.desc()).limit(1)).one()
