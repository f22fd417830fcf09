"""Timers: the due ones fired, one instance at a time, each in a transaction of its own; a waiting one moved."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.engine import incidents, journal, projection
from workflow_app.engine.errors import StepFailed
from workflow_app.engine.incidents import ENGINE_FAULTS, Trouble
from workflow_app.engine.journal import By
from workflow_app.engine.locking import lock, lock_if_free
from workflow_app.engine.models import IncidentKind, InstanceStatus, ProcessInstance, Timer
from workflow_app.engine.refusals import InstanceEnded, InstanceSuspended

logger = logging.getLogger(__name__)

BATCH = 200  # due timers looked up at once


@dataclass(frozen=True, slots=True)
class _Due:
    id: UUID
    instance_id: UUID
    element: str


def fire_due() -> int:
    """Fires what is due by the application's clock; returns how many instances moved.

    An instance that somebody holds at this moment is left for the next call.
    """
    moved, seen = 0, set[UUID]()
    while fresh := _due(clock.now(), seen):
        seen.update(timer.id for timer in fresh)
        for timer in {timer.instance_id: timer for timer in fresh}.values():
            moved += _fire_or_report(timer, clock.now())
    return moved


def fire(session: Session, instance_id: UUID, *, at: datetime) -> bool:
    """Fires the due timers of one instance; False when it is held by somebody, rests, or nothing is due.

    Raises StepFailed when a timer is due and does not fire.
    """
    instance = lock_if_free(session, instance_id)
    if instance is None or instance.status != InstanceStatus.RUNNING:
        return False
    live = projection.load(session, instance)
    fired = live.machine.fire_timers(at)
    if not fired:
        raise StepFailed(f"instance {instance_id} has a due timer that does not fire")
    projection.save(session, live, by=None, at=at)
    first = fired[0]
    elements = [timer.element for timer in fired]
    journal.record(
        session, instance, "timer.fired", by=None, at=at, subject=("timer", first.id), elements=elements
    )
    return True


def move(
    session: Session,
    instance_id: UUID,
    element: str,
    *,
    to: datetime,
    by: By,
    at: datetime,
    reason: str | None = None,
) -> ProcessInstance:
    """Gives the timer of an element another aware moment; a moment that is past is due at once.

    A boundary timer that has gone off without taking away what it sits on is set once more, so that a deadline
    moved after its day is watched again. The data of the process stay as they are: who hands the deadline to a
    later step says the new one. Raises TimerNotWaiting, InstanceUnknown, InstanceEnded, InstanceSuspended.
    """
    instance = lock(session, instance_id)
    if not instance.alive:
        raise InstanceEnded(f"instance {instance_id} is {instance.status}", ended_at=instance.ended_at)
    if instance.status == InstanceStatus.SUSPENDED:
        raise InstanceSuspended(f"instance {instance_id} is suspended", suspended_at=instance.suspended_at)
    live = projection.load(session, instance)
    before = live.machine.move_timer(element, to)
    projection.save(session, live, by=by, at=at)
    timer = next(timer for timer in live.machine.timers() if timer.element == element)
    moved = {"element": element, "due_before": before.isoformat(), "due": timer.due_at.isoformat()}
    subject = ("timer", timer.id)
    journal.record(session, instance, "timer.moved", by=by, at=at, subject=subject, reason=reason, **moved)
    return instance


def _due(at: datetime, seen: set[UUID]) -> list[_Due]:
    query = select(Timer.id, Timer.instance_id, Timer.element).where(
        Timer.due_at <= at, Timer.blocked.is_(False)
    )
    query = query.where(Timer.id.not_in(seen)) if seen else query
    with reading() as session:
        return [_Due(*row) for row in session.execute(query.order_by(Timer.due_at).limit(BATCH))]


def _fire_or_report(timer: _Due, at: datetime) -> bool:
    try:
        with transaction() as session:
            return fire(session, timer.instance_id, at=at)
    except ENGINE_FAULTS as error:
        trouble = Trouble(timer.instance_id, IncidentKind.TIMER, timer.id, timer.element)
        incidents.report(trouble, error, at=at)
    except Exception as error:  # noqa: BLE001 - the worker's outer loop: one instance must not stop the others
        logger.warning("timer %s not fired: %s", timer.id, incidents.describe(error))
    return False
