"""Signed-in browsers: kept on the server, named by a secret in the cookie, revocable at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

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
) -> str:
    """A new session; returns the secret for the cookie, which is stored nowhere.

    Called at every sign-in and step-up: the id before it is never kept.
    """
    secret = passwords.new_secret()
    row = WebSession(id=passwords.digest(secret), person_id=person_id, data=data or {}, created_at=at)
    row.last_seen_at, row.expires_at = at, at + life
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


def sweep(session: Session, *, at: datetime) -> int:
    """Deletes sessions that ended more than a day ago; returns how many."""
    old = sa.delete(WebSession).where(WebSession.expires_at < at - timedelta(days=1)).returning(WebSession.id)
    return len(session.scalars(old).all())
