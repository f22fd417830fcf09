"""The one list of processes, and what a diagram may refer to because of it."""

from functools import cache

import bpmn
from workflow_app.engine import operations
from workflow_app.engine import worker as worker  # noqa: PLC0414 - imported for its registration of jobs
from workflow_app.engine.catalogue import Catalogue, FormSpec
from workflow_app.engine.machine import Compiled, compile_diagram
from workflow_app.organisations.roles import ROLES
from workflow_app.processes.pledges.handlers import PLEDGES
from workflow_app.processes.process import Process, TaskKind


def processes() -> tuple[Process, ...]:
    """Every process of this installation."""
    return (PLEDGES,)


def task_kind(form_key: str) -> TaskKind:
    """The kind of a task by its form; raises KeyError for a form that no process has."""
    for process in processes():
        if form_key in process.tasks:
            return process.tasks[form_key]
    raise KeyError(form_key)


def catalogue() -> Catalogue:
    """What a diagram may refer to: the deploy lint refuses everything else."""
    kinds = {key: kind for process in processes() for key, kind in process.tasks.items()}
    diagrams = _diagrams()
    return Catalogue(
        forms={key: FormSpec(kind.form.outcomes, dict(kind.form.choices)) for key, kind in kinds.items()},
        operations=operations.catalogue(),
        roles=frozenset(ROLES),
        processes=frozenset(diagrams),
        calls={key: frozenset(diagram.called.values()) for key, diagram in diagrams.items()},
        inputs={key: frozenset(diagram.inputs) for key, diagram in diagrams.items()},
    )


@cache
def _diagrams() -> dict[str, Compiled]:
    keys = [key for process in processes() for key in process.diagrams]
    return {key: compile_diagram(bpmn.diagram(key)) for key in keys}
