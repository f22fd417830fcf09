"""The page of a human task: what is asked, what it rests on, what each button does; and its completion.

A process adds to the generic page through attributes of its `Process`, all optional:
  task_context(session, task, actor) -> mapping with any of
    title, ask, lead        texts: heading, what is asked, one or two sentences
    summary                 rows (label, value) of the deciding facts
    changes                 what changed since this person last looked, for the redline macro
    checks                  readiness, for the checklist macro
    document                id of the document version shown beside the decision
    initial                 values of the form, nested
    options                 field name without row numbers -> (value, label[, hint])
    acts                    buttons: {label, consequence, kind, icon, name, value, href}
    before_list             HTML-free sentences shown above the form
    left_out                field names that the process's own template renders
    and anything that its own template needs
  task_template             form_key -> template that extends `task/page.html` (blocks decide, document, story)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from workflow_app.core import clock
from workflow_app.core.errors import FieldError, Invalid, NotFound, Refusal
from workflow_app.core.ids import new_id
from workflow_app.engine import tasks, worklist
from workflow_app.engine.models import HumanTask, ProcessInstance
from workflow_app.engine.refusals import InstanceSuspended, TaskNotOpen
from workflow_app.engine.tasks import OpenTask
from workflow_app.organisations.authority import may_see
from workflow_app.organisations.errors import PinRefused
from workflow_app.organisations.types import Actor, Seat
from workflow_app.processes import registry
from workflow_app.processes.completion import authorized, complete_task
from workflow_app.processes.forms import unflatten
from workflow_app.web import wording
from workflow_app.web.actors import current_actor
from workflow_app.web.context import calendar
from workflow_app.web.errors import status_of
from workflow_app.web.form_views import FormView, add_row, remove_row
from workflow_app.web.operations.dossiers import dossier_url
from workflow_app.web.papers import papers
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.work import stories

bp = Blueprint("tasks", __name__, url_prefix="/tasks")

_OURS = frozenset({"csrf_token", "op_id", "add_row", "remove_row", "stay"})


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form: given by the process (values None), or typed and sent.

    refusal: why it was not taken. op_id: the same for every try of one page.
    """

    values: Mapping[str, Any] | None = None
    refusal: Refusal | None = None
    op_id: UUID | None = None

    @property
    def errors(self) -> tuple[FieldError, ...]:
        if isinstance(self.refusal, Invalid):
            return self.refusal.errors
        if isinstance(self.refusal, PinRefused):
            return (FieldError("secret", self.refusal.vi),)
        return (FieldError("", self.refusal.vi),) if self.refusal else ()


@bp.get("/next")
def following() -> ResponseReturnValue:
    """On to the task with the nearest deadline, or to the empty list."""
    actor = current_actor()
    rows = worklist.open_for(reader(), actor.pairs, actor.person_id, limit=1).rows
    target = url_for("tasks.show", task_id=rows[0].id) if rows else url_for("inbox.show")
    return redirect(target, code=303)


@bp.get("/<uuid:task_id>")
def show(task_id: UUID) -> ResponseReturnValue:
    """The task as it stands."""
    return _page(current_actor(), task_id, Draft())


@bp.post("/<uuid:task_id>")
def complete(task_id: UUID) -> ResponseReturnValue:
    """Completes the task; the typed text survives every refusal."""
    actor = current_actor()
    op_id = _op_id()
    values: dict[str, Any] = {}
    try:
        values = _typed()
        if request.form.keys() & {"add_row", "remove_row", "stay"}:
            _change_rows(values)
            return _page(actor, task_id, Draft(values, None, op_id))
        stop_reading()
        done = complete_task(actor, task_id, values, op_id=op_id, at=clock.now())
    except Refusal as refusal:
        return _refused(actor, task_id, Draft(values, refusal, op_id))
    repeated = _("%(said)s Việc này đã được ghi từ trước.", said=done.said)
    flash(repeated if done.repeated else done.said, "success")
    return redirect(url_for("tasks.following"), code=303)


def open_task(actor: Actor, task_id: UUID) -> OpenTask:
    """The open task; a closed or resting one is refused with its facts only to those who may see it."""
    try:
        return tasks.find(reader(), task_id)
    except (TaskNotOpen, InstanceSuspended):
        seen(actor, task_id)
        raise


def seen(actor: Actor, task_id: UUID) -> OpenTask:
    """The task in any state; raises NotFound when it does not exist for this person."""
    query = (
        select(ProcessInstance, HumanTask)
        .join(HumanTask, HumanTask.instance_id == ProcessInstance.id)
        .where(HumanTask.id == task_id)
    )
    row = reader().execute(query).one_or_none()
    found = OpenTask(row[0], row[1]) if row else None
    if found is None or not may_see(actor, found):
        raise NotFound(f"task {task_id} is foreign to person {actor.person_id}")
    return found


def _page(actor: Actor, task_id: UUID, draft: Draft) -> str:
    task, kind, seat = authorized(reader(), actor, open_task(actor, task_id))
    process = registry.process_of(task.process_key)
    made = getattr(process, "task_context", None)
    more: dict[str, Any] = dict(made(reader(), task, actor)) if made else {}
    acts = more.get("acts") or [{"label": task.act or _("Gửi"), "kind": "primary", "icon": "check"}]
    carried = {act["name"] for act in acts if act.get("name")}
    view = FormView(
        kind.form,
        draft.values if draft.values is not None else more.get("initial", {}),
        draft.errors,
        more.get("options", {}),
        frozenset(carried | set(more.get("left_out", ()))),
    )
    drawn = {"acts": acts, "fields": view.fields(), "form_errors": view.summary()}
    drawn["paper"] = papers.preview(reader(), more.get("document"), actor)
    template = getattr(process, "task_template", {}).get(task.form_key, "task/page.html")
    context = _frame(actor, task, seat) | more | drawn
    return render_template(template, task=task, typed=draft.values, op_id=draft.op_id or new_id(), **context)


def _frame(actor: Actor, task: OpenTask, seat: Seat) -> dict[str, Any]:
    """What every task's page has; the process may say each of these better."""
    name = task.act or task.name
    return {
        "title": name,
        "ask": _("Việc cần làm: %(name)s", name=task.name),
        "action": url_for("tasks.complete", task_id=task.id),
        "dossier": _dossier(task),
        "due": wording.due(calendar(), task.due_at),
        "soft_due": wording.due(calendar(), task.soft_due_at) if task.soft_due_at else None,
        "seat": seat,
        "events": stories.timeline_of(reader(), task.instance.root_id, (task.instance.id,), current=name),
        "handover": url_for("handover.show", task_id=task.id),
        "held": task.assignee_id == actor.person_id,
    }


def _dossier(task: OpenTask) -> dict[str, str]:
    href = dossier_url(task.process_key, task.business_id, task.instance.root_id)
    return {"href": href, "label": task.instance.title}


def _refused(actor: Actor, task_id: UUID, draft: Draft) -> ResponseReturnValue:
    """The form again with the reason; when there is no form any more, what was typed as text to copy."""
    refusal = draft.refusal
    if refusal is None or isinstance(refusal, NotFound):
        raise refusal or NotFound(f"task {task_id}")
    status = 422 if isinstance(refusal, PinRefused) else status_of(refusal)
    try:
        return _page(actor, task_id, draft), status
    except (TaskNotOpen, InstanceSuspended) as closed:
        # Somebody was faster: who, when, and what this person had typed.
        return _late(actor, task_id, closed, draft), 409


def _late(actor: Actor, task_id: UUID, closed: Refusal, draft: Draft) -> str:
    task = seen(actor, task_id)
    who = stories.name_of(reader(), task.task.completed_by) if task.task.completed_by else ""
    facts = [(_("Người xử lý"), who), (_("Lúc"), wording.at(task.task.ended_at)), (_("Việc"), task.name)]
    return render_template(
        "task/late.html",
        reason=closed.vi,
        facts=[row for row in facts if row[1]],
        dossier=_dossier(task),
        typed="\n".join(_as_lines(draft.values or {})),
    )


def _as_lines(values: Any, name: str = "") -> list[str]:
    """What was typed, one line per field, without secrets."""
    if isinstance(values, Mapping):
        pairs = [(key, value) for key, value in values.items() if key not in {"secret", "content_id"}]
        return [line for key, value in pairs for line in _as_lines(value, str(key))]
    if isinstance(values, list):
        return [line for value in values for line in _as_lines(value, name)]
    return [str(values)] if str(values).strip() else []


def _typed() -> dict[str, Any]:
    return unflatten((name, value) for name, value in request.form.items(multi=True) if name not in _OURS)


def _change_rows(values: dict[str, Any]) -> None:
    if name := request.form.get("remove_row"):
        remove_row(values, name)
    if name := request.form.get("add_row"):
        add_row(values, name)


def _op_id() -> UUID:
    try:
        return UUID(request.form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None
