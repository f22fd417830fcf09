"""Documents, their versions, the register they are numbered in, and the templates they come from."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow_app.core.database import Base, UtcTime, enum_column
from workflow_app.core.ids import new_id
from workflow_app.core.vietnamese import two_digits
from workflow_app.documents import ddl
from workflow_app.documents.errors import DocumentWrongState

_SHA256 = "~ '^[0-9a-f]{64}$'"


class TemplateStatus(StrEnum):
    """A template is tried as a draft, used while active, kept when retired; a returned one was never used."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"
    RETURNED = "returned"


class DocumentState(StrEnum):
    """Where a document stands; `withdrawn` (thu hồi) and `replaced` are after issue or before."""

    DRAFT = "draft"
    FROZEN = "frozen"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class VersionState(StrEnum):
    """Where one version stands; `withdrawn` also means that a signing round on it was called off."""

    DRAFT = "draft"
    FROZEN = "frozen"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


class PdfState(StrEnum):
    """Whether the PDF of a version is there; `failed` can be asked for again."""

    NONE = "none"
    READY = "ready"
    FAILED = "failed"


class EntryStatus(StrEnum):
    """What became of a number."""

    TAKEN = "taken"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class DocumentTemplate(Base):
    """One version of a Word template (mẫu văn bản)."""

    __tablename__ = "document_template"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint(f"sha256 {_SHA256}", name="sha256"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("created_by IS NULL OR activated_by IS DISTINCT FROM created_by", name="two_people"),
        CheckConstraint(
            "(status IN ('draft', 'returned')) = (activated_at IS NULL)", name="activated_if_used"
        ),
        CheckConstraint(
            "(status = 'returned') = (returned_at IS NOT NULL AND returned_by IS NOT NULL AND returned_reason <> '')",
            name="returned_for_a_reason",
        ),
        Index("uq_document_template_active", "key", unique=True, postgresql_where="status = 'active'"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str]
    version: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str]
    sha256: Mapped[str]
    object_key: Mapped[str]
    size: Mapped[int]
    schema: Mapped[dict[str, Any]]
    sample: Mapped[dict[str, Any]]
    status: Mapped[TemplateStatus] = enum_column(TemplateStatus, default=TemplateStatus.DRAFT)
    created_at: Mapped[UtcTime]
    created_by: Mapped[UUID | None]  # nobody: it came with the product
    activated_at: Mapped[UtcTime | None]
    activated_by: Mapped[UUID | None]
    returned_at: Mapped[UtcTime | None]
    returned_by: Mapped[UUID | None]
    returned_reason: Mapped[str] = mapped_column(default="")


class RegisterBook(Base):
    """The outgoing register of one unit for one year (sổ đăng ký văn bản đi), with its counter.

    symbol_pattern: what follows the number, `{kind}` being the type: "{kind}-KTĐ04".
    last_number: the counter; 0 before the first. last_date: dates in the book never go back.
    """

    __tablename__ = "register_book"
    __table_args__ = (
        UniqueConstraint("owner_unit_id", "code", "year"),
        CheckConstraint("last_number >= 0", name="counter"),
        CheckConstraint("(last_number = 0) = (last_date IS NULL)", name="dated_if_used"),
        CheckConstraint("last_date IS NULL OR extract(year FROM last_date) = year", name="year"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str]
    name: Mapped[str]
    year: Mapped[int]
    symbol_pattern: Mapped[str]
    last_number: Mapped[int] = mapped_column(default=0)
    last_date: Mapped[dt.date | None]


class RegisterEntry(Base):
    """One number of a book (số văn bản): given once, never reused, never removed."""

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("book_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("(status = 'cancelled') = (reason <> '')", name="reason_if_cancelled"),
        CheckConstraint("copies >= 0", name="copies"),
        Index("ix_register_entry_document", "document_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    book_id: Mapped[UUID] = mapped_column(ForeignKey("register_book.id"))
    number: Mapped[int]
    suffix: Mapped[str] = mapped_column(default="")
    symbol: Mapped[str]
    # No foreign key: a document points to its entry, and the number outlives what it was taken for.
    document_id: Mapped[UUID | None]
    date: Mapped[dt.date]
    subject: Mapped[str] = mapped_column(default="")
    status: Mapped[EntryStatus] = enum_column(EntryStatus, default=EntryStatus.TAKEN)
    reason: Mapped[str] = mapped_column(default="")
    signer: Mapped[str] = mapped_column(default="")
    recipients: Mapped[str] = mapped_column(default="")
    file_copy: Mapped[str] = mapped_column(default="")
    copies: Mapped[int] = mapped_column(default=0)
    sent_on: Mapped[dt.date | None]
    receipt: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    taken_at: Mapped[UtcTime]

    @property
    def written_number(self) -> str:
        """The number as documents show it: "05", "112"."""
        # Numbers have no point between thousands, counts have.
        return (two_digits(self.number) if self.number < 100 else str(self.number)) + self.suffix

    @property
    def full_symbol(self) -> str:
        """ "01/GƯ-KTĐ04"."""
        return f"{self.written_number}/{self.symbol}"

    def cancel(self, reason: str) -> None:
        """Raises DocumentWrongState unless the number is only taken."""
        if self.status is not EntryStatus.TAKEN or not reason.strip():
            raise DocumentWrongState(f"entry {self.id} is {self.status}")
        self.status, self.reason = EntryStatus.CANCELLED, reason


class Document(Base):
    """An official document (văn bản) through all its versions.

    kind: short code of the type ("GƯ"). owner_type, owner_id: the domain row it belongs to.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("(state = 'issued') <= (issued_at IS NOT NULL)", name="issued_at_if_issued"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_reason <> '')", name="reason_if_withdrawn"),
        CheckConstraint("(state = 'replaced') = (replaced_by_id IS NOT NULL)", name="successor_if_replaced"),
        CheckConstraint("replaced_by_id <> id", name="other_successor"),
        Index("ix_document_owner", "owner_type", "owner_id"),
        Index("ix_document_instance", "instance_id"),
        Index("ix_document_federation", "federation_id", "created_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    title: Mapped[str]
    owner_type: Mapped[str]
    owner_id: Mapped[UUID]
    instance_id: Mapped[UUID | None]
    issuing_unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    federation_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    bloc_id: Mapped[UUID | None]
    state: Mapped[DocumentState] = enum_column(DocumentState, default=DocumentState.DRAFT)
    register_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("register_entry.id"), unique=True)
    issued_at: Mapped[UtcTime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")
    replaced_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    created_at: Mapped[UtcTime]
    created_by: Mapped[UUID]
    versions: Mapped[list["DocumentVersion"]] = relationship(
        back_populates="document", order_by="DocumentVersion.number"
    )
    register_entry: Mapped[RegisterEntry | None] = relationship()

    def require(self, *states: DocumentState) -> None:
        """Raises DocumentWrongState."""
        if self.state not in states:
            raise DocumentWrongState(f"document {self.id} is {self.state}", state=self.state.value)


class DocumentVersion(Base):
    """One rendered text of a document (bản); its bytes and data never change, a new version is made instead.

    data: what the template was filled with, for differences and for the next version.
    """

    __tablename__ = "document_version"
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        CheckConstraint(f"content_id {_SHA256}", name="content_id"),
        CheckConstraint(f"file_sha256 {_SHA256}", name="file_sha256"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("state NOT IN ('frozen', 'issued') OR frozen_at IS NOT NULL", name="frozen_at"),
        CheckConstraint("state <> 'draft' OR frozen_at IS NULL", name="draft_not_frozen"),
        CheckConstraint(
            "(pdf_state = 'ready') = (pdf_object_key IS NOT NULL AND pdf_sha256 IS NOT NULL AND pdf_size IS NOT NULL)",
            name="pdf_if_ready",
        ),
        Index(
            "uq_document_version_frozen",
            "document_id",
            unique=True,
            postgresql_where="state IN ('frozen', 'issued')",
        ),
        Index("ix_document_version_content", "content_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    number: Mapped[int]
    state: Mapped[VersionState] = enum_column(VersionState, default=VersionState.DRAFT)
    content_id: Mapped[str]
    file_sha256: Mapped[str]
    object_key: Mapped[str]
    size: Mapped[int]
    data: Mapped[dict[str, Any]]
    template_key: Mapped[str]
    template_version: Mapped[int]
    created_at: Mapped[UtcTime]
    created_by: Mapped[UUID]
    frozen_at: Mapped[UtcTime | None]
    pdf_state: Mapped[PdfState] = enum_column(PdfState, default=PdfState.NONE)
    pdf_object_key: Mapped[str | None]
    pdf_sha256: Mapped[str | None]
    pdf_size: Mapped[int | None]
    document: Mapped[Document] = relationship(back_populates="versions")

    def freeze(self, at: dt.datetime) -> None:
        """From now on the content can be signed. Raises DocumentWrongState unless it is a draft."""
        self._move(VersionState.DRAFT, VersionState.FROZEN)
        self.frozen_at = at

    def issue(self) -> None:
        self._move(VersionState.FROZEN, VersionState.ISSUED)

    def withdraw(self) -> None:
        """Calls off a frozen or issued version."""
        if self.state is VersionState.ISSUED:
            self._move(VersionState.ISSUED, VersionState.WITHDRAWN)
        else:
            self._move(VersionState.FROZEN, VersionState.WITHDRAWN)

    def _move(self, start: VersionState, end: VersionState) -> None:
        if self.state is not start:
            raise DocumentWrongState(
                f"version {self.id} is {self.state}, not {start}", state=self.state.value
            )
        self.state = end


class Distribution(Base):
    """One recipient of an issued document (nơi nhận): when it was sent and received."""

    __tablename__ = "distribution"
    __table_args__ = (
        UniqueConstraint("document_id", "recipient_name"),
        CheckConstraint("received_at IS NULL OR received_at >= sent_at", name="received_after_sent"),
        Index("ix_distribution_unit", "recipient_unit_id", "sent_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    recipient_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    recipient_name: Mapped[str]
    how: Mapped[str]
    sent_at: Mapped[UtcTime]
    received_at: Mapped[UtcTime | None]
    received_by: Mapped[UUID | None]


ddl.attach("document_template", "document_version", "register_book", "register_entry")
