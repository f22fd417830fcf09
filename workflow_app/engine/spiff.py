"""SpiffWorkflow 3.2.0 as we let it run: its classes, bent where they lose work; no type of it leaves the engine.

Deliberate differences, each because of a fault that loses work without an exception:
- process data is one flat mapping of the instance, not a copy per task: copies are merged wrongly at joins;
- expressions go through our whitelist, scripts and direct service calls always raise;
- a service task only starts (STARTED); somebody completes it later;
- timers read `core.clock`, and fire only when they are told to, one by one;
- joining gateways count tokens (`joins.py`);
- a thrown message always leaves the instance;
- the stored state has neither the diagram nor data in it.
"""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.util import first
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.event_definition import TimerConditionalEventDefinitionConverter
from SpiffWorkflow.bpmn.serializer.helpers import DefaultRegistry
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.event_parsers import (
    SpiffBoundaryEventParser,
    SpiffIntermediateCatchEventParser,
)
from SpiffWorkflow.spiff.parser.task_spec import ServiceTaskParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.spiff.serializer.task_spec import ServiceTaskConverter
from SpiffWorkflow.spiff.specs.defaults import ServiceTask
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from workflow_app.core import clock
from workflow_app.engine import expressions, moments
from workflow_app.engine.errors import ExpressionFailed, MomentRefused, StepFailed
from workflow_app.engine.executable import OPERATION, PARAMETER
from workflow_app.engine.joins import CountingInclusiveGateway, CountingParallelGateway

# Below INFO every record of this logger carries the whole task data; at INFO there is one per state change.
for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)

JOB = "job"  # key in a task's internal data: what the service task was started with
VALUE = "event_value"  # key in a task's internal data: when its timer is due


class _NoScripts(BasePythonScriptEngineEnvironment):  # type: ignore[misc]  # SpiffWorkflow has no types
    """The place where SpiffWorkflow would run Python."""

    def evaluate(self, expression: Any, context: Any, external_context: Any = None) -> Any:
        raise StepFailed("correlation and completion expressions are not evaluated")

    def execute(self, script: Any, context: Any, external_context: Any = None) -> Any:
        raise StepFailed("scripts in a diagram are never executed")

    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise StepFailed("services are never called inside a step")


class _Expressions(PythonScriptEngine):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Evaluates over the data of the instance, through the whitelist."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        try:
            return expressions.evaluate(expression, task.workflow.top_workflow.variables)
        except ExpressionFailed as error:
            name = task.task_spec.name
            raise type(error)(f"element {name}: {error}", **{**error.facts, "element": name}) from error

    def execute(self, task: Any, script: str, external_context: Any = None) -> Any:
        return self.environment.execute(script, task.data)

    def call_service(self, task: Any, **kwargs: Any) -> Any:
        return self.environment.call_service(task.data, **kwargs)


ENGINE = _Expressions(_NoScripts())


class Workflow(BpmnWorkflow):  # type: ignore[misc]  # SpiffWorkflow has no types
    """One running instance.

    variables: the flat data of the instance. firing: id and moment of the one timer that may fire now.
    """

    def __init__(self, spec: Any, subprocess_specs: Any = None, **kwargs: Any) -> None:
        self.variables: dict[str, Any] = {}
        self.firing: tuple[uuid.UUID, datetime] | None = None
        super().__init__(spec, subprocess_specs, script_engine=ENGINE, **kwargs)

    def catch(self, event: Any) -> None:
        """Messages leave the instance; everything else is caught inside it."""
        if isinstance(event.event_definition, MessageEventDefinition):
            self.bpmn_events.append(event)
        else:
            super().catch(event)

    def get_active_subprocesses(self) -> list[Any]:
        """Running sub-processes; one whose task was dropped from the tree is none, as after a restore."""
        return [each for each in super().get_active_subprocesses() if self._has_task(each.parent_task_id)]

    def _has_task(self, task_id: uuid.UUID) -> bool:
        return any(task_id in each.tasks for each in (self, *self.subprocesses.values()))

    def refresh_timers(self) -> None:
        """Nothing: a timer fires only through `fire`, so that every firing is seen and recorded."""

    def fire(self, task: Any, at: datetime) -> None:
        """Lets one timer fire if it is due at this moment."""
        self.firing = (task.id, at)
        try:
            task.task_spec._update(task)
        finally:
            self.firing = None


class AsyncServiceTask(ServiceTask):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Starts and waits: the operation is done outside, `complete()` comes later."""

    def _update_hook(self, my_task: Any) -> bool:
        # A cycle timer updates its unfinished children when it ends; that would start them twice.
        return not my_task.has_state(TaskState.STARTED) and bool(super()._update_hook(my_task))

    def _run_hook(self, my_task: Any) -> None:
        found = self.evaluate_params(my_task).items()
        values = {name.removeprefix(PARAMETER): given["value"] for name, given in found}
        my_task.internal_data[JOB] = {
            "operation": self.operation_name.removeprefix(OPERATION),
            "params": values,
        }


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


class _TimerParser:
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


class _BoundaryParser(_TimerParser, SpiffBoundaryEventParser):  # type: ignore[misc]  # SpiffWorkflow has no types
    pass


class _CatchParser(_TimerParser, SpiffIntermediateCatchEventParser):  # type: ignore[misc]  # same
    pass


class Parser(SpiffBpmnParser):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Parses one executable copy; a new one for every diagram, because it mixes up lanes of several files."""

    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the name and form are SpiffWorkflow's
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("serviceTask"): (ServiceTaskParser, AsyncServiceTask),
        full_tag("boundaryEvent"): (_BoundaryParser, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_CatchParser, IntermediateCatchEvent),
        full_tag("parallelGateway"): (GatewayParser, CountingParallelGateway),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, CountingInclusiveGateway),
    }


class SafeRegistry(DefaultRegistry):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Reads a mapping with an unknown `typename` as data, such as an extension property of that name."""

    def restore(self, val: Any, **kwargs: Any) -> Any:
        if isinstance(val, dict) and "typename" in val and val["typename"] not in self.convert_from_dict:
            return {key: self.restore(value) for key, value in val.items()}
        return super().restore(val, **kwargs)


_CONFIG = {
    **SPIFF_CONFIG,
    AsyncServiceTask: ServiceTaskConverter,
    DateTimer: TimerConditionalEventDefinitionConverter,
    DurationTimer: TimerConditionalEventDefinitionConverter,
    CycleTimer: TimerConditionalEventDefinitionConverter,
    CountingParallelGateway: SPIFF_CONFIG[ParallelGateway],
    CountingInclusiveGateway: SPIFF_CONFIG[InclusiveGateway],
}
_SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(_CONFIG, SafeRegistry()))


def specs(executable: Any, key: str) -> tuple[Any, dict[str, Any]]:
    """Main specification and those of the sub-processes, armed: safe to share between instances and threads."""
    parser = Parser()
    parser.add_bpmn_xml(executable)
    return _arm(parser.get_spec(key)), {
        name: _arm(spec) for name, spec in parser.get_subprocess_specs(key).items()
    }


def _arm(spec: Any) -> Any:
    # A spec fresh from the parser lacks links that only its serializer makes; restored instances would hang.
    return _SERIALIZER.from_dict(_SERIALIZER.to_dict(spec))
