"""Public: does a paper or a file say what an issued document says, and does that still hold?

Nobody has to sign in, so the page tells offices, not names; a file is compared in the reader's browser.
"""

import json
import re
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from workflow_app.core import clock
from workflow_app.documents.issued_copies import IssuedCopy
from workflow_app.documents.models import Document, DocumentState, DocumentVersion, VersionState
from workflow_app.organisations.trees import unit_at
from workflow_app.signatures.service import signatures_of
from workflow_app.web.actors import open_to_everybody
from workflow_app.web.limits import limiter
from workflow_app.web.reading import reader

bp = Blueprint("verify", __name__, url_prefix="/verify")

_CODE = re.compile(r"^[0-9a-f]{8,64}$")
_PUBLIC = (DocumentState.ISSUED, DocumentState.WITHDRAWN, DocumentState.REPLACED)
_RATE = (
    "60/minute"  # eight characters are four thousand million codes: nobody tries them through at this pace
)


@dataclass(frozen=True, slots=True)
class Found:
    """One document that was issued at some time. known: digest of a file -> "good" or "old"."""

    document: Document
    version: DocumentVersion
    known: dict[str, str]


@bp.get("")
@open_to_everybody
@limiter.limit(_RATE)
def show() -> ResponseReturnValue:
    """The form, and the answer when a code was given."""
    typed = request.args.get("code", "")[:80]
    code = re.sub(r"[\s.:-]", "", typed).lower()
    if not typed.strip():
        return render_template("verify/ask.html", typed="")
    found = _found(reader(), code) if _CODE.fullmatch(code) else []
    if len(found) != 1:
        status = 404 if not found else 300
        return render_template("verify/ask.html", typed=typed, many=len(found) > 1), status
    return _answer(found[0], code)


def _answer(found: Found, code: str) -> str:
    document = found.document
    successor = _found_document(reader(), document.replaced_by_id) if document.replaced_by_id else None
    return render_template(
        "verify/show.html",
        document=document,
        version=found.version,
        issuer=unit_at(reader(), document.issuing_unit_id, clock.local(document.created_at).date()),
        signatures=signatures_of(reader(), found.version.id),
        successor=successor,
        known=json.dumps(found.known),
        code=code,
        asked_at=clock.now(),
    )


def _found(session: Session, code: str) -> list[Found]:
    """Documents of which a version or an issued copy begins with the code; drafts are nobody's business."""
    # Hexadecimal digits sort alike everywhere, so a prefix is a range of the index.
    upper = code[:-1] + chr(ord(code[-1]) + 1)
    copies = select(IssuedCopy.version_id).where(IssuedCopy.content_id >= code, IssuedCopy.content_id < upper)
    query = (
        select(DocumentVersion)
        .join(Document)
        .where(Document.state.in_(_PUBLIC), DocumentVersion.frozen_at.is_not(None))
        .where(
            ((DocumentVersion.content_id >= code) & (DocumentVersion.content_id < upper))
            | DocumentVersion.id.in_(copies)
        )
        .options(joinedload(DocumentVersion.document).joinedload(Document.register_entry))
        .limit(20)
    )
    by_document: dict[UUID, DocumentVersion] = {}
    for version in session.scalars(query):
        by_document.setdefault(version.document_id, version)
    return [
        Found(version.document, version, _known(session, version.document))
        for version in by_document.values()
    ]


def _known(session: Session, document: Document) -> dict[str, str]:
    """The digest of every file of the document: of the issued text "good", of another version "old"."""
    versions = session.scalars(
        select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    ).all()
    known: dict[str, str] = {}
    for version in versions:
        standing = "good" if version.state is VersionState.ISSUED else "old"
        copies = select(IssuedCopy.file_sha256).where(IssuedCopy.version_id == version.id)
        digests = [version.file_sha256, version.pdf_sha256, *session.scalars(copies)]
        known |= {digest: standing for digest in digests if digest}
    return known


def _found_document(session: Session, document_id: UUID) -> Document | None:
    query = select(Document).where(Document.id == document_id).options(joinedload(Document.register_entry))
    return session.scalars(query).one_or_none()
