"""The table of acts."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from workflow_app.audit import ddl
from workflow_app.audit.canonical import parse
from workflow_app.core.database import AwareTime, Base, UtcTime


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id; read as int."""

    cache_ok = True

    def get_col_spec(self, **options: Any) -> str:
        return "xid8"

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        return lambda value: None if value is None else int(value)


class AuditEvent(Base):
    """One act (sự kiện nhật ký): `body` is the truth, the other columns are its index.

    at: the application's time of the act, part of the body. recorded_at: the database's clock.
    stream_seq: the instance's revision after the act, from 1 without gaps.
    xid, epoch: for sealing in batches; a row of an unfinished transaction must not be passed over.
    leaf: SHA-256 of a zero byte and the body.
    There are no foreign keys: the record outlives what it tells of.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("octet_length(leaf) = 32", name="leaf_length"),
        CheckConstraint("stream_seq >= 1", name="stream_seq"),
        CheckConstraint("stream_seq IS NULL OR instance_id IS NOT NULL", name="stream_of_instance"),
        Index(
            "uq_audit_event_stream",
            "instance_id",
            "stream_seq",
            unique=True,
            postgresql_where="stream_seq IS NOT NULL",
        ),
        Index("uq_audit_event_op", "actor_id", "op_id", unique=True, postgresql_where="op_id IS NOT NULL"),
        Index("ix_audit_event_instance", "instance_id", "id", postgresql_where="instance_id IS NOT NULL"),
        Index("ix_audit_event_object", "object_id", "id"),
        Index("ix_audit_event_actor", "actor_id", "id"),
        Index("ix_audit_event_unit", "unit_id", "id", postgresql_where="unit_id IS NOT NULL"),
        Index("ix_audit_event_xid", "xid", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8, server_default=sa.text("pg_current_xact_id()"))
    epoch: Mapped[int] = mapped_column(SmallInteger, server_default=sa.text("1"))
    recorded_at: Mapped[datetime] = mapped_column(
        AwareTime, FetchedValue(), server_default=sa.text("clock_timestamp()")
    )
    at: Mapped[UtcTime]
    action: Mapped[str]
    actor_id: Mapped[UUID]
    seat_id: Mapped[UUID | None]
    unit_id: Mapped[UUID | None]
    on_behalf_of: Mapped[UUID | None]
    instance_id: Mapped[UUID | None]
    stream_seq: Mapped[int | None]
    object_type: Mapped[str]
    object_id: Mapped[UUID]
    doc_sha256: Mapped[str | None]
    op_id: Mapped[UUID | None]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def told(self) -> dict[str, Any]:
        """The body as values; raises NotCanonical when its bytes were changed."""
        return parse(self.body)

    @property
    def details(self) -> dict[str, Any]:
        """What the act decided: ids, codes, counts, digests."""
        return cast("dict[str, Any]", self.told["details"])


ddl.attach(cast("Table", AuditEvent.__table__))
