"""Opening a dossier: which processes a person can start, for whom, and the start itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit.service import ActorRef
from workflow_app.core.clock import local
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.engine import instances
from workflow_app.engine.models import DefinitionStatus, ProcessDefinition
from workflow_app.organisations.blocs import bloc_scope
from workflow_app.organisations.errors import BlocYearMissing
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.roles import ROLES, Place
from workflow_app.organisations.trees import federation_above, subtree_ids, unit_at
from workflow_app.organisations.types import Actor, Scope, Seat
from workflow_app.processes.dossiers.drawing import Drawn, drawn_of
from workflow_app.processes.dossiers.errors import ProcessNotOffered, RoleWithoutUnit
from workflow_app.processes.dossiers.models import DefinitionForm, Dossier
from workflow_app.processes.dossiers.rules import Needs, needs_of

BUSINESS_TYPE = "dossier"
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A process in force that a person can start in a seat."""

    definition: ProcessDefinition
    drawn: Drawn
    seat: Seat

    @property
    def needs(self) -> Needs:
        """What the person has to name: his own unit is known when he starts for it."""
        needs = needs_of(self.drawn.roles)
        return Needs(needs.unit and self.place is not Place.UNIT, needs.bloc)

    @property
    def place(self) -> Place:
        return ROLES[self.drawn.start_role or ""].place


def offers(session: Session, actor: Actor) -> list[Offer]:
    """What the person can start today, by name of the process; his chosen seat comes first."""
    brought = sa.select(DefinitionForm.definition_id)
    query = (
        sa.select(ProcessDefinition)
        .where(ProcessDefinition.status == DefinitionStatus.ACTIVE, ProcessDefinition.id.in_(brought))
        .order_by(ProcessDefinition.name, ProcessDefinition.key)
    )
    found = []
    for definition in session.scalars(query):
        drawn = drawn_of(session, definition.id)
        seat = _seat_for(actor, drawn.start_role or "")
        if seat is not None:
            found.append(Offer(definition, drawn, seat))
    return found


def offer_of(session: Session, actor: Actor, key: str) -> Offer:
    """Raises ProcessNotOffered."""
    found = next((offer for offer in offers(session, actor) if offer.drawn.key == key), None)
    if found is None:
        raise ProcessNotOffered(f"process {key!a} is not offered to person {actor.person_id}")
    return found


def unit_options(session: Session, offer: Offer, on: date) -> Choices:
    """Units that the dossier can be for, when the person has to say: those below the federation."""
    if not offer.needs.unit:
        return ()
    federation = federation_above(session, offer.seat.unit_id, on)
    query = (
        sa.select(UnitPeriod.unit_id, UnitPeriod.name)
        .where(
            UnitPeriod.unit_id.in_(subtree_ids(federation.unit_id, on)),
            UnitPeriod.unit_id != federation.unit_id,
            holds_on(UnitPeriod, on),
        )
        .order_by(UnitPeriod.sort_key, UnitPeriod.unit_id)
    )
    return [(str(unit_id), name) for unit_id, name in session.execute(query)]


def bloc_options(session: Session, offer: Offer, on: date) -> Choices:
    """Blocs of the year that the dossier can run in, when its roles ask for one."""
    if not offer.needs.bloc:
        return ()
    query = (
        sa.select(Bloc.id, Bloc.name)
        .join(BlocMember, sa.and_(BlocMember.bloc_id == Bloc.id, holds_on(BlocMember, on)))
        .where(BlocMember.year == on.year, *_member_terms(offer))
        .group_by(Bloc.id, Bloc.name, Bloc.code)
        .order_by(Bloc.code)
    )
    return [(str(bloc_id), name) for bloc_id, name in session.execute(query)]


def open_dossier(
    session: Session,
    offer: Offer,
    *,
    title: str,
    unit_id: UUID | None,
    bloc_id: UUID | None,
    actor: Actor,
    at: datetime,
) -> Dossier:
    """Starts the process; raises Invalid for a choice that is missing or not offered, RoleWithoutUnit."""
    on = local(at).date()
    scope = _scope(session, offer, unit_id, bloc_id, on)
    dossier = Dossier(
        process_key=offer.drawn.key,
        definition_id=offer.definition.id,
        title=title or _usual_title(session, offer, scope, on),
        federation_id=scope.federation_id,
        unit_id=scope.unit_id,
        bloc_id=scope.bloc_id,
        year=on.year,
        leader_unit_id=scope.leader_unit_id,
        deputy_unit_id=scope.deputy_unit_id,
        opened_by=actor.person_id,
        opened_at=at,
    )
    session.add(dossier)
    session.flush()
    instance = instances.start(
        session,
        offer.drawn.key,
        scope=dossier.scope,
        business_type=BUSINESS_TYPE,
        business_id=dossier.id,
        title=dossier.title,
        data={
            "dossier_id": str(dossier.id),
            "unit_id": str(scope.unit_id) if scope.unit_id else None,
            "opened_on": on.isoformat(),
        },
        by=ActorRef.of(actor, offer.seat),
        at=at,
    )
    # Another version may have come into force since the page was shown: the instance decides.
    dossier.instance_id, dossier.definition_id = instance.id, instance.definition_id
    session.flush()
    return dossier


def _seat_for(actor: Actor, role: str) -> Seat | None:
    seats = [seat for seat in actor.seats if role in seat.roles and seat.covers("draft")]
    return next((seat for seat in seats if seat == actor.seat), seats[0] if seats else None)


def _member_terms(offer: Offer) -> list[sa.ColumnElement[bool]]:
    own = BlocMember.unit_id == offer.seat.unit_id
    match offer.place:
        case Place.FEDERATION:
            return [Bloc.federation_id == offer.seat.unit_id]
        case Place.LEADER:
            return [own, BlocMember.is_leader.is_(True)]
        case Place.DEPUTY:
            return [own, BlocMember.is_deputy.is_(True)]
        case _:
            return [own]


def _scope(session: Session, offer: Offer, unit_id: UUID | None, bloc_id: UUID | None, on: date) -> Scope:
    errors = []
    if offer.place is Place.UNIT:
        unit_id = offer.seat.unit_id
    elif not _offered(unit_id, unit_options(session, offer, on), needed=offer.needs.unit):
        errors.append(FieldError("unit", "Chọn đơn vị mà hồ sơ này nói về."))
    blocs = bloc_options(session, offer, on)
    if offer.needs.bloc and not blocs:
        raise RoleWithoutUnit(f"unit {offer.seat.unit_id} has no bloc in {on.year}")
    if not _offered(bloc_id, blocs, needed=offer.needs.bloc):
        errors.append(FieldError("bloc", "Chọn khối, cụm của hồ sơ này."))
    if errors:
        raise Invalid(errors)
    federation_id = federation_above(session, offer.seat.unit_id, on).unit_id
    if bloc_id is None:
        return Scope(federation_id, year=on.year, unit_id=unit_id)
    return _bloc_scope(session, offer, bloc_id, unit_id, on)


def _bloc_scope(session: Session, offer: Offer, bloc_id: UUID, unit_id: UUID | None, on: date) -> Scope:
    try:
        scope = bloc_scope(session, bloc_id, on.year, on)
    except BlocYearMissing as error:
        raise RoleWithoutUnit(f"bloc {bloc_id} has no list in {on.year}") from error
    missing = {"bloc_leader": scope.leader_unit_id, "bloc_deputy": scope.deputy_unit_id}
    if any(role in offer.drawn.roles and held is None for role, held in missing.items()):
        raise RoleWithoutUnit(f"bloc {bloc_id} lacks a leader or deputy in {on.year}")
    return scope.for_unit(unit_id) if unit_id else scope


def _offered(chosen: UUID | None, options: Choices, *, needed: bool) -> bool:
    return str(chosen) in {value for value, _ in options} if needed else chosen is None


def _usual_title(session: Session, offer: Offer, scope: Scope, on: date) -> str:
    about = unit_at(session, scope.unit_id or offer.seat.unit_id, on)
    return f"{offer.definition.name} – {about.short_name}"
