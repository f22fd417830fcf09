"""Documents: list, page with versions and differences, files, registers with their prints."""

import base64
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from workflow_app.core import clock, vietnamese
from workflow_app.core.database import transaction
from workflow_app.core.errors import NotFound
from workflow_app.documents import service
from workflow_app.documents.issued_copies import issued_copy
from workflow_app.documents.models import Distribution, Document, DocumentState, DocumentVersion
from workflow_app.organisations.trees import units_at
from workflow_app.organisations.types import Actor
from workflow_app.signatures.service import signatures_of
from workflow_app.web import wording
from workflow_app.web.actors import current_actor
from workflow_app.web.papers import papers
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.work import stories

bp = Blueprint("documents", __name__, url_prefix="/documents")

_SHOWN = 50
_SEARCHED = 1000  # the newest visible documents that a search without diacritics looks through


@bp.get("")
def index() -> ResponseReturnValue:
    """The newest documents that the reader may see; search by title or number, filter by type and state."""
    actor = current_actor()
    query, state = request.args.get("q", "").strip(), request.args.get("state", "")
    rows = [document for document in _newest(reader(), actor, state) if _asked(document, query)]
    units = units_at(reader(), frozenset(row.issuing_unit_id for row in rows[:_SHOWN]), clock.today())
    return render_template(
        "documents/index.html",
        rows=[_row(document, units) for document in rows[:_SHOWN]],
        found=len(rows),
        shown=_SHOWN,
        query=query,
        state=state if state in set(DocumentState) else "",
        states=[(kind.value, words[0]) for kind, words in papers.STATES.items()],
    )


@bp.get("/<uuid:document_id>")
def show(document_id: UUID) -> ResponseReturnValue:
    """One document: where it stands, its text, its versions, who signed, who received it, what happened."""
    actor = current_actor()
    document = papers.document_of(reader(), document_id, actor)
    if not document.versions:
        raise NotFound(
            f"document {document_id} has no version yet", vi=_("Văn bản đang được lập, chưa có bản nào.")
        )
    version = _asked_version(document)
    sent = _distribution(reader(), document)
    copy = issued_copy(reader(), version.id) if version.frozen_at else None
    page = render_template(
        "documents/show.html",
        document=document,
        state=papers.STATES[document.state],
        version=version,
        versions=[_version_row(document, each) for each in reversed(document.versions)],
        paper=papers.paper_of(version, copy=copy),
        comparison=_comparison(document, version),
        signatures=signatures_of(reader(), version.id),
        sent=sent,
        events=stories.timeline_of_object(reader(), document.id),
        issuer=units_at(reader(), {document.issuing_unit_id}, clock.today()).get(document.issuing_unit_id),
    )
    _note_receipt(actor, document, sent)
    return page


@bp.get("/<uuid:document_id>/<int:number>.docx")
def word(document_id: UUID, number: int) -> ResponseReturnValue:
    """The Word file of one version, its bytes checked against the digest in the record."""
    document, version = _version(document_id, number)
    stop_reading()
    return _file(
        service.file_of(version),
        papers.DOCX,
        papers.file_name(document, version, "docx"),
        version.file_sha256,
    )


@bp.get("/<uuid:document_id>/<int:number>/issued.docx")
def issued_word(document_id: UUID, number: int) -> ResponseReturnValue:
    """The copy with its signatures, as it is sent out; 404 while there is none."""
    document, version = _version(document_id, number)
    copy = issued_copy(reader(), version.id)
    if copy is None:
        raise NotFound(f"version {version.id} has no issued copy", vi=_("Chưa có bản ban hành kèm chữ ký."))
    stop_reading()
    return _file(
        papers.copy_bytes(copy), papers.DOCX, papers.file_name(document, version, "docx"), copy.file_sha256
    )


@bp.get("/<uuid:document_id>/<int:number>.pdf")
def pdf(document_id: UUID, number: int) -> ResponseReturnValue:
    """The PDF of one version; 404 while there is none."""
    document, version = _version(document_id, number)
    stop_reading()
    data = service.pdf_of(version)
    if data is None or version.pdf_sha256 is None:
        raise NotFound(f"version {version.id} has no PDF", vi=_("Bản này chưa có PDF. Hãy tải bản Word."))
    return _file(
        data, papers.PDF, papers.file_name(document, version, "pdf"), version.pdf_sha256, inline=True
    )


@bp.get("/<uuid:document_id>/compare")
def compare(document_id: UUID) -> ResponseReturnValue:
    """Two versions in words: what came, what went, what stayed."""
    document = papers.document_of(reader(), document_id, current_actor())
    old = papers.version_numbered(document, request.args.get("old", 0, type=int))
    new = papers.version_numbered(document, request.args.get("new", 0, type=int))
    return render_template(
        "documents/compare.html", document=document, old=old, new=new, **papers.changes_between(old, new)
    )


def _newest(session: Session, actor: Actor, state: str) -> list[Document]:
    query = (
        select(Document)
        .where(papers.visible_to(actor))
        .options(joinedload(Document.register_entry))
        .order_by(Document.created_at.desc(), Document.id.desc())
    )
    if state in set(DocumentState):
        query = query.where(Document.state == DocumentState(state))
    return list(session.scalars(query.limit(_SEARCHED)))


def _asked(document: Document, query: str) -> bool:
    entry = document.register_entry
    return vietnamese.matches(query, f"{entry.full_symbol if entry else ''} {document.title} {document.kind}")


def _row(document: Document, units: dict[UUID, Any]) -> dict[str, Any]:
    issuer, entry = units.get(document.issuing_unit_id), document.register_entry
    symbol = entry.full_symbol if entry else _("Chưa có số")
    state = papers.STATES[document.state]
    return {
        "href": url_for("documents.show", document_id=document.id),
        "title": document.title,
        "lines": [symbol, issuer.short_name if issuer else ""],
        "icon": "doc",
        "tag": (_(state[0]), state[1], state[2]),
        "aside": wording.day(document.issued_at or document.created_at),
    }


def _version_row(document: Document, version: DocumentVersion) -> dict[str, Any]:
    here: dict[str, Any] = {"document_id": document.id, "number": version.number}
    earlier = next(
        (each.number for each in reversed(document.versions) if each.number < version.number), None
    )
    compare_url = (
        url_for("documents.compare", document_id=document.id, old=earlier, new=version.number)
        if earlier
        else ""
    )
    return {
        "number": version.number,
        "href": url_for("documents.show", document_id=document.id, version=version.number),
        "at": version.created_at,
        "state": papers.VERSION_STATES[version.state],
        "word": url_for("documents.word", **here),
        "pdf": url_for("documents.pdf", **here) if version.pdf_object_key else "",
        "compare": compare_url,
        "earlier": earlier,
        "hash": wording.short_hash(version.content_id),
    }


def _asked_version(document: Document) -> DocumentVersion:
    number = request.args.get("version", type=int)
    return document.versions[-1] if number is None else papers.version_numbered(document, number)


def _comparison(document: Document, version: DocumentVersion) -> dict[str, Any] | None:
    earlier = [each for each in document.versions if each.number < version.number]
    if not earlier or earlier[-1].template_key != version.template_key:
        return None
    return {"old": earlier[-1].number} | papers.changes_between(earlier[-1], version)


def _distribution(session: Session, document: Document) -> list[Distribution]:
    query = select(Distribution).where(Distribution.document_id == document.id).order_by(Distribution.sent_at)
    return list(session.scalars(query)) if document.issued_at else []


def _note_receipt(actor: Actor, document: Document, sent: list[Distribution]) -> None:
    """The first time that somebody of a recipient opens an issued document it counts as received."""
    units = [
        row.recipient_unit_id
        for row in sent
        if row.received_at is None and row.recipient_unit_id in actor.unit_ids
    ]
    if not units or request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        return
    stop_reading()
    with transaction() as session:
        for unit_id in units:
            if unit_id is not None:
                service.received(session, document.id, unit_id, by=actor.person_id, at=clock.now())


def _version(document_id: UUID, number: int) -> tuple[Document, DocumentVersion]:
    document = papers.document_of(reader(), document_id, current_actor())
    return document, papers.version_numbered(document, number)


def _file(data: bytes, kind: str, name: str, digest: str, *, inline: bool = False) -> Response:
    response = send_file(
        BytesIO(data), mimetype=kind, as_attachment=not inline, download_name=name, etag=digest, max_age=0
    )
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
