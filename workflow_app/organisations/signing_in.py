"""Proving who one is: signing in, the password asked again, the signing PIN.

What counts tries opens its own transaction: a refusal rolls the caller's back, and a counter
that is rolled back counts nothing.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core import vietnamese
from workflow_app.core.database import transaction
from workflow_app.core.ids import new_id
from workflow_app.organisations import passwords
from workflow_app.organisations.errors import PinRefused, SignInRefused, TooManyTries
from workflow_app.organisations.models.accounts import Account, SignInTry, TryOutcome

FREE_TRIES = 5
PIN_TRIES = 5
# One address may be a whole office behind a router, or some hundred phones behind one of a network.
_ADDRESS_TRIES = 4 * FREE_TRIES
_WINDOW = timedelta(minutes=15)
_FIRST_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(minutes=15)
_LONGEST_ADDRESS_DELAY = timedelta(minutes=2)  # whoever shares it with a guesser must still get in


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in; must_change: he has to choose another password before anything else."""

    person_id: UUID
    must_change: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from.

    device: program and system in words, for the owner's history. marks: person -> the secret that this browser
    got when that person signed in from it before: his tries from here are counted apart, so that nobody who
    guesses at his name, or shares his address, can keep him out.
    """

    address: str
    device: str = ""
    marks: Mapping[UUID, str] | None = None


@dataclass(frozen=True, slots=True)
class _Try:
    """A counted try: its row, and the account as it stood; None for a name that nobody has."""

    id: UUID
    account: Account | None
    key: str
    known: str | None


def sign_in(username: str, password: str, *, address: str | Origin, at: datetime) -> SignedIn:
    """Checks name and password, in transactions of its own.

    After 5 failures in 15 minutes by name (20 by address) each further one doubles the wait, from half a minute
    to a quarter of an hour; a browser known to the account has a count of its own.
    Raises SignInRefused, also for a closed account and a first password whose time is over; TooManyTries.
    """
    origin = address if isinstance(address, Origin) else Origin(address)
    counted = _checked(username, password, origin, at)
    assert counted.account is not None  # noqa: S101 - for mypy: a name that nobody has was refused
    stored = counted.account.password
    with transaction() as session:
        _forgive(session, counted)
        passed = sa.update(SignInTry).where(SignInTry.id == counted.id)
        session.execute(passed.values(outcome=TryOutcome.PASSED))
        renewed = {"password": passwords.hash_password(password)} if _outdated(stored) else {}
        # Only while it is still the same password: a reset at this moment must not be undone.
        change = sa.update(Account).where(
            Account.person_id == counted.account.person_id, Account.password == stored, Account.active
        )
        changed = change.values(last_sign_in_at=at, **renewed).returning(Account.must_change_password)
        must_change = session.scalar(changed)
        if must_change is None:
            raise SignInRefused(f"the account of name digest {counted.key[:8]} changed meanwhile")
    return SignedIn(counted.account.person_id, must_change)


def prove_password(username: str, password: str, *, origin: Origin, at: datetime) -> None:
    """The password asked again before an act; a failure counts as one of signing in, a success is no sign-in.

    Raises SignInRefused, TooManyTries.
    """
    counted = _checked(username, password, origin, at)
    with transaction() as session:
        _forgive(session, counted)
        session.execute(sa.delete(SignInTry).where(SignInTry.id == counted.id))


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


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 one as it is, an IPv6 one by its /64, which belongs to one customer.

    Anything else is kept as it came, shortened to 64 characters.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def forgive_failures(session: Session, account: Account) -> int:
    """Nobody waits any more for the failures of this name; how many there were.

    The failures of an address stay: they may be somebody's who guesses at many names.
    """
    return _forgive_where(session, SignInTry.name_digest == _key(account.username))


def has_to_wait(session: Session, person_ids: set[UUID], *, at: datetime) -> set[UUID]:
    """Whose name has so many failures that the next try from an unknown browser may have to wait."""
    query = (
        sa.select(SignInTry.person_id)
        .where(SignInTry.person_id.in_(person_ids), _counts(at), SignInTry.known_device.is_(None))
        .group_by(SignInTry.person_id)
        .having(sa.func.count() >= FREE_TRIES)
    )
    return {person_id for person_id in session.scalars(query) if person_id is not None}


def forget_old_tries(session: Session, *, before: datetime) -> int:
    """Deletes tries from before that: addresses are personal data. Returns how many."""
    old = sa.delete(SignInTry).where(SignInTry.at < before).returning(SignInTry.id)
    return len(session.scalars(old).all())


def _checked(username: str, password: str, origin: Origin, at: datetime) -> _Try:
    counted = _counted(username, origin, at)
    account = counted.account
    valid = account is not None and account.active and not _over(account, at)
    # Outside any transaction: a hash takes 0.1 s of CPU and must not hold a connection.
    if not passwords.password_matches(account.password if account and valid else None, password):
        raise SignInRefused(f"sign-in refused for name digest {counted.key[:8]}")
    return counted


def _counted(username: str, origin: Origin, at: datetime) -> _Try:
    """Counted before it is checked: guesses at the same moment count too."""
    key, network = _key(username), network_of(origin.address)
    with transaction() as session:
        account = session.scalar(sa.select(Account).where(Account.username == vietnamese.fold(username)))
        mark = (origin.marks or {}).get(account.person_id) if account else None
        known = passwords.digest(mark) if mark else None
        _wait_over(session, key, network, known, at)
        made = SignInTry(id=new_id(), name_digest=key, address=network, device=origin.device, at=at)
        made.person_id, made.known_device = account.person_id if account else None, known
        session.add(made)
    return _Try(made.id, account, key, known)


def _wait_over(session: Session, key: str, network: str, known: str | None, at: datetime) -> None:
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(known or key, 0))))
    if known is not None:
        _wait_for(session, SignInTry.known_device == known, FREE_TRIES, _LONGEST_DELAY, at)
        return
    unknown = SignInTry.known_device.is_(None)
    by_name = sa.and_(SignInTry.name_digest == key, unknown)
    by_address = sa.and_(SignInTry.address == network, unknown)
    _wait_for(session, by_name, FREE_TRIES, _LONGEST_DELAY, at)
    _wait_for(session, by_address, _ADDRESS_TRIES, _LONGEST_ADDRESS_DELAY, at)


def _wait_for(
    session: Session, whose: sa.ColumnElement[bool], free: int, longest: timedelta, at: datetime
) -> None:
    query = sa.select(sa.func.count(), sa.func.max(SignInTry.at)).where(whose, _counts(at))
    count, last = session.execute(query).one()
    if count < free:
        return
    delay = min(_FIRST_DELAY * 2 ** min(count - free, 10), longest)
    if at < last + delay:
        seconds = int((last + delay - at).total_seconds()) + 1
        raise TooManyTries(f"{count} failures in {_WINDOW}", retry_after=seconds)


def _counts(at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(SignInTry.outcome == TryOutcome.FAILED, SignInTry.at > at - _WINDOW)


def _forgive(session: Session, passed: _Try) -> None:
    """From a browser that the account knows, only that browser's own: whoever guesses elsewhere goes on waiting."""
    own = sa.and_(SignInTry.name_digest == passed.key, SignInTry.known_device.is_(None))
    _forgive_where(session, SignInTry.known_device == passed.known if passed.known else own)


def _forgive_where(session: Session, whose: sa.ColumnElement[bool]) -> int:
    change = sa.update(SignInTry).where(whose, SignInTry.outcome == TryOutcome.FAILED)
    forgiven = change.values(outcome=TryOutcome.FORGIVEN).returning(SignInTry.id)
    return len(session.scalars(forgiven).all())


def _key(username: str) -> str:
    return passwords.digest(vietnamese.fold(username)[:200])


def _over(account: Account, at: datetime) -> bool:
    return account.first_password_until is not None and at >= account.first_password_until


def _outdated(stored: str | None) -> bool:
    return stored is not None and passwords.needs_rehash(stored)
