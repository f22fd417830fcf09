"""The record, readable: of an instance, a document, a person; of everything for those who watch over it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from workflow_app.audit import history
from workflow_app.audit import service as audit
from workflow_app.audit.export import line_of
from workflow_app.audit.history import Page
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import ActorRef
from workflow_app.audit.timeline import sentences
from workflow_app.audit.wording import Sentence
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.engine.models import ProcessInstance
from workflow_app.organisations.trees import subtree_ids
from workflow_app.organisations.types import Seat
from workflow_app.web import wording
from workflow_app.web.actors import current_actor, seat_with
from workflow_app.web.operations.dossiers import instance_of
from workflow_app.web.papers import papers
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.work import stories

bp = Blueprint("history", __name__, url_prefix="/history")

_SHOWN = 50
_BATCH = 1000
WATCHERS = ("auditor", "administrator")


@bp.get("")
def index() -> ResponseReturnValue:
    """The latest acts in the watcher's federation, newest first."""
    seat = seat_with(*WATCHERS)
    before = _key("before")
    people_only = request.args.get("who") == "people"
    watched = _watched(seat)
    if people_only:
        watched &= AuditEvent.actor_id != audit.SYSTEM.person_id
    page = _newest(reader(), watched, before)
    return _render(
        page,
        _("Nhật ký"),
        _("Mọi việc đã làm, mới nhất đứng trước. Không ai sửa hay xóa được."),
        key="before",
        export=True,
    )


@bp.get("/export.jsonl")
def export() -> ResponseReturnValue:
    """Every event that the watcher may see, one JSON object a line, checkable without this system."""
    seat = seat_with("auditor")
    actor = current_actor()
    stop_reading()
    with transaction() as session:
        audit.record(
            session,
            action="audit.exported",
            actor=ActorRef.of(actor, seat),
            at=clock.now(),
            object_type="audit_log",
            object_id=seat.unit_id,
        )
    response = Response(_lines(_watched(seat)), mimetype="application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="nhat-ky-{clock.today():%Y-%m-%d}.jsonl"'
    return response


@bp.get("/instances/<uuid:instance_id>")
def of_instance(instance_id: UUID) -> ResponseReturnValue:
    """Everything that happened in one process and its parts, oldest first."""
    instance = instance_of(reader(), instance_id, current_actor())
    below = select(ProcessInstance.id).where(ProcessInstance.parent_id == instance_id)
    children = list(reader().scalars(below))
    after = _key("after") or 0
    page = history.of_instance(reader(), instance_id, children=children, after=after, limit=_SHOWN)
    back = {"href": url_for("instances.show", instance_id=instance_id), "label": instance.title}
    return _render(page, _("Diễn biến của hồ sơ"), instance.title, key="after", back=back)


@bp.get("/documents/<uuid:document_id>")
def of_document(document_id: UUID) -> ResponseReturnValue:
    """What happened to one document, oldest first."""
    document = papers.document_of(reader(), document_id, current_actor())
    after = _key("after") or 0
    page = history.of_object(reader(), document_id, after=after, limit=_SHOWN)
    back = {"href": url_for("documents.show", document_id=document_id), "label": document.title}
    return _render(page, _("Diễn biến của văn bản"), document.title, key="after", back=back)


@bp.get("/people/<uuid:person_id>")
def of_person(person_id: UUID) -> ResponseReturnValue:
    """What one person did, newest first: his own acts, or anybody's for a watcher of the same federation."""
    before = _key("before")
    if person_id == current_actor().person_id:
        page = history.of_person(reader(), person_id, before=before, limit=_SHOWN)
    else:
        condition = _watched(seat_with(*WATCHERS)) & (AuditEvent.actor_id == person_id)
        page = _newest(reader(), condition, before)
    return _render(
        page, _("Việc đã làm của %(name)s", name=stories.name_of(reader(), person_id)), "", key="before"
    )


def _key(name: str) -> int | None:
    """The place in the record where a page begins; nonsense begins at the first one."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 <= number < 2**63 else None


def _watched(seat: Seat) -> ColumnElement[bool]:
    """Acts of the officers of the seat's unit and below, and what the machine did in their processes."""
    units = subtree_ids(seat.unit_id, clock.today())
    instances = select(ProcessInstance.id).where(ProcessInstance.federation_id == seat.unit_id)
    return or_(AuditEvent.unit_id.in_(units), AuditEvent.instance_id.in_(instances))


def _newest(session: Session, condition: ColumnElement[bool], before: int | None) -> Page:
    query = select(AuditEvent).where(condition).order_by(AuditEvent.id.desc()).limit(_SHOWN + 1)
    if before is not None:
        query = query.where(AuditEvent.id < before)
    events = list(session.scalars(query))
    shown = events[:_SHOWN]
    return Page(shown, shown[-1].id if len(events) > _SHOWN else None)


def _lines(condition: ColumnElement[bool]) -> Iterator[bytes]:
    # A session of its own: the answer is still being sent when the request's one is closed.
    query = select(AuditEvent).where(condition).order_by(AuditEvent.id).execution_options(yield_per=_BATCH)
    with reading() as session:
        for event in session.scalars(query):
            yield line_of(event)


def _row(sentence: Sentence, event: AuditEvent) -> dict[str, Any]:
    office = " ".join(filter(None, [sentence.office, sentence.unit]))
    paper = _("văn bản %(hash)s", hash=wording.short_hash(sentence.doc_sha256)) if sentence.doc_sha256 else ""
    behalf = f"({sentence.substitute})" if sentence.substitute else ""
    return {
        "id": f"sk-{sentence.event_id}",
        "title": f"{sentence.who} {sentence.act}",
        "lines": [" ".join(filter(None, [office, behalf])), paper],
        "icon": "gear" if sentence.system else "user",
        "aside": wording.at(sentence.at),
        "note": _("mã kiểm tra %(code)s", code=event.leaf.hex()[:8]),
    }


def _render(
    page: Page, title: str, lead: str, *, key: str, back: dict[str, str] | None = None, export: bool = False
) -> str:
    told = sentences(reader(), page.events)
    here: dict[str, Any] = dict(request.view_args or {})
    if request.args.get("who") == "people":
        here["who"] = "people"
    endpoint = request.endpoint or "history.index"
    moved = key in request.args
    following = url_for(endpoint, **(here | {key: page.after})) if page.after is not None else ""
    return render_template(
        "history/list.html",
        title=title,
        lead_text=lead,
        rows=[_row(sentence, event) for sentence, event in zip(told, page.events, strict=True)],
        page={"next": following, "previous": url_for(endpoint, **here) if moved else "", "items": []},
        back=back,
        people_only="who" in here,
        switch=endpoint == "history.index",
        export=export and any("auditor" in seat.roles for seat in current_actor().seats),
    )
