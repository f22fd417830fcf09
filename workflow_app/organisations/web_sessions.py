"""Signed-in browsers: kept on the server, named by a secret in the cookie, revocable at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.errors import NotFound
from workflow_app.organisations import passwords
from workflow_app.organisations.errors import SessionEnded
from workflow_app.organisations.models.accounts import Account, WebSession

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
_TOUCH_EVERY = timedelta(minutes=1)  # reading pages must not write a row each time


def start(
    session: Session,
    person_id: UUID,
    *,
    at: datetime,
    life: timedelta = ABSOLUTE,
    data: dict[str, Any] | None = None,
    device: str = "",
) -> str:
    """A new session; returns the secret for the cookie, which is stored nowhere.

    device: program and system in words, for its owner. Called at every sign-in and step-up: the id before it is never kept.
    """
    secret = passwords.new_secret()
    row = WebSession(id=passwords.digest(secret), person_id=person_id, data=data or {}, device=device)
    row.created_at, row.last_seen_at, row.expires_at = at, at, at + life
    session.add(row)
    session.flush()
    return secret


def resume(session: Session, secret: str, *, at: datetime, idle: timedelta = IDLE) -> WebSession:
    """The session of a cookie; raises SessionEnded when idle too long, over, revoked or unknown."""
    query = (
        sa.select(WebSession)
        .join(Account, Account.person_id == WebSession.person_id)
        .where(WebSession.id == passwords.digest(secret), Account.active)
    )
    row = session.scalar(query)
    if row is None or row.revoked_at is not None or at >= row.expires_at or at - row.last_seen_at >= idle:
        raise SessionEnded("session unknown or over")
    return row


def touch(session: Session, row: WebSession, *, at: datetime) -> bool:
    """Notes that the person is still there, at most once a minute; returns whether it wrote."""
    if at - row.last_seen_at < _TOUCH_EVERY:
        return False
    session.execute(sa.update(WebSession).where(WebSession.id == row.id).values(last_seen_at=at))
    return True


def revoke(session: Session, secret: str, *, at: datetime) -> None:
    """Signing out; an unknown session is signed out already."""
    query = sa.update(WebSession).where(
        WebSession.id == passwords.digest(secret), WebSession.revoked_at.is_(None)
    )
    session.execute(query.values(revoked_at=at))


def revoke_all(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Ends every session of a person: new password, closed account, lost phone."""
    query = sa.update(WebSession).where(WebSession.person_id == person_id, WebSession.revoked_at.is_(None))
    session.execute(query.values(revoked_at=at))


def open_sessions(
    session: Session, person_id: UUID, *, at: datetime, idle: timedelta = IDLE
) -> list[WebSession]:
    """The person's sessions that would still be resumed, last used first."""
    query = sa.select(WebSession).where(WebSession.person_id == person_id, *_alive(at, idle))
    return list(session.scalars(query.order_by(WebSession.last_seen_at.desc(), WebSession.id)))


def end_one(session: Session, person_id: UUID, session_id: str, *, at: datetime) -> None:
    """Ends one session of the person; raises NotFound for somebody else's, over or unknown."""
    query = sa.update(WebSession).where(
        WebSession.id == session_id, WebSession.person_id == person_id, WebSession.revoked_at.is_(None)
    )
    if session.scalar(query.values(revoked_at=at).returning(WebSession.id)) is None:
        raise NotFound(f"no open session {session_id[:8]} of person {person_id}")


def end_others(session: Session, person_id: UUID, *, but: str, at: datetime, idle: timedelta = IDLE) -> int:
    """Ends every session of the person except one; returns how many were still good."""
    query = sa.update(WebSession).where(
        WebSession.person_id == person_id, WebSession.id != but, *_alive(at, idle)
    )
    return len(session.scalars(query.values(revoked_at=at).returning(WebSession.id)).all())


def sweep(session: Session, *, at: datetime) -> int:
    """Deletes sessions that ended more than a day ago; returns how many."""
    old = sa.delete(WebSession).where(WebSession.expires_at < at - timedelta(days=1)).returning(WebSession.id)
    return len(session.scalars(old).all())


def _alive(at: datetime, idle: timedelta) -> tuple[sa.ColumnElement[bool], ...]:
    """As `resume` decides."""
    return (
        WebSession.revoked_at.is_(None),
        WebSession.expires_at > at,
        WebSession.last_seen_at > at - idle,
    )
