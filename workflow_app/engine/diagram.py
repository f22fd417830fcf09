"""What a person sees on the diagram of an instance: where it stands, who did what, how far the children are."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow_app.engine import definitions, projection
from workflow_app.engine.instances import get
from workflow_app.engine.machine import MarkState
from workflow_app.engine.models import (
    HumanTask,
    Incident,
    ProcessDefinition,
    ProcessInstance,
    ServiceTask,
    TaskStatus,
)
from workflow_app.engine.refusals import DefinitionUnknown


@dataclass(frozen=True, slots=True)
class Mark:
    """One element: its state, how often it was completed, and the latest completion.

    who: person who completed it last, None for the machine. children: status -> how many, for a fan-out.
    """

    state: MarkState
    count: int
    who: UUID | None = None
    when: datetime | None = None
    children: dict[str, int] = field(default_factory=dict)
    incident: bool = False


def marks(session: Session, instance_id: UUID) -> dict[str, Mark]:
    """Every element that was reached, by its id in the diagram; raises InstanceUnknown."""
    instance = get(session, instance_id)
    found = projection.load(session, instance).machine.marks()
    latest = _latest(session, instance_id)
    children = _children(session, instance_id)
    troubled = _troubled(session, instance_id) if instance.open_incidents else set()
    return {
        element: Mark(
            mark.state,
            mark.count,
            *latest.get(element, (None, None)),
            children=children.get(element, {}),
            incident=element in troubled,
        )
        for element, mark in found.items()
    }


def xml_of(session: Session, definition_id: UUID) -> bytes:
    """The diagram as it was deployed; raises DefinitionUnknown."""
    xml = session.scalar(select(ProcessDefinition.xml).where(ProcessDefinition.id == definition_id))
    if xml is None:
        raise DefinitionUnknown(f"no definition {definition_id}")
    return xml


def names_of(session: Session, definition_id: UUID) -> dict[str, str]:
    """Element id -> its Vietnamese name; the id where the diagram gives no name."""
    elements = definitions.compiled(session, definition_id).elements
    return {identity: element.name or identity for identity, element in elements.items()}


def _latest(session: Session, instance_id: UUID) -> dict[str, tuple[UUID | None, datetime | None]]:
    human = select(HumanTask.element, HumanTask.completed_by, HumanTask.ended_at).where(
        HumanTask.instance_id == instance_id, HumanTask.status == TaskStatus.COMPLETED
    )
    machine = select(ServiceTask.element, ServiceTask.ended_at).where(
        ServiceTask.instance_id == instance_id, ServiceTask.status == "completed"
    )
    found: dict[str, tuple[UUID | None, datetime | None]] = {}
    for element, at in session.execute(machine.order_by(ServiceTask.ended_at)):
        found[element] = (None, at)
    for element, who, at in session.execute(human.order_by(HumanTask.ended_at)):
        found[element] = (who, at)
    return found


def _children(session: Session, instance_id: UUID) -> dict[str, dict[str, int]]:
    child = ProcessInstance
    query = select(child.parent_element, child.status, func.count()).where(child.parent_id == instance_id)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for element, status, count in session.execute(query.group_by(child.parent_element, child.status)):
        found[element or ""][status.value] = count
    return found


def _troubled(session: Session, instance_id: UUID) -> set[str]:
    query = select(Incident.element).where(
        Incident.instance_id == instance_id, Incident.resolved_at.is_(None)
    )
    return {element for element in session.scalars(query) if element}
