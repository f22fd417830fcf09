"""One child instance per item of a call activity; the parent waits until none is open.

The parent's service task stays WAITING meanwhile: children can be added, cancelled and opened again. A child's
own step costs the same for five items as for two hundred: it never looks at its parent or its siblings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow_app.engine import definitions, ending, journal, launch, projection
from workflow_app.engine.errors import StepFailed
from workflow_app.engine.items import Plan, key_of
from workflow_app.engine.journal import By
from workflow_app.engine.locking import lock
from workflow_app.engine.models import (
    ALIVE,
    InstanceStatus,
    ProcessDefinition,
    ProcessInstance,
    ServiceStatus,
    ServiceTask,
)
from workflow_app.engine.operations import FAN_OUT
from workflow_app.engine.refusals import (
    ChildExists,
    ChildUnknown,
    FanOutClosed,
    InstanceEnded,
    InstanceSuspended,
    ReasonMissing,
)


def spawn(session: Session, parent: ProcessInstance, task: ServiceTask, *, at: datetime) -> None:
    """Starts all children of a locked fan-out in one go; with nothing to wait for it is complete at once.

    Raises StepFailed for two items with the same key, DefinitionUnknown, UnknownRole.
    """
    plan = Plan.of(task.params)
    if len({key_of(item) for item in plan.items}) != len(plan.items):
        raise StepFailed(f"fan-out {task.element} has the same item twice")
    task.status = ServiceStatus.WAITING
    if plan.items:
        definition = definitions.active(session, plan.process)
        _start(session, parent, task, definition, plan, [(item, 1) for item in plan.items], by=None, at=at)
    parent.open_children = ending.count_open_children(session, parent.id)
    subject = ("service_task", task.id)
    count = len(plan.items)
    journal.act(
        session,
        parent,
        "fan_out.started",
        by=None,
        at=at,
        subject=subject,
        element=task.element,
        children=count,
    )
    session.flush()
    settle(session, parent, task.id, by=None, at=at)


def settle(session: Session, parent: ProcessInstance, task_id: UUID, *, by: By, at: datetime) -> bool:
    """Lets a locked parent go on when no child of the fan-out is open any more; True when it did.

    A fan-out that is over already, or whose parent rests, is left alone.
    """
    query = select(ServiceTask).where(ServiceTask.id == task_id).with_for_update(key_share=True)
    task = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if task is None or task.status != ServiceStatus.WAITING or parent.status != InstanceStatus.RUNNING:
        return False
    parent.open_children = ending.count_open_children(session, parent.id)
    if parent.open_children and _any_open(session, task_id):
        session.flush()
        return False
    result = outcomes(session, task_id)
    live = projection.load(session, parent)
    live.machine.complete_service(task_id, result)
    step = projection.plan(live, at)
    task.status, task.ended_at = ServiceStatus.COMPLETED, at
    projection.write(session, live, step, by=by, at=at, done=task_id)
    subject = ("service_task", task_id)
    journal.record(
        session, parent, "fan_out.completed", by=by, at=at, subject=subject, element=task.element, **result
    )
    return True


def outcomes(session: Session, task_id: UUID) -> dict[str, Any]:
    """How the children of a fan-out ended, each item by its last run.

    total, completed, cancelled: counts; outcomes: count per outcome of completed children; outcome: that of the
    only child.
    """
    child = ProcessInstance
    last = (
        select(child.item_key, child.status, child.outcome)
        .where(child.parent_task_id == task_id)
        .ext(distinct_on(child.item_key))
        .order_by(child.item_key, child.run.desc())
        .subquery()
    )
    query = select(last.c.status, last.c.outcome, func.count()).group_by(last.c.status, last.c.outcome)
    rows = session.execute(query).all()
    counts = {status: sum(row[2] for row in rows if row[0] == status) for status in InstanceStatus}
    named = {row[1]: row[2] for row in rows if row[0] == InstanceStatus.COMPLETED and row[1]}
    total = sum(counts.values())
    return {
        "total": total,
        "completed": counts[InstanceStatus.COMPLETED],
        "cancelled": counts[InstanceStatus.CANCELLED],
        "outcomes": dict(sorted(named.items())),
        "outcome": next(iter(named), None) if total == 1 else None,
    }


def add_child(
    session: Session, parent_id: UUID, element: str, item: Any, *, by: By, at: datetime
) -> ProcessInstance:
    """Starts one more child while the element waits: a unit that came late.

    Raises FanOutClosed, ChildExists, InstanceSuspended, InstanceEnded.
    """
    parent, task = _open(session, parent_id, element)
    key = key_of(item)
    if _last_run(session, task.id, key) is not None:
        raise ChildExists(f"item {key} has a child of task {task.id}", item_key=key)
    task.params = {**task.params, "items": [*task.params["items"], item]}
    return _one_more(session, parent, task, Plan.of(task.params), item, 1, "child.added", by=by, at=at)


def reopen_child(
    session: Session,
    parent_id: UUID,
    element: str,
    item_key: str,
    *,
    reason: str,
    by: By,
    at: datetime,
    inputs: Mapping[str, Any] = MappingProxyType({}),
) -> ProcessInstance:
    """Starts a new run for an item whose child has ended, while the element still waits.

    inputs: what has changed since the element was reached, such as a deadline; the child gets it instead.
    Raises FanOutClosed, ChildUnknown, ChildExists (the child is still open), ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing("empty reason")
    parent, task = _open(session, parent_id, element)
    last = _last_run(session, task.id, item_key)
    if last is None:
        raise ChildUnknown(f"item {item_key} has no child of task {task.id}", item_key=item_key)
    if last.alive:
        raise ChildExists(f"item {item_key} has the open child {last.id}", item_key=item_key)
    plan = Plan.of(task.params)
    plan = replace(plan, inputs={**plan.inputs, **inputs})
    run, item = last.run + 1, plan.item(item_key)
    return _one_more(session, parent, task, plan, item, run, "child.reopened", by=by, at=at, reason=reason)


def cancel_child(
    session: Session, parent_id: UUID, element: str, item_key: str, *, reason: str, by: By, at: datetime
) -> ProcessInstance:
    """Cancels the open child of an item; the parent goes on when it was the last one.

    Raises FanOutClosed, ChildUnknown, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing("empty reason")
    parent, task = _open(session, parent_id, element)
    condition = (ProcessInstance.parent_task_id == task.id) & (ProcessInstance.item_key == item_key)
    found = ending.lock_alive(session, condition)
    if not found:
        raise ChildUnknown(f"item {item_key} has no open child of task {task.id}", item_key=item_key)
    ending.cancel(session, found, reason=reason, by=by, at=at)
    settle(session, parent, task.id, by=by, at=at)
    return found[0]


def _one_more(
    session: Session,
    parent: ProcessInstance,
    task: ServiceTask,
    plan: Plan,
    item: Any,
    run: int,
    action: str,
    *,
    by: By,
    at: datetime,
    **details: Any,
) -> ProcessInstance:
    definition = _same_version(session, task.id) or definitions.active(session, plan.process)
    child = _start(session, parent, task, definition, plan, [(item, run)], by=by, at=at)[0]
    parent.open_children = ending.count_open_children(session, parent.id)
    subject = ("process_instance", child.id)
    journal.act(
        session, parent, action, by=by, at=at, subject=subject, item=child.item_key, run=run, **details
    )
    session.flush()
    settle(session, parent, task.id, by=by, at=at)
    return child


def _start(
    session: Session,
    parent: ProcessInstance,
    task: ServiceTask,
    definition: ProcessDefinition,
    plan: Plan,
    items: Sequence[tuple[Any, int]],
    *,
    by: By,
    at: datetime,
) -> Sequence[ProcessInstance]:
    diagram = definitions.compiled(session, definition.id)
    business = launch.Business(parent.business_type, parent.business_id, parent.title)
    new = [
        launch.prepare(
            definition,
            diagram,
            scope=plan.scope(item, parent.scope),
            business=business,
            data=plan.data(item),
            by=by,
            at=at,
            origin=launch.Origin(parent, task.id, task.element, key_of(item), run),
        )
        for item, run in items
    ]
    launch.store(session, new, by=by, at=at)
    return [one.instance for one in new]


def _open(session: Session, parent_id: UUID, element: str) -> tuple[ProcessInstance, ServiceTask]:
    parent = lock(session, parent_id)
    if not parent.alive:
        raise InstanceEnded(f"instance {parent_id} is {parent.status}", ended_at=parent.ended_at)
    if parent.status == InstanceStatus.SUSPENDED:
        raise InstanceSuspended(f"instance {parent_id} is suspended", suspended_at=parent.suspended_at)
    query = select(ServiceTask).where(
        ServiceTask.instance_id == parent_id,
        ServiceTask.element == element,
        ServiceTask.operation == FAN_OUT,
        ServiceTask.status == ServiceStatus.WAITING,
    )
    task = session.scalars(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).first()
    if task is None:
        raise FanOutClosed(f"element {element} of instance {parent_id} has no open fan-out", element=element)
    return parent, task


def _last_run(session: Session, task_id: UUID, key: str) -> ProcessInstance | None:
    query = select(ProcessInstance).where(
        ProcessInstance.parent_task_id == task_id, ProcessInstance.item_key == key
    )
    return session.scalars(query.order_by(ProcessInstance.run.desc()).limit(1)).first()


def _same_version(session: Session, task_id: UUID) -> ProcessDefinition | None:
    """The version that its siblings run on: all units of one round get the same steps."""
    sibling = select(ProcessInstance.definition_id).where(ProcessInstance.parent_task_id == task_id).limit(1)
    found = session.scalar(sibling)
    return session.get(ProcessDefinition, found) if found else None


def _any_open(session: Session, task_id: UUID) -> bool:
    query = select(ProcessInstance.id).where(
        ProcessInstance.parent_task_id == task_id, ProcessInstance.status.in_(ALIVE)
    )
    return session.scalar(query.limit(1)) is not None
