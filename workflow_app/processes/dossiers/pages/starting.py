"""Opening a dossier: which processes there are, for whom, and on to the first task."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.core.ids import new_id
from workflow_app.engine.models import HumanTask, TaskStatus
from workflow_app.organisations.types import Actor
from workflow_app.processes.dossiers.handlers.opening import open_dossier, opened_before
from workflow_app.processes.dossiers.models import Dossier
from workflow_app.processes.dossiers.pages.blueprint import bp, op_id_of
from workflow_app.processes.dossiers.service import opening
from workflow_app.processes.once import perform
from workflow_app.processes.request import actor, reader


@bp.get("/new")
def new() -> ResponseReturnValue:
    """The processes that the reader's offices start."""
    return render_template("dossiers/new.html", offers=opening.offers(reader(), actor()))


@bp.get("/new/<key>")
def start_form(key: str) -> ResponseReturnValue:
    """What the dossier is about and, where the process asks for it, which unit and bloc it concerns."""
    return _page(key, {}, [])


@bp.post("/new/<key>")
def start(key: str) -> ResponseReturnValue:
    """Opens the dossier and goes on to its first task when that is the reader's own."""
    me, op_id, form = actor(), op_id_of(request.form), request.form
    try:
        unit_id, bloc_id = _chosen("unit"), _chosen("bloc")
        made = perform(
            me,
            op_id,
            lambda session: open_dossier(
                session,
                me,
                key,
                title=form.get("title", ""),
                unit_id=unit_id,
                bloc_id=bloc_id,
                op_id=op_id,
                at=clock.now(),
            ),
        )
    except Invalid as refusal:
        return _page(key, form.to_dict(), list(refusal.errors)), 422
    made = made or opened_before(reader(), me, op_id)
    flash(_("Đã mở hồ sơ."), "success")
    task_id = _own_task(reader(), made, me)
    if task_id is not None:
        return redirect(url_for("tasks.show", task_id=task_id), code=303)
    return redirect(url_for(".show", business_id=made.id), code=303)


def _page(key: str, typed: dict[str, Any], errors: list[FieldError]) -> str:
    on = clock.today()
    offer = opening.offer_of(reader(), actor(), key)
    units, blocs = opening.unit_options(reader(), offer, on), opening.bloc_options(reader(), offer, on)
    return render_template(
        "dossiers/start.html",
        offer=offer,
        op_id=new_id(),
        units=units,
        blocs=blocs,
        typed=typed,
        errors={error.field: [error.vi] for error in errors},
        form_errors=[{"field": error.field, "text": error.vi} for error in errors],
    )


def _chosen(name: str) -> UUID | None:
    value = request.form.get(name, "")
    try:
        return UUID(value) if value else None
    except ValueError:
        raise Invalid([FieldError(name, _("Chọn lại trong danh sách."))]) from None


def _own_task(session: Session, dossier: Dossier, me: Actor) -> UUID | None:
    query = select(HumanTask).where(
        HumanTask.instance_id == dossier.instance_id, HumanTask.status == TaskStatus.OPEN
    )
    mine = (task.id for task in session.scalars(query) if (task.role, task.unit_id) in me.pairs)
    return next(mine, None)
