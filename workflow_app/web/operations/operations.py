"""Operations (vận hành): what has gone wrong in running processes, and what an administrator does about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError
from workflow_app.core.vietnamese import clean_line
from workflow_app.engine import oversight
from workflow_app.engine.alarm import ADMINISTRATOR, step_name
from workflow_app.engine.models import Incident, ProcessInstance
from workflow_app.engine.refusals import ReasonMissing
from workflow_app.organisations.types import Actor
from workflow_app.processes import operating
from workflow_app.web import wording
from workflow_app.web.actors import current_actor, seat_with
from workflow_app.web.context import calendar
from workflow_app.web.fields import field_errors
from workflow_app.web.operations import troubles
from workflow_app.web.reading import reader, stop_reading

bp = Blueprint("operations", __name__, url_prefix="/operations")


@bp.get("")
def index() -> ResponseReturnValue:
    """Open incidents, oldest first; what fails and tries again by itself."""
    federation_id = seat_with(ADMINISTRATOR).unit_id
    rows = oversight.incidents(reader(), federation_id)
    return render_template(
        "operations/index.html",
        tabs=tabs("incidents", len(rows)),
        incidents=[_row(incident, instance) for incident, instance in rows],
        failing=[failing_row(each) for each in oversight.failing(reader(), federation_id)],
    )


@bp.get("/incidents/<uuid:incident_id>")
def incident(incident_id: UUID) -> ResponseReturnValue:
    """One incident: what happened, since when, what to do."""
    seat_with(ADMINISTRATOR)
    return _incident_page(incident_id, "", [])


@bp.post("/incidents/<uuid:incident_id>/attempts")
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Lets what failed try again."""
    perform(lambda session, actor: operating.retry(session, actor, incident_id, at=clock.now()))
    flash(_("Đã cho thử lại. Nếu lại không được, sự cố mở lại ở đây."), "success")
    return redirect(url_for("operations.index"), code=303)


@bp.post("/incidents/<uuid:incident_id>/resolution")
def resolve(incident_id: UUID) -> ResponseReturnValue:
    """Closes an incident by hand, with what was done."""
    reason = clean_line(request.form.get("reason", ""))
    try:
        perform(
            lambda session, actor: operating.resolve(
                session, actor, incident_id, reason=reason, at=clock.now()
            )
        )
    except ReasonMissing:
        missing = FieldError("reason", _("Ghi lại đã xử lý thế nào, để người sau tra được."))
        return _incident_page(incident_id, reason, [missing]), 422
    flash(_("Đã đóng sự cố."), "success")
    return redirect(url_for("operations.index"), code=303)


@bp.post("/service-tasks/<uuid:task_id>/attempts")
def hurry(task_id: UUID) -> ResponseReturnValue:
    """The next attempt of a failing service task, now."""
    perform(lambda session, actor: operating.hurry(session, actor, task_id, at=clock.now()))
    flash(_("Máy thử lại ngay. Tải lại trang sau ít giây để xem kết quả."), "success")
    return redirect(url_for("operations.index"), code=303)


def perform(act: Callable[[Session, Actor], None]) -> None:
    """One act of the signed-in administrator in one transaction."""
    seat_with(ADMINISTRATOR)
    actor = current_actor()
    stop_reading()
    with transaction() as session:
        act(session, actor)


def tabs(current: str, incidents: int | None = None) -> list[dict[str, Any]]:
    """The two lists of operations."""
    return [
        {
            "label": _("Sự cố"),
            "href": url_for("operations.index"),
            "count": incidents,
            "current": current == "incidents",
        },
        {
            "label": _("Hồ sơ đang chạy"),
            "href": url_for("operated.index"),
            "current": current == "instances",
        },
    ]


def failing_row(found: oversight.Failing) -> dict[str, Any]:
    """A service task that tries again by itself."""
    task, instance = found.task, found.instance
    return {
        "id": task.id,
        "step": step_name(reader(), instance, task.element),
        "title": instance.title,
        "href": url_for("operated.show", instance_id=instance.id),
        "attempts": _("đã thử %(count)s/%(most)s lần", count=task.attempts, most=found.attempts_at_most),
        "next": wording.at(task.next_at),
        "error": task.error,
    }


def _row(incident: Incident, instance: ProcessInstance) -> dict[str, Any]:
    step = step_name(reader(), instance, incident.element)
    return {
        "href": url_for("operations.incident", incident_id=incident.id),
        "title": instance.title,
        "lines": [troubles.happened(incident, step), wording.waited(calendar(), incident.opened_at)],
        "icon": "warn",
        "tag": (_("%(count)s lần", count=incident.times), "stop", "warn"),
    }


def _incident_page(incident_id: UUID, typed: str, errors: list[FieldError]) -> str:
    found, instance = operating.incident(reader(), current_actor(), incident_id)
    step = step_name(reader(), instance, found.element)
    return render_template(
        "operations/incident.html",
        incident=found,
        instance=instance,
        step=step,
        happened=troubles.happened(found, step),
        advice=troubles.advice(found),
        by_hand=troubles.by_hand(found),
        may_retry=troubles.may_retry(found),
        since=wording.waited(calendar(), found.opened_at),
        service=operating.service_of(reader(), found),
        typed=typed,
        **field_errors(errors),
    )
