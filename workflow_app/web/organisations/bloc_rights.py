"""Who changes the blocs of a federation, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.engine.models import InstanceStatus, ProcessInstance
from workflow_app.organisations.authority import authorize, may
from workflow_app.organisations.types import Actor, Pair, Seat
from workflow_app.web.actors import current_actor

KEEPERS = ("federation_officer", "administrator")


@dataclass(frozen=True, slots=True)
class BlocAffairs:
    """The blocs of one federation as something that only its officers change; Guarded, for `authorize`.

    Everybody who sees the blocs may know who changes them, so a refusal names the office.
    """

    federation_id: UUID

    def grants(self, act: str) -> Sequence[Pair]:
        return [(role, self.federation_id) for role in KEEPERS]

    @property
    def visible_units(self) -> frozenset[UUID] | None:
        return None

    @property
    def authors(self) -> frozenset[UUID]:
        return frozenset()


def may_keep(actor: Actor, federation_id: UUID | None) -> bool:
    """Whether the person changes the blocs of this federation: for buttons."""
    return federation_id is not None and may(actor, "keep_blocs", BlocAffairs(federation_id))


def keeper_of(federation_id: UUID) -> Seat:
    """The seat in which the actor changes the federation's blocs. Raises Forbidden, NotFound."""
    return authorize(current_actor(), "keep_blocs", BlocAffairs(federation_id))


def running_dossiers(session: Session, bloc_id: UUID, year: int | None = None) -> list[str]:
    """Titles of what the bloc is at work on, of one year or of all."""
    query = select(ProcessInstance.title).where(
        ProcessInstance.bloc_id == bloc_id,
        ProcessInstance.parent_id.is_(None),
        ProcessInstance.status.in_([InstanceStatus.RUNNING, InstanceStatus.SUSPENDED]),
    )
    if year is not None:
        query = query.where(ProcessInstance.year == year)
    return list(session.scalars(query.order_by(ProcessInstance.started_at)))
