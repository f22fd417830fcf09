"""Where SpiffWorkflow would run Python: expressions go through our whitelist, everything else raises."""

from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from workflow_app.engine import expressions
from workflow_app.engine.errors import ExpressionFailed, StepFailed


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
