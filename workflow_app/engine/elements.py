"""What the product reads from a diagram besides its flow: names, lanes, forms, due dates, messages."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from workflow_app.engine.errors import DiagramUnreadable
from workflow_app.engine.reading import BPMN, SPIFF

B = f"{{{BPMN}}}"
S = f"{{{SPIFF}}}"
NODES = frozenset(
    B + kind
    for kind in (
        "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
        "task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask",
        "callActivity", "subProcess", "transaction", "adHocSubProcess",
        "exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway", "eventBasedGateway",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Element:
    """One node of a diagram.

    kind: BPMN name such as "userTask". name: Vietnamese label. lane: role code, the lane id without its
    `__suffix`; a node inside a sub-process has the lane of the sub-process. form, act: form key and the
    verb on the button. due, soft_due: names of process variables that hold ISO text.
    """

    id: str
    kind: str
    name: str = ""
    lane: str | None = None
    form: str | None = None
    due: str | None = None
    soft_due: str | None = None
    act: str | None = None
    documentation: str = ""


def process_of(root: etree._Element) -> etree._Element:
    """The one process of a file. Raises DiagramUnreadable when there is none, or more than one."""
    found = root.findall(f"{B}process")
    if len(found) != 1:
        raise DiagramUnreadable(
            f"{len(found)} processes in one file",
            vi="Mỗi tệp sơ đồ phải có đúng một quy trình (process). Hãy tách mỗi quy trình ra một tệp.",
        )
    return found[0]


def nodes_of(process: etree._Element) -> list[etree._Element]:
    """Every flow node of a process in document order, those of sub-processes included."""
    return [node for node in process.iter(*NODES) if node.get("id")]


def properties(node: etree._Element) -> dict[str, str]:
    """Extension properties (spiffworkflow:property) of one node, without empty ones."""
    found = node.iterfind(f"{B}extensionElements/{S}properties/{S}property")
    pairs = ((item.get("name", ""), text(item.get("value"))) for item in found)
    return {name: value for name, value in pairs if value}


def listed(value: str | None) -> tuple[str, ...]:
    """Names of a comma separated list, in NFC."""
    return tuple(name for part in (value or "").split(",") if (name := text(part)))


def text(value: str | None) -> str:
    """A text of the file in NFC without surrounding space."""
    return unicodedata.normalize("NFC", value or "").strip()


def role_of(lane_id: str) -> str:
    """Role code of a lane id: the part before `__`, which only makes ids unique."""
    return lane_id.split("__", 1)[0]


def lanes(process: etree._Element) -> dict[str, str]:
    """Node id -> id of the innermost lane that lists it."""
    found: dict[str, str] = {}
    for lane in process.iter(f"{B}lane"):  # document order: inner lanes come after the lane around them
        for reference in lane.iterfind(f"{B}flowNodeRef"):
            found[text(reference.text)] = lane.get("id", "")
    return found


def elements(process: etree._Element) -> dict[str, Element]:
    """All nodes of a process by id."""
    lane_ids = lanes(process)
    return {node.get("id", ""): _element(node, lane_ids) for node in nodes_of(process)}


def messages(root: etree._Element) -> dict[str, str]:
    """Message id -> message name."""
    return {item.get("id", ""): text(item.get("name")) for item in root.iterfind(f"{B}message")}


def _element(node: etree._Element, lane_ids: Mapping[str, str]) -> Element:
    extra = properties(node)
    lane_id = next((lane_ids[key] for key in _self_and_parents(node) if key in lane_ids), None)
    return Element(
        id=node.get("id", ""),
        kind=etree.QName(node).localname,
        name=text(node.get("name")),
        lane=role_of(lane_id) if lane_id else None,
        form=extra.get("form"),
        due=extra.get("due"),
        soft_due=extra.get("soft_due"),
        act=extra.get("act"),
        documentation=text(node.findtext(f"{B}documentation")),
    )


def _self_and_parents(node: etree._Element) -> list[str]:
    attached = node.get("attachedToRef")  # a boundary event sits on its activity, not in a lane of its own
    parents = [node.get("id", ""), *([attached] if attached else [])]
    return parents + [parent.get("id", "") for parent in node.iterancestors(*NODES)]
