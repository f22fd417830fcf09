"""What a dossier's diagram says besides its flow: who starts it, which roles, forms and documents it names."""

from dataclasses import dataclass
from uuid import UUID

from lxml import etree
from sqlalchemy.orm import Session

from workflow_app.engine import diagram
from workflow_app.engine.elements import B, S, elements, listed, process_of, properties, text
from workflow_app.engine.reading import read
from workflow_app.processes.dossiers.rules import PaperStep, paper_step


@dataclass(frozen=True, slots=True)
class Drawn:
    """A read diagram. start_role: lane of its start event, None when that stands in no lane.

    forms: key -> ids of the tasks that ask for it, in the order of the file. steps: those that make documents.
    """

    key: str
    name: str
    start: str
    start_role: str | None
    roles: frozenset[str]
    inputs: tuple[str, ...]
    forms: dict[str, list[str]]
    steps: tuple[PaperStep, ...]


def drawn(xml: bytes) -> Drawn:
    """Raises DiagramUnreadable."""
    process = process_of(read(xml))
    found = elements(process)
    start = next((node.get("id", "") for node in process.iterfind(f"{B}startEvent")), "")
    forms: dict[str, list[str]] = {}
    for element in found.values():
        if element.form:
            forms.setdefault(element.form, []).append(element.id)
    return Drawn(
        key=process.get("id", ""),
        name=text(process.get("name")),
        start=start,
        start_role=found[start].lane if start in found else None,
        roles=frozenset(element.lane for element in found.values() if element.lane),
        inputs=listed(properties(process).get("inputs")),
        forms=forms,
        steps=tuple(_steps(process)),
    )


def drawn_of(session: Session, definition_id: UUID) -> Drawn:
    """The same for a deployed version; raises DefinitionUnknown."""
    if definition_id not in _known:
        _known[definition_id] = drawn(diagram.xml_of(session, definition_id))
    return _known[definition_id]


# A deployed diagram never changes, so what was read is right for as long as the process lives.
_known: dict[UUID, Drawn] = {}


def _steps(process: etree._Element) -> list[PaperStep]:
    found = []
    for node in process.iter(f"{B}serviceTask"):
        operator = node.find(f"{B}extensionElements/{S}serviceTaskOperator")
        if operator is None or not text(operator.get("id")).startswith("dossier."):
            continue
        given = {text(each.get("id")): text(each.get("value")) for each in operator.iter(f"{S}parameter")}
        found.append(paper_step(node.get("id", ""), text(operator.get("id")), given))
    return found
