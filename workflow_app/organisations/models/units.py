"""Units and their dated places in the tree."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import Base, UtcTime
from workflow_app.core.ids import new_id
from workflow_app.organisations.models.periods import Dated, period_check


class UnitKind(Dated, Base):
    """A kind of union body (loại hình), e.g. công đoàn cơ sở; dated, for the law changes them."""

    __tablename__ = "unit_kind"
    __table_args__ = (period_check(),)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Unit(Base):
    """Any union body (đơn vị). What can change about it stands in its periods."""

    __tablename__ = "unit"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)


class Reorganisation(Base):
    """One decision that changed the tree, with one effective date (sắp xếp tổ chức)."""

    __tablename__ = "reorganisation"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    effective: Mapped[date]
    basis: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[UtcTime]


class UnitPeriod(Dated, Base):
    """Name, place in the tree and letterhead of a unit while they stay the same."""

    __tablename__ = "unit_period"
    __table_args__ = (
        period_check(),
        CheckConstraint("parent_id <> unit_id", name="own_parent"),
        Index("uq_unit_period_open", "unit_id", unique=True, postgresql_where="valid_to IS NULL"),
        Index("ix_unit_period_unit", "unit_id", "valid_from"),
        Index("ix_unit_period_parent", "parent_id", "valid_from"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[str] = mapped_column(ForeignKey("unit_kind.code"))
    letterhead_parent: Mapped[str] = mapped_column(default="")
    letterhead_name: Mapped[str] = mapped_column(default="")
    symbol: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    fold: Mapped[str]
    sort_key: Mapped[str] = mapped_column(Text(collation="C"))  # bytes decide, so every server sorts alike
    basis: Mapped[str] = mapped_column(default="")
    opened_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("reorganisation.id"))
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("reorganisation.id"))


class UnitSuccession(Base):
    """Which unit took over the people and papers of an ended one (sáp nhập, hợp nhất)."""

    __tablename__ = "unit_succession"
    __table_args__ = (CheckConstraint("from_unit_id <> to_unit_id", name="other_unit"),)
    from_unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    to_unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    on_date: Mapped[date]
    basis: Mapped[str]
