"""Where issued documents go: recipients, the register's columns about them, who has received."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.clock import local
from workflow_app.documents.models import Distribution, Document, DocumentState

FILE_COPY = "Văn thư"  # every paper's list of recipients ends with "Lưu: VT"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an issued document goes to; unit_id is None for somebody outside the system."""

    name: str
    unit_id: UUID | None = None
    how: str = "Hệ thống"


def distribute(session: Session, document: Document, recipients: Iterable[Recipient], *, at: datetime) -> int:
    """Sends an issued document and writes it into the register; who has it already is left out.

    Returns how many were added.
    """
    document.require(DocumentState.ISSUED)
    query = sa.select(Distribution.recipient_name).where(Distribution.document_id == document.id)
    known = list(session.scalars(query.order_by(Distribution.sent_at, Distribution.id)))
    added = [each for each in {each.name: each for each in recipients}.values() if each.name not in known]
    session.add_all(
        Distribution(
            document_id=document.id,
            recipient_unit_id=recipient.unit_id,
            recipient_name=recipient.name,
            how=recipient.how,
            sent_at=at,
        )
        for recipient in added
    )
    _register(document, [*known, *(recipient.name for recipient in added)], at)
    session.flush()
    return len(added)


def received(session: Session, document_id: UUID, unit_id: UUID, *, by: UUID, at: datetime) -> bool:
    """Notes the first time a recipient opened the document; False when it was noted before."""
    result = session.execute(
        sa.update(Distribution)
        .where(
            Distribution.document_id == document_id,
            Distribution.recipient_unit_id == unit_id,
            Distribution.received_at.is_(None),
        )
        .values(received_at=at, received_by=by)
        .returning(Distribution.id)
    )
    return result.first() is not None


def _register(document: Document, names: Sequence[str], at: datetime) -> None:
    entry = document.register_entry
    if entry is not None:
        entry.recipients, entry.file_copy = "; ".join(names), FILE_COPY
        entry.sent_on = entry.sent_on or local(at).date()
