"""The blueprint that the pages of dossiers hang on."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint
from werkzeug.exceptions import BadRequest

bp = Blueprint("dossiers", __name__, url_prefix="/dossiers", template_folder="../templates")


def op_id_of(form: Mapping[str, str]) -> UUID:
    """The id that the page gave to this act; raises BadRequest."""
    try:
        return UUID(form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None
