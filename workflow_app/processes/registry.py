"""The one list of processes, and what a diagram may refer to because of it."""

from functools import cache

from sqlalchemy.orm import Session

import bpmn
from workflow_app.core.errors import Conflict
from workflow_app.engine import operations
from workflow_app.engine import worker as worker  # noqa: PLC0414 - imported for its registration of jobs
from workflow_app.engine.catalogue import Catalogue, FormSpec
from workflow_app.engine.machine import Compiled, compile_diagram
from workflow_app.engine.tasks import OpenTask
from workflow_app.organisations.roles import ROLES
from workflow_app.processes.dossiers.handlers import DOSSIERS
from workflow_app.processes.pledges.handlers import PLEDGES
from workflow_app.processes.process import Process, TaskKind


def processes() -> tuple[Process, ...]:
    """Every process of this installation."""
    return (PLEDGES, DOSSIERS)


class FormUnknown(Conflict):
    """A diagram asks for a form that this program does not have."""

    code = "form_unknown"
    vi_default = (
        "Việc này dùng một biểu mẫu mà phiên bản chương trình hiện tại chưa có. Hãy báo quản trị hệ thống."
    )


def host() -> Process | None:
    """The process that takes in diagrams which people bring; None without one."""
    return next((process for process in processes() if process.host is not None), None)


def process_of(process_key: str) -> Process | None:
    """The process that a diagram belongs to, child diagrams included; one that nobody has is the host's."""
    found = (process for process in processes() if process_key in process.diagrams)
    return next(found, None) or host()


def task_kind(session: Session, task: OpenTask) -> TaskKind:
    """The kind of a task; raises FormUnknown for a form that its process does not have."""
    process = process_of(task.process_key)
    if process is not None and process.host is not None:
        found = process.host.task_kind(session, task)
    else:
        kinds = (each.tasks[task.form_key] for each in processes() if task.form_key in each.tasks)
        found = next(kinds, None)
    if found is None:
        raise FormUnknown(f"no form {task.form_key} for task {task.id}")
    return found


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
