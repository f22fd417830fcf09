"""How the pages of a pledge change something outside a task: each form carries the id of its act."""

from collections.abc import Mapping
from uuid import UUID

from werkzeug.exceptions import BadRequest


def op_id_of(form: Mapping[str, str]) -> UUID:
    """The id that the page gave to this act; raises BadRequest."""
    try:
        return UUID(form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None
