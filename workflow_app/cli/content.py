"""What the program brings along: reference data, Word templates, diagrams; and what it must import.

Everything here may run at each start: it adds what is not there yet and leaves what the union changed.
"""

import hashlib
import importlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import bpmn
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.documents import objects, templates
from workflow_app.engine import definitions
from workflow_app.engine.models import DefinitionStatus, ProcessDefinition
from workflow_app.organisations.seeds import seed_reference
from workflow_app.processes.registry import catalogue, processes

# Modules that register jobs, operations or settings when they are imported.
_REGISTERING = (
    "workflow_app.engine.worker",
    "workflow_app.notifications.letters",
    "workflow_app.documents.conversions",
    "workflow_app.documents.sweeping",
    "workflow_app.organisations.housekeeping",
)


def register() -> None:
    """Imports everything that the queue and the diagrams may call."""
    for module in _REGISTERING:
        importlib.import_module(module)
    processes()


def bring_up_to_date() -> None:
    """Reference data, templates and diagrams of this release, by nobody: the system itself."""
    register()
    at = clock.now()
    with transaction() as session:
        seed_reference(session)
    with transaction() as session:
        templates.register_builtin(session, objects.store(), at=at)
    with transaction() as session:
        for process in processes():
            for key in reversed(process.diagrams):  # what is called comes before what calls it
                deploy_builtin(session, bpmn.diagram(key), key, at=at)


def deploy_builtin(session: Session, xml: bytes, key: str, *, at: datetime) -> ProcessDefinition | None:
    """Deploys a diagram of the product that this database has not seen yet; None when it has.

    Where the union has put a diagram of its own into force, ours waits as a draft.
    Raises DiagramRefused.
    """
    seen = select(ProcessDefinition.id).where(ProcessDefinition.sha256 == hashlib.sha256(xml).hexdigest())
    if session.scalar(seen) is not None:
        return None
    own = select(ProcessDefinition.id).where(
        ProcessDefinition.key == key,
        ProcessDefinition.status == DefinitionStatus.ACTIVE,
        ProcessDefinition.activated_by.is_not(None),
    )
    activate = session.scalar(own) is None
    return definitions.deploy(session, xml, by=None, at=at, known=catalogue(), activate=activate)
