"""What could not go on by itself: opened with the fault, shown to operators, retried or resolved by them.

A fault of the engine undoes its whole transaction; the incident is written in a new one, after the rollback.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from workflow_app.core.database import transaction
from workflow_app.core.errors import Refusal
from workflow_app.core.ids import new_id
from workflow_app.engine import alarm, errors, journal
from workflow_app.engine.journal import By
from workflow_app.engine.locking import lock
from workflow_app.engine.models import Incident, IncidentKind, Message, ProcessInstance, Timer
from workflow_app.engine.refusals import EngineStalled, IncidentUnknown, OperationUnknown
from workflow_app.organisations.errors import UnknownRole

logger = logging.getLogger(__name__)

# Another try gives the same again: nobody but an operator can help.
ENGINE_FAULTS = (
    errors.Stalled,
    errors.LoopCap,
    errors.StepFailed,
    errors.ExpressionFailed,
    errors.ExpressionRefused,
    errors.FaultNotCaught,
    errors.MomentRefused,
    errors.TaskNotActive,
    errors.WrongDiagram,
    OperationUnknown,
    UnknownRole,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What met a fault; subject_id: the human task, service task, timer or message."""

    instance_id: UUID
    kind: IncidentKind
    subject_id: UUID
    element: str | None


def open_locked(
    session: Session, instance: ProcessInstance, trouble: Trouble, error: BaseException, *, at: datetime
) -> UUID:
    """Opens an incident on a locked instance, or counts one more on the open one; returns its id."""
    row = {
        "id": new_id(),
        "instance_id": trouble.instance_id,
        "kind": trouble.kind,
        "subject_id": trouble.subject_id,
        "element": trouble.element,
        "error": describe(error),
        "times": 1,
        "opened_at": at,
        "last_at": at,
    }
    statement = insert(Incident).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["subject_id"],
        index_where=Incident.resolved_at.is_(None),
        set_={"times": Incident.times + 1, "last_at": at, "error": statement.excluded.error},
    )
    identity, times = session.execute(statement.returning(Incident.id, Incident.times)).one()
    if times == 1:
        instance.open_incidents += 1
        subject = (trouble.kind.value, trouble.subject_id)
        details = {"incident_id": str(identity), "element": trouble.element, "error": row["error"]}
        journal.act(session, instance, "incident.opened", by=None, at=at, subject=subject, **details)
        alarm.tell(session, instance, identity, subject_id=trouble.subject_id, element=trouble.element, at=at)
    session.flush()
    return UUID(str(identity))


def report(trouble: Trouble, error: BaseException, *, at: datetime) -> None:
    """Opens an incident in a transaction of its own; what failed is not tried again by itself."""
    logger.error("incident in instance %s at %s: %s", trouble.instance_id, trouble.element, describe(error))
    with transaction() as session:
        instance = lock(session, trouble.instance_id)
        if not instance.alive:
            return
        if trouble.kind == IncidentKind.TIMER:
            session.execute(update(Timer).where(Timer.id == trouble.subject_id).values(blocked=True))
        if trouble.kind == IncidentKind.MESSAGE:
            session.execute(update(Message).where(Message.id == trouble.subject_id).values(held=True))
        open_locked(session, instance, trouble, error, at=at)


@contextmanager
def guard(session: Session, trouble: Trouble, *, at: datetime) -> Iterator[None]:
    """Turns a fault of the engine in a person's act into EngineStalled, and into an incident after the rollback."""
    try:
        yield
    except ENGINE_FAULTS as error:
        _report_after_rollback(session, trouble, error, at)
        raise EngineStalled(
            f"instance {trouble.instance_id} at {trouble.element}: {describe(error)}",
            instance_id=trouble.instance_id,
            element=trouble.element,
            cause=getattr(error, "code", "fault"),
        ) from error


def open_incidents(
    session: Session, *, federation_id: UUID | None = None, limit: int = 100
) -> list[Incident]:
    """Open incidents, oldest first; of one federation or of all."""
    query = select(Incident).where(Incident.resolved_at.is_(None)).order_by(Incident.opened_at, Incident.id)
    if federation_id is not None:
        instance = ProcessInstance.id == Incident.instance_id
        query = query.join(ProcessInstance, instance).where(ProcessInstance.federation_id == federation_id)
    return list(session.scalars(query.limit(limit)))


def lock_incident(session: Session, incident_id: UUID) -> tuple[ProcessInstance, Incident]:
    """An open incident with its instance, both locked, the instance first; raises IncidentUnknown."""
    query = (
        select(ProcessInstance, Incident)
        .select_from(ProcessInstance)
        .join(Incident, Incident.instance_id == ProcessInstance.id)
        .where(Incident.id == incident_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).one_or_none()
    if row is None or row[1].resolved_at is not None:
        raise IncidentUnknown(f"no open incident {incident_id}")
    return row[0], row[1]


def close(instance: ProcessInstance, incident: Incident, *, resolution: str, by: By, at: datetime) -> None:
    """Marks a locked incident as resolved; the caller records the act."""
    incident.resolved_at, incident.resolved_by, incident.resolution = at, journal.person(by), resolution
    instance.open_incidents -= 1


def describe(error: BaseException) -> str:
    """What happened, without personal data: class and code; text only from our refusals, which carry ids only."""
    if isinstance(error, Refusal):
        return f"{error.code}: {error}"[:500]
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{place}"[:500]


def _report_after_rollback(session: Session, trouble: Trouble, error: BaseException, at: datetime) -> None:
    def refuse(_session: Session) -> None:
        raise RuntimeError("a step that failed must be rolled back, never committed")

    def report_it(_session: Session) -> None:
        event.remove(session, "before_commit", refuse)
        try:
            report(trouble, error, at=at)
        except (SQLAlchemyError, Refusal) as second:
            logger.error("incident of %s not stored: %s", trouble.instance_id, describe(second))  # noqa: TRY400 - a driver's traceback may print values

    event.listen(session, "before_commit", refuse)
    # While the transaction is open it holds the lock of the instance: a second one would wait for it in vain.
    event.listen(session, "after_rollback", report_it, once=True)


def facts(incident: Incident) -> dict[str, Any]:
    """An incident as plain values: for pages and the API."""
    return {
        "id": incident.id,
        "instance_id": incident.instance_id,
        "kind": incident.kind.value,
        "element": incident.element,
        "error": incident.error,
        "times": incident.times,
        "opened_at": incident.opened_at,
        "last_at": incident.last_at,
    }
