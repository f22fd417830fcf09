"""The pages of pledges: list, dossier, acts on a running round, and how the tasks look."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges.pages import dossier, listing, rounds
from workflow_app.processes.pledges.pages.blueprint import bp
from workflow_app.processes.pledges.pages.tasks import ICONS, TEMPLATES, task_context
from workflow_app.processes.process import Pages

__all__ = ["PAGES", "dossier", "listing", "rounds"]


def nav(actor: Actor, found: Any) -> Sequence[Mapping[str, Any]]:
    """One entry of the menu for everybody who holds an office."""
    if not actor.seats:
        return ()
    return ({"label": _("Giao ước"), "href": url_for("pledges.index"), "sections": ("pledges",)},)


PAGES = Pages(
    blueprint=bp,
    page="pledges.show",
    task_context=task_context,
    task_template=TEMPLATES,
    icons=ICONS,
    nav=nav,
)
