"""Looking at the task tree of a running instance, and handing events to one task of it."""

from collections.abc import Container, Iterator
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.end_event import EndEvent
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.spiff.specs.event_definitions import ErrorEventDefinition, MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine import spiff, timer_events
from workflow_app.engine.executable import FAN_OUT, INPUT
from workflow_app.engine.steps import StartedService

READY, STARTED, WAITING = TaskState.READY, TaskState.STARTED, TaskState.WAITING
COMPLETED = TaskState.COMPLETED
_BEGUN = READY | STARTED | COMPLETED | TaskState.ERROR
_REACHED = _BEGUN | WAITING | TaskState.CANCELLED


class Tree:
    """All tasks of one workflow, those of its living sub-processes included.

    SpiffWorkflow's own iterator stops at a depth of 1,000; this one walks through the plain index.
    """

    def __init__(self, workflow: spiff.Workflow) -> None:
        self._workflow = workflow

    def tasks(self, state: int) -> Iterator[Any]:
        """Tasks in any of these states."""
        for workflow in self.workflows():
            yield from (task for task in list(workflow.tasks.values()) if task.has_state(state))

    def workflows(self) -> Iterator[Any]:
        """The main workflow and its living sub-processes, outer ones first."""
        inner = list(self._workflow.subprocesses.values())
        return (each for each in (self._workflow, *inner) if self._belongs(each))

    def waiting(self) -> Iterator[Any]:
        """Tasks that wait for a timer, a message or an error."""
        return (task for task in self.tasks(WAITING) if isinstance(task.task_spec, CatchingEvent))

    def jobs(self) -> Iterator[Any]:
        """Service tasks whose operation is being done outside."""
        return (task for task in self.tasks(STARTED) if spiff.JOB in task.internal_data)

    def find(self, task_id: UUID, state: int) -> Any:
        """The task if it is in one of these states, else None."""
        return next((task for task in self.tasks(state) if task.id == task_id), None)

    def passages(self, elements: Container[str]) -> set[tuple[str, str]]:
        """(from, to) of every two of these elements between which a token has gone, as far as the tree keeps it."""
        return {
            (before, task.task_spec.name)
            for task in self.tasks(_REACHED)
            if task.task_spec.name in elements and _has_come(task) and (before := _before(task, elements))
        }

    def stalled(self) -> bool:
        """Nothing is ready, works or waits although the end is not reached, or SpiffWorkflow cannot see it."""
        ready = {task.id for task in self.tasks(READY)}
        seen = {task.id for task in self._workflow.get_tasks(state=READY)}
        alive = bool(ready) or any(True for _ in self.jobs()) or any(True for _ in self.waiting())
        return ready != seen or alive == self._workflow.is_completed()

    def ends_process(self, task: Any) -> bool:
        """Whether a completed task is an end event of the process itself.

        One inside a sub-process is not, nor one at the end of what a non-interrupting event started beside the
        way, unless it terminates everything.
        """
        if not isinstance(task.task_spec, EndEvent) or task.workflow is not self._workflow:
            return False
        terminates = isinstance(task.task_spec.event_definition, TerminateEventDefinition)
        return terminates or not any(_beside_the_way(each) for each in _line_of(task))

    def catcher(self, task: Any, code: str) -> Any:
        """The error boundary event for a fault of this task: its own, then those of the sub-processes around it.

        One with this code goes before one for any code. None when there is none.
        """
        while True:
            errors = [each for each in task.parent.children if _catches_errors(each)]
            if isinstance(task.parent.task_spec, BoundaryEventSplit):
                for wanted in (code, None):
                    found = [each for each in errors if each.task_spec.event_definition.code == wanted]
                    if found:
                        return found[0]
            if task.workflow is self._workflow:
                return None
            task = self._workflow.get_task_from_id(task.workflow.parent_task_id)

    def _belongs(self, workflow: Any) -> bool:
        # A dropped sub-process stays in memory, but is gone after a restore: treat it as gone at once.
        while workflow is not self._workflow:
            owners = (self._workflow, *self._workflow.subprocesses.values())
            owner = next((other for other in owners if workflow.parent_task_id in other.tasks), None)
            if owner is None:
                return False
            workflow = owner
        return True


def _has_come(task: Any) -> bool:
    if isinstance(task.task_spec, BoundaryEvent):
        return False  # stands beside its element; no flow leads to it
    # A waiting or cancelled task may be one that was only made ready for: then what is before it has not ended.
    return bool(task.has_state(_BEGUN) or (task.parent is not None and task.parent.state == COMPLETED))


def _before(task: Any, elements: Container[str]) -> str:
    """The element from which the token came; "" at a start."""
    parent = task.parent
    while parent is not None and parent.task_spec.name not in elements:
        parent = parent.parent
    return "" if parent is None else str(parent.task_spec.name)


def throw_error(boundary: Any, code: str) -> None:
    """Lets one error boundary event catch an error."""
    _hand_over(boundary, ErrorEventDefinition(boundary.task_spec.event_definition.name, code=code))


def hand_message(task: Any, name: str) -> None:
    """Lets one waiting task catch a message; the payload is already among the variables."""
    _hand_over(task, MessageEventDefinition(name))


def awaited_messages(task: Any) -> list[str]:
    """Names of the messages a waiting task can take."""
    definition = task.task_spec.event_definition
    inner = definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]
    return [each.name for each in inner if isinstance(each, MessageEventDefinition)]


def attached_to(task: Any) -> str | None:
    """Element a boundary event sits on, None for any other task."""
    if not isinstance(task.task_spec, BoundaryEvent):
        return None
    around = task.parent.task_spec.outputs
    return next((str(spec.name) for spec in around if not isinstance(spec, BoundaryEvent)), None)


def is_cycle(task: Any) -> bool:
    """Whether the task is a cycle timer, which fires without being completed."""
    return isinstance(getattr(task.task_spec, "event_definition", None), timer_events.CycleTimer)


def is_message(event: Any) -> bool:
    """Whether an event that left the instance is a message."""
    return isinstance(event.event_definition, MessageEventDefinition)


def is_termination(event: Any) -> bool:
    """Whether an event that left the instance is that of a terminate end event."""
    return isinstance(event.event_definition, TerminateEventDefinition)


def started(task: Any) -> StartedService:
    """A started service task as the outside sees it."""
    job = task.internal_data[spiff.JOB]
    params = dict(job["params"])
    if job["operation"] == FAN_OUT:
        names = [name for name in params if name.startswith(INPUT)]
        params["inputs"] = {name.removeprefix(INPUT): params.pop(name) for name in names}
    return StartedService(task.id, task.task_spec.name, job["operation"], params)


def _line_of(task: Any) -> Iterator[Any]:
    """The task and everything it comes from."""
    while task is not None:
        yield task
        task = task.parent


def _beside_the_way(task: Any) -> bool:
    return isinstance(task.task_spec, BoundaryEvent) and not task.task_spec.cancel_activity


def _catches_errors(task: Any) -> bool:
    spec = task.task_spec
    is_boundary = isinstance(spec, BoundaryEvent) and task.state == WAITING
    return is_boundary and isinstance(spec.event_definition, ErrorEventDefinition)


def _hand_over(task: Any, definition: Any) -> None:
    # Straight to this task: SpiffWorkflow would also hand it to the events of other elements.
    task.task_spec.catch(task, BpmnEvent(definition))
    task.task_spec._update(task)
