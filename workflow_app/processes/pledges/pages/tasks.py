"""The tasks of a pledge on the web: what they show, in which template."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.engine.tasks import OpenTask
from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges.pages.duties import delegation_url
from workflow_app.processes.pledges.pages.rows import any_errors, by_leaf, by_name, measured, row_for
from workflow_app.processes.pledges.views.asks import context_of

TEMPLATES = {
    "pledge_draft": "pledges/task_draft.html",
    "pledge_comment": "pledges/task_comment.html",
    "pledge_consolidate": "pledges/task_consolidate.html",
    "pledge_approve": "pledges/task_approve.html",
    "pledge_invite": "pledges/task.html",
    "pledge_minutes": "pledges/task_minutes.html",
    "pledge_sign": "pledges/task_sign.html",
    "pledge_settle": "pledges/task.html",
    "pledge_witness": "pledges/task_witness.html",
    "pledge_issue": "pledges/task.html",
}
ICONS = {
    "pledge_draft": "pen",
    "pledge_comment": "chat",
    "pledge_consolidate": "team",
    "pledge_approve": "check",
    "pledge_invite": "mail",
    "pledge_minutes": "doc",
    "pledge_sign": "pen",
    "pledge_settle": "back",
    "pledge_witness": "seal",
    "pledge_issue": "doc",
}


def task_context(session: Session, task: OpenTask, actor: Actor) -> Mapping[str, Any]:
    """What the page of a task shows; the templates arrange the form's rows with `row_for`."""
    return {
        **context_of(session, task, actor),
        "substitute_url": delegation_url(),
        "by_name": by_name,
        "by_leaf": by_leaf,
        "row_for": row_for,
        "measured": measured,
        "any_errors": any_errors,
    }
