"""The pages of dossiers: list, opening one, one dossier, and how its tasks look."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.engine.tasks import OpenTask
from workflow_app.organisations.types import Actor
from workflow_app.processes.dossiers.pages import dossier, listing, starting
from workflow_app.processes.dossiers.pages.blueprint import bp
from workflow_app.processes.dossiers.views.asking import context_of
from workflow_app.processes.process import Pages

__all__ = ["PAGES", "dossier", "listing", "starting"]


class _OneTemplate(Mapping[str, str]):
    """Every form of a dossier is shown by the same template."""

    def __getitem__(self, form_key: str) -> str:
        return "dossiers/task.html"

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def nav(actor: Actor, found: Any) -> Sequence[Mapping[str, Any]]:
    """One entry of the menu for everybody who holds an office."""
    if not actor.seats:
        return ()
    return ({"label": _("Hồ sơ"), "href": url_for("dossiers.index"), "sections": ("dossiers",)},)


def task_context(session: Session, task: OpenTask, actor: Actor) -> Mapping[str, Any]:
    return context_of(session, task)


PAGES = Pages(
    blueprint=bp,
    page="dossiers.show",
    task_context=task_context,
    task_template=_OneTemplate(),
    nav=nav,
)
