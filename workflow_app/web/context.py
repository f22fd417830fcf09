"""What `layout.html` needs on every page: menu, office, counts, help line, appearance, footer."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _

from workflow_app.core import clock
from workflow_app.core.working_days import WorkingCalendar
from workflow_app.engine import oversight, worklist
from workflow_app.engine.alarm import ADMINISTRATOR
from workflow_app.organisations.types import Actor
from workflow_app.processes import registry
from workflow_app.web.actors import browser, current_actor, has_role
from workflow_app.web.reading import reader
from workflow_app.web.reference import Reference, reference_of, remembered_help_line
from workflow_app.web.translations import language

THEMES = ("auto", "light", "dark")
TEXT_SIZES = ("normal", "large", "larger")
_SOON = timedelta(days=3)


def unit_in_use(actor: Actor) -> UUID | None:
    """The unit of the chosen office."""
    return actor.seat.unit_id if actor.seat else None


def here() -> Reference:
    """The reference values of the reader's unit."""
    return reference_of(reader, unit_in_use(current_actor()))


def calendar() -> WorkingCalendar:
    """The working days of the reader's unit."""
    return here().calendar


def counts() -> worklist.Counts:
    """The numbers of the worklist; one statement per request."""
    if "counts" not in g:
        actor, now = current_actor(), clock.now()
        g.counts = worklist.counts(reader(), actor.pairs, actor.person_id, now=now, soon=now + _SOON)
    found: worklist.Counts = g.counts
    return found


def register(app: Flask) -> None:
    """Every template gets the frame's values."""
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    frame: dict[str, Any] = {
        "lang": language(),
        "theme": _one_of(request.cookies.get("theme"), THEMES),
        "text_size": _one_of(request.cookies.get("text_size"), TEXT_SIZES),
        "practice": bool(current_app.config.get("PRACTICE")),
        "links": _links(),
        "footer_links": _footer_links(),
    }
    frame |= _of_visitor() if g.get("bare") or browser().person_id is None else _of_actor()
    return frame | {"can_call": bool((frame["help_line"] or {}).get("phone"))}


def _of_visitor() -> dict[str, Any]:
    # An error page must not depend on what has just failed; it shows what is remembered.
    line = remembered_help_line(_unit_read()) if g.get("bare") else reference_of(reader, None).help_line
    return {"actor": None, "help_line": line}


def _unit_read() -> UUID | None:
    """The unit of the person, when this request had come so far as to read it."""
    return unit_in_use(g.actor) if "actor" in g else None


def _of_actor() -> dict[str, Any]:
    actor, found = current_actor(), here()
    return {
        "actor": actor,
        "federation_name": found.federation_name,
        "help_line": found.help_line,
        "nav": _nav(actor, found),
    }


def _nav(actor: Actor, found: Reference) -> list[dict[str, Any]]:
    items = [
        {
            "label": _("Việc của tôi"),
            "href": url_for("inbox.show"),
            "count": _capped(counts().open),
            "count_url": url_for("inbox.count"),
            "sections": ("inbox", "tasks"),
        },
        *_process_items(actor, found),
        *_bloc_items(actor, found),
        {"label": _("Văn bản"), "href": url_for("documents.index"), "sections": ("documents", "registers")},
        {"label": _("Tổ chức"), "href": url_for("units.index"), "sections": ("units", "people", "accounts")},
    ]
    return [*map(_marked, items), *_folded([_marked(item) for item in _administration(actor)])]


def _marked(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"current": request.blueprint in item["sections"]}


def _folded(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several entries for those who look after the system stand behind one, or the menu would not fit a desk."""
    if len(items) < 3:
        return items
    count = next((item["count"] for item in items if item.get("count")), None)
    current = any(item["current"] for item in items)
    return [{"label": _("Quản trị"), "entries": items, "count": count, "current": current}]


def _administration(actor: Actor) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if has_role(actor, "process_author", "administrator"):
        items.append(
            {
                "label": _("Quy trình"),
                "href": url_for("definitions.index"),
                "sections": ("definitions", "templates"),
            }
        )
    if has_role(actor, "administrator"):
        sections = ("settings", "calendars")
        items.append({"label": _("Thông số"), "href": url_for("settings.index"), "sections": sections})
    if has_role(actor, ADMINISTRATOR):
        items.append(_operations(actor))
    if has_role(actor, "auditor", "administrator"):
        items.append({"label": _("Nhật ký"), "href": url_for("history.index"), "sections": ("history",)})
    return items


def _operations(actor: Actor) -> dict[str, Any]:
    """With the number of open incidents, because nobody looks at a page where nothing ever is."""
    units = {seat.unit_id for seat in actor.seats if ADMINISTRATOR in seat.roles}
    return {
        "label": _("Vận hành"),
        "href": url_for("operations.index"),
        "count": sum(oversight.incident_count(reader(), unit_id) for unit_id in units) or None,
        "sections": ("operations", "operated"),
    }


def _process_items(actor: Actor, found: Reference) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for process in registry.processes():
        made = getattr(process, "nav", None)
        for item in made(actor, found) if made else ():
            items.append({"sections": (process.key,), **item})
    return items


def _bloc_items(actor: Actor, found: Reference) -> list[dict[str, Any]]:
    if found.federation_id is not None and unit_in_use(actor) == found.federation_id:
        return [{"label": _("Khối thi đua"), "href": url_for("blocs.index"), "sections": ("blocs",)}]
    return [
        {
            "label": bloc.name,
            "href": url_for("blocs.show", bloc_id=bloc.id, year=bloc.year),
            "sections": ("blocs",),
        }
        for bloc in found.blocs[:2]
    ]


def _links() -> dict[str, str]:
    return {
        "home": url_for("inbox.show"),
        "login": url_for("login.show"),
        "logout": url_for("login.logout"),
        "switch_seat": url_for("actors.choose_seat"),
        "account": url_for("account.show"),
    }


def _footer_links() -> list[dict[str, str]]:
    links = [{"label": _("Cỡ chữ và màu"), "href": url_for("preferences.show")}]
    if "verify.show" in current_app.view_functions:
        links.append({"label": _("Tra cứu văn bản"), "href": url_for("verify.show")})
    return links


def _capped(count: int) -> int | str:
    return count if count < worklist.MANY else f"{worklist.MANY - 1}+"


def _one_of(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]
