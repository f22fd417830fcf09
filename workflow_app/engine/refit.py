"""A running instance on another version of its diagram.

Not with SpiffWorkflow's own `migrate_workflow`: it resets whatever is ready or waiting, so a deadline of ten days
begins anew, a join forgets who has arrived, and a reminder that was under way is dropped; and it takes a renamed
element for the old one. Here everything that was reached stays as it is, ids included; only what is merely foreseen
is foreseen anew. That is possible when nothing behind the instance and nothing it stands on has changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine import packing, spiff
from workflow_app.engine.compiled import Compiled
from workflow_app.engine.elements import Element
from workflow_app.engine.errors import Finding
from workflow_app.engine.joins import CountingInclusiveGateway, CountingParallelGateway
from workflow_app.engine.tree import Tree, is_cycle

_AHEAD = TaskState.FUTURE | TaskState.PREDICTED_MASK
_LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED
# What people read and no step depends on. Lanes stand here by their label; their role is compared besides.
_WORDS = frozenset(("bpmn_name", "description", "documentation", "lane"))
_VERB = "act"  # extension property: the words on the button of a task
_INNER = (
    ".BoundaryEventSplit",
    ".BoundaryEventJoin",
    ".EndJoin",
)  # SpiffWorkflow's own tasks around an element


def obstacles(
    workflow: spiff.Workflow, begun: Iterable[str], old: Compiled, new: Compiled
) -> Iterator[Finding]:
    """What has changed behind a running instance and under it, each element once.

    begun: elements that were completed or begun, those that have left the tree included.
    """
    found: dict[str, Finding] = {}
    for element in sorted(set(begun) - new.elements.keys()):
        found[element] = _removed(element, old)
    for inner in Tree(workflow).workflows():
        specs = _specs_of(inner, old, new)
        for name, states in _reached(inner).items():
            fault = _fault(name, states, specs, old, new)
            if fault is not None:
                found.setdefault(fault.element, fault)
    yield from found.values()


def refit(workflow: spiff.Workflow, new: Compiled) -> spiff.Workflow:
    """The instance's tasks on another version; the given workflow is used up.

    Only after `obstacles` has found none.
    """
    for inner in Tree(workflow).workflows():
        for task in list(inner.tasks.values()):
            if task.id in inner.tasks and task.has_state(_AHEAD) and not task.parent.has_state(_AHEAD):
                inner._remove_task(task.id)
    refitted = packing.restore(new, packing.workflows(workflow))
    for inner in Tree(refitted).workflows():
        for task in list(inner.tasks.values()):
            # A reminder has its earlier firings as children; it makes the next one only when it fires.
            if task.has_state(_LIVE) and not is_cycle(task):
                _foresee(task)
    return refitted


def _foresee(task: Any) -> None:
    if isinstance(task.task_spec, BoundaryEvent):
        task._sync_children(task.task_spec.outputs, TaskState.MAYBE)  # it may never happen
        return
    task.task_spec._predict_hook(task)
    for child in task.children:
        child.task_spec._predict(child, mask=_AHEAD)


def _specs_of(inner: Any, old: Compiled, new: Compiled) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Specifications of a workflow's tasks before and after; the second is empty when its sub-process is gone."""
    if inner.parent_task_id is None:
        return old.spec.task_specs, new.spec.task_specs
    after = new.subspecs.get(inner.spec.name)
    return inner.spec.task_specs, {} if after is None else after.task_specs


def _reached(inner: Any) -> dict[str, int]:
    """Name of every task that was reached -> the states in which it is found, as one mask."""
    names: dict[str, int] = defaultdict(int)
    for task in inner.tasks.values():
        if not task.has_state(_AHEAD):
            names[task.task_spec.name] |= task.state
    return names


def _fault(
    name: str, states: int, specs: tuple[Mapping[str, Any], Mapping[str, Any]], old: Compiled, new: Compiled
) -> Finding | None:
    before, after = specs
    element = _element_of(name)
    if name not in after:
        inner = name != element and element in new.elements
        return _events_changed(element, old) if inner else _removed(element, old)
    completed, live = bool(states & TaskState.COMPLETED), bool(states & _LIVE)
    if not completed and not live:
        return None  # what was cancelled without being begun binds nobody
    changed = _changes(before[name], after[name], old.elements.get(name), new.elements.get(name))
    if not completed:
        changed -= {"outputs"}  # the way on from here is still ahead
    if not changed:
        return None
    if live and changed != {"outputs"}:
        return _running_changed(element, old)
    if name != element:
        return _events_changed(element, old)
    return _way_changed(element, old) if changed == {"outputs"} else _behind_changed(element, old)


def _element_of(name: str) -> str:
    for suffix in _INNER:
        name = name.removesuffix(suffix)
    return name


def _changes(before: Any, after: Any, old: Element | None, new: Element | None) -> set[str]:
    """What differs between two versions of one task, words for people left out."""
    first, second = _essence(before), _essence(after)
    found = {key for key in first.keys() | second.keys() if first.get(key) != second.get(key)}
    return found | ({"element"} if _duty(old) != _duty(new) else set())


def _essence(spec: Any) -> dict[str, Any]:
    values = {key: value for key, value in spiff.described(spec).items() if key not in _WORDS}
    properties = dict(values.get("extensions", {}).get("properties", {}))
    properties.pop(_VERB, None)
    values["extensions"] = {**values.get("extensions", {}), "properties": properties}
    if not isinstance(spec, CountingParallelGateway | CountingInclusiveGateway):
        values.pop("inputs", None)  # another way that leads to it changes nothing of what it is
    if isinstance(getattr(spec, "event_definition", None), TimerEventDefinition):
        values["event_definition"] = {**values["event_definition"], "name": None}  # the label again
    return values


def _duty(element: Element | None) -> tuple[str | None, ...]:
    if element is None:
        return ()
    return element.kind, element.lane, element.form, element.due, element.soft_due


def _label(element: str, old: Compiled) -> str:
    known = old.elements.get(element)
    return known.name or element if known else element


def _removed(element: str, old: Compiled) -> Finding:
    name = _label(element, old)
    return Finding(
        "reached_removed", element,
        f"Bước «{name}» đã làm hoặc đang làm nhưng phiên bản mới không còn. Hãy giữ lại bước này với đúng mã {element}.",
        f"Step “{name}” was reached and the new version does not have it. Keep it with its id {element}.",
    )  # fmt: skip


def _behind_changed(element: str, old: Compiled) -> Finding:
    name = _label(element, old)
    return Finding(
        "behind_changed", element,
        f"Bước «{name}» đã làm xong nhưng phiên bản mới đổi nội dung của bước. Chỉ đổi được những bước phía trước.",
        f"Step “{name}” was completed and the new version changes it. Only steps ahead may change.",
    )  # fmt: skip


def _way_changed(element: str, old: Compiled) -> Finding:
    name = _label(element, old)
    return Finding(
        "way_changed", element,
        f"Đường đi ngay sau bước «{name}» đã đổi, mà hồ sơ đã đi qua chỗ đó. Bước thêm ở đây sẽ bị bỏ qua.",
        f"The way right after “{name}” has changed, and the dossier has passed there. What was added would be skipped.",
    )  # fmt: skip


def _running_changed(element: str, old: Compiled) -> Finding:
    name = _label(element, old)
    children = element in old.called
    vi, en = (
        ("hồ sơ con của bước này đang chạy", "its sub-processes are running")
        if children
        else ("bước này đang chờ xử lý", "it is waiting to be done")
    )
    return Finding(
        "children_running" if children else "running_changed", element,
        f"Phiên bản mới đổi bước «{name}» mà {vi}. Hãy chờ bước này xong rồi chuyển.",
        f"The new version changes “{name}” and {en}. Wait until it is over.",
    )  # fmt: skip


def _events_changed(element: str, old: Compiled) -> Finding:
    name = _label(element, old)
    return Finding(
        "events_changed", element,
        f"Phiên bản mới thêm, bớt hoặc đổi sự kiện (hạn, lỗi, nhắc việc) gắn trên bước «{name}» đã bắt đầu.",
        f"The new version adds, drops or changes an event (deadline, fault, reminder) on “{name}”, which has begun.",
    )  # fmt: skip
