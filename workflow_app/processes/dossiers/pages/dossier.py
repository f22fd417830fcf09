"""The page of one dossier, and its cancelling."""

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from workflow_app.core import clock
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.core.ids import new_id
from workflow_app.core.vietnamese import date_time
from workflow_app.documents.models import Document, PdfState
from workflow_app.organisations.authority import authorize, may
from workflow_app.processes.dossiers.handlers.opening import cancel
from workflow_app.processes.dossiers.models import DossierState
from workflow_app.processes.dossiers.pages.blueprint import bp, op_id_of
from workflow_app.processes.dossiers.service.access import Held, dossier_of
from workflow_app.processes.dossiers.views import loading
from workflow_app.processes.dossiers.views.filled import last_of_each
from workflow_app.processes.dossiers.views.listing import STATES
from workflow_app.processes.dossiers.views.told import told
from workflow_app.processes.once import perform
from workflow_app.processes.request import actor, reader


@bp.get("/<uuid:business_id>")
def show(business_id: UUID) -> ResponseReturnValue:
    """Where it stands, who has to act, what was filled in, the documents, the history."""
    me = actor()
    loaded = loading.load(reader(), business_id, me)
    dossier = loaded.dossier
    return render_template(
        "dossiers/show.html",
        loaded=loaded,
        dossier=dossier,
        opened=date_time(dossier.opened_at),
        state=STATES[dossier.state],
        waiting=loading.waiting(reader(), loaded, clock.today()),
        my_tasks=[
            {"href": url_for("tasks.show", task_id=task.id), "label": task.act or task.name}
            for task in loaded.tasks
            if (task.role, task.unit_id) in me.pairs
        ],
        filled=last_of_each(loaded.filled),
        earlier=[each for each in loaded.filled if each not in last_of_each(loaded.filled)],
        papers=[_paper(document) for document in loaded.documents if document.versions],
        events=told(reader(), dossier, loaded.filled),
        diagram=_diagram(dossier.instance_id),
        may_cancel=dossier.state is DossierState.OPEN and may(me, "cancel", Held(dossier)),
    )


@bp.get("/<uuid:business_id>/cancellation")
def cancellation(business_id: UUID) -> ResponseReturnValue:
    """The confirming page: what cancelling means, and the reason."""
    return _cancel_page(business_id, "", [])


@bp.post("/<uuid:business_id>/cancellation")
def cancel_now(business_id: UUID) -> ResponseReturnValue:
    """Ends the dossier; nothing of it is removed."""
    me, op_id, reason = actor(), op_id_of(request.form), request.form.get("reason", "")
    try:
        perform(
            me,
            op_id,
            lambda session: cancel(session, me, business_id, reason=reason, op_id=op_id, at=clock.now()),
        )
    except Invalid as refusal:
        return _cancel_page(business_id, reason, list(refusal.errors)), 422
    flash(_("Đã hủy hồ sơ."), "success")
    return redirect(url_for(".show", business_id=business_id), code=303)


def _cancel_page(business_id: UUID, reason: str, errors: list[FieldError]) -> str:
    dossier = dossier_of(reader(), business_id, actor())
    authorize(actor(), "cancel", Held(dossier))
    dossier.require_open()
    return render_template(
        "dossiers/cancellation.html",
        dossier=dossier,
        op_id=new_id(),
        reason=reason,
        errors=[error.vi for error in errors],
        form_errors=[{"field": error.field, "text": error.vi} for error in errors],
    )


def _paper(document: Document) -> dict[str, Any]:
    entry, version = document.register_entry, document.versions[-1]
    return {
        "id": document.id,
        "title": document.title,
        "symbol": entry.full_symbol if entry else "",
        "state": loading.PAPER_STATES[document.state],
        "number": version.number,
        "has_pdf": version.pdf_state is PdfState.READY,
    }


def _diagram(instance_id: UUID | None) -> dict[str, str] | None:
    """Addresses of the diagram, its marks and the whole history."""
    if instance_id is None or "instances.show" not in current_app.view_functions:
        return None
    return {
        "xml": url_for("instances.xml", instance_id=instance_id),
        "marks": url_for("instances.marks", instance_id=instance_id),
        "history": url_for("instances.show", instance_id=instance_id),
    }
