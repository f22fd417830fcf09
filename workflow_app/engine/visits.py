"""What has become of every element of an instance, counted apart from the task tree.

SpiffWorkflow drops cancelled work from its tree; the history that people see on the diagram must not shrink.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Self
from uuid import UUID

from workflow_app.engine.elements import Element
from workflow_app.engine.errors import LoopCap
from workflow_app.engine.steps import Mark, MarkState

# A join or boundary event that is no longer needed was not begun by anybody.
_CANCELLABLE = frozenset(
    ("userTask", "serviceTask", "callActivity", "subProcess", "intermediateCatchEvent", "receiveTask")
)


class Visits:
    """Counts of completed and cancelled elements, the end events reached, the flows gone along."""

    def __init__(self, elements: Mapping[str, Element], loop_cap: int) -> None:
        self._elements = elements
        self._loop_cap = loop_cap
        self._done: Counter[str] = Counter()
        self._cancelled: Counter[str] = Counter()
        self._finished: set[UUID] = set()  # tasks completed by the present step
        self.ended: list[str] = []
        self.ended_by: str | None = None  # the latest end event on the process's own way
        self.passed: set[tuple[str, str]] = set()  # (from, to) of every flow that was gone along

    def restore(self, stored: Mapping[str, Any]) -> Self:
        """Takes over what `store` has given."""
        self._done.update(stored["done"])
        self._cancelled.update(stored["cancelled"])
        self.ended.extend(stored["ended"])
        self.ended_by = stored.get("ended_by")  # states of earlier builds lack it
        self.passed.update((source, target) for source, target in stored.get("passed", ()))  # and this
        return self

    def store(self) -> dict[str, Any]:
        """JSON values."""
        counts = {"done": self._done, "cancelled": self._cancelled}
        return {**counts, "ended": self.ended, "ended_by": self.ended_by, "passed": sorted(self.passed)}

    def begun(self) -> set[str]:
        """Elements that were completed or begun and left."""
        return {*self._done, *self._cancelled}

    def begin(self) -> None:
        """A new step begins."""
        self._finished.clear()

    def complete(self, task_id: UUID, element: str, *, ends: bool) -> None:
        """A task of an element was completed; ends: it is an end of the whole process. Raises LoopCap."""
        self._finished.add(task_id)
        if ends:
            self.ended_by = element
        self.add(element)

    def add(self, element: str) -> None:
        """An element was passed once more. Raises LoopCap when that is more often than the cap allows."""
        self._done[element] += 1
        if self._elements[element].kind == "endEvent":
            self.ended.append(element)
        if self._done[element] > self._loop_cap:
            raise LoopCap(f"element {element} was passed more than {self._loop_cap} times", element=element)

    def end(self, before: Mapping[UUID, str], after: Iterable[UUID]) -> None:
        """The step is over: what was open before it and is neither completed nor open now was cancelled."""
        gone = before.keys() - self._finished - set(after)
        cancelled = (before[task_id] for task_id in gone)
        self._cancelled.update(name for name in cancelled if self._elements[name].kind in _CANCELLABLE)

    def marks(self, open_now: Iterable[tuple[str, MarkState]]) -> dict[str, Mark]:
        """State of every element that was reached; what is open now goes before what was."""
        marks = {name: Mark(MarkState.CANCELLED, self._done[name]) for name in self._cancelled}
        marks |= {name: Mark(MarkState.DONE, count) for name, count in self._done.items()}
        return marks | {name: Mark(state, self._done[name]) for name, state in open_now}
