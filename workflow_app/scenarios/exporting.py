"""Everything that a story made, as files for people: documents, their PDFs, the record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage import ObjectStore
from workflow_app.audit.export import ExportReport, export_jsonl
from workflow_app.core.vietnamese import fold, iso_local
from workflow_app.documents import objects
from workflow_app.documents import service as documents
from workflow_app.documents.content_id import content_id
from workflow_app.documents.issued_copies import IssuedCopy, issued_copy
from workflow_app.documents.models import Document, DocumentState, DocumentVersion
from workflow_app.engine.models import ProcessInstance
from workflow_app.signatures.models import Signature
from workflow_app.signatures.service import signatures_of


@dataclass(frozen=True, slots=True)
class Exported:
    """One file of a document. signed: the version that its signatures are bound to."""

    document: Document
    process: str
    title: str
    name: str
    data: bytes
    pdf: bytes | None
    sha256: str
    content_id: str
    signed: DocumentVersion
    signatures: Sequence[Signature]

    @property
    def is_signed_text(self) -> bool:
        """Whether the file is the very text that the signatures are bound to, not a copy with their marks."""
        return self.content_id == self.signed.content_id

    def told(self) -> dict[str, Any]:
        """The entry of the summary; its keys are stable."""
        entry = self.document.register_entry
        return {
            "process": self.process,
            "type": self.document.kind,
            "number": entry.full_symbol if entry else "",
            "title": self.title,
            "file": self.name,
            "sha256": self.sha256,
            "content_id": self.content_id,
            "signatures": [_signature(each, self.signed) for each in self.signatures],
        }


def exported(session: Session) -> list[Exported]:
    """The official file of every document, in the order of their numbers; the copy that is sent out follows
    the version that was signed."""
    query = sa.select(Document).where(Document.state != DocumentState.DRAFT).order_by(Document.created_at)
    found = [each for document in session.scalars(query) for each in _files(session, document)]
    return sorted(found, key=lambda each: each.name)


def write(files: Sequence[Exported], folder: Path) -> list[str]:
    """Writes the files, and beside each its PDF where the worker has made one; returns the PDFs' names."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for each in files:
        (folder / each.name).write_bytes(each.data)
        if each.pdf is not None:
            name = str(Path(each.name).with_suffix(".pdf"))
            (folder / name).write_bytes(each.pdf)
            made.append(name)
    return made


def write_record(session: Session, file: Path) -> ExportReport:
    """The whole record as JSON Lines."""
    with file.open("wb") as out:
        return export_jsonl(session, out)


def _files(session: Session, document: Document) -> Iterator[Exported]:
    version = document.versions[-1]
    instance = session.get(ProcessInstance, document.instance_id) if document.instance_id else None
    process = instance.process_key if instance else document.owner_type
    signatures = signatures_of(session, version.id)
    store, name = objects.store(), _name(document)
    yield _file(document, process, document.title, f"{name}.docx", version, version, signatures, store)
    copy = issued_copy(session, version.id)
    if copy is not None:
        title = f"{document.title} (bản ban hành)"
        yield _file(document, process, title, f"{name}-ban-hanh.docx", copy, version, signatures, store)


def _file(
    document: Document,
    process: str,
    title: str,
    name: str,
    row: DocumentVersion | IssuedCopy,
    signed: DocumentVersion,
    signatures: Sequence[Signature],
    store: ObjectStore,
) -> Exported:
    data = store.get(row.object_key, sha256=row.file_sha256, size=row.size)
    pdf = None
    if row.pdf_object_key and row.pdf_sha256 and row.pdf_size:
        pdf = store.get(row.pdf_object_key, sha256=row.pdf_sha256, size=row.pdf_size)
    return Exported(
        document, process, title, name, data, pdf, row.file_sha256, row.content_id, signed, signatures
    )


def _name(document: Document) -> str:
    """ "01-gu-ktd04": plain letters, so that it is the same on every machine."""
    entry = document.register_entry
    if entry is None:
        return f"{fold(document.kind)}-{document.id}"
    return fold(f"{entry.written_number}-{entry.symbol}").replace(" ", "-").replace("/", "-")


def _signature(signature: Signature, version: DocumentVersion) -> dict[str, Any]:
    """valid: it is bound to what the stored file says today, not to what its row claims."""
    actual = content_id(documents.file_of(version))
    return {
        "signer": signature.signer_name,
        "office": " / ".join(signature.authority),
        "unit": signature.unit_name,
        "method": signature.method.value,
        "at": iso_local(signature.signed_at),
        "valid": signature.content_id == actual,
    }
