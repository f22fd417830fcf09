"""Accounts: opening, closing, choosing a password also by a one-time link, the signing PIN."""

import itertools
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.organisations import passwords
from workflow_app.organisations.errors import AccountExists, CodeTaken, TicketRefused
from workflow_app.organisations.models.accounts import Account, AccountTicket, ApiToken, TicketKind
from workflow_app.organisations.models.people import Person
from workflow_app.organisations.people import person_of
from workflow_app.organisations.signing_in import (
    FREE_TRIES,
    PIN_TRIES,
    SignedIn,
    forgive_failures,
    prove_pin,
    prove_secret,
    sign_in,
)
from workflow_app.organisations.web_sessions import revoke_all

__all__ = [
    "FREE_TRIES",
    "PIN_TRIES",
    "SignedIn",
    "account_of",
    "close_account",
    "end_everything",
    "give_password",
    "make_ticket",
    "open_account",
    "propose_username",
    "prove_pin",
    "prove_secret",
    "reset_pin",
    "set_password",
    "set_pin",
    "sign_in",
    "use_ticket",
]

_SHORTEST_NAME = 3
_RESET_LIFE = timedelta(minutes=30)
_INVITATION_LIFE = timedelta(days=7)


def open_account(
    session: Session, person_id: UUID, *, username: str, at: datetime, password: str | None = None
) -> Account:
    """An account for a person; without a password he chooses one by an invitation.

    Raises NotFound, CodeTaken, Invalid.
    """
    person = person_of(session, person_id)
    name = _username(username)
    # Opening is rare: one at a time, so that two administrators cannot give out one name.
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("account.opened", 0))))
    if session.get(Account, person_id) is not None:
        raise AccountExists(f"person {person_id} has an account")
    if session.scalar(sa.select(Account.person_id).where(Account.username == name)) is not None:
        raise CodeTaken(f"user name taken, for person {person_id}", vi="Tên đăng nhập này đã có người dùng.")
    account = Account(person_id=person_id, username=name, created_at=at, person=person)
    if password is not None:
        _choose(account, person, password, at)
    session.add(account)
    session.flush()
    return account


def set_password(session: Session, person_id: UUID, *, password: str, at: datetime) -> None:
    """A new password of the person's own; every session ends and no failure before counts any more.

    Raises NotFound, Invalid.
    """
    account = account_of(session, person_id)
    if account.must_change_password and passwords.password_matches(account.password, password):
        # Else whoever handed it over would go on knowing it.
        sentence = "Mật khẩu mới phải khác mật khẩu đã được cấp. Hãy tự chọn một câu dễ nhớ."
        raise Invalid([FieldError("password", sentence)], "given password kept")
    _choose(account, person_of(session, person_id), password, at)
    account.must_change_password, account.first_password_until = False, None
    revoke_all(session, person_id, at=at)
    forgive_failures(session, account)
    session.flush()


def give_password(
    session: Session, person_id: UUID, *, password: str, until: datetime, at: datetime
) -> Account:
    """A password that somebody else chose: good for signing in until then, and for choosing another one.

    Everything that was begun with the old one ends: sessions, tokens, waits. Raises NotFound, Invalid.
    """
    account = account_of(session, person_id)
    _choose(account, person_of(session, person_id), password, at)
    account.must_change_password, account.first_password_until = True, until
    end_everything(session, person_id, at=at)
    forgive_failures(session, account)
    session.flush()
    return account


def set_pin(session: Session, person_id: UUID, *, pin: str) -> None:
    """A new signing PIN, with a fresh count of tries. Raises NotFound, Invalid."""
    if (sentence := passwords.pin_weakness(pin)) is not None:
        raise Invalid([FieldError("pin", sentence)], "weak PIN refused")
    account = account_of(session, person_id)
    account.pin_hash, account.pin_failures = passwords.hash_pin(pin), 0
    session.flush()


def reset_pin(session: Session, person_id: UUID) -> None:
    """Takes the signing PIN away: nothing is signed before its owner has set another. Raises NotFound."""
    account = account_of(session, person_id)
    # Without a PIN the password would do; spent tries keep that door shut until `set_pin`.
    account.pin_hash, account.pin_failures = None, PIN_TRIES
    session.flush()


def close_account(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Nobody signs in with it any more; its sessions and tokens end for good. Raises NotFound."""
    account_of(session, person_id).active = False
    end_everything(session, person_id, at=at)
    session.flush()


def end_everything(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Signs the person out everywhere: browsers and programs."""
    revoke_all(session, person_id, at=at)
    tokens = sa.update(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    session.execute(tokens.values(revoked_at=at))


def account_of(session: Session, person_id: UUID) -> Account:
    """The person's account; raises NotFound."""
    account = session.get(Account, person_id)
    if account is None:
        raise NotFound(f"person {person_id} has no account")
    return account


def propose_username(session: Session, full_name: str) -> str:
    """A free user name: given name and the first letters of the others, "Trần Quốc Bảo" -> "baotq".

    With a number from 2 on when somebody has it already.
    """
    *others, given = vietnamese.search_words(full_name) or ("",)
    base = f"{given}{''.join(word[0] for word in others)}"[:60]
    base = base if len(base) >= _SHORTEST_NAME else f"{base}{'0' * (_SHORTEST_NAME - len(base) - 1)}1"
    taken = set(session.scalars(sa.select(Account.username).where(Account.username.like(f"{base}%"))))
    numbered = (base if number == 1 else f"{base}{number}" for number in itertools.count(1))
    return next(name for name in numbered if name not in taken)


def make_ticket(session: Session, person_id: UUID, *, kind: TicketKind, at: datetime) -> str:
    """The secret of a one-time link: 30 minutes for a reset, 7 days for an invitation."""
    account_of(session, person_id)
    secret = passwords.new_secret()
    life = _RESET_LIFE if kind is TicketKind.RESET else _INVITATION_LIFE
    session.add(
        AccountTicket(
            id=passwords.digest(secret), person_id=person_id, kind=kind, made_at=at, expires_at=at + life
        )
    )
    session.flush()
    return secret


def use_ticket(session: Session, secret: str, *, password: str, at: datetime) -> UUID:
    """Chooses a password by a one-time link; the PIN and second factors stay. Raises TicketRefused, Invalid."""
    query = sa.select(AccountTicket).where(AccountTicket.id == passwords.digest(secret)).with_for_update()
    ticket = session.scalar(query)
    if ticket is None or ticket.used_at is not None or ticket.expires_at <= at:
        raise TicketRefused("ticket unknown, used or expired")
    set_password(session, ticket.person_id, password=password, at=at)
    ticket.used_at = at
    session.flush()
    return ticket.person_id


def _choose(account: Account, person: Person, password: str, at: datetime) -> None:
    personal = (account.username, person.full_name, person.phone, person.email.partition("@")[0])
    if (sentence := passwords.password_weakness(password, personal=personal)) is not None:
        raise Invalid([FieldError("password", sentence)], "weak password refused")
    account.password, account.password_changed_at = passwords.hash_password(password), at


def _username(typed: str) -> str:
    name = vietnamese.fold(typed).replace(" ", "")
    if not _SHORTEST_NAME <= len(name) <= 64 or not all(char.isalnum() or char in "._-@" for char in name):
        sentence = "Tên đăng nhập gồm 3 đến 64 chữ, số hoặc dấu . _ - (không dấu)."
        raise Invalid([FieldError("username", sentence)])
    return name
