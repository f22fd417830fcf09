"""The executable copy of a diagram.

The file that people see stays standard BPMN. In the copy that runs, every call activity has become an
asynchronous `fan_out` service task with the same id, boundary events and flows: one child instance per item of
its collection, or exactly one child when it has no multi-instance marker. Data objects, data stores and their
arrows are pictures of documents; they are dropped, because data live in tables.
"""

import copy

from lxml import etree

from workflow_app.engine.elements import B, S, listed, properties, text

FAN_OUT = "fan_out"
INPUT = "input:"  # prefix of the parameters that carry declared inputs of the children
# SpiffWorkflow looks up nodes by any `id` below the process: an operation named like a node would replace it.
OPERATION, PARAMETER = "operation:", "parameter:"
_PICTURES = (
    "dataObject", "dataObjectReference", "dataStoreReference", "dataInputAssociation", "dataOutputAssociation",
    "ioSpecification", "property", "textAnnotation", "association", "group",
)  # fmt: skip


def derive(root: etree._Element) -> etree._Element:
    """An executable copy of a read diagram; the given tree is not changed."""
    derived = copy.deepcopy(root)
    for kind in _PICTURES:
        for node in list(derived.iter(B + kind)):
            parent = node.getparent()
            if parent is not None:
                parent.remove(node)
    for store in list(derived.iterfind(f"{B}dataStore")):
        derived.remove(store)
    for call in list(derived.iter(f"{B}callActivity")):
        _fan_out(call)
    for prefix, kind in ((OPERATION, "serviceTaskOperator"), (PARAMETER, "parameter")):
        for node in derived.iter(S + kind):
            node.set("id", prefix + node.get("id", ""))
    return derived


def result_variable(call: etree._Element) -> str:
    """Variable that receives the result of a call activity: property `result`, else `<id>_result`."""
    return properties(call).get("result") or f"{call.get('id', '')}_result"


def item_name(call: etree._Element) -> str:
    """Variable of the children that holds their item: name of the inputDataItem, else its id, else ""."""
    item = call.find(f"{B}multiInstanceLoopCharacteristics/{B}inputDataItem")
    return "" if item is None else text(item.get("name")) or text(item.get("id"))


def collection(call: etree._Element) -> str | None:
    """Expression of the collection, None for a call without multi-instance marker."""
    loop = call.find(f"{B}multiInstanceLoopCharacteristics")
    return None if loop is None else text(loop.findtext(f"{B}loopDataInputRef"))


def _fan_out(call: etree._Element) -> None:
    items, item = collection(call), item_name(call)
    parameters = {
        "process": repr(text(call.get("calledElement"))),
        "items": "[None]" if items is None else items,
        "item": repr(item) if item else "None",
        **{INPUT + name: name for name in listed(properties(call).get("inputs"))},
    }
    operator = etree.Element(f"{S}serviceTaskOperator", id=FAN_OUT, resultVariable=result_variable(call))
    group = etree.SubElement(operator, f"{S}parameters")
    for name, value in parameters.items():
        etree.SubElement(group, f"{S}parameter", id=name, type="any", value=value)
    for loop in call.findall(f"{B}multiInstanceLoopCharacteristics"):
        call.remove(loop)
    call.attrib.pop("calledElement", "")
    call.tag = f"{B}serviceTask"
    _extensions(call).append(operator)


def _extensions(node: etree._Element) -> etree._Element:
    found = node.find(f"{B}extensionElements")
    if found is None:
        found = etree.Element(f"{B}extensionElements")
        documentation = node.findall(f"{B}documentation")
        node.insert(len(documentation), found)  # the schema wants documentation first
    return found
