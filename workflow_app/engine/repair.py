"""What an operator does about an incident: try again, or resolve it by hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow_app.engine import ending, fan_out, incidents, journal, messages, projection
from workflow_app.engine.journal import By
from workflow_app.engine.locking import lock_service
from workflow_app.engine.models import (
    Incident,
    IncidentKind,
    InstanceStatus,
    Message,
    ProcessInstance,
    ServiceStatus,
    ServiceTask,
    Timer,
)
from workflow_app.engine.refusals import (
    InstanceEnded,
    InstanceSuspended,
    NotFailing,
    NotRetryable,
    ReasonMissing,
)

RETRIED = "retried"


def retry(session: Session, service_task_id: UUID, *, by: By, at: datetime) -> None:
    """Queues a service task that has an incident again, with all its attempts; raises NotRetryable."""
    found = lock_service(session, service_task_id)
    if found is None or found[1].status != ServiceStatus.INCIDENT:
        raise NotRetryable(f"service task {service_task_id} has no incident")
    instance, task = found
    task.status, task.attempts, task.next_at = ServiceStatus.QUEUED, 0, at
    instance.open_incidents -= ending.close_incidents(session, [task.id], at=at, resolution=RETRIED)
    subject = ("service_task", task.id)
    journal.act(
        session, instance, "service_task.retried", by=by, at=at, subject=subject, element=task.element
    )
    session.flush()
    projection.defer_service(session, task.id)


def hurry(session: Session, service_task_id: UUID, *, by: By, at: datetime) -> None:
    """Lets a failing service task try now instead of at its next time; raises NotFailing.

    The attempt is one of those that it has left. The job of the later time finds its work done, or is one more.
    """
    found = lock_service(session, service_task_id)
    if found is None or found[1].status != ServiceStatus.QUEUED or found[1].error is None:
        raise NotFailing(f"service task {service_task_id} waits for no further attempt")
    instance, task = found
    if instance.status == InstanceStatus.SUSPENDED:
        raise InstanceSuspended(f"instance {instance.id} is suspended", suspended_at=instance.suspended_at)
    task.next_at = at
    subject = ("service_task", task.id)
    journal.act(
        session, instance, "service_task.hurried", by=by, at=at, subject=subject, element=task.element
    )
    session.flush()
    projection.defer_service(session, task.id)


def retry_incident(session: Session, incident_id: UUID, *, by: By, at: datetime) -> None:
    """Lets what met the incident try again; for a human task only the person himself can.

    Raises IncidentUnknown.
    """
    instance, incident = incidents.lock_incident(session, incident_id)
    if incident.kind == IncidentKind.SERVICE_TASK:
        retry(session, incident.subject_id, by=by, at=at)
        return
    incidents.close(instance, incident, resolution=RETRIED, by=by, at=at)
    _record(session, instance, incident, "incident.retried", by=by, at=at)
    session.flush()
    if incident.kind == IncidentKind.TIMER:
        _unblock(session, incident)
    elif incident.kind == IncidentKind.FAN_OUT:
        fan_out.settle(session, instance, incident.subject_id, by=by, at=at)
    elif incident.kind == IncidentKind.MESSAGE:
        session.execute(update(Message).where(Message.id == incident.subject_id).values(held=False))
        messages.defer_delivery(session, instance.id)


def resolve(
    session: Session,
    incident_id: UUID,
    *,
    by: By,
    at: datetime,
    resolution: str,
    result: Mapping[str, Any] | None = None,
) -> None:
    """Closes an incident with what an operator did about it.

    A service task or fan-out is completed with `result`, as if its operation had given it; a message is dropped; a
    timer is let go again. Raises IncidentUnknown, ReasonMissing, InstanceEnded, InstanceSuspended.
    """
    if not resolution.strip():
        raise ReasonMissing("empty resolution")
    instance, incident = incidents.lock_incident(session, incident_id)
    if not instance.alive:
        raise InstanceEnded(f"instance {instance.id} is {instance.status}", ended_at=instance.ended_at)
    if instance.status == InstanceStatus.SUSPENDED:
        raise InstanceSuspended(f"instance {instance.id} is suspended", suspended_at=instance.suspended_at)
    incidents.close(instance, incident, resolution=resolution, by=by, at=at)
    if incident.kind in {IncidentKind.SERVICE_TASK, IncidentKind.FAN_OUT}:
        _complete_by_hand(session, instance, incident, result or {}, by=by, at=at)
        _note(session, instance, incident, by=by, at=at)
        return
    _record(session, instance, incident, "incident.resolved", by=by, at=at, reason=resolution)
    session.flush()
    if incident.kind == IncidentKind.TIMER:
        _unblock(session, incident)
    elif incident.kind == IncidentKind.MESSAGE:
        dropped = update(Message).where(Message.id == incident.subject_id)
        session.execute(dropped.values(held=False, delivered_at=at))


def _unblock(session: Session, incident: Incident) -> None:
    session.execute(update(Timer).where(Timer.id == incident.subject_id).values(blocked=False))


def _complete_by_hand(
    session: Session,
    instance: ProcessInstance,
    incident: Incident,
    result: Mapping[str, Any],
    *,
    by: By,
    at: datetime,
) -> None:
    task = session.scalars(select(ServiceTask).where(ServiceTask.id == incident.subject_id)).one()
    live = projection.load(session, instance)
    live.machine.complete_service(task.id, dict(result))
    step = projection.plan(live, at)
    task.status, task.ended_at = ServiceStatus.COMPLETED, at
    projection.write(session, live, step, by=by, at=at, done=task.id)


def _note(session: Session, instance: ProcessInstance, incident: Incident, *, by: By, at: datetime) -> None:
    """The step has raised the revision already: one act, one event."""
    subject = ("incident", incident.id)
    details = {"kind": incident.kind.value, "element": incident.element}
    reason = incident.resolution
    journal.record(
        session, instance, "incident.resolved", by=by, at=at, subject=subject, reason=reason, **details
    )


def _record(
    session: Session,
    instance: ProcessInstance,
    incident: Incident,
    action: str,
    *,
    by: By,
    at: datetime,
    **details: Any,
) -> None:
    subject = ("incident", incident.id)
    facts = {"kind": incident.kind.value, "element": incident.element, **details}
    journal.act(session, instance, action, by=by, at=at, subject=subject, **facts)
