"""Signed-in browsers and tokens for programs."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.organisations.conftest import AT
from workflow_app.core.errors import Invalid, NotFound
from workflow_app.core.ids import new_id
from workflow_app.organisations import service, tokens, web_sessions
from workflow_app.organisations.errors import (
    SessionEnded,
    TokenRefused,
)
from workflow_app.organisations.models import ApiToken, WebSession


def test_a_session_ends_when_idle_when_old_and_when_revoked(session: Session, person: UUID) -> None:
    secret = web_sessions.start(session, person, at=AT, data={"seat": "x"})
    row = web_sessions.resume(session, secret, at=AT + timedelta(minutes=29))
    assert (row.person_id, row.data) == (person, {"seat": "x"})
    assert secret not in row.id
    with pytest.raises(SessionEnded):
        web_sessions.resume(session, secret, at=AT + timedelta(minutes=30))
    at = AT
    while at < AT + timedelta(hours=12) - timedelta(minutes=20):  # busy all day
        at += timedelta(minutes=20)
        assert web_sessions.touch(session, web_sessions.resume(session, secret, at=at), at=at)
    with pytest.raises(SessionEnded):
        web_sessions.resume(session, secret, at=AT + timedelta(hours=12))
    other = web_sessions.start(session, person, at=AT)
    web_sessions.revoke(session, other, at=AT)
    with pytest.raises(SessionEnded):
        web_sessions.resume(session, other, at=AT)


def test_a_session_is_written_at_most_once_a_minute(session: Session, person: UUID) -> None:
    secret = web_sessions.start(session, person, at=AT)
    row = web_sessions.resume(session, secret, at=AT)
    assert not web_sessions.touch(session, row, at=AT + timedelta(seconds=59))
    assert web_sessions.touch(session, row, at=AT + timedelta(seconds=60))


def test_every_sign_in_has_a_session_of_its_own(session: Session, person: UUID) -> None:
    assert web_sessions.start(session, person, at=AT) != web_sessions.start(session, person, at=AT)
    web_sessions.revoke_all(session, person, at=AT)
    assert not session.scalars(sa.select(WebSession).where(WebSession.revoked_at.is_(None))).all()
    assert web_sessions.sweep(session, at=AT + timedelta(hours=35)) == 0
    assert web_sessions.sweep(session, at=AT + timedelta(hours=37)) == 2


def test_closing_an_account_ends_its_sessions_and_tokens(session: Session, person: UUID) -> None:
    cookie = web_sessions.start(session, person, at=AT)
    _, secret = tokens.issue_token(session, person, name="excel", scopes=["read"], days=30, at=AT)
    service.close_account(session, person, at=AT)
    with pytest.raises(SessionEnded):
        web_sessions.resume(session, cookie, at=AT)
    with pytest.raises(TokenRefused):
        tokens.token_owner(session, secret, scope="read", at=AT)


def test_a_token_acts_within_its_scopes_until_its_end(session: Session, person: UUID) -> None:
    token, secret = tokens.issue_token(session, person, name="excel", scopes=["read"], days=30, at=AT)
    assert secret not in str(session.execute(sa.select(ApiToken.__table__)).all())
    assert secret.startswith(token.prefix)
    assert tokens.token_owner(session, secret, scope="read", at=AT) == person
    session.refresh(token)
    assert token.last_used_on == AT.date()
    for wrong, scope, at in (
        (secret, "write", AT),
        (secret, "read", AT + timedelta(days=30)),
        (secret + "x", "read", AT),
    ):
        with pytest.raises(TokenRefused):
            tokens.token_owner(session, wrong, scope=scope, at=at)
    with pytest.raises(NotFound):
        tokens.revoke_token(session, token.id, person_id=new_id(), at=AT)
    tokens.revoke_token(session, token.id, person_id=person, at=AT)
    with pytest.raises(TokenRefused):
        tokens.token_owner(session, secret, scope="read", at=AT)
    assert tokens.tokens_of(session, person) == [token]


@pytest.mark.parametrize(
    ("days", "scopes", "name"), [(0, ["read"], "x"), (367, ["read"], "x"), (1, [], "x"), (1, ["read"], " ")]
)
def test_a_token_needs_a_name_a_scope_and_an_end(
    session: Session, person: UUID, days: int, scopes: list[str], name: str
) -> None:
    with pytest.raises(Invalid):
        tokens.issue_token(session, person, name=name, scopes=scopes, days=days, at=AT)
