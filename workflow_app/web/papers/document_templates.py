"""Word templates: versions, uploading through the gate, trying with sample data, bringing into force by a second person."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.documents import pdf, pictures, preview, template_changes, templates
from workflow_app.documents.errors import (
    Finding,
    TemplateRefused,
    TemplateSame,
    TemplateUnknown,
    UploadRefused,
)
from workflow_app.documents.models import Document, DocumentTemplate, DocumentVersion, TemplateStatus
from workflow_app.organisations.models.people import Person
from workflow_app.web import wording
from workflow_app.web.actors import current_actor, seat_with
from workflow_app.web.fields import field_errors, posted_file
from workflow_app.web.papers import papers
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.work import stories

bp = Blueprint("templates", __name__, url_prefix="/templates")

AUTHORS = ("process_author", "administrator")
STATUSES: dict[TemplateStatus, tuple[str, str, str]] = {
    TemplateStatus.DRAFT: ("Chờ kiểm tra", "soon", "clock"),
    TemplateStatus.ACTIVE: ("Đang dùng", "done", "check"),
    TemplateStatus.RETIRED: ("Đã thay", "", "replace"),
    TemplateStatus.RETURNED: ("Đã trả lại", "stop", "back"),
}
_SHOWN = 20
_KEPT = 16  # templates whose pages stay in memory as pictures
_pictures: OrderedDict[UUID, list[bytes]] = OrderedDict()
_drawing = threading.Lock()  # LibreOffice takes both cores: one after another


@bp.get("")
def index() -> ResponseReturnValue:
    """Every template with its versions, who brought them, and how many documents were made with each."""
    seat_with(*AUTHORS)
    rows = templates.versions(reader())
    people = _people(rows)
    made = _made(reader())
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row.key, []).append(_row(row, people, made.get((row.key, row.version), 0)))
    ordered = sorted(groups.values(), key=lambda each: (not each[0]["waits"], each[0]["row"].title))
    return render_template("document_templates/index.html", groups=ordered)


@bp.get("/<uuid:template_id>")
def show(template_id: UUID) -> ResponseReturnValue:
    """One version: how it looks filled with its sample data, who did what, what was made with it."""
    seat_with(*AUTHORS)
    return _page(template_id)


@bp.get("/<uuid:template_id>/template.docx")
def word(template_id: UUID) -> ResponseReturnValue:
    """The template itself, with its tags: to be mended in Word."""
    seat_with(*AUTHORS)
    row = _template(template_id)
    data = templates.template_of(row).data
    return _file(data, papers.DOCX, f"{row.key} (phiên bản {row.version}).docx")


@bp.get("/<uuid:template_id>/preview.docx")
def sample(template_id: UUID) -> ResponseReturnValue:
    """The document that it makes of its sample data."""
    seat_with(*AUTHORS)
    row = _template(template_id)
    return _file(_trial(row), papers.DOCX, f"{row.title} (văn bản thử).docx")


@bp.get("/<uuid:template_id>/pages")
def pages(template_id: UUID) -> ResponseReturnValue:
    """The same document page by page, as it prints; takes seconds the first time."""
    seat_with(*AUTHORS)
    row = _template(template_id)
    return render_template("document_templates/pages.html", row=row, count=len(_drawn(row)))


@bp.get("/<uuid:template_id>/pages/<int:number>.png")
def picture(template_id: UUID, number: int) -> ResponseReturnValue:
    """One page, from 1."""
    seat_with(*AUTHORS)
    drawn = _drawn(_template(template_id))
    if not 1 <= number <= len(drawn):
        raise NotFound(f"template {template_id} has no page {number}")
    answer = Response(drawn[number - 1], mimetype="image/png")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@bp.post("/<uuid:template_id>/versions")
def upload(template_id: UUID) -> ResponseReturnValue:
    """A file edited in Word as the next version of the same template; refused with every finding."""
    by = ActorRef.of(current_actor(), seat_with(*AUTHORS))
    (name, data), key = posted_file("file"), _template(template_id).key
    if not data:
        return _page(template_id, [FieldError("file", _("Chọn tệp .docx để tải lên."))]), 422
    stop_reading()
    try:
        with transaction() as session:
            made = template_changes.upload(
                session, key=key, data=data, actor=by, at=clock.now(), filename=name
            )
            identity, version = made.id, made.version
    except (UploadRefused, TemplateRefused) as refusal:
        return _page(
            template_id, [FieldError("file", _sentence(name, each)) for each in refusal.findings]
        ), 422
    except TemplateSame as refusal:
        return _page(template_id, [FieldError("file", refusal.vi)]), 409
    flash(_("Đã nhận phiên bản %(version)s. Người khác kiểm tra rồi kích hoạt.", version=version), "success")
    return redirect(url_for("templates.show", template_id=identity), code=303)


@bp.post("/<uuid:template_id>/activation")
def activate(template_id: UUID) -> ResponseReturnValue:
    """Brings a draft into force; never by the person who uploaded it."""
    by = ActorRef.of(current_actor(), seat_with(*AUTHORS))
    stop_reading()
    with transaction() as session:
        template_changes.activate(session, template_id, actor=by, at=clock.now())
    flash(_("Đã đưa mẫu vào dùng. Văn bản lập từ lúc này theo phiên bản này."), "success")
    return redirect(url_for("templates.show", template_id=template_id), code=303)


@bp.post("/<uuid:template_id>/return")
def send_back(template_id: UUID) -> ResponseReturnValue:
    """Returns a draft with what to mend."""
    by, reason = ActorRef.of(current_actor(), seat_with(*AUTHORS)), request.form.get("reason", "")
    stop_reading()
    try:
        with transaction() as session:
            template_changes.send_back(session, template_id, reason=reason, actor=by, at=clock.now())
    except Invalid as refusal:
        return _page(template_id, list(refusal.errors), typed=reason), 422
    flash(_("Đã trả lại mẫu."), "success")
    return redirect(url_for("templates.show", template_id=template_id), code=303)


@bp.post("/<uuid:template_id>/restoration")
def restore(template_id: UUID) -> ResponseReturnValue:
    """Back to this version, which was in force before."""
    by = ActorRef.of(current_actor(), seat_with(*AUTHORS))
    stop_reading()
    with transaction() as session:
        template_changes.restore(session, template_id, actor=by, at=clock.now())
    flash(_("Đã dùng lại phiên bản này."), "success")
    return redirect(url_for("templates.show", template_id=template_id), code=303)


def _page(
    template_id: UUID,
    errors: Sequence[FieldError] = (),
    *,
    typed: str = "",
) -> str:
    row, me = _template(template_id), current_actor()
    others = templates.versions(reader(), row.key)
    people, made = _people(others), _made(reader())
    return render_template(
        "document_templates/show.html",
        **_row(row, people, made.get((row.key, row.version), 0)),
        others=[_row(each, people, made.get((each.key, each.version), 0)) for each in others],
        documents=_documents(reader(), row),
        shown=_SHOWN,
        html=_html(row),
        drawable=pictures.available(),
        own=row.created_by == me.person_id,
        names=_names(row.schema),
        events=stories.timeline_of_object(reader(), row.id),
        typed=typed,
        **field_errors(errors),
    )


def _sentence(name: str, finding: Finding) -> str:
    """What to mend in an uploaded file, and where it stands."""
    place = place_of(finding.part)
    where = f"“{name}”, {place}" if place else f"“{name}”"
    return f"{where}: {finding.vi}"


def place_of(part: str) -> str:
    """Where in the Word file a finding stands, in words."""
    if part == "word/document.xml":
        return str(_("phần thân văn bản"))
    if part.startswith("word/header"):
        return str(_("đầu trang"))
    if part.startswith("word/footer"):
        return str(_("chân trang"))
    return part


def _row(row: DocumentTemplate, people: dict[UUID, str], made: int) -> dict[str, Any]:
    return {
        "row": row,
        "status": STATUSES[row.status],
        "waits": row.status is TemplateStatus.DRAFT,
        "uploader": people.get(row.created_by, "") if row.created_by else _("Phần mềm"),
        "activator": people.get(row.activated_by, "") if row.activated_by else _("Phần mềm"),
        "returner": people.get(row.returned_by, "") if row.returned_by else "",
        "made": made,
    }


def _template(template_id: UUID) -> DocumentTemplate:
    found = reader().get(DocumentTemplate, template_id)
    if found is None:
        raise TemplateUnknown(f"template {template_id}")
    return found


def _people(rows: Sequence[DocumentTemplate]) -> dict[UUID, str]:
    ids = {each for row in rows for each in (row.created_by, row.activated_by, row.returned_by)} - {None}
    query = select(Person.id, Person.full_name).where(Person.id.in_(ids))
    return dict(reader().execute(query).all())


def _made(session: Session) -> dict[tuple[str, int], int]:
    """How many documents have a version that was made with a version of a template."""
    query = select(
        DocumentVersion.template_key,
        DocumentVersion.template_version,
        func.count(DocumentVersion.document_id.distinct()),
    ).group_by(DocumentVersion.template_key, DocumentVersion.template_version)
    return {(key, version): count for key, version, count in session.execute(query)}


def _documents(session: Session, row: DocumentTemplate) -> list[dict[str, Any]]:
    """The newest documents that were made with it and that the reader may see."""
    made = select(DocumentVersion.document_id).where(
        DocumentVersion.template_key == row.key, DocumentVersion.template_version == row.version
    )
    query = (
        select(Document)
        .where(Document.id.in_(made), papers.visible_to(current_actor()))
        .options(joinedload(Document.register_entry))
        .order_by(Document.created_at.desc(), Document.id.desc())
        .limit(_SHOWN)
    )
    return [
        {
            "href": url_for("documents.show", document_id=each.id),
            "title": each.title,
            "symbol": each.register_entry.full_symbol if each.register_entry else "",
            "at": wording.day(each.created_at),
        }
        for each in session.scalars(query)
    ]


def _trial(row: DocumentTemplate) -> bytes:
    return template_changes.preview(reader(), row.id, at=row.created_at).data


def _html(row: DocumentTemplate) -> Markup:
    return preview.to_html(_trial(row))


def _drawn(row: DocumentTemplate) -> list[bytes]:
    """The pages as pictures; a version never changes, so neither do they. Raises PdfUnavailable."""
    with _drawing:
        if row.id not in _pictures:
            _pictures[row.id] = pictures.pages(pdf.convert(_trial(row)))
            while len(_pictures) > _KEPT:
                _pictures.popitem(last=False)
        return _pictures[row.id]


def _names(schema: Any, above: str = "") -> list[tuple[str, str]]:
    """(name in a tag, what it is) of everything that the data of a template hold, lists by their items."""
    found: list[tuple[str, str]] = []
    defs = schema.get("$defs", {})
    for name, given in schema.get("properties", {}).items():
        part = defs.get(str(given.get("$ref", "")).rpartition("/")[2], given)
        told = str(part.get("description", ""))
        if part.get("type") == "object":
            found += _names({**part, "$defs": defs}, f"{above}{name}.")
        else:
            found.append((f"{above}{name}" + ("[]" if part.get("type") == "array" else ""), told))
    return found


def _file(data: bytes, kind: str, name: str) -> Response:
    answer: Response = send_file(BytesIO(data), mimetype=kind, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
