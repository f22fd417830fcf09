"""News between instances: stored with the act that causes them, delivered by a job of their own.

A child never locks its parent in its own transaction: it leaves a message, and a job delivers it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow_app.core import jobs
from workflow_app.core.ids import new_id
from workflow_app.engine.models import Message, ProcessInstance

CHILD_ENDED = "engine.child_ended"  # the engine's own; a diagram's message names have no dot
DELIVER = "engine.deliver_messages"


def send(
    session: Session,
    instance_id: UUID,
    name: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str,
    at: datetime,
) -> bool:
    """Leaves a message for an instance; False when the same news (`dedupe_key`) was left before.

    payload: ids and decisions. It is delivered after the commit, to whatever waits for `name` then.
    """
    row = {
        "id": new_id(),
        "instance_id": instance_id,
        "name": name,
        "payload": dict(payload),
        "dedupe_key": dedupe_key,
        "created_at": at,
        "held": False,
    }
    statement = insert(Message).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"])
    stored = session.scalar(statement.returning(Message.id)) is not None
    if stored:
        defer_delivery(session, instance_id)
    return stored


def child_ended(session: Session, child: ProcessInstance, *, at: datetime) -> None:
    """Tells the parent of a completed child; its own job takes the parent's lock."""
    if child.parent_id is not None:
        payload = {"child_id": str(child.id), "task_id": str(child.parent_task_id)}
        send(session, child.parent_id, CHILD_ENDED, payload, dedupe_key=f"ended {child.id}", at=at)


def defer_delivery(session: Session, instance_id: UUID) -> None:
    """Queues the delivery; those of one instance run one after another."""
    jobs.defer(session, DELIVER, lock=f"messages {instance_id}", instance_id=str(instance_id))


def waiting(session: Session, instance_id: UUID) -> Sequence[Message]:
    """What has not been delivered yet and is not held by an incident, oldest first."""
    query = select(Message).where(
        Message.instance_id == instance_id, Message.delivered_at.is_(None), Message.held.is_(False)
    )
    return session.scalars(query.order_by(Message.id)).all()


def any_waiting(session: Session, instance_id: UUID) -> bool:
    """Whether a delivery would find something; asked before the instance is locked."""
    query = select(Message.id).where(
        Message.instance_id == instance_id, Message.delivered_at.is_(None), Message.held.is_(False)
    )
    return session.scalar(query.limit(1)) is not None


def drop(session: Session, instance_ids: Sequence[UUID], *, at: datetime) -> None:
    """Nobody is left to read them."""
    session.execute(
        update(Message)
        .where(Message.instance_id.in_(instance_ids), Message.delivered_at.is_(None))
        .values(delivered_at=at, held=False)
    )
