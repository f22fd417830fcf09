"""Việc của tôi: what to do, in order of the deadline; what others have to do; what is done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from workflow_app.core import clock
from workflow_app.core.working_days import Urgency, WorkingCalendar
from workflow_app.engine import worklist
from workflow_app.engine.worklist import Cursor, WaitingRow, WorkRow
from workflow_app.organisations.models.people import Person
from workflow_app.organisations.roles import role_name
from workflow_app.organisations.trees import units_at
from workflow_app.organisations.types import Actor
from workflow_app.processes import registry
from workflow_app.web import wording
from workflow_app.web.actors import browser, current_actor
from workflow_app.web.context import calendar, counts
from workflow_app.web.operations.dossiers import dossier_url, icon_of
from workflow_app.web.reading import reader

bp = Blueprint("inbox", __name__)

_PAGE = 50
_MOST_PAGES = 6  # how far a filter reads ahead before it shows what it has
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_GROUPS = (
    ({Urgency.OVERDUE}, "stop", "warn"),
    ({Urgency.TODAY, Urgency.SOON}, "soon", "clock"),
    ({Urgency.LATER, Urgency.NONE}, "", "cal"),
)
_DUE_FILTERS = {
    "overdue": frozenset({Urgency.OVERDUE}),
    "soon": frozenset({Urgency.TODAY, Urgency.SOON}),
    "later": frozenset({Urgency.LATER}),
    "none": frozenset({Urgency.NONE}),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; unknown values ask for nothing."""

    process: str = ""
    due: str = ""

    @classmethod
    def of_request(cls) -> "Filters":
        known = {process.key for process in registry.processes()}
        process, due = request.args.get("process", ""), request.args.get("due", "")
        return cls(process if process in known else "", due if due in _DUE_FILTERS else "")

    def __bool__(self) -> bool:
        return bool(self.process or self.due)

    def keep(self, row: WorkRow, days: WorkingCalendar) -> bool:
        if self.process and process_of(row.process_key) != self.process:
            return False
        return not self.due or wording.due(days, row.due_at).urgency in _DUE_FILTERS[self.due]

    def words(self) -> str:
        """ "giao ước thi đua, đã quá hạn": for the empty state."""
        titles = [process.title for process in registry.processes() if process.key == self.process]
        labels = [label for value, label in due_choices() if value == self.due]
        return ", ".join([*titles, *labels])


@bp.get("/")
def show() -> ResponseReturnValue:
    """One of the three tabs."""
    tab = request.args.get("tab", "open")
    pages = {"open": _open_page, "waiting": _waiting_page, "done": _done_page}
    return pages.get(tab, _open_page)(current_actor())


@bp.get("/tasks/count")
def count() -> ResponseReturnValue:
    """For the badge in the menu, asked once a minute: a page left open does not keep its session alive."""
    browser().unattended = True
    return jsonify(count=counts().open)


def due_choices() -> list[tuple[str, str]]:
    """The filter by deadline; "no deadline" is among them, because such tasks are easily forgotten."""
    return [
        ("overdue", _("Đã quá hạn")),
        ("soon", _("Trong ba ngày làm việc tới")),
        ("later", _("Còn lâu hơn")),
        ("none", _("Không có hạn")),
    ]


def process_of(process_key: str) -> str:
    """The main process of a diagram: "pledge" for "pledge_signature"."""
    found = (process.key for process in registry.processes() if process_key in process.diagrams)
    return next(found, process_key)


def _open_page(actor: Actor) -> str:
    days, filters = calendar(), Filters.of_request()
    rows, after = _filtered(actor, filters, _cursor(request.args.get("after")), days)
    waiting = worklist.waiting_for_others(reader(), actor.pairs, actor.person_id, limit=_PAGE)
    items = [_item(row, days) for row in rows]
    _name_holders(actor, rows, items)
    return render_template(
        "inbox/open.html",
        tabs=_tabs("open", len(waiting)),
        groups=_grouped(items),
        count=counts().open,
        overdue=counts().overdue,
        who=actor.full_name,
        words=wording.count_word,
        nearest=_nearest(rows, days) if "after" not in request.args else None,
        waiting=_waiting_items(waiting[:3], days),
        filters=filters,
        processes=[(process.key, process.title) for process in registry.processes()],
        dues=due_choices(),
        page=_paging(after, "open", filters),
    )


def _waiting_page(actor: Actor) -> str:
    rows = worklist.waiting_for_others(reader(), actor.pairs, actor.person_id, limit=_PAGE)
    items = _waiting_items(rows, calendar())
    return render_template("inbox/waiting.html", tabs=_tabs("waiting", len(rows)), items=items)


def _done_page(actor: Actor) -> str:
    page = worklist.done_by(reader(), actor.person_id, limit=_PAGE, after=_cursor(request.args.get("after")))
    items = [
        {
            "href": dossier_url(row.process_key, row.business_id, row.instance_id),
            "title": row.act or row.name,
            "object": row.title,
            "icon": "ok",
            "due": {"text": _("Đã xong"), "tone": "done", "icon": "check", "date": wording.at(row.ended_at)},
        }
        for row in page.rows
    ]
    return render_template(
        "inbox/done.html", tabs=_tabs("done", None), items=items, page=_paging(page.after, "done", Filters())
    )


def _filtered(
    actor: Actor, filters: Filters, after: Cursor | None, days: WorkingCalendar
) -> tuple[list[WorkRow], Cursor | None]:
    """One page of what the filters keep; the index gives the order, so filters read on until a page is full."""
    rows: list[WorkRow] = []
    for _turn in range(_MOST_PAGES if filters else 1):
        page = worklist.open_for(reader(), actor.pairs, actor.person_id, limit=_PAGE, after=after)
        rows += [row for row in page.rows if filters.keep(row, days)]
        after = page.after
        if after is None or len(rows) >= _PAGE:
            break
    return rows, after


def _item(row: WorkRow, days: WorkingCalendar) -> dict[str, Any]:
    due = wording.due(days, row.due_at)
    soft = wording.due(days, row.soft_due_at) if row.soft_due_at else None
    sender = [wording.waited(days, row.created_at)]
    if soft is not None and soft.days is not None and soft.date != due.date:
        sender.append(_("nên xong trước %(date)s", date=wording.day(row.soft_due_at)))
    return {
        "id": row.id,
        "href": url_for("tasks.show", task_id=row.id),
        "title": row.act or row.name,
        "object": row.title,
        "sender": " · ".join(sender),
        "icon": icon_of(row.form_key),
        "due": {"text": due.text, "tone": due.tone, "icon": due.icon, "date": due.date},
        "urgency": due.urgency,
    }


def _name_holders(actor: Actor, rows: Iterable[WorkRow], items: Sequence[dict[str, Any]]) -> None:
    """Says who of the same office has taken a task on; one statement, and only when there is one."""
    holders = {row.id: row.assignee_id for row in rows if row.assignee_id not in {None, actor.person_id}}
    if not holders:
        return
    query = select(Person.id, Person.full_name).where(Person.id.in_(set(holders.values())))
    names = dict(reader().execute(query).all())
    for item in items:
        if item["id"] in holders:
            name = names.get(holders[item["id"]] or UUID(int=0), "")
            item["sender"] = " · ".join([item["sender"], _("%(name)s đã nhận", name=name)])


def _grouped(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    titles = (_("Đã quá hạn"), _("Trong ba ngày làm việc tới"), _("Sau đó"))
    groups = []
    for title, (urgencies, tone, icon) in zip(titles, _GROUPS, strict=True):
        found = [item for item in items if item["urgency"] in urgencies]
        if found:
            groups.append({"title": title, "tone": tone, "icon": icon, "rows": found})
    return groups


def _nearest(rows: Sequence[WorkRow], days: WorkingCalendar) -> dict[str, Any] | None:
    """The next deadline that can still be met."""
    row = next((row for row in rows if row.due_at is not None and row.due_at >= clock.now()), None)
    if row is None or row.due_at is None:
        return None
    due = wording.due(days, row.due_at)
    return {
        "title": row.act or row.name,
        "object": row.title,
        "days": due.days,
        "text": due.text,
        "date": due.date,
        "strip": wording.strip(days, row.due_at),
        "href": url_for("tasks.show", task_id=row.id),
        "icon": icon_of(row.form_key),
    }


def _waiting_items(rows: Sequence[WaitingRow], days: WorkingCalendar) -> list[dict[str, Any]]:
    if not rows:
        return []
    units = units_at(reader(), frozenset(row.unit_id for row in rows), clock.today())
    items = []
    for row in rows:
        unit = units.get(row.unit_id)
        holder = " ".join(filter(None, [role_name(row.role), unit.short_name if unit else ""]))
        held = _("%(name)s đang giữ, %(since)s", name=holder, since=wording.since(days, row.since))
        if row.open_tasks > 1:
            held = _("%(count)s nơi đang giữ, lâu nhất là %(name)s", count=row.open_tasks, name=holder)
        due = wording.due(days, row.due_at)
        items.append(
            {
                "href": dossier_url(row.process_key, row.business_id, row.instance_id),
                "title": row.name,
                "object": row.title,
                "sender": held,
                "icon": "clock",
                "due": {"text": due.text, "tone": due.tone, "icon": due.icon, "date": due.date},
            }
        )
    return items


def _tabs(current: str, waiting: int | None) -> list[dict[str, Any]]:
    open_count = counts().open
    labels = (
        ("open", _("Cần làm"), open_count),
        ("waiting", _("Chờ người khác"), waiting),
        ("done", _("Đã xong"), None),
    )
    return [
        {
            "label": label,
            "href": url_for("inbox.show", tab=None if key == "open" else key),
            "count": number,
            "current": key == current,
        }
        for key, label, number in labels
    ]


def _paging(after: Cursor | None, tab: str, filters: Filters) -> dict[str, Any] | None:
    here: dict[str, Any] = {
        "tab": None if tab == "open" else tab,
        "process": filters.process or None,
        "due": filters.due or None,
    }
    earlier = url_for("inbox.show", **here) if "after" in request.args else ""
    later = url_for("inbox.show", **here, after=_written(after)) if after else ""
    return {"previous": earlier, "next": later, "items": []} if earlier or later else None


def _written(cursor: Cursor) -> str:
    micros = (cursor.at - _EPOCH) // timedelta(microseconds=1)
    return f"{micros}.{cursor.id}"


def _cursor(written: str | None) -> Cursor | None:
    """The place that `_written` wrote; anything else begins at the first page."""
    micros, _, identity = (written or "").partition(".")
    try:
        return Cursor(_EPOCH + timedelta(microseconds=int(micros)), UUID(identity))
    except (ValueError, OverflowError):
        return None
