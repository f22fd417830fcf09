"""PDF in the background: asked for when a text is frozen or its issued copy made, never in a person's way."""

from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from storage.protocol import StoredObject
from workflow_app.core import jobs
from workflow_app.core.database import reading, transaction
from workflow_app.documents import objects, pdf
from workflow_app.documents.errors import PdfUnavailable
from workflow_app.documents.issued_copies import IssuedCopy
from workflow_app.documents.models import DocumentVersion, PdfState

QUEUE = "pdf"
MAKE = "documents.make_pdf"


class Paper(Protocol):
    """A stored Word file that can have a PDF beside it."""

    id: UUID
    object_key: str
    file_sha256: str
    size: int
    pdf_object_key: str | None
    pdf_sha256: str | None
    pdf_size: int | None


def ask(session: Session, paper: Paper) -> None:
    """Queues the conversion in the caller's transaction; conversions run one after another."""
    jobs.defer(session, MAKE, queue=QUEUE, lock=QUEUE, kind=type(paper).__name__, paper_id=str(paper.id))


@jobs.job(MAKE)
def make_pdf(kind: str, paper_id: str) -> None:
    """One conversion. Without LibreOffice nothing happens: the Word file is complete without it."""
    if not pdf.available():
        return
    with reading() as session:
        paper = _paper(session, kind, UUID(paper_id))
    if paper.pdf_object_key is not None:
        return
    docx = objects.store().get(paper.object_key, sha256=paper.file_sha256, size=paper.size)
    try:
        stored = objects.store().put(pdf.convert(docx), kind="docs/pdf")
    except PdfUnavailable:
        with transaction() as session:
            failed(_paper(session, kind, UUID(paper_id), lock=True))
        raise
    with transaction() as session:
        attach(_paper(session, kind, UUID(paper_id), lock=True), stored)


def attach(paper: Paper, stored: StoredObject) -> None:
    """The PDF of a paper, once; a job that ran twice changes nothing."""
    if paper.pdf_object_key is not None:
        return
    paper.pdf_object_key, paper.pdf_sha256, paper.pdf_size = stored.key, stored.sha256, stored.size
    if isinstance(paper, DocumentVersion):
        paper.pdf_state = PdfState.READY


def failed(paper: Paper) -> None:
    """Notes that no PDF could be made; the Word file is not concerned, and a PDF that is there stays."""
    if isinstance(paper, DocumentVersion) and paper.pdf_object_key is None:
        paper.pdf_state = PdfState.FAILED


def _paper(session: Session, kind: str, paper_id: UUID, *, lock: bool = False) -> Paper:
    if kind == IssuedCopy.__name__:
        return session.get_one(IssuedCopy, paper_id, with_for_update=lock)
    return session.get_one(DocumentVersion, paper_id, with_for_update=lock)
