"""How the pages of a pledge change something outside a task: once, also when the button is pressed twice."""

from collections.abc import Mapping
from uuid import UUID

from werkzeug.exceptions import BadRequest

from workflow_app.processes.request import perform

__all__ = ["op_id_of", "perform"]


def op_id_of(form: Mapping[str, str]) -> UUID:
    """The id that the page gave to this act; raises BadRequest."""
    try:
        return UUID(form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None
