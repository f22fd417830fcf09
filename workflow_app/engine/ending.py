"""How instances end: by their diagram, or cancelled with everything that they wait for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from workflow_app.engine import hooks, journal, messages
from workflow_app.engine.journal import By
from workflow_app.engine.machine import Machine
from workflow_app.engine.models import (
    ALIVE,
    HumanTask,
    Incident,
    InstanceStatus,
    ProcessInstance,
    ServiceStatus,
    ServiceTask,
    TaskStatus,
    Timer,
)

OUTCOME = "outcome"  # the process variable that names how a process ended
SUPERSEDED = "superseded"


def complete(instance: ProcessInstance, machine: Machine, *, at: datetime) -> None:
    """Marks an instance whose diagram is at its end.

    Its outcome is the process variable `outcome`, else the id of the end event that ended it.
    """
    named = machine.data().get(OUTCOME)
    instance.status = InstanceStatus.COMPLETED
    instance.ended_at = at
    instance.outcome = named if isinstance(named, str) and named else machine.ended_by


def announce(
    session: Session, instance: ProcessInstance, data: Mapping[str, Any], *, by: By, at: datetime
) -> None:
    """Tells the parent and the process of a completed instance."""
    messages.child_ended(session, instance, at=at)
    hooks.instance_ended(session, hooks.InstanceEnd(instance, data, journal.person(by), at))


def cancel(
    session: Session, instances: Sequence[ProcessInstance], *, reason: str, by: By, at: datetime
) -> int:
    """Cancels locked instances and all that runs below them; returns how many ended.

    Open tasks, timers, undelivered messages and incidents end with them; a job that is queued already finds
    its row cancelled and does nothing.
    """
    doomed = list(instances)
    level: Sequence[ProcessInstance] = doomed
    while level:
        level = lock_alive(session, ProcessInstance.parent_id.in_([parent.id for parent in level]))
        doomed += level
    for instance in doomed:
        instance.status = InstanceStatus.CANCELLED
        instance.ended_at, instance.suspended_at, instance.reason = at, None, reason
        instance.open_children = 0
        journal.act(session, instance, "instance.cancelled", by=by, at=at, reason=reason)
    _clear(session, [instance.id for instance in doomed], at)
    for instance in doomed:
        instance.open_incidents = 0
        hooks.instance_ended(session, hooks.InstanceEnd(instance, {}, journal.person(by), at))
    session.flush()
    return len(doomed)


def cancel_children(session: Session, task_ids: Sequence[UUID], *, reason: str, by: By, at: datetime) -> int:
    """Cancels the open children that these fan-outs started; their parent is locked by the caller."""
    children = lock_alive(session, ProcessInstance.parent_task_id.in_(task_ids))
    return cancel(session, children, reason=reason, by=by, at=at) if children else 0


def lock_alive(session: Session, condition: ColumnElement[bool]) -> Sequence[ProcessInstance]:
    """Locks running and suspended instances, ordered by id: always after their parent.

    Level by level, because a child that was just starting children of its own is seen only after its lock.
    """
    query = (
        select(ProcessInstance)
        .where(condition, ProcessInstance.status.in_(ALIVE))
        .order_by(ProcessInstance.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return [instance for instance in session.scalars(query) if instance.alive]


def count_open_children(session: Session, parent_id: UUID) -> int:
    query = select(func.count()).select_from(ProcessInstance)
    return session.scalars(
        query.where(ProcessInstance.parent_id == parent_id, ProcessInstance.status.in_(ALIVE))
    ).one()


def close_incidents(
    session: Session, subject_ids: Sequence[UUID], *, at: datetime, resolution: str = SUPERSEDED
) -> int:
    """Closes the incidents of these tasks, timers or messages; returns how many were open."""
    done = session.execute(
        update(Incident)
        .where(Incident.subject_id.in_(subject_ids), Incident.resolved_at.is_(None))
        .values(resolved_at=at, resolution=resolution)
        .returning(Incident.id)
    )
    return len(done.all())


def _clear(session: Session, ids: Sequence[UUID], at: datetime) -> None:
    session.flush()
    session.execute(
        update(HumanTask)
        .where(HumanTask.instance_id.in_(ids), HumanTask.status.in_((TaskStatus.OPEN, TaskStatus.SUSPENDED)))
        .values(status=TaskStatus.CANCELLED, ended_at=at)
    )
    waiting = (ServiceStatus.QUEUED, ServiceStatus.WAITING, ServiceStatus.INCIDENT)
    session.execute(
        update(ServiceTask)
        .where(ServiceTask.instance_id.in_(ids), ServiceTask.status.in_(waiting))
        .values(status=ServiceStatus.CANCELLED, ended_at=at)
    )
    session.execute(delete(Timer).where(Timer.instance_id.in_(ids)))
    session.execute(
        update(Incident)
        .where(Incident.instance_id.in_(ids), Incident.resolved_at.is_(None))
        .values(resolved_at=at, resolution=SUPERSEDED)
    )
    messages.drop(session, ids, at=at)
