"""Human tasks: lock, complete, claim, hand over, move the deadline. One transaction per act; the caller commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.engine import incidents, journal, projection
from workflow_app.engine.journal import By
from workflow_app.engine.models import HumanTask, IncidentKind, InstanceStatus, ProcessInstance, TaskStatus
from workflow_app.engine.refusals import InstanceSuspended, TaskHeld, TaskNotOpen, TaskUnknown
from workflow_app.organisations.types import Pair

COMPLETE = "complete"
VIEW = "view"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open human task; `lock` gives it with its rows locked, `find` without. Guarded, for `authorize`.

    people: who wrote the dossier, for acts that need a second pair of eyes; the process fills it in.
    """

    instance: ProcessInstance
    task: HumanTask
    people: frozenset[UUID] = field(default=frozenset())

    @property
    def id(self) -> UUID:
        return self.task.id

    @property
    def element(self) -> str:
        return self.task.element

    @property
    def name(self) -> str:
        return self.task.name

    @property
    def role(self) -> str:
        return self.task.role

    @property
    def unit_id(self) -> UUID:
        return self.task.unit_id

    @property
    def form_key(self) -> str:
        return self.task.form_key

    @property
    def act(self) -> str | None:
        return self.task.act

    @property
    def assignee_id(self) -> UUID | None:
        return self.task.assignee_id

    @property
    def due_at(self) -> datetime | None:
        return self.task.due_at

    @property
    def soft_due_at(self) -> datetime | None:
        return self.task.soft_due_at

    @property
    def created_at(self) -> datetime:
        return self.task.created_at

    @property
    def process_key(self) -> str:
        return self.instance.process_key

    @property
    def business_type(self) -> str:
        return self.instance.business_type

    @property
    def business_id(self) -> UUID:
        return self.instance.business_id

    def grants(self, act: str) -> Sequence[Pair]:
        """The office of the lane, for every act on the task."""
        return [(self.task.role, self.task.unit_id)]

    @property
    def visible_units(self) -> frozenset[UUID]:
        """The office's unit, and those that lead the bloc: they see what others still have to do."""
        scope = self.instance.scope
        units = (self.task.unit_id, scope.federation_id, scope.leader_unit_id, scope.deputy_unit_id)
        return frozenset(unit for unit in units if unit is not None)

    @property
    def authors(self) -> frozenset[UUID]:
        return self.people


@dataclass(frozen=True, slots=True)
class Step:
    """What a completed task brought; `rev` is the place of its audit event in the instance's stream."""

    instance: ProcessInstance
    rev: int
    new_tasks: Sequence[HumanTask]
    ended: bool


def lock(session: Session, task_id: UUID) -> OpenTask:
    """The open task with its instance, both locked until the transaction ends: one statement.

    Raises TaskUnknown, TaskNotOpen (facts: who, when, what), InstanceSuspended.
    """
    instance, task = _rows(session, task_id, locked=True)
    _require_open(instance, task)
    return OpenTask(instance, task)


def find(session: Session, task_id: UUID) -> OpenTask:
    """The open task for reading, not locked; raises as `lock`."""
    instance, task = _rows(session, task_id, locked=False)
    _require_open(instance, task)
    return OpenTask(instance, task)


def complete(
    session: Session,
    open_task: OpenTask,
    *,
    outcome: Mapping[str, Any],
    by: UUID,
    seat_id: UUID | None,
    at: datetime,
) -> Step:
    """Completes a locked task and runs the instance to its next stops; flushed, not committed.

    outcome: ids and decisions only. Nothing of it is stored when the process cannot go on: EngineStalled, and an
    incident after the rollback. Raises OutcomeRefused, TaskHeld. The caller writes the audit event with `rev`.
    """
    instance, task = open_task.instance, open_task.task
    if task.assignee_id not in {None, by}:
        raise TaskHeld(
            f"task {task.id} is held by {task.assignee_id}",
            assignee_id=task.assignee_id,
            claimed_at=task.claimed_at,
        )
    trouble = incidents.Trouble(instance.id, IncidentKind.HUMAN_TASK, task.id, task.element)
    with incidents.guard(session, trouble, at=at):
        live = projection.load(session, instance)
        live.machine.complete_human(task.id, outcome)
        step = projection.plan(live, at)
    task.status, task.ended_at = TaskStatus.COMPLETED, at
    task.completed_by, task.seat_id, task.outcome = by, seat_id, dict(outcome)
    change = projection.write(session, live, step, by=by, at=at, done=task.id)
    return Step(instance, instance.rev, change.tasks, change.ended)


def claim(session: Session, task_id: UUID, *, by: UUID, at: datetime) -> OpenTask:
    """Takes a task on, so that others of the same office see who is at it; again by the same person is no act.

    Raises TaskHeld and as `lock`.
    """
    found = lock(session, task_id)
    task = found.task
    if task.assignee_id == by:
        return found
    if task.assignee_id is not None:
        raise TaskHeld(f"task {task.id} is held", assignee_id=task.assignee_id, claimed_at=task.claimed_at)
    return _assign(session, found, by, "human_task.claimed", by=by, at=at)


def unclaim(session: Session, task_id: UUID, *, by: By, at: datetime) -> OpenTask:
    """Gives a task back to its office; who may do that is for the caller to say."""
    found = lock(session, task_id)
    if found.task.assignee_id is None:
        return found
    return _assign(session, found, None, "human_task.unclaimed", by=by, at=at)


def reassign(session: Session, task_id: UUID, *, to: UUID, by: By, at: datetime) -> OpenTask:
    """Hands a task to one person of its office, whoever holds it now; the caller checks that he is of it."""
    found = lock(session, task_id)
    if found.task.assignee_id == to:
        return found
    return _assign(session, found, to, "human_task.reassigned", by=by, at=at)


def set_due(
    session: Session,
    task_id: UUID,
    *,
    due_at: datetime | None,
    soft_due_at: datetime | None,
    by: By,
    at: datetime,
) -> OpenTask:
    """Moves the deadlines of one task, aware; timers of the diagram stay where they are."""
    found = lock(session, task_id)
    task = found.task
    before = {"due_before": _text(task.due_at), "soft_due_before": _text(task.soft_due_at)}
    task.due_at, task.soft_due_at = due_at, soft_due_at
    task.order_at = projection.order_at(due_at, soft_due_at, task.created_at)
    after = {"due": _text(due_at), "soft_due": _text(soft_due_at)}
    _record(session, found, "human_task.due_moved", by=by, at=at, **before, **after)
    return found


def _rows(session: Session, task_id: UUID, *, locked: bool) -> tuple[ProcessInstance, HumanTask]:
    query = (
        select(ProcessInstance, HumanTask)
        .select_from(ProcessInstance)
        .join(HumanTask, HumanTask.instance_id == ProcessInstance.id)
        .where(HumanTask.id == task_id)
    )
    if locked:
        # PostgreSQL locks the rows of a join in the order of FROM: the instance first, as everybody does.
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise TaskUnknown(f"no human task {task_id}")
    return row[0], row[1]


def _require_open(instance: ProcessInstance, task: HumanTask) -> None:
    if task.status in {TaskStatus.COMPLETED, TaskStatus.CANCELLED}:
        raise TaskNotOpen(
            f"task {task.id} is {task.status}",
            status=task.status.value,
            by=task.completed_by,
            at=task.ended_at,
            outcome=task.outcome,
        )
    if instance.status == InstanceStatus.SUSPENDED:
        raise InstanceSuspended(
            f"instance {instance.id} is suspended", reason=instance.reason, suspended_at=instance.suspended_at
        )


def _assign(
    session: Session, found: OpenTask, person: UUID | None, action: str, *, by: By, at: datetime
) -> OpenTask:
    before = found.task.assignee_id
    found.task.assignee_id, found.task.claimed_at = person, at if person else None
    details = {"assignee_id": _text(person), "before": _text(before)}
    _record(session, found, action, by=by, at=at, **details)
    return found


def _record(session: Session, found: OpenTask, action: str, *, by: By, at: datetime, **details: Any) -> None:
    subject = ("human_task", found.id)
    journal.act(session, found.instance, action, by=by, at=at, subject=subject, **details)
    session.flush()


def _text(value: UUID | datetime | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else str(value) if value else None
