"""How the pages of a pledge change something outside a task: once, also when the button is pressed twice."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from workflow_app.audit import service as audit
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Conflict, Invalid, OutcomeUnknown
from workflow_app.organisations.types import Actor

Made = TypeVar("Made")


def op_id_of(form: Mapping[str, str]) -> UUID:
    """The id that the page gave to this act; raises BadRequest."""
    try:
        return UUID(form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None


def perform(actor: Actor, op_id: UUID, act: Callable[[Session], Made]) -> Made | None:
    """Runs an act in one transaction; None when the same person did it before under the same id."""
    try:
        with transaction() as session:
            return act(session)
    except (Conflict, Invalid, OutcomeUnknown):
        with reading() as session:
            if audit.repeat(session, actor.person_id, op_id) is not None:
                return None
        raise
