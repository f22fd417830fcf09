"""Accounts, sessions, tickets and tokens. Secrets are stored as digests only."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow_app.core.database import Base, UtcTime, enum_column
from workflow_app.core.ids import new_id
from workflow_app.organisations.models.people import Person


class Account(Base):
    """What a person signs in with (tài khoản); one each.

    The attribute names are those that Flask-Security looks for, so that the web can use it as its
    user model; nothing here imports Flask.
    pin_failures: wrong PINs in a row, 0 to 5; at 5 the PIN is locked until its owner sets another.
    first_password_until: the end of a password that somebody else has chosen; None once it is the owner's own.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("username = lower(username)", name="username_lower"),
        CheckConstraint("pin_failures BETWEEN 0 AND 5", name="pin_failures"),
    )
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str | None] = mapped_column("password_hash")
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True, default=lambda: uuid4().hex)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_changed_at: Mapped[UtcTime | None]
    first_password_until: Mapped[UtcTime | None]
    pin_hash: Mapped[str | None]
    pin_failures: Mapped[int] = mapped_column(default=0)
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    created_at: Mapped[UtcTime]
    last_sign_in_at: Mapped[UtcTime | None]
    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class TryOutcome(StrEnum):
    """forgiven: it failed, and does not count any more because the right password came after it."""

    FAILED = "failed"
    FORGIVEN = "forgiven"
    PASSED = "passed"


class SignInTry(Base):
    """A try to sign in (lần đăng nhập): the owner's security history, and what the waits are counted from.

    The only place where an address is stored; forgotten after the days that the settings say.
    name_digest: SHA-256 of the typed name; people type passwords into the wrong field.
    known_device: digest of the browser's mark, when this account had signed in from it before; such tries are
    counted apart from everybody else's. device: program and system, e.g. "Chrome, Windows".
    """

    __tablename__ = "sign_in_try"
    __table_args__ = (
        Index("ix_sign_in_try_name", "name_digest", "at", postgresql_where="outcome = 'failed'"),
        Index("ix_sign_in_try_address", "address", "at", postgresql_where="outcome = 'failed'"),
        Index("ix_sign_in_try_device", "known_device", "at", postgresql_where="outcome = 'failed'"),
        Index("ix_sign_in_try_person", "person_id", "at"),
        Index("ix_sign_in_try_at", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name_digest: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.person_id"))
    address: Mapped[str]
    device: Mapped[str] = mapped_column(default="")
    known_device: Mapped[str | None]
    outcome: Mapped[TryOutcome] = enum_column(TryOutcome, default=TryOutcome.FAILED)
    at: Mapped[UtcTime]


class WebSession(Base):
    """A signed-in browser (phiên đăng nhập). id: hex SHA-256 of the cookie's secret.

    device: program and system, as in SignInTry.
    """

    __tablename__ = "web_session"
    __table_args__ = (
        Index("ix_web_session_account", "person_id"),
        Index("ix_web_session_expiry", "expires_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("account.person_id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    device: Mapped[str] = mapped_column(default="")
    created_at: Mapped[UtcTime]
    last_seen_at: Mapped[UtcTime]
    expires_at: Mapped[UtcTime]
    revoked_at: Mapped[UtcTime | None]


class TicketKind(StrEnum):
    """Why a one-time link was made."""

    INVITATION = "invitation"
    RESET = "reset"


class AccountTicket(Base):
    """A one-time link to choose a password. id: hex SHA-256 of its secret."""

    __tablename__ = "account_ticket"
    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("account.person_id"), index=True)
    kind: Mapped[TicketKind] = enum_column(TicketKind)
    made_at: Mapped[UtcTime]
    expires_at: Mapped[UtcTime]
    used_at: Mapped[UtcTime | None]


class ApiToken(Base):
    """A token for programs (mã truy cập): acts as one person, within its scopes."""

    __tablename__ = "api_token"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("account.person_id"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    token_sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[UtcTime]
    expires_at: Mapped[UtcTime]
    revoked_at: Mapped[UtcTime | None]
    last_used_on: Mapped[date | None]
