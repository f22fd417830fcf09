"""The page of one pledge: one figure, one sentence, then everything behind it."""

from typing import Any
from uuid import UUID

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.ids import new_id
from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges.models import PledgeState
from workflow_app.processes.pledges.pages.blueprint import bp
from workflow_app.processes.pledges.pages.duties import duties
from workflow_app.processes.pledges.score_sheets import score_sheet
from workflow_app.processes.pledges.views import articles, papers, signing, steps, targets, told, wording
from workflow_app.processes.pledges.views.loading import Loaded, load
from workflow_app.processes.request import actor, reader

_ROUND = {PledgeState.SIGNING, PledgeState.ISSUING, PledgeState.ISSUED}


@bp.get("/<uuid:business_id>")
def show(business_id: UUID) -> ResponseReturnValue:
    """Where it stands, who is missing, what each unit said and signed, the documents, the history."""
    me, session = actor(), reader()
    loaded = load(session, business_id, me, now=clock.now())
    context = {**_head(loaded), **_body(session, loaded), **duties(session, loaded, me)}
    return render_template("pledges/show.html", op_id=new_id(), my_tasks=_my_tasks(loaded, me), **context)


def _head(loaded: Loaded) -> dict[str, Any]:
    pledge = loaded.pledge
    in_round = pledge.state in _ROUND or bool(loaded.signed)
    due = {PledgeState.SIGNING: pledge.sign_hard_due, PledgeState.COMMENTING: pledge.comment_due}.get(
        pledge.state
    )
    return {
        "pledge": pledge,
        "bloc": loaded.bloc,
        "federation": loaded.federation,
        "leader_word": loaded.leader_word,
        "troubled": loaded.troubled,
        "tag": steps.tag(loaded),
        "steps": steps.steps(loaded),
        "progress": steps.progress(loaded),
        "standing": steps.standing(loaded),
        "ring": signing.states(loaded) if in_round else [],
        "missing": signing.missing(loaded) if in_round else None,
        "due": wording.left(loaded.calendar, loaded.today, due) if due else None,
        "days": wording.strip(loaded.calendar, loaded.today, due),
        "refusals": signing.refusals(loaded),
        "tiles": signing.tiles(loaded) if in_round else [],
        "tally": signing.tally(loaded),
        "witness": signing.witness_tile(loaded),
        "diagram": _diagram(loaded),
    }


def _body(session: Session, loaded: Loaded) -> dict[str, Any]:
    rows = targets.target_rows(loaded.pledge)
    return {
        "papers": papers.rows(loaded),
        "versions": papers.versions(loaded),
        "latest": papers.latest_changes(loaded),
        "events": told.last_events(session, loaded),
        "event_count": len(loaded.events),
        "targets": rows,
        "monitoring": articles.monitoring(loaded.pledge.units),
        "score_sheet": score_sheet(loaded.pledge.text) if loaded.pledge.text else None,
        "registrations": targets.registrations(loaded.pledge, rows),
        "remarks": articles.grouped(articles.remarks(session, loaded.pledge)),
    }


def _my_tasks(loaded: Loaded, me: Actor) -> list[dict[str, str]]:
    """The reader's own open tasks on this pledge."""
    names = {unit.unit_id: unit.short_name for unit in loaded.pledge.units}
    mine = [task for task in loaded.tasks if (task.role, task.unit_id) in me.pairs]
    return [
        {
            "href": url_for("tasks.show", task_id=task.id),
            "label": task.act,
            "about": names.get(task.about, "") if task.about and task.about != task.unit_id else "",
        }
        for task in mine
    ]


def _diagram(loaded: Loaded) -> dict[str, str] | None:
    """Addresses of the diagram and its marks, and of the whole history."""
    instance_id = loaded.pledge.instance_id
    if instance_id is None or "instances.show" not in current_app.view_functions:
        return None
    return {
        "xml": url_for("instances.xml", instance_id=instance_id),
        "marks": url_for("instances.marks", instance_id=instance_id),
        "history": url_for("instances.show", instance_id=instance_id),
        "label": _("Xem đủ diễn biến"),
    }
