"""What the machine does: extensions, operations, loops and called processes."""

from collections.abc import Iterator

from lxml import etree

from workflow_app.engine.elements import B, S, listed, properties, text
from workflow_app.engine.errors import Finding
from workflow_app.engine.executable import FAN_OUT, collection, item_name
from workflow_app.engine.lint_rules.view import View
from workflow_app.engine.reading import BPMN, SPIFF

_KNOWN_EXTENSIONS = frozenset(
    S + name
    for name in (
        "properties", "property", "serviceTaskOperator", "parameters", "parameter", "messagePayload", "messageVariable",
    )
)  # fmt: skip
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Camunda Modeler writes these into every file; they say nothing about the flow.
_HARMLESS = frozenset(("historyTimeToLive", "versionTag", "isStartableInTasklist", "modelerTemplate"))


def extensions(view: View) -> Iterator[Finding]:
    for node in view.process.iter(etree.Element):
        owner = _owner(view, node)
        space = etree.QName(node).namespace
        name = etree.QName(node).localname
        if space == SPIFF and node.tag not in _KNOWN_EXTENSIONS:
            script = name in ("preScript", "postScript", "unitTests")
            yield view.finding(
                "extension_script" if script else "extension_unknown", owner,
                f"phần mở rộng «{name}» không được chạy. Hãy xóa phần này.",
                f"the extension {name} is never run. Delete it.",
            )  # fmt: skip
        elif space not in (BPMN, SPIFF):
            yield _foreign(view, owner, name)
        for attribute in map(etree.QName, node.attrib):
            known = attribute.namespace in (None, _XSI) or attribute.localname in _HARMLESS
            if not known:
                yield _foreign(view, owner, attribute.localname)


def service_tasks(view: View) -> Iterator[Finding]:
    for key, _ in view.of_kind("serviceTask"):
        operation, operator = view.operation(key), view.operator(key)
        if not operation or operation == FAN_OUT or operator is None:
            yield view.finding(
                "operation_missing", key, "việc tự động chưa chọn thao tác. Hãy chọn một thao tác có sẵn.",
                "the service task names no operation. Choose one.",
            )  # fmt: skip
        elif operation not in view.known.operations:
            yield view.finding(
                "operation_unknown", key, f"thao tác «{operation}» không có trong hệ thống. Hãy chọn thao tác có sẵn.",
                f"operation {operation} does not exist. Choose an existing one.",
            )  # fmt: skip
        if operator is not None and operator.find(f"{S}retry") is not None:
            yield view.finding(
                "extension_unknown", key, "số lần thử lại do thao tác quy định. Hãy xóa phần retry.",
                "the operation itself decides how often it is tried again. Delete retry.",
            )  # fmt: skip


def loops(view: View) -> Iterator[Finding]:
    for key, node in view.nodes.items():
        if node.find(f"{B}standardLoopCharacteristics") is not None:
            yield view.finding(
                "standard_loop", key, "không dùng được dấu lặp; hãy vẽ vòng lặp bằng cổng loại trừ.",
                "the loop marker cannot be used; draw the loop with an exclusive gateway.",
            )  # fmt: skip
        loop = node.find(f"{B}multiInstanceLoopCharacteristics")
        if loop is None:
            continue
        if view.kind(key) != "callActivity" or loop.get("isSequential") == "true":
            yield view.finding(
                "multi_instance", key,
                "nhiều lần song song chỉ dùng được với quy trình được gọi (call activity, dấu ba vạch dọc): "
                "mỗi đơn vị một hồ sơ con. Hãy chuyển phần này thành quy trình được gọi.",
                "multi-instance works only on a parallel call activity: one child instance per item. "
                "Move this part into a called process.",
            )  # fmt: skip
        elif problem := _collection_problem(node, loop):
            code, vi, en = problem
            yield view.finding(code, key, vi, en)


def calls(view: View) -> Iterator[Finding]:
    called = {key: text(node.get("calledElement")) for key, node in view.of_kind("callActivity")}
    for key, target in called.items():
        if target == view.key:
            yield view.finding(
                "call_self", key, "quy trình tự gọi chính nó, sẽ mở hồ sơ không dừng. Hãy gọi quy trình khác.",
                "the process calls itself and would open instances without end. Call another process.",
            )  # fmt: skip
        elif target not in view.known.processes:
            yield view.finding(
                "call_unknown", key, f"quy trình «{target or '?'}» chưa có. Hãy đưa quy trình đó vào dùng trước.",
                f"process {target or '?'} does not exist. Deploy it first.",
            )  # fmt: skip
        elif view.key in _called_by(view, target):
            yield view.finding(
                "call_circle", key, f"quy trình «{target}» lại gọi về quy trình này, thành vòng kín. Hãy bỏ một lời gọi.",
                f"process {target} calls this process again. Remove one of the calls.",
            )  # fmt: skip


def call_inputs(view: View) -> Iterator[Finding]:
    for key, node in view.of_kind("callActivity"):
        given = {item_name(node), *listed(properties(node).get("inputs"))}
        needed = view.known.inputs.get(text(node.get("calledElement")), frozenset())
        for name in sorted(needed - given):
            yield view.finding(
                "call_inputs", key, f"quy trình được gọi cần biến «{name}». Hãy thêm vào thuộc tính inputs của lời gọi.",
                f"the called process needs the variable {name}. Add it to the property inputs of the call.",
            )  # fmt: skip


def _collection_problem(call: etree._Element, loop: etree._Element) -> tuple[str, str, str] | None:
    if loop.find(f"{B}loopCardinality") is not None:
        return (
            "cardinality", "không dùng số lần cố định; hãy ghi danh sách (loopDataInputRef), ví dụ danh sách đơn vị.",
            "a fixed number cannot be used; name a collection (loopDataInputRef).",
        )  # fmt: skip
    if not collection(call) or not item_name(call):
        return (
            "collection", "chưa ghi danh sách (loopDataInputRef) và tên phần tử (inputDataItem).",
            "the collection (loopDataInputRef) or the name of its item (inputDataItem) is missing.",
        )  # fmt: skip
    ignored = [etree.QName(part).localname for part in loop if part.tag not in _KNOWN_LOOP_PARTS]
    if ignored:
        return (
            "multi_instance_part", f"phần {', '.join(ignored)} không có tác dụng. Kết quả của từng hồ sơ con nằm ở hồ sơ con.",
            f"{', '.join(ignored)} has no effect. Each child instance keeps its own result.",
        )  # fmt: skip
    return None


_KNOWN_LOOP_PARTS = frozenset(
    B + name for name in ("loopDataInputRef", "inputDataItem", "extensionElements", "documentation")
)


def _called_by(view: View, process: str) -> set[str]:
    seen: set[str] = set()
    waiting = [process]
    while waiting:
        for key in view.known.calls.get(waiting.pop(), frozenset()) - seen:
            seen.add(key)
            waiting.append(key)
    return seen


def _owner(view: View, node: etree._Element) -> str:
    """Id of the diagram element a part belongs to."""
    while node.get("id") not in view.nodes and node is not view.process:
        parent = node.getparent()
        if parent is None:
            break
        node = parent
    return str(node.get("id", ""))


def _foreign(view: View, owner: str, name: str) -> Finding:
    return view.finding(
        "foreign_extension", owner, f"phần mở rộng «{name}» của phần mềm khác không có tác dụng ở đây. Hãy xóa phần này.",
        f"{name}, an extension of another product, has no effect here. Delete it.",
    )  # fmt: skip
