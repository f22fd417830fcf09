"""Signatures: who signed which frozen content, in which office, when and how."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import Base, UtcTime, enum_column
from workflow_app.core.ids import new_id
from workflow_app.organisations.types import Capacity
from workflow_app.signatures import ddl


class SignatureRole(StrEnum):
    """What the signature says: "we bind ourselves", or "we saw them do it"."""

    PARTY = "party"
    WITNESS = "witness"


class SignatureMethod(StrEnum):
    """How it was made. Further methods (key, outside, paper) add members here and nothing elsewhere."""

    AUTHENTICATED = "authenticated"


class Signature(Base):
    """One signature (chữ ký) on one frozen version, bound to its content by `content_id`.

    The office is copied: it must read the same after the signer's term has ended.
    """

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("document_version_id", "role", "unit_id"),
        CheckConstraint("content_id ~ '^[0-9a-f]{64}$'", name="content_id_is_sha256"),
        CheckConstraint("(delegation_id IS NULL) = (principal_name IS NULL)", name="principal_if_delegated"),
        Index("ix_signature_person", "person_id", text("signed_at DESC")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    document_version_id: Mapped[UUID] = mapped_column(ForeignKey("document_version.id"))
    content_id: Mapped[str]
    role: Mapped[SignatureRole] = enum_column(SignatureRole)
    method: Mapped[SignatureMethod] = enum_column(SignatureMethod)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    unit_name: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    signer_name: Mapped[str]
    title: Mapped[str]
    capacity: Mapped[Capacity] = enum_column(Capacity)
    body: Mapped[str]
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegation.id"))
    principal_name: Mapped[str | None]
    principal_title: Mapped[str | None]
    basis: Mapped[str | None]
    signed_at: Mapped[UtcTime]
    op_id: Mapped[UUID | None]

    @property
    def authority(self) -> list[str]:
        """The lines above the name (quyền hạn, chức vụ của người ký), by Decree 30/2020."""
        return authority_lines(self.capacity, self.body, self.title, self.principal_title)


for _statement in ddl.STATEMENTS:
    # DDL() expands percent signs; ours belong to RAISE.
    _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    event.listen(Base.metadata.tables["signature"], "after_create", _ddl)


def authority_lines(capacity: Capacity, body: str, title: str, principal_title: str | None) -> list[str]:
    """The lines above a signer's name, upper case, in printing order.

    "TM. BAN CHẤP HÀNH / CHỦ TỊCH"; "KT. CHỦ TỊCH / PHÓ CHỦ TỊCH"; a delegate signs under the power
    of his principal: "TM. BAN CHẤP HÀNH / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH".
    Source: Decree 30/2020/NĐ-CP, Annex I, part II, 7.
    """
    own = title.upper()
    for_body = [f"{Capacity.ON_BEHALF} {body.upper()}"] if body else []
    match capacity:
        case Capacity.ON_BEHALF | Capacity.DIRECT:
            return [*for_body, own]
        case _:
            return [
                *for_body,
                f"{capacity} {(principal_title or title).upper()}",
                *([own] if principal_title else []),
            ]
