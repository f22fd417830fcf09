"""Definitions and the instances that run on them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import Base, UtcTime, enum_column
from workflow_app.core.ids import new_id
from workflow_app.engine.models.states import ALIVE, DefinitionStatus, InstanceStatus
from workflow_app.organisations.types import Scope


class ProcessDefinition(Base):
    """One version of a diagram; its XML never changes (a trigger repeats that)."""

    __tablename__ = "process_definition"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        Index("uq_process_definition_active", "key", unique=True, postgresql_where=text("status = 'active'")),
        CheckConstraint("version >= 1", name="version_from_one"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    status: Mapped[DefinitionStatus] = enum_column(DefinitionStatus, default=DefinitionStatus.DRAFT)
    deployed_by: Mapped[UUID | None]
    deployed_at: Mapped[UtcTime]
    activated_by: Mapped[UUID | None]
    activated_at: Mapped[UtcTime | None]
    retired_at: Mapped[UtcTime | None]


class ProcessInstance(Base):
    """One running process: whom it concerns, where it stands.

    rev: number of acts on it; each has one audit event with that `stream_seq`.
    business_type, business_id: the domain row it moves; children share their parent's.
    state: compressed engine state without the diagram. root_id: the topmost ancestor, or itself.
    run: 1, and one more each time a child is opened again for the same item.
    The units of the scope have no foreign keys: units are never deleted, and every start would lock their rows.
    """

    __tablename__ = "process_instance"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"), index=True)
    process_key: Mapped[str]
    business_type: Mapped[str]
    business_id: Mapped[UUID]
    title: Mapped[str]
    federation_id: Mapped[UUID]
    bloc_id: Mapped[UUID | None]
    year: Mapped[int | None]
    unit_id: Mapped[UUID | None]
    leader_unit_id: Mapped[UUID | None]
    deputy_unit_id: Mapped[UUID | None]
    root_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("process_instance.id"))
    parent_task_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_task.id", use_alter=True))
    parent_element: Mapped[str | None]
    item_key: Mapped[str | None]
    run: Mapped[int] = mapped_column(default=1)
    rev: Mapped[int] = mapped_column()
    engine: Mapped[str]
    state: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[InstanceStatus] = enum_column(InstanceStatus, default=InstanceStatus.RUNNING)
    outcome: Mapped[str | None]
    open_incidents: Mapped[int] = mapped_column(default=0)
    open_children: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[UUID | None]
    started_at: Mapped[UtcTime]
    suspended_at: Mapped[UtcTime | None]
    ended_at: Mapped[UtcTime | None]
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("(status IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(status = 'suspended') = (suspended_at IS NOT NULL)", name="suspended"),
        CheckConstraint("status <> 'cancelled' OR reason IS NOT NULL", name="cancelled_for_a_reason"),
        CheckConstraint(
            "(parent_id IS NULL) = (parent_task_id IS NULL)"
            " AND (parent_id IS NULL) = (item_key IS NULL) AND (parent_id IS NULL) = (root_id = id)",
            name="child_of_an_item",
        ),
        CheckConstraint("rev >= 1 AND run >= 1", name="counts_from_one"),
        CheckConstraint("open_incidents >= 0 AND open_children >= 0", name="counts"),
        Index("ix_process_instance_business", "business_type", "business_id"),
        Index("ix_process_instance_children", "parent_task_id", "item_key", "run"),
        Index(
            "uq_process_instance_one_open_run",
            "parent_task_id",
            "item_key",
            unique=True,
            postgresql_where=text("status IN ('running', 'suspended') AND parent_task_id IS NOT NULL"),
        ),
        Index("ix_process_instance_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index(
            "ix_process_instance_alive_root",
            "root_id",
            postgresql_where=text("status IN ('running', 'suspended')"),
        ),
        Index(
            "ix_process_instance_mine",
            "started_by",
            "started_at",
            "id",
            postgresql_where=text("status IN ('running', 'suspended') AND parent_id IS NULL"),
        ),
        Index(
            "ix_process_instance_incidents",
            "federation_id",
            postgresql_where=text("open_incidents > 0"),
        ),
        {"postgresql_with": {"fillfactor": 80}},  # room on the page: a step then changes no index
    )
    __mapper_args__ = {"version_id_col": rev, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy reads it

    @property
    def alive(self) -> bool:
        return self.status in ALIVE

    @property
    def scope(self) -> Scope:
        """Whom the instance concerns: decides which unit stands behind a role."""
        return Scope(
            federation_id=self.federation_id,
            bloc_id=self.bloc_id,
            year=self.year,
            unit_id=self.unit_id,
            leader_unit_id=self.leader_unit_id,
            deputy_unit_id=self.deputy_unit_id,
        )


class ProcessNote(Base):
    """The reason that somebody gave for an act on an instance; the audit event of `rev` holds its digest."""

    __tablename__ = "process_note"
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    rev: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    text: Mapped[str]
    written_by: Mapped[UUID | None]
    written_at: Mapped[UtcTime]
