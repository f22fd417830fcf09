"""Administrators hear of an incident when it opens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import local_date
from workflow_app.engine import definitions
from workflow_app.engine.models import ProcessInstance
from workflow_app.notifications.service import notify
from workflow_app.organisations.actors import people_with

ADMINISTRATOR = "administrator"


def tell(
    session: Session,
    instance: ProcessInstance,
    incident_id: UUID,
    *,
    subject_id: UUID,
    element: str | None,
    at: datetime,
) -> None:
    """Notifies the administrators of the instance's federation; once a day about the same task, timer or message.

    An incident that is retried and comes back is a new one, but no news.
    """
    today = local_date(at)
    people = people_with(session, ADMINISTRATOR, instance.federation_id, today)
    step = f" ở bước «{step_name(session, instance, element)}»" if element else ""
    notify(
        session,
        event_key=f"incident:{subject_id}:{today.isoformat()}",
        receivers=[officer.person_id for officer in people],
        sentence=f"Sự cố kỹ thuật{step} của «{instance.title}» đang chờ quản trị hệ thống xử lý.",
        target=f"/operations/incidents/{incident_id}",
        at=at,
        subject=f"Sự cố kỹ thuật: {instance.title}",
    )


def step_name(session: Session, instance: ProcessInstance, element: str | None) -> str:
    """How the diagram calls an element; its id where it has no name, "" for none."""
    known = definitions.compiled(session, instance.definition_id).elements.get(element or "")
    return (known.name if known else "") or element or ""
