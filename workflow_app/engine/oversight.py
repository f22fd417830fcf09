"""What an operator looks at: open incidents, failing service tasks, instances by process, state and age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workflow_app.engine import operations
from workflow_app.engine.models import (
    ALIVE,
    Incident,
    InstanceStatus,
    ProcessDefinition,
    ProcessInstance,
    ServiceStatus,
    ServiceTask,
)


@dataclass(frozen=True, slots=True)
class Failing:
    """A service task that failed and tries again by itself: attempts so far, how many it has, when the next is."""

    task: ServiceTask
    instance: ProcessInstance
    attempts_at_most: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which instances: of one diagram, in some states, started before a moment; with trouble only."""

    process_key: str | None = None
    statuses: Sequence[InstanceStatus] = ALIVE
    started_before: datetime | None = None
    troubled: bool = False


def incident_count(session: Session, federation_id: UUID) -> int:
    """Open incidents of a federation: for the menu."""
    query = select(func.coalesce(func.sum(ProcessInstance.open_incidents), 0))
    found = query.where(ProcessInstance.federation_id == federation_id, ProcessInstance.open_incidents > 0)
    return int(session.scalars(found).one())


def incidents(
    session: Session, federation_id: UUID, *, limit: int = 100
) -> Sequence[tuple[Incident, ProcessInstance]]:
    """Open incidents with their instances, oldest first."""
    query = (
        select(Incident, ProcessInstance)
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(Incident.resolved_at.is_(None), ProcessInstance.federation_id == federation_id)
        .order_by(Incident.opened_at, Incident.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def incidents_below(session: Session, instance: ProcessInstance) -> Sequence[Incident]:
    """Open incidents of an instance and its children, oldest first."""
    below = select(ProcessInstance.id).where(_family(instance))
    query = select(Incident).where(Incident.resolved_at.is_(None), Incident.instance_id.in_(below))
    return session.scalars(query.order_by(Incident.opened_at, Incident.id)).all()


def failing(session: Session, federation_id: UUID, *, limit: int = 100) -> Sequence[Failing]:
    """Service tasks that have failed at least once and wait for their next attempt, soonest first."""
    return _failing(session, ProcessInstance.federation_id == federation_id, limit)


def failing_below(session: Session, instance: ProcessInstance) -> Sequence[Failing]:
    """As `failing`, of one instance and its children."""
    return _failing(session, _family(instance), 100)


def instances(
    session: Session,
    federation_id: UUID,
    wanted: Filter,
    *,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[ProcessInstance]:
    """Main instances, newest first; before: (started_at, id) of the last one of the page before."""
    query = select(ProcessInstance).where(
        ProcessInstance.federation_id == federation_id,
        ProcessInstance.parent_id.is_(None),
        ProcessInstance.status.in_(wanted.statuses),
    )
    if wanted.process_key:
        query = query.where(ProcessInstance.process_key == wanted.process_key)
    if wanted.started_before:
        query = query.where(ProcessInstance.started_at < wanted.started_before)
    if wanted.troubled:
        query = query.where(_troubled())
    if before is not None:
        query = query.where(tuple_(ProcessInstance.started_at, ProcessInstance.id) < tuple_(*before))
    newest_first = query.order_by(ProcessInstance.started_at.desc(), ProcessInstance.id.desc())
    return session.scalars(newest_first.limit(limit)).all()


def troubled(session: Session, root_id: UUID) -> bool:
    """Whether an instance or anything below it has an open incident."""
    return bool(session.scalar(select(exists().where(*_in_trouble(ProcessInstance, root_id)))))


def versions_of(session: Session, found: Sequence[ProcessInstance]) -> Mapping[UUID, ProcessDefinition]:
    """The definitions that these instances run on, by id."""
    ids = {instance.definition_id for instance in found}
    query = select(ProcessDefinition).where(ProcessDefinition.id.in_(ids))
    return {definition.id: definition for definition in session.scalars(query)}


def _failing(session: Session, condition: ColumnElement[bool], limit: int) -> Sequence[Failing]:
    query = (
        select(ServiceTask, ProcessInstance)
        .join(ProcessInstance, ProcessInstance.id == ServiceTask.instance_id)
        .where(
            ServiceTask.status == ServiceStatus.QUEUED,
            ServiceTask.attempts > 0,
            ServiceTask.error.is_not(None),
            ProcessInstance.status == InstanceStatus.RUNNING,
            condition,
        )
        .order_by(ServiceTask.next_at, ServiceTask.id)
        .limit(limit)
    )
    return [
        Failing(row[0], row[1], operations.attempts_of(row[0].operation)) for row in session.execute(query)
    ]


def _family(instance: ProcessInstance) -> ColumnElement[bool]:
    if instance.parent_id is None:
        return ProcessInstance.root_id == instance.id
    return (ProcessInstance.id == instance.id) | (ProcessInstance.parent_id == instance.id)


def _troubled() -> ColumnElement[bool]:
    member = aliased(ProcessInstance)
    return exists().where(*_in_trouble(member, ProcessInstance.id))


def _in_trouble(
    member: type[ProcessInstance], root_id: UUID | InstrumentedAttribute[UUID]
) -> tuple[ColumnElement[bool], ...]:
    return member.root_id == root_id, member.open_incidents > 0, member.status.in_(ALIVE)
