"""A pledge as something that people may see or act on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from workflow_app.core.errors import NotFound
from workflow_app.organisations.types import Pair
from workflow_app.processes.pledges.models import Pledge

_LEADER_ACTS = frozenset({"close_round", "readmit", "extend", "remind"})
_FEDERATION_ACTS = frozenset({"cancel"})


@dataclass(frozen=True, slots=True)
class Dossier:
    """A pledge with its units; Guarded, for `authorize`."""

    pledge: Pledge

    def grants(self, act: str) -> Sequence[Pair]:
        """The leader's acts belong to the leader's unit as it was listed; the federation can cancel."""
        if act in _LEADER_ACTS:
            return [("bloc_leader", unit.unit_id) for unit in self.pledge.units if unit.is_leader]
        if act in _FEDERATION_ACTS:
            return [("federation_officer", self.pledge.federation_id)]
        if act == "delegate":
            return [("unit_chair", unit.unit_id) for unit in self.pledge.units]
        return []

    @property
    def visible_units(self) -> frozenset[UUID]:
        return frozenset({self.pledge.federation_id, *(unit.unit_id for unit in self.pledge.units)})

    @property
    def authors(self) -> frozenset[UUID]:
        return frozenset({self.pledge.author_id} if self.pledge.author_id else ())


def dossier(session: Session, pledge_id: UUID) -> Dossier:
    """Raises NotFound."""
    query = select(Pledge).where(Pledge.id == pledge_id).options(selectinload(Pledge.units))
    pledge = session.scalars(query).one_or_none()
    if pledge is None:
        raise NotFound(f"no pledge {pledge_id}")
    return Dossier(pledge)
