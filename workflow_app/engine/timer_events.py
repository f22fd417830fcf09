"""Timer events of a diagram: they read `core.clock`, and fire only when they are told to, one by one."""

from datetime import datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.parser.util import first
from SpiffWorkflow.bpmn.serializer.default.event_definition import TimerConditionalEventDefinitionConverter
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)

from workflow_app.core import clock
from workflow_app.engine import moments
from workflow_app.engine.errors import MomentRefused, StepFailed
from workflow_app.engine.evaluation import ENGINE

VALUE = "event_value"  # key in a task's internal data: when its timer is due


class _MayFire:
    """A timer is over when it has fired, and fires only while the workflow lets it."""

    expression: str

    def due(self, value: object) -> datetime:
        raise NotImplementedError

    def has_fired(self, my_task: Any) -> bool:
        if my_task.internal_data.get(VALUE) is None:
            value = ENGINE.evaluate(my_task, self.expression)
            my_task.internal_data[VALUE] = _at_element(my_task, self.due, value).isoformat()
        if _let_fire(my_task, my_task.internal_data[VALUE]):
            my_task.internal_data["event_fired"] = True
        return bool(my_task.internal_data.get("event_fired", False))


class DateTimer(_MayFire, TimeDateEventDefinition):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Due at an ISO day or time with offset."""

    def due(self, value: object) -> datetime:
        return moments.instant(value)


class DurationTimer(_MayFire, DurationTimerEventDefinition):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Due an ISO duration after the element was reached."""

    def due(self, value: object) -> datetime:
        return moments.duration(value).after(clock.now())


class CycleTimer(CycleTimerEventDefinition):  # type: ignore[misc]  # SpiffWorkflow has no types
    """A counted reminder. Firings missed while nobody looked are used up by the one that comes late."""

    def cycle_complete(self, my_task: Any) -> bool:
        value = my_task.internal_data.get(VALUE)
        if value is None:
            value = self._begin(my_task)
        elif value["cycles"] == 0:
            my_task.internal_data["event_fired"] = True
        fires = value["cycles"] > 0 and _let_fire(my_task, value["next"])
        if fires:
            value = _next(value, my_task.workflow.top_workflow.firing[1])
        my_task.internal_data[VALUE] = value
        return fires

    def _begin(self, my_task: Any) -> dict[str, Any]:
        cycle = _at_element(my_task, moments.cycle, ENGINE.evaluate(my_task, self.expression))
        start = cycle.start or clock.now() + cycle.every
        return {"cycles": cycle.count, "next": start.isoformat(), "duration": cycle.every.total_seconds()}


def due_at(task: Any) -> datetime | None:
    """When the timer of a waiting task is due, aware UTC; None for what is no timer or has used up its cycles."""
    value = task.internal_data.get(VALUE)
    if isinstance(value, dict):
        value = value["next"] if value["cycles"] > 0 else None
    return None if value is None else datetime.fromisoformat(value)


def _next(value: dict[str, Any], at: datetime) -> dict[str, Any]:
    left, due = value["cycles"], datetime.fromisoformat(value["next"])
    while left and due <= at:
        left, due = left - 1, due + timedelta(seconds=value["duration"])
    return {**value, "cycles": left, "next": due.isoformat()}


def _let_fire(task: Any, due: str) -> bool:
    firing = task.workflow.top_workflow.firing
    return firing is not None and firing[0] == task.id and datetime.fromisoformat(due) <= firing[1]


def _at_element(task: Any, read: Any, value: object) -> Any:
    try:
        return read(value)
    except MomentRefused as error:
        raise MomentRefused(f"element {task.task_spec.name}: {error}") from error


class TimerParser:
    """Puts our timers where the parser would make SpiffWorkflow's."""

    def parse_timer_event(self, event: Any) -> Any:
        name = self.node.get("name") or self.node.get("id")  # type: ignore[attr-defined]  # of the parser mixed in
        for tag, made in (
            ("timeDate", DateTimer),
            ("timeDuration", DurationTimer),
            ("timeCycle", CycleTimer),
        ):
            node = first(event.xpath(f"./bpmn:{tag}", namespaces=self.nsmap))  # type: ignore[attr-defined]  # same
            if node is not None:
                return made(name, node.text)
        raise StepFailed(f"timer {name} has no time")


CONVERTERS = dict.fromkeys((DateTimer, DurationTimer, CycleTimer), TimerConditionalEventDefinitionConverter)
