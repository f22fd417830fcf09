"""SpiffWorkflow 3.2.0 as we let it run: its classes, bent where they lose work; no type of it leaves the engine.

Deliberate differences, each because of a fault that loses work without an exception:
- process data is one flat mapping of the instance, not a copy per task: copies are merged wrongly at joins;
- expressions go through our whitelist, scripts and direct service calls always raise (`evaluation.py`);
- a service task only starts (STARTED); somebody completes it later;
- timers read `core.clock`, and fire only when they are told to, one by one (`timer_events.py`);
- joining gateways count tokens (`joins.py`);
- a thrown message always leaves the instance;
- the stored state has neither the diagram nor data in it.
"""

import logging
import uuid
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.helpers import DefaultRegistry
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
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

from workflow_app.engine import timer_events
from workflow_app.engine.evaluation import ENGINE
from workflow_app.engine.executable import OPERATION, PARAMETER
from workflow_app.engine.joins import CountingInclusiveGateway, CountingParallelGateway
from workflow_app.engine.timer_events import TimerParser

# Below INFO every record of this logger carries the whole task data; at INFO there is one per state change.
for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)

JOB = "job"  # key in a task's internal data: what the service task was started with


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


class _BoundaryParser(TimerParser, SpiffBoundaryEventParser):  # type: ignore[misc]  # SpiffWorkflow has no types
    pass


class _CatchParser(TimerParser, SpiffIntermediateCatchEventParser):  # type: ignore[misc]  # same
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
    **timer_events.CONVERTERS,
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


def described(spec: Any) -> dict[str, Any]:
    """Everything that makes up the specification of one task, as plain values: for comparing two versions."""
    values: dict[str, Any] = _SERIALIZER.registry.convert(spec)
    return values
