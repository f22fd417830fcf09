"""Documents as pages need them: who may see which, the preview, the file."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import ColumnElement, exists, extract, or_, select
from sqlalchemy.orm import Session, joinedload

from storage.errors import StorageUnavailable
from workflow_app.core.vietnamese import clean_line
from workflow_app.documents import objects, service
from workflow_app.documents import preview as previews
from workflow_app.documents.errors import DocumentUnknown
from workflow_app.documents.issued_copies import IssuedCopy
from workflow_app.documents.models import (
    Distribution,
    Document,
    DocumentState,
    DocumentVersion,
    PdfState,
    VersionState,
)
from workflow_app.organisations.models.blocs import BlocMember
from workflow_app.organisations.types import Actor

STATES: dict[DocumentState, tuple[str, str, str]] = {
    DocumentState.DRAFT: ("Dự thảo", "", "pen"),
    DocumentState.FROZEN: ("Đang ký", "now", "pen"),
    DocumentState.ISSUED: ("Đã ban hành", "done", "check"),
    DocumentState.WITHDRAWN: ("Đã thu hồi", "stop", "x"),
    DocumentState.REPLACED: ("Đã thay thế", "soon", "replace"),
}
VERSION_STATES: dict[VersionState, tuple[str, str, str]] = {
    VersionState.DRAFT: ("Dự thảo", "", "pen"),
    VersionState.FROZEN: ("Đã khóa nội dung", "now", "lock"),
    VersionState.ISSUED: ("Bản ban hành", "done", "check"),
    VersionState.WITHDRAWN: ("Đã thu hồi", "stop", "x"),
}

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"

_KEPT = 64


@dataclass(frozen=True, slots=True)
class Paper:
    """A version beside a decision. html is None when the file cannot be read now; `sorry` says so.

    copy: the rendering with its signatures, which is shown and sent in place of the bare text.
    """

    version: DocumentVersion
    html: Markup | None
    sorry: str = ""
    copy: IssuedCopy | None = None

    @property
    def document(self) -> Document:
        return self.version.document

    @property
    def has_pdf(self) -> bool:
        return self.version.pdf_state is PdfState.READY


class _Previews:
    """HTML by digest: bytes never change, so neither does what was made from them."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str], Markup] = OrderedDict()
        self._lock = Lock()

    def of(self, digest: str, sign_here: str, read: Callable[[], bytes]) -> Markup:
        key = (digest, sign_here)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        made = previews.to_html(read(), sign_here=sign_here)
        with self._lock:
            self._made[key] = made
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return made


_previews = _Previews()


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Which documents exist for this person.

    Those that one of his units issued or received, those of his federation, and those of a bloc to which one of
    his units belonged in the year of the document or the year after.
    """
    units = list(actor.unit_ids)
    member = exists().where(
        BlocMember.bloc_id == Document.bloc_id,
        BlocMember.unit_id.in_(units),
        BlocMember.year - extract("year", Document.created_at) <= 1,
        BlocMember.year >= extract("year", Document.created_at),
    )
    received = exists().where(
        Distribution.document_id == Document.id, Distribution.recipient_unit_id.in_(units)
    )
    return or_(Document.issuing_unit_id.in_(units), Document.federation_id.in_(units), member, received)


def document_of(session: Session, document_id: UUID, actor: Actor) -> Document:
    """The document with its versions and number; raises DocumentUnknown for a foreign one."""
    query = (
        select(Document)
        .where(Document.id == document_id, visible_to(actor))
        .options(joinedload(Document.versions), joinedload(Document.register_entry))
    )
    found = session.scalars(query).unique().one_or_none()
    if found is None:
        raise DocumentUnknown(f"document {document_id} is foreign to person {actor.person_id}")
    return found


def version_numbered(document: Document, number: int) -> DocumentVersion:
    """Raises DocumentUnknown."""
    found = next((version for version in document.versions if version.number == number), None)
    if found is None:
        raise DocumentUnknown(f"document {document.id} has no version {number}")
    return found


def preview(session: Session, version_id: UUID | None, actor: Actor, *, sign_here: str = "") -> Paper | None:
    """A version as HTML, for those who may see it; None without a version."""
    if version_id is None:
        return None
    query = (
        select(DocumentVersion)
        .join(Document)
        .where(DocumentVersion.id == version_id, visible_to(actor))
        .options(joinedload(DocumentVersion.document).joinedload(Document.register_entry))
    )
    version = session.scalars(query).one_or_none()
    if version is None:
        raise DocumentUnknown(f"version {version_id} is foreign to person {actor.person_id}")
    return paper_of(version, sign_here=sign_here)


def paper_of(version: DocumentVersion, *, sign_here: str = "", copy: IssuedCopy | None = None) -> Paper:
    """As `preview`, for a version that was read already. A store that is away does not take the page with it."""
    try:
        if copy is not None:
            return Paper(version, _previews.of(copy.file_sha256, "", lambda: copy_bytes(copy)), copy=copy)
        return Paper(version, _previews.of(version.file_sha256, sign_here, lambda: service.file_of(version)))
    except StorageUnavailable:
        sorry = _(
            "Kho văn bản chưa trả lời nên chưa xem trước được. Thử lại sau ít phút; nội dung vẫn an toàn."
        )
        return Paper(version, None, sorry, copy)


def copy_bytes(copy: IssuedCopy) -> bytes:
    """The issued copy, checked against its digest. Raises as `documents.service.file_of`."""
    return objects.store().get(copy.object_key, sha256=copy.file_sha256, size=copy.size)


def file_name(document: Document, version: DocumentVersion, ending: str) -> str:
    """ "01_GƯ-KTĐ04 Giao ước thi đua năm 2019 (bản 3).docx": what the reader's folder shows."""
    entry = document.register_entry
    number = entry.full_symbol.replace("/", "_") if entry else document.kind
    draft = "" if version.state is VersionState.ISSUED else f" (bản {version.number})"
    name = clean_line(f"{number} {document.title}")[:150]
    return "".join("_" if char in '<>:"/\\|?*' else char for char in name) + f"{draft}.{ending}"


def changes_between(old: DocumentVersion, new: DocumentVersion) -> dict[str, Any]:
    """For the redline macro: `changes` and `unchanged`."""
    from workflow_app.documents.difference import difference

    found = difference(old.data, new.data)
    kinds = {"same": "", "ins": "ins", "del": "del"}
    rows = [
        {"where": change.label, "parts": [(kinds[part.kind.value], part.text) for part in change.segments]}
        for change in found.changes
    ]
    return {"changes": [*rows, *({"where": label} for label in found.unchanged)], "count": len(rows)}
