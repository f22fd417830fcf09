"""The copy that is sent out: the frozen text again, with who signed it, when and with which power.

The signatures bind themselves to the frozen version; its bytes never change, so the marks stand in a
rendering of their own that points to it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.protocol import StoredObject
from workflow_app.core.database import Base, UtcTime
from workflow_app.core.ids import new_id
from workflow_app.documents import ddl
from workflow_app.documents.files import stored_columns
from workflow_app.documents.models import DocumentVersion
from workflow_app.documents.rendering import Rendered, Template


class IssuedCopy(Base):
    """One rendering of a frozen version with its signatures (bản ban hành); the latest one is sent out.

    data: what the template was filled with.
    """

    __tablename__ = "issued_copy"
    __table_args__ = (CheckConstraint("content_id ~ '^[0-9a-f]{64}$'", name="content_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("document_version.id"), index=True)
    content_id: Mapped[str]
    file_sha256: Mapped[str]
    object_key: Mapped[str]
    size: Mapped[int]
    data: Mapped[dict[str, Any]]
    template_key: Mapped[str]
    template_version: Mapped[int]
    made_at: Mapped[UtcTime]
    pdf_object_key: Mapped[str | None]
    pdf_sha256: Mapped[str | None]
    pdf_size: Mapped[int | None]


ddl.attach("issued_copy")


def add_issued_copy(
    session: Session,
    version: DocumentVersion,
    rendered: Rendered,
    stored: StoredObject,
    *,
    template: Template,
    data: Mapping[str, Any],
    at: datetime,
) -> IssuedCopy:
    """Adds a copy of a frozen or issued version; the same bytes as the latest give that one again."""
    latest = issued_copy(session, version.id)
    if latest is not None and latest.file_sha256 == rendered.file_sha256:
        return latest
    copy = IssuedCopy(version_id=version.id, made_at=at, **stored_columns(rendered, stored, template, data))
    session.add(copy)
    session.flush()
    return copy


def issued_copy(session: Session, version_id: UUID) -> IssuedCopy | None:
    """The latest copy of a version, or None."""
    query = select(IssuedCopy).where(IssuedCopy.version_id == version_id)
    return session.scalars(query.order_by(IssuedCopy.id.desc()).limit(1)).one_or_none()
