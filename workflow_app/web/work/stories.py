"""What has happened, as the timeline macro wants it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit import history
from workflow_app.audit.timeline import sentences
from workflow_app.audit.wording import Sentence
from workflow_app.organisations.models.people import Person
from workflow_app.web import wording

_SHOWN = 30
_STOPPED = ("refused", "cancelled", "withdrawn", "revoked", "incident")
_WARNED = ("overdue", "returned", "silent", "suspended")


def timeline_of(
    session: Session, instance_id: UUID, others: Sequence[UUID] = (), *, current: str = ""
) -> list[dict[str, Any]]:
    """The latest events of an instance, oldest first, and the step that waits now; three statements."""
    ids = [other for other in others if other != instance_id]
    events = _latest(session, instance_id, ids)
    told = [event_of(sentence) for sentence in sentences(session, events)]
    if current:
        told.append({"id": "bay-gio", "current": True, "text": current, "time": ""})
    return told


def timeline_of_object(session: Session, object_id: UUID) -> list[dict[str, Any]]:
    """What happened to one object, oldest first; three statements."""
    events = history.of_object(session, object_id, limit=500).events[-_SHOWN:]
    return [event_of(sentence) for sentence in sentences(session, events)]


def event_of(sentence: Sentence) -> dict[str, Any]:
    """One event for the macro; `quote`, `links` may be added by the page."""
    office = " ".join(filter(None, [sentence.office, sentence.unit]))
    instead = f" ({sentence.substitute})" if sentence.substitute else ""
    return {
        "id": f"sk-{sentence.event_id}",
        "state": _state(sentence.action),
        "who": sentence.who,
        "text": f"{', ' + office if office else ''} {sentence.act}{instead}".strip()
        if not sentence.system
        else sentence.act,
        "time": sentence.when,
        "system": sentence.system,
        "links": [{"href": f"#sk-{sentence.event_id}", "label": wording.short_hash(sentence.doc_sha256)}]
        if sentence.doc_sha256
        else [],
    }


def name_of(session: Session, person_id: UUID) -> str:
    """A person's name; empty for one who is not known."""
    person = session.get(Person, person_id)
    return person.full_name if person else ""


def _latest(session: Session, instance_id: UUID, others: Sequence[UUID]) -> list[Any]:
    events = history.of_instance(session, instance_id, children=others, limit=500).events
    return events[-_SHOWN:]


def _state(action: str) -> str:
    verb = action.rpartition(".")[2]
    if any(word in verb for word in _STOPPED):
        return "stop"
    return "soon" if any(word in verb for word in _WARNED) else "done"
