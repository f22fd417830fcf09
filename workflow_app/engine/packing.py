"""The stored state of an instance: zstd of JSON, with neither the diagram nor SpiffWorkflow's own format in it.

SpiffWorkflow's serializer takes three times as long, names tasks by text ids several times over, and reads a
mapping with the key `typename` as code; here nothing in a state is ever interpreted.
"""

import threading
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
import zstandard
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine import spiff
from workflow_app.engine.compiled import Compiled
from workflow_app.engine.tree import Tree

_LEVEL = 3  # of zstd: a pledge takes 0.1 ms; higher levels save a few per cent
_RUN_ONLY = "seen_events"  # events of an event gateway: used within the step in which they come
_local = threading.local()  # compressors are costly to make and not thread-safe


def pack(values: Mapping[str, Any]) -> bytes:
    """Compressed JSON."""
    return bytes(_zstd()[0].compress(orjson.dumps(values)))


def unpack(state: bytes) -> dict[str, Any]:
    """What `pack` was given."""
    values: dict[str, Any] = orjson.loads(_zstd()[1].decompress(state))
    return values


def workflows(workflow: spiff.Workflow) -> list[dict[str, Any]]:
    """The main workflow and its living sub-processes, outer ones first, as JSON values."""
    return [_workflow(each) for each in Tree(workflow).workflows()]


def restore(compiled: Compiled, stored: list[dict[str, Any]]) -> spiff.Workflow:
    """The workflow that `workflows` has described."""
    main, *subprocesses = stored
    workflow = spiff.Workflow(compiled.spec, dict(compiled.subspecs), deserializing=True)
    _fill(workflow, main)
    for each in subprocesses:
        owner = workflow.get_task_from_id(UUID(each["owner"]))
        spec = compiled.subspecs[owner.task_spec.spec]
        inner = BpmnSubWorkflow(spec, owner.id, workflow, deserializing=True)
        _fill(inner, each)
        workflow.subprocesses[owner.id] = inner
        inner.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    return workflow


def _workflow(workflow: Any) -> dict[str, Any]:
    tasks = list(workflow.tasks.values())
    places = {task.id: place for place, task in enumerate(tasks)}
    last = workflow.last_task
    return {
        "owner": str(workflow.parent_task_id),
        "root": places[workflow.task_tree.id],
        "last": None if last is None else places.get(last.id),
        "success": workflow.success,
        "completed": workflow.completed,
        "tasks": [_task(task, places) for task in tasks],
    }


def _task(task: Any, places: Mapping[UUID, int]) -> list[Any]:
    inner = {key: value for key, value in task.internal_data.items() if key != _RUN_ONLY}
    parent = -1 if task._parent is None else places[task._parent]
    children = [places[child] for child in task._children]
    name, changed = task.task_spec.name, task.last_state_change
    return [task.id.hex, name, task.state, parent, children, task.triggered, changed, inner]


def _fill(workflow: Any, stored: Mapping[str, Any]) -> None:
    ids = [UUID(row[0]) for row in stored["tasks"]]
    for key, (_, name, state, parent, children, triggered, changed, inner) in zip(
        ids, stored["tasks"], strict=True
    ):
        task = Task(workflow, workflow.spec.task_specs[name], state=state, id=key)
        task._parent = None if parent < 0 else ids[parent]
        task._children = [ids[child] for child in children]
        task.triggered, task.last_state_change, task.internal_data = triggered, changed, inner
        if state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            workflow.top_workflow.event_manager.add_task(task)
    workflow.task_tree = workflow.tasks[ids[stored["root"]]]
    workflow.last_task = None if stored["last"] is None else workflow.tasks[ids[stored["last"]]]
    workflow.success, workflow.completed = stored["success"], stored["completed"]


def _zstd() -> tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]:
    if not hasattr(_local, "pair"):
        _local.pair = (zstandard.ZstdCompressor(level=_LEVEL), zstandard.ZstdDecompressor())
    pair: tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor] = _local.pair
    return pair
