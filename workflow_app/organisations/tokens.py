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
from workflow_app.organisations.roles import ROLES, Place
from workflow_app.organisations.types import Actor

_MARK = "gu"  # lets secret scanners and people recognise a token of ours
SCOPES = ("read", "write")
_LONGEST_NAME = 80


def issue_token(
    session: Session,
    person_id: UUID,
    *,
    name: str,
    scopes: Iterable[str],
    days: int,
    at: datetime,
    longest: int = 366,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown once.

    days: 1 to `longest`, which is the setting `api.token_max_days` for people. Raises Invalid.
    """
    granted = sorted(set(scopes))
    if errors := _errors(name, granted, days, longest):
        raise Invalid(errors)
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


def revoke_token(session: Session, token_id: UUID, *, person_id: UUID, at: datetime) -> bool:
    """Ends a token of the person; False when it was revoked before. Raises NotFound for somebody else's."""
    token = session.scalar(
        sa.select(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == person_id).with_for_update()
    )
    if token is None:
        raise NotFound(f"no token {token_id} of person {person_id}")
    if token.revoked_at is not None:
        return False
    token.revoked_at = at
    session.flush()
    return True


def may_have_tokens(actor: Actor, whom: str) -> bool:
    """Whether the person may make tokens; whom: the setting `api.token_holders`.

    By an office of his own: what somebody lent him for a while must not outlive the loan.
    """
    own = [seat for seat in actor.seats if seat.delegation_id is None]
    if whom == "federation":
        return any(
            ROLES[role].place is Place.FEDERATION for seat in own for role in seat.roles & ROLES.keys()
        )
    return whom == "everybody" and bool(own)


def tokens_of(session: Session, person_id: UUID) -> list[ApiToken]:
    """The person's tokens, newest first."""
    query = sa.select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.created_at.desc())
    return list(session.scalars(query))


def valid_tokens(session: Session, person_id: UUID, *, at: datetime) -> list[ApiToken]:
    """Those that would be accepted now, newest first."""
    return [t for t in tokens_of(session, person_id) if t.revoked_at is None and t.expires_at > at]


def forget_old_tokens(session: Session, *, before: datetime) -> int:
    """Deletes tokens that were over before that; the record keeps that they were issued and revoked."""
    over = sa.func.least(ApiToken.expires_at, ApiToken.revoked_at)
    old = sa.delete(ApiToken).where(over < before).returning(ApiToken.id)
    return len(session.scalars(old).all())


def _errors(name: str, scopes: list[str], days: int, longest: int) -> list[FieldError]:
    errors = []
    if not vietnamese.clean_line(name) or len(name) > _LONGEST_NAME:
        errors.append(
            FieldError("name", f"Đặt tên để nhận ra mã này sau này, không quá {_LONGEST_NAME} ký tự.")
        )
    if not scopes or not set(scopes) <= set(SCOPES):
        errors.append(FieldError("scope", "Chọn ít nhất một quyền: chỉ đọc, hoặc đọc và làm việc."))
    if not 1 <= days <= longest:
        errors.append(FieldError("days", f"Thời hạn là số ngày từ 1 đến {longest}."))
    return errors
