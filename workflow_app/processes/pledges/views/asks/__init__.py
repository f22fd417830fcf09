"""What each task of a pledge shows beside its form: what is asked, what it rests on, what each button does."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.engine.tasks import OpenTask
from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges.views.asks import drafting, meeting, signing
from workflow_app.processes.pledges.views.asks.base import Ask

_MAKERS: Mapping[str, Callable[[Ask], dict[str, Any]]] = {
    "pledge_draft": drafting.draft,
    "pledge_comment": drafting.comment,
    "pledge_consolidate": drafting.consolidate,
    "pledge_approve": drafting.approve,
    "pledge_invite": meeting.invite,
    "pledge_minutes": meeting.minutes,
    "pledge_sign": signing.sign,
    "pledge_settle": signing.settle,
    "pledge_witness": signing.witness,
    "pledge_issue": signing.issue,
}


def context_of(session: Session, task: OpenTask, actor: Actor) -> Mapping[str, Any]:
    """The values that the page of a task shows."""
    ask = Ask(session, task, actor, clock.now())
    return ask.common() | _MAKERS[task.form_key](ask)
