"""Tokens for programs: a person's rights, narrowed to scopes, with an end."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import clock, vietnamese
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.organisations import passwords
from workflow_app.organisations.errors import TokenRefused
from workflow_app.organisations.models.accounts import Account, ApiToken

_MARK = "gu"  # lets secret scanners and people recognise a token of ours
_LONGEST_DAYS = 366


def issue_token(
    session: Session, person_id: UUID, *, name: str, scopes: Iterable[str], days: int, at: datetime
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown once. days: 1 to 366. Raises Invalid."""
    granted = sorted(set(scopes))
    if not 1 <= days <= _LONGEST_DAYS or not granted or not name.strip():
        raise Invalid(
            [FieldError("days", "Hãy đặt tên, chọn ít nhất một quyền và thời hạn từ 1 đến 366 ngày.")]
        )
    secret = f"{_MARK}_{passwords.new_secret()}"
    token = ApiToken(
        person_id=person_id,
        name=vietnamese.clean_line(name),
        prefix=secret[:10],
        token_sha256=passwords.digest(secret),
        scopes=granted,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    return token, secret


def token_owner(session: Session, secret: str, *, scope: str, at: datetime) -> UUID:
    """The person a token acts for; raises TokenRefused: unknown, over, revoked, or without the scope."""
    query = (
        sa.select(ApiToken)
        .join(Account, Account.person_id == ApiToken.person_id)
        .where(ApiToken.token_sha256 == passwords.digest(secret), Account.active)
    )
    token = session.scalar(query)
    if token is None or token.revoked_at is not None or token.expires_at <= at or scope not in token.scopes:
        raise TokenRefused("token unknown, over, or without the scope")
    used = clock.local(at).date()
    if token.last_used_on != used:  # a day is enough to find tokens that nobody uses
        session.execute(sa.update(ApiToken).where(ApiToken.id == token.id).values(last_used_on=used))
    return token.person_id


def revoke_token(session: Session, token_id: UUID, *, person_id: UUID, at: datetime) -> None:
    """Ends a token of the person; raises NotFound for somebody else's."""
    token = session.scalar(
        sa.select(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == person_id)
    )
    if token is None:
        raise NotFound(f"no token {token_id} of person {person_id}")
    token.revoked_at = token.revoked_at or at
    session.flush()


def tokens_of(session: Session, person_id: UUID) -> list[ApiToken]:
    """The person's tokens, newest first."""
    query = sa.select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.created_at.desc())
    return list(session.scalars(query))
