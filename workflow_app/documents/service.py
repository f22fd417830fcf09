"""Acts on documents and versions. The caller commits and records the act in the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage.protocol import StoredObject
from workflow_app.documents import conversions
from workflow_app.documents.distribution import Recipient, distribute, received
from workflow_app.documents.errors import DocumentUnknown, DocumentWrongState
from workflow_app.documents.files import file_of, pdf_of, put, stored_columns
from workflow_app.documents.models import (
    Document,
    DocumentState,
    DocumentVersion,
    EntryStatus,
    RegisterEntry,
    VersionState,
)
from workflow_app.documents.numbering import (
    book_of,
    cancel_number,
    open_book,
    take_number,
)
from workflow_app.documents.rendering import Rendered, Template

__all__ = [
    "Recipient",
    "add_version",
    "book_of",
    "cancel_number",
    "create",
    "distribute",
    "file_of",
    "freeze",
    "get",
    "issue",
    "open_book",
    "pdf_of",
    "put",
    "received",
    "replace",
    "take_number",
    "version",
    "withdraw",
    "withdraw_version",
]


def get(session: Session, document_id: UUID, *, lock: bool = False) -> Document:
    """Raises DocumentUnknown. lock: until the transaction ends."""
    document = session.get(Document, document_id, with_for_update=lock)
    if document is None:
        raise DocumentUnknown(f"document {document_id}")
    return document


def version(session: Session, version_id: UUID) -> DocumentVersion:
    """Raises DocumentUnknown."""
    found = session.get(DocumentVersion, version_id)
    if found is None:
        raise DocumentUnknown(f"document version {version_id}")
    return found


def create(
    session: Session,
    *,
    kind: str,
    title: str,
    owner_type: str,
    owner_id: UUID,
    issuing_unit_id: UUID,
    federation_id: UUID,
    by: UUID,
    at: datetime,
    bloc_id: UUID | None = None,
    instance_id: UUID | None = None,
) -> Document:
    """A document without a version yet."""
    document = Document(
        kind=kind,
        title=title,
        owner_type=owner_type,
        owner_id=owner_id,
        issuing_unit_id=issuing_unit_id,
        federation_id=federation_id,
        bloc_id=bloc_id,
        instance_id=instance_id,
        created_at=at,
        created_by=by,
    )
    session.add(document)
    session.flush()
    return document


def add_version(
    session: Session,
    document: Document,
    rendered: Rendered,
    stored: StoredObject,
    *,
    template: Template,
    data: Mapping[str, Any],
    by: UUID,
    at: datetime,
) -> DocumentVersion:
    """The next version, a draft; the same bytes as the latest draft give that one again.

    Raises DocumentWrongState when a version is frozen: the round on it has to be called off first.
    """
    session.refresh(document, with_for_update=True)
    document.require(DocumentState.DRAFT)
    latest = _latest(session, document)
    is_draft = latest is not None and latest.state is VersionState.DRAFT
    if latest is not None and is_draft and latest.file_sha256 == rendered.file_sha256:
        return latest  # a worker that was killed after its commit asks again
    added = DocumentVersion(
        document_id=document.id,
        number=latest.number + 1 if latest else 1,
        created_at=at,
        created_by=by,
        **stored_columns(rendered, stored, template, data),
    )
    document.versions.append(added)
    session.flush()
    return added


def freeze(session: Session, version: DocumentVersion, *, at: datetime) -> None:
    """The version can be signed from now on; the latest draft only. Raises DocumentWrongState."""
    document = get(session, version.document_id, lock=True)
    document.require(DocumentState.DRAFT)
    if version is not _latest(session, document):
        raise DocumentWrongState(f"version {version.id} is not the latest of document {document.id}")
    version.freeze(at)
    document.state = DocumentState.FROZEN
    session.flush()
    conversions.ask(session, version)


def withdraw_version(session: Session, version: DocumentVersion, *, reason: str, at: datetime) -> None:
    """Calls off the signing round: the document is a draft again, a number taken for it is cancelled."""
    document = get(session, version.document_id, lock=True)
    document.require(DocumentState.FROZEN)
    version.withdraw()
    document.state = DocumentState.DRAFT
    _cancel_taken(document, reason)
    document.register_entry_id = None
    session.flush()


def issue(
    session: Session, version: DocumentVersion, *, at: datetime, signer: str = "", copies: int = 0
) -> None:
    """The frozen version is the official text (ban hành); its number, if it has one, is issued with it.

    signer: for the register's fourth column.
    """
    document = get(session, version.document_id, lock=True)
    document.require(DocumentState.FROZEN)
    version.issue()
    document.state = DocumentState.ISSUED
    document.issued_at = at
    entry = document.register_entry
    if entry is not None:
        _require_taken(entry)
        entry.status, entry.signer, entry.copies = EntryStatus.ISSUED, signer, copies
        entry.subject = entry.subject or document.title
    session.flush()


def withdraw(session: Session, document: Document, *, reason: str, at: datetime) -> None:
    """Recalls an issued document (thu hồi) or gives up one that is not issued; the number stays in the book."""
    session.refresh(document, with_for_update=True)
    document.require(DocumentState.DRAFT, DocumentState.FROZEN, DocumentState.ISSUED)
    if not reason.strip():
        raise DocumentWrongState(f"document {document.id}: no reason", vi="Hãy ghi lý do thu hồi văn bản.")
    for each in document.versions:
        if each.state in {VersionState.FROZEN, VersionState.ISSUED}:
            each.withdraw()
    _cancel_taken(document, reason)
    entry = document.register_entry
    if entry is not None and entry.status is EntryStatus.ISSUED:
        entry.note = f"Đã thu hồi: {reason}"
    document.state, document.withdrawn_reason = DocumentState.WITHDRAWN, reason
    session.flush()


def replace(session: Session, document: Document, *, by_document: Document, at: datetime) -> None:
    """An issued document gives way to another issued one."""
    session.refresh(document, with_for_update=True)
    document.require(DocumentState.ISSUED)
    by_document.require(DocumentState.ISSUED)
    document.state, document.replaced_by_id = DocumentState.REPLACED, by_document.id
    if document.register_entry is not None and by_document.register_entry is not None:
        document.register_entry.note = f"Được thay bằng {by_document.register_entry.full_symbol}"
    session.flush()


def _latest(session: Session, document: Document) -> DocumentVersion | None:
    query = sa.select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    return session.scalar(query.order_by(DocumentVersion.number.desc()).limit(1))


def _cancel_taken(document: Document, reason: str) -> None:
    entry = document.register_entry
    if entry is not None and entry.status is EntryStatus.TAKEN:
        entry.cancel(reason)


def _require_taken(entry: RegisterEntry) -> None:
    if entry.status is not EntryStatus.TAKEN:
        raise DocumentWrongState(f"register entry {entry.id} is {entry.status}")
