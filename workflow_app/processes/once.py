"""An act outside a task, done once: also when the button is pressed twice, or a program asks again."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Conflict, Invalid, OutcomeUnknown
from workflow_app.organisations.types import Actor
from workflow_app.processes.request import stop_reading

Made = TypeVar("Made")


def perform(actor: Actor, op_id: UUID, act: Callable[[Session], Made]) -> Made | None:
    """Runs an act in one transaction; None when the same person did it before under the same id."""
    stop_reading()
    try:
        with transaction() as session:
            return act(session)
    except (Conflict, Invalid, OutcomeUnknown):
        with reading() as session:
            if audit.repeat(session, actor.person_id, op_id) is not None:
                return None
        raise
