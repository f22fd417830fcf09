"""Which nights have been kept house."""

from datetime import date

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import Base, UtcTime


class HousekeepingRun(Base):
    """One night's housekeeping (dọn dẹp hằng đêm): its row is what makes it happen once.

    night: the calendar day in Viet Nam on which it fell due. done: how many rows or files each chore removed.
    finished_at: None while it is at work, or when its worker died.
    """

    __tablename__ = "housekeeping_run"
    night: Mapped[date] = mapped_column(primary_key=True)
    started_at: Mapped[UtcTime]
    finished_at: Mapped[UtcTime | None]
    done: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
