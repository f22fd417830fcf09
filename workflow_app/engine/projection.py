"""The rows that an instance's state casts: human tasks, service tasks, timers.

What the state showed before a step is compared with what it shows after it, so that no row has to be read;
the rows of an instance are only written under its lock, together with its state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from workflow_app.core import jobs
from workflow_app.engine import definitions, ending, hooks, messages
from workflow_app.engine.errors import StepFailed
from workflow_app.engine.journal import By
from workflow_app.engine.machine import Machine, OutgoingMessage, ReadyTask, StartedService, WaitingTimer
from workflow_app.engine.models import (
    HumanTask,
    ProcessInstance,
    ServiceStatus,
    ServiceTask,
    TaskStatus,
    Timer,
)
from workflow_app.engine.operations import FAN_OUT

RUN_SERVICE_TASK = "engine.run_service_task"
NO_DEADLINE = timedelta(days=3650)  # a task without one comes after every task with one, oldest first


@dataclass(frozen=True, slots=True)
class Picture:
    """What a state waits for, by the engine's own task ids."""

    human: dict[UUID, ReadyTask]
    services: dict[UUID, StartedService]
    timers: dict[UUID, WaitingTimer]

    @classmethod
    def of(cls, machine: Machine) -> "Picture":
        return cls(
            {task.id: task for task in machine.human_tasks()},
            {task.id: task for task in machine.service_tasks()},
            {timer.id: timer for timer in machine.timers()},
        )

    @classmethod
    def nothing(cls) -> "Picture":
        return cls({}, {}, {})


@dataclass(frozen=True, slots=True)
class Rows:
    """New rows, ready to be inserted; made before anything is written, because making them may fail."""

    human: list[dict[str, Any]]
    services: list[dict[str, Any]]
    timers: list[dict[str, Any]]

    def __iadd__(self, other: "Rows") -> "Rows":
        self.human.extend(other.human)
        self.services.extend(other.services)
        self.timers.extend(other.timers)
        return self


@dataclass(slots=True)
class Live:
    """A locked instance with its state opened, and what it waited for when it was opened."""

    instance: ProcessInstance
    machine: Machine
    before: Picture


@dataclass(frozen=True, slots=True)
class Plan:
    """A step that has been found good and is not written yet."""

    after: Picture
    rows: Rows
    said: Sequence[OutgoingMessage]
    state: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """What a stored step brought: the new human tasks, and whether the instance has ended."""

    tasks: Sequence[HumanTask]
    ended: bool


def load(session: Session, instance: ProcessInstance) -> Live:
    """Opens the state of a locked instance; no query when its diagram is in this process."""
    machine = Machine.load(definitions.compiled(session, instance.definition_id), instance.state)
    return Live(instance, machine, Picture.of(machine))


def save(session: Session, live: Live, *, by: By, at: datetime, done: UUID | None = None) -> Change:
    """Stores a step: `plan`, then `write`. Raises what `plan` raises."""
    return write(session, live, plan(live, at), by=by, at=at, done=done)


def plan(live: Live, at: datetime) -> Plan:
    """Looks at a step before anything of it is written.

    Raises Stalled, UnknownRole, MomentRefused, and the machine's other faults.
    """
    live.machine.check_alive()
    after = Picture.of(live.machine)
    rows = new_rows(live.instance, after, at, known=live.before)
    said = live.machine.outgoing()  # taken before the dump, or they would be stored and said again
    if live.instance.parent_id is None and (lost := [one.name for one in said if not hooks.hears(one.name)]):
        raise StepFailed(f"nobody hears the message {lost[0]}")
    return Plan(after, rows, said, live.machine.dump())


def write(
    session: Session, live: Live, step: Plan, *, by: By, at: datetime, done: UUID | None = None
) -> Change:
    """Writes state, revision and the rows that appeared or vanished; flushed, not committed.

    done: the task whose row the caller has changed itself.
    """
    instance, machine = live.instance, live.machine
    instance.state = step.state
    instance.rev += 1
    if machine.completed:
        ending.complete(instance, machine, at=at)
    session.flush()
    _remove(session, live, step.after, done, by=by, at=at)
    tasks = insert_rows(session, step.rows)
    send(session, instance, step.said, at)
    if machine.completed:
        ending.announce(session, instance, machine.data(), by=by, at=at)
    session.flush()
    return Change(tasks, machine.completed)


def new_rows(
    instance: ProcessInstance, picture: Picture, at: datetime, *, known: Picture | None = None
) -> Rows:
    """The rows of what a state waits for and did not wait for before; raises UnknownRole."""
    known = known or Picture.nothing()
    return Rows(
        [_human(instance, task, at) for key, task in picture.human.items() if key not in known.human],
        [_service(instance, task, at) for key, task in picture.services.items() if key not in known.services],
        [
            {
                "id": key,
                "instance_id": instance.id,
                "element": timer.element,
                "due_at": timer.due_at,
                "blocked": False,
            }
            for key, timer in picture.timers.items()
            if timer != known.timers.get(key)
        ],
    )


def insert_rows(session: Session, rows: Rows) -> Sequence[HumanTask]:
    """One INSERT per kind of row, whatever their number; a job for each service task."""
    tasks: Sequence[HumanTask] = ()
    if rows.human:
        tasks = session.scalars(insert(HumanTask).returning(HumanTask), rows.human).all()
    if rows.timers:
        session.execute(insert(Timer).returning(Timer.id), rows.timers)
    if rows.services:
        session.execute(insert(ServiceTask).returning(ServiceTask.id), rows.services)
        for row in rows.services:
            defer_service(session, row["id"])
    return tasks


def defer_service(session: Session, task_id: UUID, *, at: datetime | None = None) -> None:
    """Queues an attempt at a service task, not before `at`."""
    jobs.defer(session, RUN_SERVICE_TASK, at=at, task_id=str(task_id))


def order_at(due_at: datetime | None, soft_due_at: datetime | None, created_at: datetime) -> datetime:
    """The place of a human task in a list, soonest first."""
    return due_at or soft_due_at or created_at + NO_DEADLINE


def _human(instance: ProcessInstance, task: ReadyTask, at: datetime) -> dict[str, Any]:
    if task.lane is None or task.form is None:
        raise StepFailed(f"human task {task.element} has no lane or no form")
    return {
        "id": task.id,
        "instance_id": instance.id,
        "element": task.element,
        "name": task.name,
        "role": task.lane,
        "unit_id": instance.scope.unit_for(task.lane),
        "form_key": task.form,
        "act": task.act,
        "status": TaskStatus.OPEN,
        "due_at": task.due,
        "soft_due_at": task.soft_due,
        "order_at": order_at(task.due, task.soft_due, at),
        "created_at": at,
    }


def _service(instance: ProcessInstance, task: StartedService, at: datetime) -> dict[str, Any]:
    return {
        "id": task.id,
        "instance_id": instance.id,
        "element": task.element,
        "operation": task.operation,
        "params": dict(task.params),
        "status": ServiceStatus.QUEUED,
        "attempts": 0,
        "next_at": at,
        "created_at": at,
    }


def _remove(session: Session, live: Live, after: Picture, done: UUID | None, *, by: By, at: datetime) -> None:
    """Ends the rows of what the state no longer waits for."""
    before, instance = live.before, live.instance
    human = [key for key in before.human if key not in after.human and key != done]
    services = [key for key in before.services if key not in after.services and key != done]
    timers = [key for key, timer in before.timers.items() if timer != after.timers.get(key)]
    if human:
        _cancel(session, HumanTask, human, at)
    if services:
        _cancel(session, ServiceTask, services, at)
    if timers:
        session.execute(delete(Timer).where(Timer.id.in_(timers)))
    if instance.open_incidents and (gone := [*human, *services, *timers]):
        instance.open_incidents -= ending.close_incidents(session, gone, at=at)
    fan_outs = [key for key in services if before.services[key].operation == FAN_OUT]
    if fan_outs:
        ending.cancel_children(session, fan_outs, reason=ending.SUPERSEDED, by=by, at=at)
        instance.open_children = ending.count_open_children(session, instance.id)


def _cancel(
    session: Session, kind: type[HumanTask] | type[ServiceTask], ids: list[UUID], at: datetime
) -> None:
    status = TaskStatus.CANCELLED if kind is HumanTask else ServiceStatus.CANCELLED
    session.execute(update(kind).where(kind.id.in_(ids)).values(status=status, ended_at=at))


def send(session: Session, instance: ProcessInstance, said: Sequence[OutgoingMessage], at: datetime) -> None:
    """Hands on what an instance said: to the process's hook, else to the instance that started it."""
    for number, message in enumerate(said):
        key = f"said {instance.id} {instance.rev} {number}"
        if hooks.hears(message.name):
            hooks.message_said(session, hooks.Said(instance, message.name, message.payload, key, at))
        elif instance.parent_id is not None:
            messages.send(session, instance.parent_id, message.name, message.payload, dedupe_key=key, at=at)


def differences(session: Session, instance: ProcessInstance) -> list[str]:
    """Where the rows of an instance are not what its state casts; empty when all is well. For checks, not for work."""
    seen = Picture.of(load(session, instance).machine) if instance.alive else Picture.nothing()
    waiting = (ServiceStatus.QUEUED, ServiceStatus.WAITING, ServiceStatus.INCIDENT)
    human = select(HumanTask.id).where(HumanTask.status.in_((TaskStatus.OPEN, TaskStatus.SUSPENDED)))
    services = select(ServiceTask.id).where(ServiceTask.status.in_(waiting))
    timers = session.execute(select(Timer.id, Timer.due_at).where(Timer.instance_id == instance.id))
    stored = {
        "human_task": (
            set(session.scalars(human.where(HumanTask.instance_id == instance.id))),
            set(seen.human),
        ),
        "service_task": (
            set(session.scalars(services.where(ServiceTask.instance_id == instance.id))),
            set(seen.services),
        ),
        "timer": (
            {(row.id, row.due_at) for row in timers},
            {(key, timer.due_at) for key, timer in seen.timers.items()},
        ),
    }
    return [f"{kind}: rows {rows}, state {cast}" for kind, (rows, cast) in stored.items() if rows != cast]
