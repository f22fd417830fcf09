"""Process instances: start, suspend, resume, cancel; children of a fan-out: add, cancel, open again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from workflow_app.engine import definitions, ending, fan_out, journal, launch, messages, projection
from workflow_app.engine.fan_out import add_child, cancel_child, reopen_child
from workflow_app.engine.journal import By
from workflow_app.engine.locking import lock
from workflow_app.engine.models import (
    HumanTask,
    Incident,
    InstanceStatus,
    ProcessInstance,
    ServiceStatus,
    ServiceTask,
    TaskStatus,
    Timer,
)
from workflow_app.engine.refusals import (
    InstanceEnded,
    InstanceNotSuspended,
    InstanceSuspended,
    InstanceUnknown,
    ReasonMissing,
)
from workflow_app.organisations.types import Scope

__all__ = ["add_child", "cancel", "cancel_child", "lock", "reopen_child", "resume", "start", "suspend"]


def start(
    session: Session,
    key: str,
    *,
    scope: Scope,
    business_type: str,
    business_id: UUID,
    title: str,
    data: Mapping[str, Any],
    by: By,
    at: datetime,
) -> ProcessInstance:
    """Starts an instance of the version in force and runs it to its first stops.

    data: ids and decisions, no texts. Raises DefinitionUnknown, OutcomeRefused, UnknownRole.
    """
    definition = definitions.active(session, key)
    new = launch.prepare(
        definition,
        definitions.compiled(session, definition.id),
        scope=scope,
        business=launch.Business(business_type, business_id, title),
        data=data,
        by=by,
        at=at,
    )
    launch.store(session, [new], by=by, at=at)
    return new.instance


def suspend(session: Session, instance_id: UUID, *, reason: str, by: By, at: datetime) -> ProcessInstance:
    """Lets an instance and all that runs below it rest: no task, timer or job moves it until `resume`.

    Raises InstanceUnknown, InstanceEnded, InstanceSuspended, ReasonMissing.
    """
    _require(reason)
    instance = lock(session, instance_id)
    _require_alive(instance)
    if instance.status == InstanceStatus.SUSPENDED:
        raise InstanceSuspended(f"instance {instance_id} is suspended", suspended_at=instance.suspended_at)
    family = _family(session, instance, InstanceStatus.RUNNING)
    for member in family:
        member.status, member.suspended_at, member.reason = InstanceStatus.SUSPENDED, at, reason
        journal.act(session, member, "instance.suspended", by=by, at=at, reason=reason)
    ids = [member.id for member in family]
    _move_tasks(session, ids, TaskStatus.OPEN, TaskStatus.SUSPENDED)
    session.execute(update(Timer).where(Timer.instance_id.in_(ids)).values(blocked=True))
    session.flush()
    return instance


def resume(session: Session, instance_id: UUID, *, reason: str, by: By, at: datetime) -> ProcessInstance:
    """Lets an instance go on, with what was suspended together with it; what fell due meanwhile happens now.

    Raises InstanceUnknown, InstanceNotSuspended, ReasonMissing.
    """
    _require(reason)
    instance = lock(session, instance_id)
    if instance.status != InstanceStatus.SUSPENDED:
        raise InstanceNotSuspended(f"instance {instance_id} is {instance.status}")
    since = instance.suspended_at
    family = [
        member
        for member in _family(session, instance, InstanceStatus.SUSPENDED)
        if member.suspended_at == since  # a child that rested before goes on resting
    ]
    for member in family:
        member.status, member.suspended_at, member.reason = InstanceStatus.RUNNING, None, None
        journal.act(session, member, "instance.resumed", by=by, at=at, reason=reason)
    ids = [member.id for member in family]
    _move_tasks(session, ids, TaskStatus.SUSPENDED, TaskStatus.OPEN)
    incident = exists().where(Incident.subject_id == Timer.id, Incident.resolved_at.is_(None))
    session.execute(update(Timer).where(Timer.instance_id.in_(ids), ~incident).values(blocked=False))
    session.flush()
    _wake(session, ids)
    return instance


def cancel(session: Session, instance_id: UUID, *, reason: str, by: By, at: datetime) -> ProcessInstance:
    """Ends an instance and all that runs below it; the parent of a child goes on without it.

    Raises InstanceUnknown, InstanceEnded, ReasonMissing.
    """
    _require(reason)
    parent_id = session.scalar(select(ProcessInstance.parent_id).where(ProcessInstance.id == instance_id))
    parent = lock(session, parent_id) if parent_id else None  # always the parent first
    instance = lock(session, instance_id)
    _require_alive(instance)
    ending.cancel(session, [instance], reason=reason, by=by, at=at)
    if parent is not None and parent.status == InstanceStatus.SUSPENDED:
        messages.child_ended(session, instance, at=at)  # read when the parent goes on
    elif parent is not None and instance.parent_task_id is not None:
        fan_out.settle(session, parent, instance.parent_task_id, by=by, at=at)
    return instance


def get(session: Session, instance_id: UUID) -> ProcessInstance:
    """Raises InstanceUnknown."""
    found = session.get(ProcessInstance, instance_id)
    if found is None:
        raise InstanceUnknown(f"no instance {instance_id}")
    return found


def data_of(session: Session, instance: ProcessInstance) -> Mapping[str, Any]:
    """The process data as the state has it now: ids and decisions."""
    return projection.load(session, instance).machine.data()


def _require(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("empty reason")


def _require_alive(instance: ProcessInstance) -> None:
    if not instance.alive:
        raise InstanceEnded(f"instance {instance.id} is {instance.status}", ended_at=instance.ended_at)


def _family(session: Session, instance: ProcessInstance, status: InstanceStatus) -> list[ProcessInstance]:
    """The instance and its descendants of one status, locked from top to bottom."""
    found, level = [instance], [instance]
    while level:
        parents = [parent.id for parent in level]
        level = list(ending.lock_alive(session, ProcessInstance.parent_id.in_(parents)))
        found += level
    return [member for member in found if member.status == status]


def _move_tasks(session: Session, ids: Sequence[UUID], before: TaskStatus, after: TaskStatus) -> None:
    condition = HumanTask.instance_id.in_(ids), HumanTask.status == before
    session.execute(update(HumanTask).where(*condition).values(status=after))


def _wake(session: Session, ids: Sequence[UUID]) -> None:
    """Queues again what jobs found asleep and left."""
    queued = select(ServiceTask.id, ServiceTask.next_at).where(
        ServiceTask.instance_id.in_(ids), ServiceTask.status == ServiceStatus.QUEUED
    )
    for task_id, next_at in session.execute(queued).all():
        projection.defer_service(session, task_id, at=next_at)
    for instance_id in ids:
        if messages.any_waiting(session, instance_id):
            messages.defer_delivery(session, instance_id)
