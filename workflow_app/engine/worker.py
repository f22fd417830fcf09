"""The engine's jobs: service tasks, messages, timers. Importing this module registers them.

Whoever runs a job twice finds at its row, under the instance's lock, that the work is done.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_app.core import clock, jobs
from workflow_app.core.database import transaction
from workflow_app.core.errors import Conflict
from workflow_app.engine import fan_out, incidents, journal, messages, operations, projection, timers
from workflow_app.engine.errors import MessageNotExpected, OutcomeRefused
from workflow_app.engine.incidents import ENGINE_FAULTS, Trouble
from workflow_app.engine.locking import lock, lock_service
from workflow_app.engine.models import (
    IncidentKind,
    InstanceStatus,
    Message,
    ProcessInstance,
    ServiceStatus,
    ServiceTask,
)
from workflow_app.engine.operations import FAN_OUT, BusinessFault, Operation, OperationJob
from workflow_app.engine.refusals import WorkerLost
from workflow_app.engine.repair import resolve, retry

__all__ = ["deliver_messages", "fire_timers", "requeue_lost", "resolve", "retry", "run_service_task"]

logger = logging.getLogger(__name__)

HELD_UP = timedelta(seconds=2)
LOST_AFTER = timedelta(minutes=2)  # longer than any job waits in a healthy queue before it is taken


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A service task taken up by this worker."""

    job: OperationJob
    name: str
    trouble: Trouble


@jobs.job(projection.RUN_SERVICE_TASK)
def run_service_task(task_id: str) -> None:
    """One attempt: `work` outside any transaction, then one transaction that moves the process on."""
    with _patient(projection.RUN_SERVICE_TASK, task_id=task_id):
        attempt = _take(UUID(task_id))
        if attempt is None:
            return
        try:
            _run(attempt)
        except Exception as error:  # noqa: BLE001 - the worker's outer loop: every failure is counted at the row
            _failed(attempt, error)


@jobs.job(messages.DELIVER)
def deliver_messages(instance_id: str) -> None:
    """Hands an instance its waiting messages in one transaction; a bad one becomes an incident and waits."""
    identity = UUID(instance_id)
    with _patient(messages.DELIVER, instance_id=instance_id), transaction() as session:
        if not messages.any_waiting(session, identity):
            return  # the job before this one has taken them all
        instance = lock(session, identity)
        if instance.status == InstanceStatus.RUNNING:
            _deliver(session, instance, clock.now())
        elif not instance.alive:
            messages.drop(session, [identity], at=clock.now())


@jobs.job("engine.fire_timers", cron="* * * * * */5")
def fire_timers() -> None:
    """Fires due timers; every five seconds, an idle look costs a millisecond."""
    timers.fire_due()


@jobs.job("engine.requeue_lost", cron="* * * * *")
def requeue_lost() -> None:
    """Queues again what has no job any more: the queue was lost or emptied, the rows are the truth."""
    with transaction() as session:
        before = {"before": clock.now() - LOST_AFTER}
        for (task_id,) in session.execute(text(_LOST_TASKS), before).all():
            logger.warning("service task %s had no job", task_id)
            projection.defer_service(session, task_id)
        for (instance_id,) in session.execute(text(_LOST_MESSAGES), before).all():
            logger.warning("messages of instance %s had no job", instance_id)
            messages.defer_delivery(session, instance_id)


_LOST_TASKS = """
SELECT s.id FROM service_task s JOIN process_instance i ON i.id = s.instance_id
WHERE s.status = 'queued' AND s.next_at < :before AND i.status = 'running' AND NOT EXISTS (
    SELECT FROM procrastinate_jobs
    WHERE task_name = 'engine.run_service_task' AND status IN ('todo', 'doing') AND args ->> 'task_id' = s.id::text)
ORDER BY s.next_at LIMIT 500
"""
_LOST_MESSAGES = """
SELECT DISTINCT m.instance_id FROM message m JOIN process_instance i ON i.id = m.instance_id
WHERE m.delivered_at IS NULL AND NOT m.held AND m.created_at < :before AND i.status = 'running' AND NOT EXISTS (
    SELECT FROM procrastinate_jobs
    WHERE task_name = 'engine.deliver_messages' AND status IN ('todo', 'doing')
      AND args ->> 'instance_id' = m.instance_id::text)
LIMIT 500
"""


@contextmanager
def _patient(name: str, **arguments: str) -> Iterator[None]:
    """A job that meets somebody else's lock for too long comes again a little later, uncounted."""
    try:
        yield
    except Conflict as error:
        logger.info("job %s %s waits: %s", name, arguments, error)
        with transaction() as session:
            jobs.defer(session, name, at=clock.now() + HELD_UP, **arguments)


def _take(task_id: UUID) -> _Attempt | None:
    """Counts the attempt before the work, so that work that kills its worker is counted too."""
    with transaction() as session:
        found = lock_service(session, task_id)
        if found is None or not _may_run(*found):
            return None
        instance, task = found
        trouble = Trouble(instance.id, IncidentKind.SERVICE_TASK, task.id, task.element)
        if task.attempts >= operations.attempts_of(task.operation):
            _give_up(session, instance, task, trouble, WorkerLost(f"{task.attempts} attempts never ended"))
            return None
        task.attempts += 1
        data = projection.load(session, instance).machine.data()
        job = OperationJob(
            task_id=task.id,
            instance_id=instance.id,
            element=task.element,
            params=task.params,
            scope=instance.scope,
            business_type=instance.business_type,
            business_id=instance.business_id,
            at=task.created_at,
            attempt=task.attempts,
            data=data,
        )
        return _Attempt(job, task.operation, trouble)


def _run(attempt: _Attempt) -> None:
    if attempt.name == FAN_OUT:
        _spawn(attempt.job)
        return
    operation = operations.get(attempt.name)
    try:
        result = operation.work(attempt.job)
        _finish(operation, attempt.job, result)
    except BusinessFault as fault:  # what `finish` wrote is undone; the fault itself moves the process
        _leave_by_fault(attempt.job, fault)


def _spawn(job: OperationJob) -> None:
    with transaction() as session:
        found = lock_service(session, job.task_id)
        if found is not None and _may_run(*found):
            fan_out.spawn(session, *found, at=clock.now())


def _finish(operation: Operation, job: OperationJob, result: Mapping[str, Any]) -> None:
    at = clock.now()
    with transaction() as session:
        found = lock_service(session, job.task_id)
        if found is None or not _may_run(*found):
            return  # another run of this job was faster, or the task has gone: one effect
        values = operation.finish(session, job, result) if operation.finish else result
        live = projection.load(session, found[0])
        live.machine.complete_service(job.task_id, values)
        _end(session, live, found[1], "service_task.completed", at)


def _leave_by_fault(job: OperationJob, fault: BusinessFault) -> None:
    at = clock.now()
    with transaction() as session:
        found = lock_service(session, job.task_id)
        if found is None or not _may_run(*found):
            return
        live = projection.load(session, found[0])
        live.machine.business_fault(job.task_id, fault.code)
        found[1].error = f"business fault {fault.code}"
        _end(session, live, found[1], "service_task.fault", at, fault=fault.code)


def _end(
    session: Session, live: projection.Live, task: ServiceTask, action: str, at: datetime, **details: Any
) -> None:
    step = projection.plan(live, at)
    task.status, task.ended_at = ServiceStatus.COMPLETED, at
    projection.write(session, live, step, by=None, at=at, done=task.id)
    details |= {"element": task.element, "operation": task.operation, "attempt": task.attempts}
    journal.record(
        session, live.instance, action, by=None, at=at, subject=("service_task", task.id), **details
    )


def _failed(attempt: _Attempt, error: Exception) -> None:
    """Another attempt after a while; an incident when there were enough, or when another gives the same again."""
    at, job = clock.now(), attempt.job
    logger.warning("service task %s, attempt %s: %s", job.task_id, job.attempt, incidents.describe(error))
    with transaction() as session:
        found = lock_service(session, job.task_id)
        if found is None or found[1].status != ServiceStatus.QUEUED or found[1].attempts != job.attempt:
            return  # the task has moved on without this attempt
        instance, task = found
        if isinstance(error, ENGINE_FAULTS) or task.attempts >= operations.attempts_of(task.operation):
            _give_up(session, instance, task, attempt.trouble, error)
        else:
            task.error = incidents.describe(error)
            task.next_at = at + timedelta(seconds=operations.wait_of(task.operation, task.attempts))
            projection.defer_service(session, task.id, at=task.next_at)


def _give_up(
    session: Session, instance: ProcessInstance, task: ServiceTask, trouble: Trouble, error: Exception
) -> None:
    task.status, task.error = ServiceStatus.INCIDENT, incidents.describe(error)
    incidents.open_locked(session, instance, trouble, error, at=clock.now())


def _may_run(instance: ProcessInstance, task: ServiceTask) -> bool:
    # A suspended instance keeps its queued tasks; `resume` queues them again.
    return task.status == ServiceStatus.QUEUED and instance.status == InstanceStatus.RUNNING


def _deliver(session: Session, instance: ProcessInstance, at: datetime) -> None:
    ended: dict[UUID, None] = {}
    for message in messages.waiting(session, instance.id):
        message.delivered_at = at
        if message.name == messages.CHILD_ENDED:
            ended[UUID(message.payload["task_id"])] = None
        elif instance.alive:
            _hand_over(session, instance, message, at)
    for task_id in ended:  # once per fan-out, however many of its children have ended
        _settle(session, instance, task_id, at)


def _hand_over(session: Session, instance: ProcessInstance, message: Message, at: datetime) -> None:
    try:
        with session.begin_nested():
            live = projection.load(session, instance)
            live.machine.deliver(message.name, message.payload)
            projection.save(session, live, by=None, at=at)
            subject = ("message", message.id)
            journal.record(
                session, instance, "message.delivered", by=None, at=at, subject=subject, name=message.name
            )
    except (*ENGINE_FAULTS, MessageNotExpected, OutcomeRefused) as error:
        message.delivered_at, message.held = None, True
        trouble = Trouble(instance.id, IncidentKind.MESSAGE, message.id, None)
        incidents.open_locked(session, instance, trouble, error, at=at)


def _settle(session: Session, instance: ProcessInstance, task_id: UUID, at: datetime) -> None:
    try:
        with session.begin_nested():
            fan_out.settle(session, instance, task_id, by=None, at=at)
    except ENGINE_FAULTS as error:
        trouble = Trouble(instance.id, IncidentKind.FAN_OUT, task_id, None)
        incidents.open_locked(session, instance, trouble, error, at=at)
