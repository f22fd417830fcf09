"""Taking a task on, giving it back, handing it to somebody else of the same office."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError
from workflow_app.engine import tasks
from workflow_app.organisations.actors import Officer, people_with
from workflow_app.processes.completion import authorized
from workflow_app.web.actors import current_actor
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.work.tasks import open_task

bp = Blueprint("handover", __name__, url_prefix="/tasks/<uuid:task_id>/handover")


@bp.get("")
def show(task_id: UUID) -> ResponseReturnValue:
    """Who of the office can do it, and who has taken it on."""
    actor = current_actor()
    task = open_task(actor, task_id)
    authorized(reader(), actor, task)
    return _page(task, _others(task), [])


@bp.post("")
def change(task_id: UUID) -> ResponseReturnValue:
    """to: "me", "office", or the id of a person who holds the office today."""
    actor = current_actor()
    task = open_task(actor, task_id)
    authorized(reader(), actor, task)
    others, wanted = _others(task), request.form.get("to", "")
    chosen = next((other for other in others if str(other.person_id) == wanted), None)
    if wanted not in {"me", "office"} and chosen is None:
        error = FieldError("to", _("Chọn người nhận việc trong danh sách."))
        return _page(task, others, [error]), 422
    stop_reading()
    with transaction() as session:
        if wanted == "me":
            tasks.claim(session, task_id, by=actor.person_id, at=clock.now())
        elif chosen is None:
            tasks.unclaim(session, task_id, by=actor.person_id, at=clock.now())
        else:
            tasks.reassign(session, task_id, to=chosen.person_id, by=actor.person_id, at=clock.now())
    flash(_said(wanted, chosen), "success")
    mine = wanted != "office" and (chosen is None or chosen.person_id == actor.person_id)
    return redirect(url_for("tasks.show", task_id=task_id) if mine else url_for("inbox.show"), code=303)


def _others(task: tasks.OpenTask) -> list[Officer]:
    found = people_with(reader(), task.role, task.unit_id, clock.today())
    return list({officer.person_id: officer for officer in found}.values())


def _said(wanted: str, chosen: Officer | None) -> str:
    if chosen is not None:
        return str(_("Đã chuyển việc cho %(name)s.", name=chosen.full_name))
    return str(_("Ông/bà đã nhận việc này.") if wanted == "me" else _("Đã trả việc về cho cả chức vụ."))


def _page(task: tasks.OpenTask, others: list[Officer], errors: list[FieldError]) -> str:
    me = current_actor().person_id
    options = [("me", _("Tôi nhận việc này"), "")]
    options += [
        (str(other.person_id), other.full_name, f"{other.seat.title} {other.seat.unit_short_name}")
        for other in others
        if other.person_id != me
    ]
    if task.assignee_id is not None:
        options.append(
            ("office", _("Trả về cho cả chức vụ"), _("Ai giữ chức vụ này cũng thấy và nhận được."))
        )
    holder = next((other.full_name for other in others if other.person_id == task.assignee_id), "")
    return render_template(
        "task/handover.html",
        task=task,
        options=options,
        holder=holder,
        action=url_for("handover.change", task_id=task.id),
        form_errors=[{"field": error.field, "text": error.vi} for error in errors],
        errors=[error.vi for error in errors],
    )
