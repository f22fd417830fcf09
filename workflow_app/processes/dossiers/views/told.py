"""What has happened to a dossier, for the timeline: forms and choices by their words."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.audit import history
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.timeline import sentences
from workflow_app.audit.wording import Sentence
from workflow_app.processes.dossiers.models import Dossier
from workflow_app.processes.dossiers.views.filled import Filled

_EVENTS = 200


def told(session: Session, dossier: Dossier, filled: Sequence[Filled]) -> list[dict[str, Any]]:
    """The latest events of the dossier itself, oldest first, for the timeline macro."""
    by_part = {str(each.part.id): each for each in filled}
    events = history.of_object(session, dossier.id, limit=_EVENTS).events
    pairs = zip(events, sentences(session, events), strict=True)
    return [
        _row(event, sentence, by_part.get(str(event.details.get("part_id", "")))) for event, sentence in pairs
    ]


def _row(event: AuditEvent, sentence: Sentence, filled: Filled | None) -> dict[str, Any]:
    act = sentence.act
    if filled is not None:
        act = f"gửi “{filled.title}”" + (f": {filled.decision}" if filled.decision else "")
    office = " ".join(filter(None, [sentence.office, sentence.unit]))
    instead = f" ({sentence.substitute})" if sentence.substitute else ""
    return {
        "id": f"sk-{sentence.event_id}",
        "state": "stop" if event.action == "dossier.cancelled" else "done",
        "who": sentence.who,
        "text": act if sentence.system else f"{', ' + office if office else ''} {act}{instead}".strip(),
        "time": sentence.when,
        "system": sentence.system,
    }
