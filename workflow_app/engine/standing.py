"""What can be seen of a running instance without moving it: what it waits for, its data, its marks."""

import copy
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from workflow_app.engine import moments, spiff, timer_events, tree
from workflow_app.engine.compiled import Compiled
from workflow_app.engine.errors import MomentRefused
from workflow_app.engine.steps import (
    Mark,
    MarkState,
    ReadyTask,
    StartedService,
    WaitingMessage,
    WaitingTimer,
)
from workflow_app.engine.visits import Visits


class Standing:
    """Where an instance stands. `machine.Machine` adds what moves it."""

    def __init__(self, compiled: Compiled, workflow: spiff.Workflow, loop_cap: int) -> None:
        self._compiled = compiled
        self._workflow = workflow
        self._tree = tree.Tree(workflow)
        self._visits = Visits(compiled.elements, loop_cap)

    def human_tasks(self) -> list[ReadyTask]:
        """Open human tasks. Raises MomentRefused when a due variable holds no clear date or time."""
        return [self._ready(task) for task in self._tree.tasks(tree.READY) if task.task_spec.manual]

    def service_tasks(self) -> list[StartedService]:
        """Service tasks and call activities that wait for `complete_service` or `business_fault`."""
        return [tree.started(task) for task in self._tree.jobs()]

    def timers(self) -> list[WaitingTimer]:
        """Waiting timers, each with its next firing. One that is already past fires with `fire_timers`, too."""
        found = ((task, timer_events.due_at(task)) for task in self._tree.waiting())
        return [
            WaitingTimer(task.id, task.task_spec.name, due, tree.attached_to(task))
            for task, due in found
            if due
        ]

    def waiting_messages(self) -> list[WaitingMessage]:
        """Elements that wait for a message."""
        return [
            WaitingMessage(task.id, task.task_spec.name, name)
            for task in self._tree.waiting()
            for name in tree.awaited_messages(task)
        ]

    @property
    def completed(self) -> bool:
        """Whether the instance is over, by an end event or by `cancel`."""
        return bool(self._workflow.is_completed())

    @property
    def ended(self) -> tuple[str, ...]:
        """Ids of the end events reached, in order, those of sub-processes included."""
        return tuple(self._visits.ended)

    @property
    def ended_by(self) -> str | None:
        """Id of the end event that ended the instance; None while it runs, and when none did.

        The last one on the process's own way, or a terminate end event. What a sub-process or a reminder beside
        the way comes to later says nothing about how the process ended.
        """
        return self._visits.ended_by if self.completed else None

    def data(self) -> dict[str, Any]:
        """A copy of the flat process data; the last value of each name."""
        return copy.deepcopy(self._workflow.variables)

    def marks(self) -> dict[str, Mark]:
        """State of every element that was reached, by element id, for the diagram."""
        return self._visits.marks((task.task_spec.name, state) for task, state in self._open())

    def passages(self) -> set[tuple[str, str]]:
        """(from, to) of every two elements between which the instance has gone, for the diagram."""
        return self._visits.passed | self._tree.passages(self._compiled.elements)

    # --- inside ----------------------------------------------------------------------------------------

    def _open(self) -> Iterator[tuple[Any, MarkState]]:
        for task in self._tree.tasks(tree.READY | tree.STARTED | tree.WAITING):
            if task.task_spec.name in self._compiled.elements:
                yield task, MarkState.WAITING if task.state == tree.WAITING else MarkState.ACTIVE

    def _ready(self, task: Any) -> ReadyTask:
        known = self._compiled.elements[task.task_spec.name]
        due, soft_due = (self._moment(known.id, name) for name in (known.due, known.soft_due))
        return ReadyTask(task.id, known.id, known.name, known.lane, known.form, known.act, due, soft_due)

    def _moment(self, element: str, name: str | None) -> datetime | None:
        value = self._workflow.variables.get(name) if name else None
        try:
            return None if value is None else moments.instant(value)
        except MomentRefused as error:
            raise MomentRefused(f"element {element}, variable {name}: {error}") from error
