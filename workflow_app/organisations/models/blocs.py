"""Blocs and who belongs to them, year by year."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import Base, enum_column
from workflow_app.core.ids import new_id
from workflow_app.organisations.models.periods import Dated, period_check


class BlocKind(StrEnum):
    """Khối or cụm: the same thing under two names."""

    BLOC = "bloc"
    CLUSTER = "cluster"


class Bloc(Dated, Base):
    """An emulation bloc or cluster (khối thi đua, cụm thi đua) of one federation."""

    __tablename__ = "bloc"
    __table_args__ = (UniqueConstraint("federation_id", "code"), period_check())
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    federation_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str]
    kind: Mapped[BlocKind] = enum_column(BlocKind, default=BlocKind.BLOC)
    name: Mapped[str]
    symbol: Mapped[str] = mapped_column(default="")
    basis: Mapped[str] = mapped_column(default="")
    end_basis: Mapped[str] = mapped_column(default="")


class BlocName(Dated, Base):
    """What a bloc was called, and its symbol, while they stayed the same; the bloc itself carries today's."""

    __tablename__ = "bloc_name"
    __table_args__ = (period_check(), Index("ix_bloc_name_bloc", "bloc_id", "valid_from"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    bloc_id: Mapped[UUID] = mapped_column(ForeignKey("bloc.id"))
    name: Mapped[str]
    symbol: Mapped[str] = mapped_column(default="")
    basis: Mapped[str] = mapped_column(default="")


class BlocMember(Dated, Base):
    """One unit in one bloc for one emulation year; leader and deputy are units (khối trưởng, khối phó).

    The period is about this year's list: a list for 2026 decided in December 2025 holds from then on.
    """

    __tablename__ = "bloc_member"
    __table_args__ = (
        period_check(),
        CheckConstraint("NOT (is_leader AND is_deputy)", name="one_duty"),
        CheckConstraint("position >= 1", name="position"),
        Index("ix_bloc_member_list", "bloc_id", "year", "position"),
        Index("ix_bloc_member_unit", "unit_id", "year"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    bloc_id: Mapped[UUID] = mapped_column(ForeignKey("bloc.id"))
    year: Mapped[int]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    position: Mapped[int]
    is_leader: Mapped[bool] = mapped_column(default=False)
    is_deputy: Mapped[bool] = mapped_column(default=False)
    basis: Mapped[str] = mapped_column(default="")
    end_basis: Mapped[str] = mapped_column(default="")
