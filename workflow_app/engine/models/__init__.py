"""The tables of the engine: definitions, running instances, and what each of them waits for.

The state of an instance is the truth about where it stands; the rows of human tasks, timers and
service tasks are its projection, written in the same transaction, so that lists need no state.
"""

from sqlalchemy import DDL, event

from workflow_app.core.database import Base
from workflow_app.engine import ddl
from workflow_app.engine.models.instances import ProcessDefinition, ProcessInstance, ProcessNote
from workflow_app.engine.models.states import (
    ALIVE,
    DefinitionStatus,
    IncidentKind,
    InstanceStatus,
    ServiceStatus,
    TaskStatus,
)
from workflow_app.engine.models.work import HumanTask, Incident, Message, ServiceTask, Timer

__all__ = [
    "ALIVE",
    "DefinitionStatus",
    "HumanTask",
    "Incident",
    "IncidentKind",
    "InstanceStatus",
    "Message",
    "ProcessDefinition",
    "ProcessInstance",
    "ProcessNote",
    "ServiceStatus",
    "ServiceTask",
    "TaskStatus",
    "Timer",
]


for _table, _statements in ddl.BY_TABLE.items():
    for _statement in _statements:
        event.listen(Base.metadata.tables[_table], "after_create", DDL(_statement.replace("%", "%%")))  # type: ignore[no-untyped-call]  # DDL has no types
