"""Opening the pledge of a bloc for a year: by the federation's officer, with its event in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core.clock import local
from workflow_app.core.errors import NotFound
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.blocs import bloc_members
from workflow_app.organisations.errors import BlocYearMissing
from workflow_app.organisations.models.blocs import Bloc
from workflow_app.organisations.types import Actor, Pair
from workflow_app.processes.pledges import service
from workflow_app.processes.pledges.models import Pledge

OFFICER = "federation_officer"


@dataclass(frozen=True, slots=True)
class BlocToOpen:
    """A bloc as something that only its federation acts on; Guarded, for `authorize`."""

    bloc: Bloc

    def grants(self, act: str) -> Sequence[Pair]:
        return [(OFFICER, self.bloc.federation_id)]

    @property
    def visible_units(self) -> frozenset[UUID]:
        return frozenset({self.bloc.federation_id})

    @property
    def authors(self) -> frozenset[UUID]:
        return frozenset()


def open_year(
    session: Session, actor: Actor, bloc_id: UUID, year: int, *, op_id: UUID, at: datetime
) -> Pledge:
    """Opens the pledge of a bloc for a year; its leader is asked for the draft at once.

    Raises NotFound (unknown or foreign bloc), Forbidden, BlocYearMissing (no list, or one without a leader),
    PledgeExists, SettingMissing.
    """
    bloc = session.get(Bloc, bloc_id)
    if bloc is None:
        raise NotFound(f"no bloc {bloc_id}")
    seat = authorize(actor, "open_pledge", BlocToOpen(bloc))
    if not any(member.is_leader for member in bloc_members(session, bloc_id, year, local(at).date())):
        raise BlocYearMissing(f"bloc {bloc_id} has no list with a leader for {year}")
    pledge = service.open_pledge(session, bloc, year, actor=actor, seat=seat, at=at)
    audit.record(
        session,
        action="pledge.opened",
        actor=ActorRef.of(actor, seat),
        at=at,
        object_type="pledge",
        object_id=pledge.id,
        instance_id=pledge.instance_id,
        op_id=op_id,
        details={"bloc_id": bloc_id, "year": year, "units": len(pledge.units)},
    )
    return pledge
