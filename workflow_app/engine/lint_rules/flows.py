"""Flows: conditions, defaults, splits, and whether every node is reached and reaches an end."""

from collections.abc import Callable, Iterable, Iterator

from workflow_app.engine.errors import Finding
from workflow_app.engine.lint_rules.view import View

_DECIDING = frozenset(("exclusiveGateway", "inclusiveGateway"))
_GATEWAYS = _DECIDING | {"parallelGateway", "eventBasedGateway", "complexGateway"}


def conditions(view: View) -> Iterator[Finding]:
    for flow in view.flows:
        splits = view.kind(flow.source) in _DECIDING and len(view.outgoing[flow.source]) > 1
        default = view.nodes[flow.source].get("default") == flow.id
        if flow.condition is not None and not splits:
            yield view.finding(
                "condition_misplaced", flow.id,
                "điều kiện chỉ có tác dụng trên mũi tên ra từ cổng loại trừ hoặc cổng bao hàm có nhiều nhánh. "
                "Hãy thêm cổng hoặc xóa điều kiện.",
                "a condition works only on a flow that leaves an exclusive or inclusive gateway with several flows. "
                "Add a gateway or remove the condition.",
            )  # fmt: skip
        elif splits and default and flow.condition is not None:
            yield view.finding(
                "default_condition", flow.id, "nhánh mặc định không được có điều kiện. Hãy xóa điều kiện.",
                "the default flow must have no condition. Remove it.",
            )  # fmt: skip
        elif splits and not default and not flow.condition:
            yield view.finding(
                "condition_missing", flow.id, "nhánh này chưa có điều kiện. Hãy ghi điều kiện hoặc đặt làm mặc định.",
                "this flow has no condition. Write one or make it the default.",
            )  # fmt: skip


def defaults(view: View) -> Iterator[Finding]:
    for key, node in view.nodes.items():
        default, leaving = node.get("default"), [flow.id for flow in view.outgoing[key]]
        if view.kind(key) in _DECIDING and len(leaving) > 1 and default not in leaving:
            yield view.finding(
                "default_missing", key, "cổng có nhiều nhánh phải có một nhánh mặc định. Hãy đặt một nhánh làm mặc định.",
                "a gateway with several flows needs a default flow. Choose one.",
            )  # fmt: skip
        elif view.kind(key) not in _DECIDING and default is not None:
            yield view.finding(
                "condition_misplaced", key, "nhánh mặc định chỉ có nghĩa ở cổng. Hãy bỏ thuộc tính default.",
                "a default flow has a meaning only at a gateway. Remove the default attribute.",
            )  # fmt: skip


def splits(view: View) -> Iterator[Finding]:
    for key, leaving in view.outgoing.items():
        if len(leaving) > 1 and view.kind(key) not in _GATEWAYS:
            yield view.finding(
                "implicit_split", key, "có nhiều mũi tên ra. Hãy thêm cổng song song hoặc cổng loại trừ sau phần tử này.",
                "it has several outgoing flows. Put a parallel or exclusive gateway behind it.",
            )  # fmt: skip
        targets = [flow.target for flow in leaving]
        if len(set(targets)) < len(targets):
            yield view.finding(
                "double_flow", key, "có hai mũi tên đến cùng một phần tử. Hãy giữ một mũi tên.",
                "two of its flows lead to the same element. Keep one.",
            )  # fmt: skip


def one_way(view: View) -> Iterator[Finding]:
    for flow in view.flows:
        if view.kind(flow.target) in ("startEvent", "boundaryEvent") or view.kind(flow.source) == "endEvent":
            yield view.finding(
                "wrong_way", flow.id, "không được có mũi tên vào sự kiện bắt đầu, sự kiện biên, hay ra từ sự kiện kết thúc.",
                "no flow may enter a start or boundary event, or leave an end event.",
            )  # fmt: skip


def reachable(view: View) -> Iterator[Finding]:
    for scope in view.sound_scopes():
        starts = [key for key in view.within(scope) if view.kind(key) == "startEvent"]
        seen = _closure(starts, lambda key: view.steps[key])
        for key in filter(view.is_drawn, view.within(scope)):
            # A boundary event on nothing has a finding of its own.
            if key not in seen and (
                view.kind(key) != "boundaryEvent" or view.nodes[key].get("attachedToRef") in seen
            ):
                yield view.finding(
                    "unreachable", key, "không có đường nào từ sự kiện bắt đầu đến đây. Hãy nối hoặc xóa phần tử này.",
                    "no path leads here from the start event. Connect it or delete it.",
                )  # fmt: skip


def able_to_end(view: View) -> Iterator[Finding]:
    sources: dict[str, list[str]] = {key: [] for key in view.nodes}
    for flow in view.flows:
        sources[flow.target].append(flow.source)
    ends = [key for key in view.nodes if view.kind(key) == "endEvent"]
    seen = _closure(ends, lambda key: sources[key])
    for key in (key for scope in view.sound_scopes() for key in view.within(scope)):
        if key not in seen and view.is_drawn(key):
            yield view.finding(
                "no_way_to_end", key, "từ đây không có đường nào đến sự kiện kết thúc. Hãy nối tiếp đến một kết thúc.",
                "no path leads from here to an end event. Connect it to one.",
            )  # fmt: skip


def waiting_cycles(view: View) -> Iterator[Finding]:
    restless = {key: [step for step in view.steps[key] if not _waits(view, step)] for key in view.nodes}
    reported: set[str] = set()
    for key in view.nodes:
        if _waits(view, key) or key in reported:
            continue
        circle = {
            other for other in _closure(restless[key], restless.__getitem__) if _leads(restless, other, key)
        }
        if key in circle:
            reported |= circle
            yield view.finding(
                "restless_cycle", key,
                "vòng lặp qua phần tử này không có việc của người dùng hay khoảng chờ thời gian, sẽ chạy mãi. "
                "Hãy thêm một việc hoặc một sự kiện chờ vào vòng lặp.",
                "the loop through this element has neither a user task nor a timer and would run for ever. Add one.",
            )  # fmt: skip


def _waits(view: View, key: str) -> bool:
    if view.kind(key) == "subProcess":
        inner = [other for other in view.nodes if view.scope(other) == key]
        return any(_waits(view, other) for other in inner)
    return view.kind(key) == "userTask" or view.definitions(key) == ["timer"]


def _leads(steps: dict[str, list[str]], source: str, target: str) -> bool:
    return target in _closure([source], steps.__getitem__)


def _closure(starts: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(following(key))
    return seen
