"""Mounting the API beside the pages; tokens, problem documents, the OpenAPI description."""

from typing import Any

from apiflask import APIBlueprint, APIFlask, HTTPError
from flask import Response, current_app, g, request

from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.organisations.errors import TokenRefused
from workflow_app.organisations.tokens import token_owner
from workflow_app.processes import registry
from workflow_app.web.actors import act_as
from workflow_app.web.errors import problem
from workflow_app.web.security import SAFE_METHODS, csrf

PREFIX = "/api/v1"
_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": (
            "Mã truy cập của một người, có thời hạn: tạo ở mục Tài khoản của tôi, Mã truy cập. Gửi trong mỗi yêu cầu:"
            " `Authorization: Bearer gu_…`. Quyền `read` cho GET; quyền `write` cho việc làm thay đổi. Mã hết hiệu lực"
            " khi hết hạn, bị thu hồi, khi tài khoản bị khóa hoặc mật khẩu bị đặt lại: khi đó trả về 401."
        ),
    }
}


def mount(app: APIFlask) -> None:
    """Adds the API to the web application."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        VALIDATION_ERROR_DESCRIPTION="Dữ liệu gửi lên có lỗi",
        AUTO_404_RESPONSE=False,
        INFO={"description": "Giao Ước, REST v1. Lỗi trả về theo RFC 9457 (application/problem+json)."},
    )
    app.security_schemes = _SECURITY
    # Not `error_processor`: that one would take over the pages' errors as well.
    app.register_error_handler(HTTPError, _schema_refused)
    for blueprint in blueprints():
        # On the application: a blueprint takes no more functions once another application has registered it.
        app.before_request_funcs[blueprint.name].append(prove_token)
        # A token in a header is sent by a program on purpose; no browser adds it by itself.
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
        app.extensions["own_authentication"].add(blueprint.name)


def blueprints() -> list[APIBlueprint]:
    """The API's own parts and those of the processes."""
    from workflow_app.api import documents, instances, operations, tasks

    own = [tasks.bp, instances.bp, operations.bp, documents.bp]
    return [*own, *(process.api_blueprint for process in registry.processes() if process.api)]


def prove_token() -> None:
    """Sets the person for whom the token acts; raises TokenRefused.

    A token may read with the scope `read` and change with the scope `write`.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise TokenRefused("no bearer token")
    scope = "read" if request.method in SAFE_METHODS else "write"
    with transaction() as session:
        person_id = token_owner(session, secret.strip(), scope=scope, at=clock.now())
    g.bare = True
    act_as(person_id)


def _schema_refused(error: HTTPError) -> Response:
    detail = error.detail if isinstance(error.detail, dict) else {}
    errors = [{"field": field, "detail": text} for field, text in _flat(detail)]
    current_app.logger.info("api input refused: %s", ", ".join(item["field"] for item in errors))
    sentence = "Dữ liệu gửi lên có lỗi." if error.status_code == 422 else "Yêu cầu không thực hiện được."
    return problem(error.status_code, code="invalid", detail=sentence, errors=errors)


def _flat(detail: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(detail, dict):
        return [
            item
            for key, value in detail.items()
            for item in _flat(value, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(detail, list):
        return [item for value in detail for item in _flat(value, path)]
    return [(path, str(detail))]
