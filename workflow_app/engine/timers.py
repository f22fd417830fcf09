"""Due timers: found by an index, fired one instance at a time, each in a transaction of its own."""

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
from workflow_app.engine.locking import lock_if_free
from workflow_app.engine.models import IncidentKind, InstanceStatus, Timer

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
