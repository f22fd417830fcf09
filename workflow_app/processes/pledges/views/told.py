"""What has happened to a pledge, for the timeline macro."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.audit.models import AuditEvent
from workflow_app.audit.timeline import sentences
from workflow_app.audit.wording import Sentence
from workflow_app.processes.pledges.views.loading import Loaded

_STATES = {
    "pledge.refused": "stop",
    "pledge.cancelled": "stop",
    "pledge.withdrawn": "stop",
    "pledge.not_signed": "stop",
    "pledge.refusal_recorded": "stop",
    "pledge.returned": "soon",
    "pledge.overdue": "soon",
    "pledge.silent": "soon",
}


def last_events(session: Session, loaded: Loaded, *, most: int = 6) -> list[dict[str, Any]]:
    """The latest acts, oldest first, and the step that waits now."""
    shown = told(session, loaded.events[-most:])
    if waiting := _waiting(loaded):
        shown.append({"id": "bay-gio", "current": True, "text": waiting})
    return shown


def told(session: Session, events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    return [_row(sentence) for sentence in sentences(session, events)]


def _row(sentence: Sentence) -> dict[str, Any]:
    instead = f" ({sentence.substitute})" if sentence.substitute else ""
    by = ", ".join(filter(None, [sentence.who, sentence.office]))
    return {
        "id": f"sk-{sentence.event_id}",
        "state": _STATES.get(sentence.action, "done"),
        "who": sentence.unit or sentence.who,
        "text": f"{sentence.act}{instead}",
        "time": f"{sentence.when} · {by}" if sentence.unit else sentence.when,
    }


def _waiting(loaded: Loaded) -> str:
    """Whom everybody waits for now; empty when nothing is open."""
    elements = {task.element for task in loaded.tasks}
    acts = {
        "draft": f"Chờ {loaded.leader_word} soạn giao ước",
        "comment": "Chờ các đơn vị góp ý",
        "consolidate": f"Chờ {loaded.leader_word} tổng hợp",
        "approve": f"Chờ {loaded.federation.short_name} duyệt",
        "invite": f"Chờ {loaded.leader_word} mời họp hội nghị",
        "conference": f"Chờ {loaded.leader_word} ghi biên bản hội nghị",
        "settle": f"Chờ {loaded.leader_word} xử lý đơn vị từ chối ký",
        "sign": "Chờ các đơn vị ký",
        "witness": f"Chờ {loaded.federation.short_name} chứng kiến",
        "issue": "Chờ Văn thư ban hành",
    }
    return next((sentence for element, sentence in acts.items() if element in elements), "")
