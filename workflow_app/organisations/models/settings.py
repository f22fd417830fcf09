"""Dated reference values: everything that a decision of the federation may change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import AwareTime, Base
from workflow_app.core.ids import new_id
from workflow_app.organisations.models.periods import Dated, period_check


class DatedSetting(Dated, Base):
    """One value of one known key, for a unit and all below it (unit_id NULL = everybody).

    confirmed: False marks a default of ours that nobody of the union has checked ("cần xác nhận").
    replaced_at: when the row was corrected by another one for the same days; only rows without it hold.
    """

    __tablename__ = "dated_setting"
    __table_args__ = (period_check(), Index("ix_dated_setting_key", "key", "unit_id", "valid_from"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    value: Mapped[Any] = mapped_column(JSONB)
    legal_basis: Mapped[str] = mapped_column(default="")
    confirmed: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime | None] = mapped_column(AwareTime)
    replaced_at: Mapped[datetime | None] = mapped_column(AwareTime)
