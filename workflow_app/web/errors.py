"""The one place that knows status codes: refusals of the domain become pages, fragments or problem documents."""

import logging
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from storage.errors import StorageUnavailable
from workflow_app.core import vietnamese
from workflow_app.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Unavailable
from workflow_app.organisations.errors import SessionEnded, TokenRefused, TooManyTries
from workflow_app.web import kept
from workflow_app.web.actors import SignInNeeded, browser
from workflow_app.web.limits import MAX_UPLOAD
from workflow_app.web.reading import reader

logger = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[Refusal], int], ...] = (  # the most special first
    (SignInNeeded, 401),
    (SessionEnded, 401),
    (TokenRefused, 401),
    (TooManyTries, 429),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
    (Unavailable, 503),
    (Refusal, 422),
)
_PAGES = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 500, 503})
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # read out over the phone: no 0/O, 1/I/L
_API = "/api/"


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return next(status for kind, status in _STATUS if isinstance(refusal, kind))


def problem(
    status: int, *, code: str, detail: str, facts: Mapping[str, Any] | None = None, **members: Any
) -> Response:
    """A problem document (RFC 9457).

    code: stable name of the problem; it ends the `type` URI. detail: the Vietnamese sentence for people.
    facts, members: further members with plain values.
    """
    known = {name: plain(value) for name, value in (facts or {}).items() if name not in {"type", "status"}}
    body = {
        "type": f"urn:giao-uoc:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **known,
        **members,
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def problem_of(refusal: Refusal) -> Response:
    """The problem document of a refusal; an Invalid lists its fields in `errors`."""
    errors = [{"field": error.field, "detail": error.vi} for error in getattr(refusal, "errors", ())]
    members = {"errors": errors} if errors else {}
    response = problem(
        status_of(refusal), code=refusal.code, detail=refusal.vi, facts=refusal.facts, **members
    )
    return _with_retry(response, refusal)


def plain(value: Any) -> Any:
    """A fact as JSON has it: ids and days as text, sets as sorted lists."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [
            plain(item) for item in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)
        ]
    if isinstance(value, datetime):
        return vietnamese.iso_local(value)
    if isinstance(value, UUID | date):
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def register(app: Flask) -> None:
    """Every way in which a request can fail."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(StorageUnavailable, _store_away)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failed)


def _refused(refusal: Refusal) -> ResponseReturnValue:
    status = status_of(refusal)
    logger.info("refused %s %s: %s %s", request.method, request.endpoint, refusal.code, refusal)
    if request.path.startswith(_API):
        return problem_of(refusal)
    if status == 401 and request.method == "GET" and not _wants_fragment() and not _wants_json():
        return redirect(url_for("login.show", next=request.full_path.rstrip("?")))
    facts = {"vi": refusal.vi, **_told(refusal)}
    return _with_retry(_answer(status, facts, code=refusal.code, bare=status in {401, 429, 503}), refusal)


def _csrf_failed(error: CSRFError) -> ResponseReturnValue:
    if browser().ended:  # the token went with the session: say the reason, not the symptom
        return _refused(SignInNeeded("the session ended while a form was open", ended=True))
    return _answer(400, {}, code="csrf", bare=True)


def _database_away(error: OperationalError) -> ResponseReturnValue:
    logger.error("database error %s", getattr(error.orig, "sqlstate", None))
    return _refused(Unavailable("database error"))


def _store_away(error: StorageUnavailable) -> ResponseReturnValue:
    logger.error("object store: %s", error)
    vi = _("Kho văn bản chưa trả lời. Chưa có gì thay đổi, hãy thử lại sau ít phút.")
    return _refused(Unavailable("object store does not answer", vi=vi))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    facts: dict[str, Any] = {"limit": f"{MAX_UPLOAD // (1024 * 1024)} MB"} if status == 413 else {}
    known = status if status in _PAGES else (404 if status < 500 else 500)
    answer = _answer(known, facts, code=HTTPStatus(status).name.lower(), bare=known != 404)
    answer.status_code = status
    if allowed := getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _failed(error: Exception) -> ResponseReturnValue:
    incident = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    # The endpoint, not the address: that may carry a secret. No form values for the same reason.
    logger.error("incident %s in %s %s", incident, request.method, request.endpoint, exc_info=error)
    return _answer(500, {"incident_id": f"{incident[:4]} {incident[4:]}"}, code="failed", bare=True)


def _answer(status: int, facts: Mapping[str, Any], *, code: str, bare: bool) -> Response:
    if request.path.startswith(_API) or _wants_json():
        sentence = facts.get("vi") or _("Yêu cầu không thực hiện được.")
        extra = {name: value for name, value in facts.items() if name != "vi"}
        return problem(status, code=code, detail=sentence, facts=extra)
    g.bare = bare or g.get("bare", False)
    page = "session/ended.html" if status == 401 else f"errors/{status}.html"
    name = "fragments/refusal.html" if _wants_fragment() else page
    return make_response(render_template(name, error=facts, **(_unsent() if status == 401 else {})), status)


def _unsent() -> dict[str, Any]:
    """What the page of an ended session holds of the form that was not sent."""
    unsent = kept.of_request()
    browser().asked_again = unsent is not None
    return {"kept": kept.seal(unsent), "words": unsent.words, "files": unsent.files} if unsent else {}


def _told(refusal: Refusal) -> dict[str, Any]:
    """The facts in words: who acted first, when, who may do it, which fields."""
    facts = refusal.facts
    told: dict[str, Any] = {}
    if isinstance(who := facts.get("by") or facts.get("assignee_id"), UUID):
        told["who"] = _name_of(who)
    if isinstance(when := facts.get("at") or facts.get("claimed_at"), datetime):
        told["when"] = vietnamese.date_time(when)
    if facts.get("may"):
        told["role"] = ", ".join(facts["may"])
    if "actor" in g and g.actor.seat is not None:
        told["seat"] = f"{g.actor.seat.title} {g.actor.seat.unit_short_name}"
    if isinstance(refusal, Invalid):
        told["errors"] = [error.vi for error in refusal.errors]
    return told


def _name_of(person_id: UUID) -> str:
    from workflow_app.organisations.models.people import Person

    person = reader().get(Person, person_id)
    return person.full_name if person else ""


def _with_retry(response: Response, refusal: Refusal) -> Response:
    if seconds := refusal.facts.get("retry_after"):
        response.headers["Retry-After"] = str(seconds)
    return response


def _wants_fragment() -> bool:
    return request.headers.get("HX-Request") == "true"


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
