"""What a person sees on the diagram of an instance: where it stands, who did what, how far the children are."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow_app.audit.timeline import name_by
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
from workflow_app.engine.reading import BPMN, read
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


def taken(session: Session, instance_id: UUID) -> set[str]:
    """Ids of the sequence flows that the instance has really gone along; raises InstanceUnknown.

    A flow that cannot be told from another one between the same two elements is left out.
    """
    instance = get(session, instance_id)
    passed = projection.load(session, instance).machine.passages()
    between: dict[tuple[str, str], list[str]] = defaultdict(list)
    for flow_id, source, target in flows_of(session, instance.definition_id):
        between[source, target].append(flow_id)
    return {ids[0] for pair, ids in between.items() if len(ids) == 1 and pair in passed}


def flows_of(session: Session, definition_id: UUID) -> tuple[tuple[str, str, str], ...]:
    """(id, from, to) of every sequence flow; a deployed diagram never changes, so it is read once."""
    with _lock:
        if definition_id not in _known_flows:
            found = read(xml_of(session, definition_id)).iter(f"{{{BPMN}}}sequenceFlow")
            _known_flows[definition_id] = tuple(
                (flow.get("id", ""), flow.get("sourceRef", ""), flow.get("targetRef", "")) for flow in found
            )
        return _known_flows[definition_id]


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


def element_names(session: Session, wanted: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], str]:
    """(instance, element id) -> the element's name in the diagram on which the instance runs; one statement."""
    ids = {instance_id for instance_id, _ in wanted}
    query = select(ProcessInstance.id, ProcessInstance.definition_id).where(ProcessInstance.id.in_(ids))
    names = {row.id: names_of(session, row.definition_id) for row in session.execute(query)}
    return {
        (instance_id, element): names[instance_id][element]
        for instance_id, element in wanted
        if element in names.get(instance_id, {})
    }


name_by("element", element_names)


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


_known_flows: dict[UUID, tuple[tuple[str, str, str], ...]] = {}
_lock = Lock()
