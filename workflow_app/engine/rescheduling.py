"""Giving the timer of an element another moment, in the task tree of a running instance."""

from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine import timer_events, tree


def move(workflow: tree.Tree, element: str, to: datetime) -> datetime | None:
    """Moves the timer of an element to an aware moment; returns the moment before, None when there is no timer.

    A boundary timer that has gone off without taking away what it sits on is set once more, as long as that is open.
    """
    task = _waiting(workflow, element) or _set_again(workflow, element)
    if task is None:
        return None
    value, moment = task.internal_data[timer_events.VALUE], to.astimezone(UTC).isoformat()
    before = value["next"] if isinstance(value, dict) else value
    task.internal_data[timer_events.VALUE] = {**value, "next": moment} if isinstance(value, dict) else moment
    return datetime.fromisoformat(before)


def _waiting(workflow: tree.Tree, element: str) -> Any:
    named = (task for task in workflow.waiting() if task.task_spec.name == element)
    return next((task for task in named if timer_events.due_at(task)), None)


def _set_again(workflow: tree.Tree, element: str) -> Any:
    """A new waiting task beside the one that has gone off, with its moment; None when there is none."""
    fired = [task for task in workflow.tasks(tree.COMPLETED) if task.task_spec.name == element]
    gone_off = next((task for task in reversed(fired) if _may_go_off_again(task)), None)
    if gone_off is None:
        return None
    again = gone_off.parent._add_child(gone_off.task_spec, TaskState.FUTURE)
    # Makes what follows it: without children it would go off into nothing.
    again.task_spec._predict(again, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
    again._set_state(TaskState.WAITING)
    again.internal_data[timer_events.VALUE] = gone_off.internal_data[timer_events.VALUE]
    again.workflow.top_workflow.event_manager.add_task(again)
    return again


def _may_go_off_again(task: Any) -> bool:
    spec = task.task_spec
    if (
        not isinstance(spec, BoundaryEvent)
        or spec.cancel_activity
        or timer_events.VALUE not in task.internal_data
    ):
        return False
    around = [each for each in task.parent.children if not isinstance(each.task_spec, BoundaryEvent)]
    return bool(around) and not any(each.has_state(TaskState.FINISHED_MASK) for each in around)
