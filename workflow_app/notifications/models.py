"""What people were told."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import Base, UtcTime, enum_column
from workflow_app.core.ids import new_id


class Notification(Base):
    """One sentence for one person (thông báo), with a place to go to.

    event_key: what it is about; the same event tells a person once.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("person_id", "event_key"),
        Index("ix_notification_list", "person_id", "id"),
        Index("ix_notification_unread", "person_id", postgresql_where="read_at IS NULL"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    event_key: Mapped[str]
    sentence: Mapped[str]
    target: Mapped[str]
    created_at: Mapped[UtcTime]
    read_at: Mapped[UtcTime | None]


class LetterState(StrEnum):
    """sending without an end means: the worker died between sending and noting it."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Letter(Base):
    """One e-mail to one person (thư điện tử); the row is the outbox and the proof."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("person_id", "event_key"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at_if_sent"),
        Index("ix_letter_open", "state", "created_at", postgresql_where="state <> 'sent'"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    event_key: Mapped[str]
    address: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    state: Mapped[LetterState] = enum_column(LetterState, default=LetterState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[UtcTime]
    sent_at: Mapped[UtcTime | None]


class CalendarFeed(Base):
    """A secret address under which a phone reads its owner's deadlines (lịch hạn)."""

    __tablename__ = "calendar_feed"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[UtcTime]
