"""Reading the record: by instance, by object, by person; in pages by key, never by offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow_app.audit.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Page:
    """Events in order, and the key of the next page (None on the last)."""

    events: list[AuditEvent]
    after: int | None


def of_instance(
    session: Session, instance_id: UUID, *, children: Sequence[UUID] = (), after: int = 0, limit: int = 50
) -> Page:
    """What happened in an instance and its children, oldest first.

    children: ids of the child instances, which the engine knows. after: the last page's key.
    """
    return _forward(session, AuditEvent.instance_id.in_([instance_id, *children]), after, limit)


def of_object(session: Session, object_id: UUID, *, after: int = 0, limit: int = 50) -> Page:
    """What happened to one object (a document, a bloc, a person's account), oldest first."""
    return _forward(session, AuditEvent.object_id == object_id, after, limit)


def of_person(session: Session, person_id: UUID, *, before: int | None = None, limit: int = 50) -> Page:
    """What a person did, newest first; before: the last page's key."""
    return _backward(session, AuditEvent.actor_id == person_id, before, limit)


def newest(
    session: Session, *, unit_ids: Sequence[UUID] | None = None, before: int | None = None, limit: int = 50
) -> Page:
    """The latest acts, newest first; unit_ids: only of these units' officers (None = all)."""
    if unit_ids is None:
        return _backward(session, sa.true(), before, limit)
    # A few from the index of each unit: one scan for all units would walk through everybody else's acts.
    given = sa.bindparam("units", list(unit_ids), ARRAY(sa.Uuid))
    units = sa.func.unnest(given).table_valued("unit_id", name="u").render_derived()
    own = sa.select(AuditEvent.id).where(AuditEvent.unit_id == units.c.unit_id)
    inner = own.order_by(AuditEvent.id.desc())
    inner = inner if before is None else inner.where(AuditEvent.id < before)
    latest = inner.limit(limit + 1).correlate(units).lateral("latest")
    chosen = sa.select(latest.c.id).select_from(units.join(latest, sa.true()))
    return _backward(session, AuditEvent.id.in_(chosen), before, limit)


def _forward(session: Session, condition: sa.ColumnElement[bool], after: int, limit: int) -> Page:
    query = sa.select(AuditEvent).where(condition, AuditEvent.id > after).order_by(AuditEvent.id)
    return _page(session, query, limit)


def _backward(session: Session, condition: sa.ColumnElement[bool], before: int | None, limit: int) -> Page:
    query = sa.select(AuditEvent).where(condition).order_by(AuditEvent.id.desc())
    return _page(session, query if before is None else query.where(AuditEvent.id < before), limit)


def _page(session: Session, query: sa.Select[AuditEvent], limit: int) -> Page:
    events = list(session.scalars(query.limit(limit + 1)))  # one more tells whether there is a next page
    more = len(events) > limit
    events = events[:limit]
    return Page(events, events[-1].id if more else None)
