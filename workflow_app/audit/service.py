"""Writing one act into the record, and finding what an operation already did."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow_app.audit.canonical import canonical, leaf_of
from workflow_app.audit.errors import ActRepeated, OutOfOrder
from workflow_app.audit.models import AuditEvent
from workflow_app.organisations.types import Actor, Capacity, Seat

VERSION = 1  # of the body; a reader of old exports can tell

# Codes, numbers of documents, digests. What people typed has spaces or is longer, and is not copied.
_CODE = re.compile(r"\S{1,80}")


@dataclass(frozen=True, slots=True)
class ActorRef:
    """Who acted, in which office, on whose behalf: what every event stores."""

    person_id: UUID
    seat_id: UUID | None = None
    unit_id: UUID | None = None
    office_title: str = ""
    capacity: Capacity = Capacity.DIRECT
    on_behalf_of: UUID | None = None

    @classmethod
    def of(cls, actor: Actor, seat: Seat | None = None) -> "ActorRef":
        """The actor in the seat that allowed the act; without one, in the seat chosen in the switcher."""
        used = seat or actor.seat
        if used is None:
            return cls(actor.person_id)
        return cls(actor.person_id, used.id, used.unit_id, used.title, used.capacity, used.principal_id)


SYSTEM = ActorRef(UUID(int=0), office_title="Hệ thống")  # the worker and the timers


def record(
    session: Session,
    *,
    action: str,
    actor: ActorRef,
    at: datetime,
    object_type: str,
    object_id: UUID,
    instance_id: UUID | None = None,
    stream_seq: int | None = None,
    op_id: UUID | None = None,
    doc_sha256: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Adds one event to the caller's transaction; one INSERT.

    action: `subject.verb_in_past`, e.g. "pledge.signed"; never renamed.
    details: ids, decisions, counts, dates. Free text is not copied: a string with spaces or longer
    than 80 characters is replaced by its SHA-256; the text itself stays in its own table, from where
    it can be removed while the record stays whole.
    Raises ActRepeated (same actor and op_id), OutOfOrder (same instance and stream_seq): the
    transaction is then lost, the caller begins anew.
    """
    fields: dict[str, Any] = {
        "action": action,
        "actor_id": actor.person_id,
        "seat_id": actor.seat_id,
        "unit_id": actor.unit_id,
        "on_behalf_of": actor.on_behalf_of,
        "at": at.astimezone(UTC),
        "object_type": object_type,
        "object_id": object_id,
        "instance_id": instance_id,
        "stream_seq": stream_seq,
        "op_id": op_id,
        "doc_sha256": doc_sha256,
    }
    body = canonical(body_of(fields, actor, details or {}))
    statement = sa.insert(AuditEvent).values(**fields, body=body, leaf=leaf_of(body)).returning(AuditEvent)
    try:
        return session.scalars(statement).one()
    except IntegrityError as error:
        raise _named(error, op_id, instance_id, stream_seq) from error


def repeat(session: Session, actor_id: UUID, op_id: UUID) -> AuditEvent | None:
    """What this operation already recorded, so that a repeated request gets the stored answer."""
    query = sa.select(AuditEvent).where(AuditEvent.actor_id == actor_id, AuditEvent.op_id == op_id)
    return session.scalar(query)


def digest_of(text: str) -> str:
    """How free text appears in an event: "sha256:" and the hex digest of its UTF-8 bytes in NFC."""
    return f"sha256:{hashlib.sha256(_nfc(text).encode()).hexdigest()}"


def body_of(fields: Mapping[str, Any], actor: ActorRef, details: Mapping[str, Any]) -> dict[str, Any]:
    """The object that is hashed: every field, the office as it was called, the details."""
    told = {name: plain_value(value) for name, value in fields.items()}
    told["office"] = actor.office_title
    told["capacity"] = actor.capacity.value
    told["details"] = _reduced(details)
    told["v"] = VERSION
    return told


def _reduced(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _reduced(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [_reduced(item) for item in value]
        return sorted(items, key=str) if isinstance(value, set | frozenset) else items
    plain = plain_value(value)
    if isinstance(plain, str) and plain and not _CODE.fullmatch(_nfc(plain)):
        return digest_of(plain)
    return plain


def plain_value(value: Any) -> Any:
    """One value without a second spelling: times in UTC with microseconds, decimals as plain text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    if isinstance(value, StrEnum):
        return value.value
    return value


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _named(
    error: IntegrityError, op_id: UUID | None, instance_id: UUID | None, stream_seq: int | None
) -> Exception:
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if name == "uq_audit_event_op":
        return ActRepeated(f"operation {op_id} is recorded already")
    if name == "uq_audit_event_stream":
        return OutOfOrder(f"instance {instance_id} has an event {stream_seq} already")
    return error
