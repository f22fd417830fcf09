"""Everything that the page of a pledge rests on, read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from workflow_app.audit import history
from workflow_app.audit.models import AuditEvent
from workflow_app.core.clock import local
from workflow_app.core.working_days import WorkingCalendar
from workflow_app.documents.models import Document
from workflow_app.engine import oversight
from workflow_app.engine.models import HumanTask, ProcessInstance, TaskStatus
from workflow_app.organisations.actors import Officer, officers_of
from workflow_app.organisations.authority import require_visible
from workflow_app.organisations.models.blocs import Bloc, BlocKind
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.settings_data import working_calendar
from workflow_app.organisations.trees import unit_at
from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges.models import Pledge, PledgeConference, PledgeUnit, SignState
from workflow_app.processes.pledges.service.dossier import dossier
from workflow_app.signatures.models import Signature, SignatureRole
from workflow_app.signatures.service import signatures_of

_EVENTS = 2_000  # a bloc of 200 units writes about 800 in a year


@dataclass(frozen=True, slots=True)
class OpenWork:
    """One open task: who holds it (role in a unit), and which unit it is about (None: the whole bloc)."""

    id: UUID
    element: str
    act: str
    role: str
    unit_id: UUID
    about: UUID | None


@dataclass(frozen=True)
class Loaded:
    """A pledge with what stands around it at one moment.

    events: the domain's own acts, oldest first. tasks: open human tasks of the instance and its children.
    chairs: unit -> who holds the chair now, delegates last. troubled: an incident keeps the process from going on.
    """

    pledge: Pledge
    bloc: Bloc
    federation: UnitPeriod
    conferences: Sequence[PledgeConference]
    documents: Sequence[Document]
    signatures: Sequence[Signature]
    chairs: dict[UUID, list[Officer]]
    events: Sequence[AuditEvent]
    tasks: Sequence[OpenWork]
    calendar: WorkingCalendar
    now: datetime
    troubled: bool

    @property
    def today(self) -> date:
        return local(self.now).date()

    @property
    def leader_word(self) -> str:
        return "Cụm trưởng" if self.bloc.kind is BlocKind.CLUSTER else "Khối trưởng"

    @property
    def deputy_word(self) -> str:
        return "Cụm phó" if self.bloc.kind is BlocKind.CLUSTER else "Khối phó"

    @cached_property
    def signed(self) -> dict[UUID, Signature]:
        """Unit -> its signature on the frozen version."""
        return {each.unit_id: each for each in self.signatures if each.role is SignatureRole.PARTY}

    @property
    def witness(self) -> Signature | None:
        return next((each for each in self.signatures if each.role is SignatureRole.WITNESS), None)

    def units_in(self, *states: SignState) -> list[PledgeUnit]:
        return [unit for unit in self.pledge.units if unit.sign_state in states]

    def last(self, action: str, unit_id: UUID | None = None) -> AuditEvent | None:
        """The latest event of an action, of one unit when it is given."""
        for event in reversed(self.events):
            if event.action == action and (unit_id is None or str(unit_id) in _units_of(event)):
                return event
        return None

    def task(self, element: str, about: UUID | None = None) -> OpenWork | None:
        """The open task at an element, of the child that concerns a unit when it is given."""
        found = (task for task in self.tasks if task.element == element)
        return next((task for task in found if about is None or task.about == about), None)


def load(session: Session, pledge_id: UUID, actor: Actor, *, now: datetime) -> Loaded:
    """Raises NotFound for an unknown pledge and for one that is foreign to the actor."""
    found = dossier(session, pledge_id)
    require_visible(actor, found)
    pledge, today = found.pledge, local(now).date()
    assert pledge.targets is not None  # noqa: S101 - read while the session is open
    units = [unit.unit_id for unit in pledge.units]
    chairs = officers_of(session, "unit_chair", units, today)
    return Loaded(
        pledge=pledge,
        bloc=session.get_one(Bloc, pledge.bloc_id),
        federation=unit_at(session, pledge.federation_id, today),
        conferences=_conferences(session, pledge_id),
        documents=_documents(session, pledge),
        signatures=signatures_of(session, pledge.frozen_version_id) if pledge.frozen_version_id else (),
        chairs=chairs,
        events=history.of_object(session, pledge_id, limit=_EVENTS).events,
        tasks=_tasks(session, pledge),
        calendar=working_calendar(session, unit_id=pledge.federation_id, on=today),
        now=now,
        troubled=pledge.instance_id is not None and oversight.troubled(session, pledge.instance_id),
    )


def _conferences(session: Session, pledge_id: UUID) -> Sequence[PledgeConference]:
    query = select(PledgeConference).where(PledgeConference.pledge_id == pledge_id)
    return session.scalars(query.order_by(PledgeConference.number)).all()


def _documents(session: Session, pledge: Pledge) -> Sequence[Document]:
    query = (
        select(Document)
        .where(Document.instance_id == pledge.instance_id)
        .options(selectinload(Document.versions), selectinload(Document.register_entry))
        .order_by(Document.created_at, Document.id)
    )
    return session.scalars(query).all()


def _tasks(session: Session, pledge: Pledge) -> Sequence[OpenWork]:
    query = (
        select(
            HumanTask.id,
            HumanTask.element,
            func.coalesce(HumanTask.act, HumanTask.name),
            HumanTask.role,
            HumanTask.unit_id,
            ProcessInstance.unit_id,
        )
        .join(ProcessInstance, ProcessInstance.id == HumanTask.instance_id)
        .where(ProcessInstance.root_id == pledge.instance_id, HumanTask.status == TaskStatus.OPEN)
        .order_by(HumanTask.order_at, HumanTask.id)
    )
    return [OpenWork(*row) for row in session.execute(query)]


def _units_of(event: AuditEvent) -> list[str]:
    """The units that an event names: one, or those of a reminder."""
    details = event.details
    return [str(details.get("unit_id", "")), *(str(each) for each in details.get("unit_ids", ()))]
