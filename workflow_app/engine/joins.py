"""Joining gateways that count tokens.

SpiffWorkflow's own look at every earlier arrival: in a loop a parallel or inclusive gateway fires from its second
round on as soon as ONE branch arrives, and later drops the work of the branches it did not wait for. Here an
arrival is used up by the firing it took part in.
"""

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.util.task import TaskState

_USED = "used"  # key in a task's internal data: this arrival took part in a firing
_FIRED = TaskState.READY | TaskState.STARTED | TaskState.COMPLETED | TaskState.ERROR


class _Counting:
    """A gateway that fires from the arrivals no earlier firing has used."""

    def _update_hook(self, my_task: Any) -> bool:
        if my_task.has_state(_FIRED):
            return bool(my_task.state == TaskState.READY)
        others = [task for task in _arrivals(self, my_task) if task is not my_task]
        arrived = [my_task, *others]
        fires = self.complete(my_task, {task.parent.task_spec.name for task in arrived})
        if fires:
            _use(arrived)
        else:
            my_task._set_state(TaskState.WAITING)
        for task in others:
            if task.state == TaskState.WAITING:
                task.cancel()  # one task of the gateway is enough to be looked at again
        return fires

    def complete(self, my_task: Any, filled: set[str]) -> bool:
        """Whether the gateway may fire with tokens on the flows from these elements."""
        raise NotImplementedError


class CountingParallelGateway(_Counting, ParallelGateway):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Fires when there is an unused arrival on every incoming flow."""

    def complete(self, my_task: Any, filled: set[str]) -> bool:
        return filled >= {spec.name for spec in self.inputs}

    def _run_hook(self, my_task: Any) -> bool:
        return True  # SpiffWorkflow merges data here, which are not in the tasks, and drops work


class CountingInclusiveGateway(_Counting, InclusiveGateway):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Fires as BPMN 2.0 says (13.4.3): no token elsewhere can still reach only an empty incoming flow of it."""

    def complete(self, my_task: Any, filled: set[str]) -> bool:
        empty = {spec.name for spec in self.inputs} - filled
        elsewhere = (_reachable(self, task.task_spec) for task in _tokens(self, my_task))
        return not any(reached & empty and not reached & filled for reached in elsewhere)

    def _run_hook(self, my_task: Any) -> bool:
        matches, defaults = self._get_matching_outputs(my_task)
        if not matches and not defaults:
            raise WorkflowTaskException("No conditions satisfied on gateway", task=my_task)
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


def _arrivals(gateway: Any, my_task: Any) -> list[Any]:
    """Tasks of the gateway that have been reached and not used, the task itself included."""
    return [
        task
        for task in my_task.workflow.tasks.values()
        if task.task_spec is gateway
        and not task.has_state(_FIRED | TaskState.PREDICTED_MASK | TaskState.FUTURE)
        and not task.internal_data.get(_USED)
        and task.parent.state == TaskState.COMPLETED
    ]


def _use(arrived: Iterable[Any]) -> None:
    # One per incoming flow; the first in the list is the task that fires. What is left counts for the next firing.
    used: set[str] = set()
    for task in arrived:
        if task.parent.task_spec.name not in used:
            used.add(task.parent.task_spec.name)
            task.internal_data[_USED] = True


def _tokens(gateway: Any, my_task: Any) -> list[Any]:
    """Tasks at which the process stands now, apart from the gateway itself and from mere boundary events."""
    return [
        task
        for task in my_task.workflow.tasks.values()
        if task.has_state(TaskState.DEFINITE_MASK)
        and task.task_spec is not gateway
        and task.parent is not None
        and task.parent.state == TaskState.COMPLETED
        and not (isinstance(task.task_spec, BoundaryEvent) and task.state == TaskState.WAITING)
    ]


def _reachable(gateway: Any, start: Any) -> set[str]:
    """Elements before the gateway that can be reached from here without passing it."""
    inputs = {spec.name for spec in gateway.inputs}
    seen: dict[str, Any] = {}
    waiting = [start]
    while waiting:
        spec = waiting.pop()
        if spec.name not in seen and spec is not gateway:
            seen[spec.name] = spec
            waiting.extend(spec.outputs)
    return inputs & seen.keys()
