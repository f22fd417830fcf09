"""How a page changes something outside a task: in one transaction, once, also when the button is pressed twice."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID, uuid5

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from workflow_app.processes import once
from workflow_app.web.actors import current_actor

Made = TypeVar("Made")
_NOT_TYPED = frozenset({"op_id", "csrf_token"})


def op_id_of(form: MultiDict[str, str]) -> UUID:
    """The id of this act: of the form that the page handed out, and of what was typed into it.

    Pressed twice it is one act; sent back to, changed and sent again it is another. Raises BadRequest.
    """
    try:
        given = UUID(form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None
    typed = sorted((name, value) for name, value in form.items(multi=True) if name not in _NOT_TYPED)
    return uuid5(given, f"{request.path} {typed!r}")


def perform(act: Callable[[Session, UUID], Made]) -> Made | None:
    """Runs an act in one transaction; None when the same person did it before under the same id.

    act: gets the session and the id under which it records its event.
    """
    op_id = op_id_of(request.form)
    return once.perform(current_actor(), op_id, lambda session: act(session, op_id))
