"""Accounts: opening, choosing a password by a one-time link, signing in, the signing PIN.

What counts tries opens its own transaction: a refusal rolls the caller's back, and a counter
that is rolled back counts nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.organisations import passwords
from workflow_app.organisations.errors import (
    CodeTaken,
    PinRefused,
    SignInRefused,
    TicketRefused,
    TooManyTries,
)
from workflow_app.organisations.models.accounts import Account, AccountTicket, SignInFailure, TicketKind
from workflow_app.organisations.models.people import Person
from workflow_app.organisations.people import person_of
from workflow_app.organisations.web_sessions import revoke_all

FREE_TRIES = 5
PIN_TRIES = 5
_WINDOW = timedelta(minutes=15)
_LONGEST_DELAY = timedelta(minutes=15)
_RESET_LIFE = timedelta(minutes=30)
_INVITATION_LIFE = timedelta(days=7)
_KEEP_FAILURES = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in; must_change: he has to choose another password before anything else."""

    person_id: UUID
    must_change: bool


def open_account(
    session: Session, person_id: UUID, *, username: str, at: datetime, password: str | None = None
) -> Account:
    """An account for a person; without a password he chooses one by an invitation.

    Raises NotFound, CodeTaken, Invalid.
    """
    person = person_of(session, person_id)
    name = _username(username)
    taken = sa.select(Account.person_id).where(
        sa.or_(Account.username == name, Account.person_id == person_id)
    )
    if session.scalar(taken) is not None:
        raise CodeTaken(
            f"user name or person {person_id} has an account", vi="Tên đăng nhập này đã có người dùng."
        )
    account = Account(person_id=person_id, username=name, created_at=at, person=person)
    if password is not None:
        _choose(account, person, password, at)
    session.add(account)
    session.flush()
    return account


def set_password(session: Session, person_id: UUID, *, password: str, at: datetime) -> None:
    """A new password; every session of the person ends. Raises NotFound, Invalid."""
    account = account_of(session, person_id)
    _choose(account, person_of(session, person_id), password, at)
    account.must_change_password = False
    revoke_all(session, person_id, at=at)
    session.flush()


def set_pin(session: Session, person_id: UUID, *, pin: str) -> None:
    """A new signing PIN, with a fresh count of tries. Raises NotFound, Invalid."""
    if (sentence := passwords.pin_weakness(pin)) is not None:
        raise Invalid([FieldError("pin", sentence)], "weak PIN refused")
    account = account_of(session, person_id)
    account.pin_hash, account.pin_failures = passwords.hash_pin(pin), 0
    session.flush()


def close_account(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Nobody signs in with it any more; its sessions end. Raises NotFound."""
    account_of(session, person_id).active = False
    revoke_all(session, person_id, at=at)
    session.flush()


def account_of(session: Session, person_id: UUID) -> Account:
    """The person's account; raises NotFound."""
    account = session.get(Account, person_id)
    if account is None:
        raise NotFound(f"person {person_id} has no account")
    return account


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


def sign_in(username: str, password: str, *, address: str, at: datetime) -> SignedIn:
    """Checks name and password, in transactions of its own.

    address: where the request came from. After 5 failures in 15 minutes by name or by address
    each further one doubles the wait. Raises SignInRefused, TooManyTries.
    """
    key = passwords.digest(vietnamese.fold(username)[:200])
    with transaction() as session:
        _wait_over(session, key, address, at)
        # Counted before it is checked: guesses at the same moment count too.
        session.add(SignInFailure(name_digest=key, address=address, at=at))
        account = session.scalar(sa.select(Account).where(Account.username == vietnamese.fold(username)))
    stored = account.password if account and account.active else None
    # Outside any transaction: a hash takes 0.1 s of CPU and must not hold a connection.
    if not passwords.password_matches(stored, password) or account is None:
        raise SignInRefused(f"sign-in refused for name digest {key[:8]}")
    with transaction() as session:
        session.execute(sa.delete(SignInFailure).where(SignInFailure.name_digest == key))
        renewed = {"password": passwords.hash_password(password)} if _outdated(stored) else {}
        change = sa.update(Account).where(Account.person_id == account.person_id)
        session.execute(change.values(last_sign_in_at=at, **renewed))
    return SignedIn(account.person_id, account.must_change_password)


def prove_pin(person_id: UUID, pin: str, *, at: datetime) -> None:
    """Checks the signing PIN, in transactions of its own: before the act that it allows.

    A try is counted before it is checked, so that guesses at the same moment count too.
    Raises PinRefused: wrong, locked after 5, or never set.
    """
    with transaction() as session:
        counted = (
            sa.update(Account)
            .where(Account.person_id == person_id, Account.pin_failures < PIN_TRIES, Account.active)
            .values(pin_failures=Account.pin_failures + 1)
            .returning(Account.pin_hash)
        )
        stored = session.scalar(counted)
    if not passwords.pin_matches(stored, pin):
        raise PinRefused(f"PIN of person {person_id} refused at {at:%Y-%m-%dT%H:%MZ}")
    with transaction() as session:
        session.execute(sa.update(Account).where(Account.person_id == person_id).values(pin_failures=0))


def forget_old_failures(session: Session, *, at: datetime) -> int:
    """Deletes failures older than 90 days: addresses are personal data. Returns how many."""
    old = sa.delete(SignInFailure).where(SignInFailure.at < at - _KEEP_FAILURES).returning(SignInFailure.id)
    return len(session.scalars(old).all())


def _wait_over(session: Session, key: str, address: str, at: datetime) -> None:
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))
    for column, value in ((SignInFailure.name_digest, key), (SignInFailure.address, address)):
        query = sa.select(sa.func.count(), sa.func.max(SignInFailure.at))
        count, last = session.execute(query.where(column == value, SignInFailure.at > at - _WINDOW)).one()
        # One address may be a whole office behind a router: it gets four times the tries.
        free = FREE_TRIES if column is SignInFailure.name_digest else 4 * FREE_TRIES
        if count < free:
            continue
        delay = min(timedelta(seconds=30) * 2 ** min(count - free, 10), _LONGEST_DELAY)
        if at < last + delay:
            seconds = int((last + delay - at).total_seconds()) + 1
            raise TooManyTries(f"{count} failures for {column.key} {value[:8]}", retry_after=seconds)


def _outdated(stored: str | None) -> bool:
    return stored is not None and passwords.needs_rehash(stored)


def _choose(account: Account, person: Person, password: str, at: datetime) -> None:
    personal = (account.username, person.full_name, person.phone, person.email.partition("@")[0])
    if (sentence := passwords.password_weakness(password, personal=personal)) is not None:
        raise Invalid([FieldError("password", sentence)], "weak password refused")
    account.password, account.password_changed_at = passwords.hash_password(password), at


def _username(typed: str) -> str:
    name = vietnamese.fold(typed).replace(" ", "")
    if not 3 <= len(name) <= 64 or not all(char.isalnum() or char in "._-@" for char in name):
        sentence = "Tên đăng nhập gồm 3 đến 64 chữ, số hoặc dấu . _ - (không dấu)."
        raise Invalid([FieldError("username", sentence)])
    return name


def prove_secret(person_id: UUID, secret: str, *, at: datetime) -> None:
    """Checks the PIN, or the password of a person who has no PIN: asked again before a signature.

    In transactions of its own, counted like `prove_pin`. Raises PinRefused.
    """
    with transaction() as session:
        counted = (
            sa.update(Account)
            .where(Account.person_id == person_id, Account.pin_failures < PIN_TRIES, Account.active)
            .values(pin_failures=Account.pin_failures + 1)
            .returning(Account.pin_hash, Account.password)
        )
        pin, password = session.execute(counted).one_or_none() or (None, None)
    holds = passwords.pin_matches(pin, secret) if pin else passwords.password_matches(password, secret)
    if not holds:
        raise PinRefused(f"secret of person {person_id} refused at {at:%Y-%m-%dT%H:%MZ}")
    with transaction() as session:
        session.execute(sa.update(Account).where(Account.person_id == person_id).values(pin_failures=0))
