"""Checking the record in the database against itself."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit.canonical import NotCanonical, leaf_of
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import plain_value

_BATCH = 1000

# Columns that repeat the body; the rest (id, xid, epoch, recorded_at) is the database's own.
_REPEATED = (
    "action",
    "actor_id",
    "seat_id",
    "unit_id",
    "on_behalf_of",
    "at",
    "object_type",
    "object_id",
    "instance_id",
    "stream_seq",
    "op_id",
    "doc_sha256",
)


@dataclass(frozen=True, slots=True)
class StreamFault:
    """A stream that is not 1, 2, … n: how many events it has, and their first and last number."""

    instance_id: UUID
    events: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class EventFault:
    """An event whose stored parts do not agree. code: body (bytes changed) or column (which one)."""

    event_id: int
    code: str
    column: str | None = None


def check_streams(session: Session) -> list[StreamFault]:
    """Instances whose events are not numbered 1 … n without a gap; empty when all is well."""
    first, last = sa.func.min(AuditEvent.stream_seq), sa.func.max(AuditEvent.stream_seq)
    count = sa.func.count(AuditEvent.stream_seq)
    query = (
        sa.select(AuditEvent.instance_id, count, first, last)
        .where(AuditEvent.stream_seq.is_not(None))
        .group_by(AuditEvent.instance_id)
        .having(sa.or_(first != 1, last != count))
    )
    return [
        StreamFault(instance_id, events, low or 0, high or 0)
        for instance_id, events, low, high in session.execute(query)
        if instance_id is not None
    ]


def check_events(session: Session, *, after: int = 0, up_to: int | None = None) -> list[EventFault]:
    """Recomputes the leaf of each event and compares its columns with its body; a thousand at a time."""
    query = sa.select(AuditEvent).where(AuditEvent.id > after).order_by(AuditEvent.id)
    if up_to is not None:
        query = query.where(AuditEvent.id <= up_to)
    faults = []
    for event in session.scalars(query.execution_options(yield_per=_BATCH)):
        faults.extend(_event_faults(event))
    return faults


def _event_faults(event: AuditEvent) -> list[EventFault]:
    if leaf_of(event.body) != event.leaf:
        return [EventFault(event.id, "body")]
    try:
        told = event.told
    except NotCanonical:
        return [EventFault(event.id, "body")]
    return [
        EventFault(event.id, "column", name)
        for name in _REPEATED
        if plain_value(getattr(event, name)) != told.get(name)
    ]
