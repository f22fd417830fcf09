"""Opening the year: a pledge for one bloc, its units as they stand that day, its instance."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.audit.service import ActorRef
from workflow_app.core.clock import local
from workflow_app.engine import instances
from workflow_app.organisations.blocs import bloc_members, bloc_scope
from workflow_app.organisations.models.blocs import Bloc
from workflow_app.organisations.types import Actor, Seat
from workflow_app.processes.pledges import deadlines
from workflow_app.processes.pledges.errors import PledgeExists
from workflow_app.processes.pledges.models import Pledge, PledgeState, PledgeUnit


def open_pledge(session: Session, bloc: Bloc, year: int, *, actor: Actor, seat: Seat, at: datetime) -> Pledge:
    """The federation opens the pledge of a bloc for a year.

    Raises PledgeExists, BlocYearMissing, SettingMissing.
    """
    query = select(Pledge.id).where(
        Pledge.bloc_id == bloc.id, Pledge.year == year, Pledge.state != PledgeState.CANCELLED
    )
    if existing := session.scalar(query):
        raise PledgeExists(f"bloc {bloc.id} has pledge {existing} for {year}", pledge_id=existing)
    today = local(at).date()
    scope = bloc_scope(session, bloc.id, year, today)
    pledge = _new_pledge(session, bloc, year, by=actor.person_id, at=at)
    instance = instances.start(
        session,
        "pledge",
        scope=scope,
        business_type="pledge",
        business_id=pledge.id,
        title=f"{pledge.title} – {bloc.name}",
        data={
            "pledge_id": str(pledge.id),
            "unit_ids": [str(unit.unit_id) for unit in pledge.units],
            "draft_due": deadlines.day_end(deadlines.draft_due(session, bloc.federation_id, at)),
        },
        by=ActorRef.of(actor, seat),
        at=at,
    )
    pledge.instance_id = instance.id
    return pledge


def _new_pledge(session: Session, bloc: Bloc, year: int, *, by: UUID, at: datetime) -> Pledge:
    today = local(at).date()
    rules = deadlines.opening_settings(session, bloc.federation_id, today)
    pledge = Pledge(
        bloc_id=bloc.id,
        federation_id=bloc.federation_id,
        year=year,
        title=f"Giao ước thi đua năm {year}",
        max_rounds=rules["pledge.max_rounds"],
        signing_order=rules["pledge.signing_order"],
        opened_by=by,
        opened_at=at,
    )
    for member in bloc_members(session, bloc.id, year, today):
        pledge.units.append(
            PledgeUnit(
                unit_id=member.unit_id,
                position=member.position,
                name=member.name,
                short_name=member.short_name,
                is_leader=member.is_leader,
                is_deputy=member.is_deputy,
            )
        )
    session.add(pledge)
    session.flush()
    return pledge
