"""Dossiers as something that people may see or act on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from workflow_app.organisations.models.blocs import BlocMember
from workflow_app.organisations.types import Actor, Pair
from workflow_app.processes.dossiers.errors import DossierUnknown
from workflow_app.processes.dossiers.models import Dossier

OFFICER, CHAIR = "federation_officer", "unit_chair"


@dataclass(frozen=True, slots=True)
class Held:
    """A dossier; Guarded, for `authorize`. Whoever reads it was let in by `dossier_of`."""

    dossier: Dossier

    def grants(self, act: str) -> Sequence[Pair]:
        """The federation's officer cancels any dossier, a unit's chair the unit's own."""
        if act != "cancel":
            return []
        own = [(CHAIR, self.dossier.unit_id)] if self.dossier.unit_id else []
        return [*own, (OFFICER, self.dossier.federation_id)]

    @property
    def visible_units(self) -> frozenset[UUID] | None:
        return None

    @property
    def authors(self) -> frozenset[UUID]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class Startable:
    """A process in force as something that one role of one unit starts; Guarded, for `authorize`."""

    role: str
    unit_id: UUID

    def grants(self, act: str) -> Sequence[Pair]:
        return [(self.role, self.unit_id)] if act == "open_dossier" else []

    @property
    def visible_units(self) -> frozenset[UUID]:
        return frozenset({self.unit_id})

    @property
    def authors(self) -> frozenset[UUID]:
        return frozenset()


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Which dossiers exist for this person: those of his units, of blocs they lead, of his federation.

    One that concerns a whole bloc and no single unit exists for every unit of the bloc in that year.
    """
    units = list(actor.unit_ids)
    member = exists().where(
        BlocMember.bloc_id == Dossier.bloc_id, BlocMember.year == Dossier.year, BlocMember.unit_id.in_(units)
    )
    return or_(
        Dossier.federation_id.in_(units),
        Dossier.unit_id.in_(units),
        Dossier.leader_unit_id.in_(units),
        Dossier.deputy_unit_id.in_(units),
        and_(Dossier.unit_id.is_(None), member),
    )


def dossier_of(session: Session, dossier_id: UUID, actor: Actor) -> Dossier:
    """Raises DossierUnknown, for a foreign one too."""
    found = session.scalars(select(Dossier).where(Dossier.id == dossier_id, visible_to(actor))).one_or_none()
    if found is None:
        raise DossierUnknown(f"dossier {dossier_id} is foreign to person {actor.person_id}")
    return found


def locked(session: Session, dossier_id: UUID) -> Dossier:
    """The dossier until the transaction ends; raises DossierUnknown."""
    query = select(Dossier).where(Dossier.id == dossier_id).with_for_update(key_share=True)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise DossierUnknown(f"no dossier {dossier_id}")
    return found
