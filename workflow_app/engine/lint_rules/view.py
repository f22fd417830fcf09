"""A diagram as the lint rules look at it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from workflow_app.engine import elements
from workflow_app.engine.catalogue import Catalogue, FormSpec, OperationSpec
from workflow_app.engine.elements import B, Element, S, properties, text
from workflow_app.engine.errors import Finding
from workflow_app.engine.executable import FAN_OUT, result_variable

ACTIVITIES = frozenset(("userTask", "serviceTask", "callActivity", "subProcess", "sendTask", "receiveTask"))


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. condition: its text, None when it has none."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None


class View:
    """One read file with its catalogue; everything is computed once, when first asked for."""

    def __init__(self, root: etree._Element, known: Catalogue) -> None:
        self.root = root
        self.known = known

    @cached_property
    def process(self) -> etree._Element:
        return self.root.findall(f"{B}process")[0]

    @cached_property
    def key(self) -> str:
        return str(self.process.get("id", ""))

    @cached_property
    def nodes(self) -> dict[str, etree._Element]:
        """Flow nodes by id, those of sub-processes included."""
        return {node.get("id", ""): node for node in elements.nodes_of(self.process)}

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        return elements.elements(self.process)

    @cached_property
    def flows(self) -> list[Flow]:
        return [_flow(node) for node in self.process.iter(f"{B}sequenceFlow")]

    @cached_property
    def outgoing(self) -> dict[str, list[Flow]]:
        """Node id -> its flows; every node has an entry."""
        return {key: [flow for flow in self.flows if flow.source == key] for key in self.nodes}

    @cached_property
    def incoming(self) -> dict[str, list[Flow]]:
        """Node id -> flows into it; every node has an entry."""
        return {key: [flow for flow in self.flows if flow.target == key] for key in self.nodes}

    @cached_property
    def attached(self) -> dict[str, list[str]]:
        """Activity id -> ids of the boundary events on it."""
        found: dict[str, list[str]] = {key: [] for key in self.nodes}
        for key, node in self.nodes.items():
            if self.kind(key) == "boundaryEvent":
                found.setdefault(node.get("attachedToRef", ""), []).append(key)
        return found

    @cached_property
    def messages(self) -> dict[str, str]:
        """Message id -> name."""
        return elements.messages(self.root)

    @cached_property
    def errors(self) -> dict[str, str]:
        """Error id -> code, "" when it has none."""
        return {item.get("id", ""): text(item.get("errorCode")) for item in self.root.iterfind(f"{B}error")}

    @cached_property
    def steps(self) -> dict[str, list[str]]:
        """Node id -> nodes that may come next in the same scope, boundary events included."""
        return {key: [flow.target for flow in self.outgoing[key]] + self.attached[key] for key in self.nodes}

    def kind(self, key: str) -> str:
        """BPMN name of a node such as "userTask"."""
        return self.elements[key].kind

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, etree._Element]]:
        return ((key, node) for key, node in self.nodes.items() if self.kind(key) in kinds)

    def scope(self, key: str) -> str:
        """Id of the process or sub-process a node lies in."""
        parent = self.nodes[key].getparent()
        return "" if parent is None else str(parent.get("id", ""))

    def scopes(self) -> list[str]:
        """The process and every sub-process."""
        return [self.key, *(key for key, _ in self.of_kind("subProcess"))]

    def sound_scopes(self) -> list[str]:
        """Scopes with a start and an end; the others have findings of their own."""
        kinds = {scope: {self.kind(key) for key in self.within(scope)} for scope in self.scopes()}
        return [scope for scope, found in kinds.items() if found >= {"startEvent", "endEvent"}]

    def is_drawn(self, key: str) -> bool:
        """Whether flows lead to the node; they do not to an event sub-process."""
        return self.nodes[key].get("triggeredByEvent") != "true"

    def within(self, scope: str) -> list[str]:
        """Nodes that lie directly in a scope."""
        return [key for key in self.nodes if self.scope(key) == scope]

    def definitions(self, key: str) -> list[str]:
        """Event definitions of a node, such as "timer"."""
        names = (etree.QName(child).localname for child in self.nodes[key])
        return [name.removesuffix("EventDefinition") for name in names if name.endswith("EventDefinition")]

    def message_name(self, key: str) -> str | None:
        """Name of the message of an event or send/receive task; None without a known reference."""
        node = self.nodes[key]
        definition = node.find(f"{B}messageEventDefinition")
        reference = (node if definition is None else definition).get("messageRef")
        return self.messages.get(reference or "")

    def operator(self, key: str) -> etree._Element | None:
        return self.nodes[key].find(f"{B}extensionElements/{S}serviceTaskOperator")

    @cached_property
    def used_forms(self) -> dict[str, FormSpec]:
        """Known forms of the user tasks, by form key."""
        keys = {element.form for element in self.elements.values() if element.form}
        return {key: self.known.forms[key] for key in sorted(keys) if key in self.known.forms}

    @cached_property
    def used_operations(self) -> dict[str, OperationSpec]:
        """Known operations of the service tasks, by element id."""
        found = {key: self.operator(key) for key, _ in self.of_kind("serviceTask")}
        names = {key: operator.get("id", "") for key, operator in found.items() if operator is not None}
        return {
            key: self.known.operations[name] for key, name in names.items() if name in self.known.operations
        }

    @cached_property
    def declared(self) -> frozenset[str]:
        """Variables that expressions and due dates may use."""
        names = set(elements.listed(properties(self.process).get("inputs")))
        for form in self.used_forms.values():
            names |= form.outcomes
        for key, operation in self.used_operations.items():
            variable = self.result_of(key)
            names |= {variable} if variable else operation.results
        names |= {result_variable(node) for _, node in self.of_kind("callActivity")}
        for key in self.nodes:
            names |= self.payload_of(key)
        return frozenset(names)

    def result_of(self, key: str) -> str:
        """Variable that receives the result of a service task, "" when its names become variables."""
        operator = self.operator(key)
        return "" if operator is None else text(operator.get("resultVariable"))

    def payload_of(self, key: str) -> frozenset[str]:
        """Variables that a message sets when this element takes it."""
        if self.kind(key) not in ("intermediateCatchEvent", "boundaryEvent", "receiveTask"):
            return frozenset()
        variable = text(self.nodes[key].findtext(f".//{S}messageVariable"))
        return (
            frozenset((variable,))
            if variable
            else self.known.messages.get(self.message_name(key) or "", frozenset())
        )

    def operation(self, key: str) -> str:
        """What a service task or call activity starts, "" when nothing is named."""
        if self.kind(key) == "callActivity":
            return FAN_OUT
        operator = self.operator(key)
        return "" if operator is None else text(operator.get("id"))

    def finding(self, code: str, key: str, vi: str, en: str) -> Finding:
        """A finding whose sentences begin with the element's name and id."""
        name = self._label(key)
        place = f"«{name}» ({key})" if name else f"«{key}»"
        return Finding(code, key, f"{place}: {vi}", f"{place}: {en}")

    def _label(self, key: str) -> str:
        if key in self.elements:
            return self.elements[key].name
        flow = next((flow for flow in self.flows if flow.id == key), None)
        if flow is None:
            return ""
        ends = [self.elements[end].name or end for end in (flow.source, flow.target) if end in self.elements]
        return flow.name or " → ".join(ends)


def _flow(node: etree._Element) -> Flow:
    condition = node.find(f"{B}conditionExpression")
    return Flow(
        id=node.get("id", ""),
        name=text(node.get("name")),
        source=node.get("sourceRef", ""),
        target=node.get("targetRef", ""),
        condition=None if condition is None else text(condition.text),
    )
