"""How a page changes something outside a task: in one transaction, once, also when the button is pressed twice."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from workflow_app.audit import service as audit
from workflow_app.audit.errors import ActRepeated
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Conflict, Invalid
from workflow_app.web.actors import current_actor
from workflow_app.web.reading import stop_reading

Made = TypeVar("Made")


def op_id_of(form: Mapping[str, str]) -> UUID:
    """The id that the page gave to this act; raises BadRequest."""
    try:
        return UUID(form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None


def perform(act: Callable[[Session, UUID], Made]) -> Made | None:
    """Runs an act in one transaction; None when the same person did it before under the same id.

    act: gets the session and the id under which it records its event.
    """
    actor, op_id = current_actor(), op_id_of(request.form)
    stop_reading()
    try:
        with transaction() as session:
            return act(session, op_id)
    except (ActRepeated, Conflict, Invalid):
        with reading() as session:
            if audit.repeat(session, actor.person_id, op_id) is not None:
                return None
        raise
