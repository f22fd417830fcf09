"""For load balancers and watchdogs: is the process up, can it work?"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from workflow_app.core.errors import Unavailable
from workflow_app.web.actors import open_to_everybody
from workflow_app.web.reading import reader

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@open_to_everybody
def alive() -> ResponseReturnValue:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


@bp.get("/readyz")
@open_to_everybody
def ready() -> ResponseReturnValue:
    """The database answers: 200, else 503. Document storage is looked at by `doctor`, not every second."""
    try:
        reader().execute(text("SELECT 1"))
    except (Unavailable, OperationalError):
        return jsonify(status="database does not answer"), 503
    return jsonify(status="ok")
