"""What an administrator does to running processes; each act is authorized, recorded, and undone when it fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit.service import ActorRef
from workflow_app.core.errors import WrongState
from workflow_app.engine import instances, migration, repair
from workflow_app.engine.alarm import ADMINISTRATOR
from workflow_app.engine.models import Incident, IncidentKind, ProcessInstance, ServiceTask
from workflow_app.engine.refusals import IncidentUnknown, InstanceUnknown, NotFailing
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.types import Actor, Pair
from workflow_app.processes import deployment, registry
from workflow_app.processes.process import Process

OPERATE = "operate"


class CancelledByItsProcess(WrongState):
    """The dossier has an ending of its own, with rows of its own; the engine alone would leave it half alive."""

    code = "cancelled_by_its_process"
    vi_default = "Hồ sơ này được hủy ở trang của chính nó, để số liệu và chữ ký đi cùng. Hãy mở trang hồ sơ."


@dataclass(frozen=True, slots=True)
class Operated:
    """An instance as an administrator of its federation acts on it."""

    instance: ProcessInstance

    def grants(self, act: str) -> Sequence[Pair]:
        return [(ADMINISTRATOR, self.instance.federation_id)]

    @property
    def visible_units(self) -> frozenset[UUID]:
        return frozenset({self.instance.federation_id})

    @property
    def authors(self) -> frozenset[UUID]:
        return frozenset()


def operated(session: Session, actor: Actor, instance_id: UUID) -> ProcessInstance:
    """The instance for an administrator; raises InstanceUnknown, and as `authorize`."""
    found = session.get(ProcessInstance, instance_id)
    if found is None:
        raise InstanceUnknown(f"no instance {instance_id}")
    authorize(actor, OPERATE, Operated(found))
    return found


def incident(session: Session, actor: Actor, incident_id: UUID) -> tuple[Incident, ProcessInstance]:
    """An incident, open or not, with its instance; raises IncidentUnknown, and as `authorize`."""
    found = session.get(Incident, incident_id)
    if found is None:
        raise IncidentUnknown(f"no incident {incident_id}")
    return found, operated(session, actor, found.instance_id)


def service_of(session: Session, found: Incident) -> ServiceTask | None:
    """The service task that an incident is about; None for any other."""
    return session.get(ServiceTask, found.subject_id) if found.kind is IncidentKind.SERVICE_TASK else None


def retry(session: Session, actor: Actor, incident_id: UUID, *, at: datetime) -> None:
    """Lets what met the incident try again."""
    _, instance = incident(session, actor, incident_id)
    repair.retry_incident(session, incident_id, by=_by(actor, instance), at=at)


def resolve(session: Session, actor: Actor, incident_id: UUID, *, reason: str, at: datetime) -> None:
    """Closes an incident by hand, with what was done about it; raises as `repair.resolve`."""
    _, instance = incident(session, actor, incident_id)
    repair.resolve(session, incident_id, by=_by(actor, instance), at=at, resolution=reason)


def hurry(session: Session, actor: Actor, service_task_id: UUID, *, at: datetime) -> None:
    """Lets a failing service task try now; raises NotFailing."""
    task = session.get(ServiceTask, service_task_id)
    if task is None:
        raise NotFailing(f"no service task {service_task_id}")
    instance = operated(session, actor, task.instance_id)
    repair.hurry(session, service_task_id, by=_by(actor, instance), at=at)


def suspend(session: Session, actor: Actor, instance_id: UUID, *, reason: str, at: datetime) -> None:
    """Lets an instance and all below it rest."""
    instance = operated(session, actor, instance_id)
    instances.suspend(session, instance_id, reason=reason, by=_by(actor, instance), at=at)


def resume(session: Session, actor: Actor, instance_id: UUID, *, reason: str, at: datetime) -> None:
    """Lets a suspended instance go on."""
    instance = operated(session, actor, instance_id)
    instances.resume(session, instance_id, reason=reason, by=_by(actor, instance), at=at)


def cancel(session: Session, actor: Actor, instance_id: UUID, *, reason: str, at: datetime) -> None:
    """Ends an instance that has no ending of its own; raises CancelledByItsProcess for the others."""
    instance = operated(session, actor, instance_id)
    if process := ended_by_process(instance):
        raise CancelledByItsProcess(f"instance {instance_id} belongs to {process.key}")
    instances.cancel(session, instance_id, reason=reason, by=_by(actor, instance), at=at)


def migrate(
    session: Session, actor: Actor, instance_id: UUID, to_definition: UUID, *, reason: str, at: datetime
) -> None:
    """Puts an instance on another version of its diagram; raises as `migration.migrate`."""
    instance = operated(session, actor, instance_id)
    by, known = _by(actor, instance), deployment.known_to(session, to_definition)
    migration.migrate(session, instance_id, to_definition, reason=reason, by=by, at=at, known=known)


def ended_by_process(instance: ProcessInstance) -> Process | None:
    """The process that ends this instance on a page of its own; None when the engine alone may."""
    mine = (each for each in registry.processes() if instance.process_key in each.diagrams)
    return next((process for process in mine if process.cancels_itself), None)


def _by(actor: Actor, instance: ProcessInstance) -> ActorRef:
    return ActorRef.of(actor, authorize(actor, OPERATE, Operated(instance)))
