"""What an administrator does to the accounts of his people; he never learns a password that is in use.

Each act takes the seat's person as `by`, so that nobody administers himself; the caller records it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.errors import NotFound
from workflow_app.organisations import accounts, passwords, signing_in, trees
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.errors import (
    AccountClosed,
    AccountOpen,
    LastAdministrator,
    OfficesElsewhere,
    OwnAccount,
)
from workflow_app.organisations.models.accounts import Account
from workflow_app.organisations.models.people import Appointment, Office
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.types import Actor, Pair, Seat

ROLE = "administrator"
ACT = "manage_account"


@dataclass(frozen=True, slots=True)
class PersonsAccount:
    """A person's account as `authorize` sees it.

    common: the units that stand above every office of the person; whoever administers one of them is in charge.
    touched: the units that stand above at least one.
    """

    common: frozenset[UUID]
    touched: frozenset[UUID]

    def grants(self, act: str) -> list[Pair]:
        return [(ROLE, unit_id) for unit_id in sorted(self.common)]

    @property
    def visible_units(self) -> frozenset[UUID]:
        return self.touched

    @property
    def authors(self) -> frozenset[UUID]:
        return frozenset()


def require_in_charge(session: Session, actor: Actor, person_id: UUID, *, on: date) -> Seat:
    """The administrator's seat that covers every office the person holds; after his last term, every past one.

    Else an administrator who gives somebody an office in his own unit could take over that person's account.
    Raises NotFound for a stranger, OfficesElsewhere, Forbidden.
    """
    account = persons_account(session, person_id, on=on)
    elsewhere = account.touched - account.common
    if any(seat.holds(ROLE, unit) for seat in actor.seats for unit in elsewhere) and not any(
        seat.holds(ROLE, unit) for seat in actor.seats for unit in account.common
    ):
        raise OfficesElsewhere(f"person {person_id} also serves outside what {actor.person_id} administers")
    return authorize(actor, ACT, account)


def persons_account(session: Session, person_id: UUID, *, on: date) -> PersonsAccount:
    """Where the person's account belongs on the day."""
    terms = list(session.scalars(sa.select(Appointment).where(Appointment.person_id == person_id)))
    lasting = [term for term in terms if term.valid_to is None or term.valid_to > on] or terms
    above = [_at_and_above(session, term, on) for term in lasting]
    common = frozenset.intersection(*above) if above else frozenset()
    return PersonsAccount(common, frozenset().union(*above))


def open_account(
    session: Session, person_id: UUID, *, username: str, password: str, days: int, at: datetime
) -> Account:
    """An account with a first password, good for so many days. Raises AccountExists, CodeTaken, Invalid."""
    accounts.open_account(session, person_id, username=username, at=at)
    return accounts.give_password(
        session, person_id, password=password, until=at + timedelta(days=days), at=at
    )


def reset_password(
    session: Session, person_id: UUID, *, by: UUID, password: str, days: int, at: datetime
) -> Account:
    """Another first password; sessions and tokens end, the PIN stays. Raises OwnAccount, AccountClosed."""
    _open_and_not_own(session, person_id, by)
    return accounts.give_password(
        session, person_id, password=password, until=at + timedelta(days=days), at=at
    )


def reset_pin(session: Session, person_id: UUID, *, by: UUID) -> None:
    """The person signs nothing until he has set another PIN. Raises OwnAccount, AccountClosed."""
    _open_and_not_own(session, person_id, by)
    accounts.reset_pin(session, person_id)


def unlock(session: Session, person_id: UUID, *, by: UUID) -> int:
    """Nobody waits for earlier failures; returns how many there were. Raises OwnAccount, AccountClosed."""
    return signing_in.forgive_failures(session, _open_and_not_own(session, person_id, by))


def end_sessions(session: Session, person_id: UUID, *, by: UUID, at: datetime) -> None:
    """Signs the person out of every browser and program. Raises OwnAccount."""
    _not_own(session, person_id, by)
    accounts.end_everything(session, person_id, at=at)


def close(session: Session, person_id: UUID, *, by: UUID, on: date, at: datetime) -> None:
    """Nobody signs in with it any more. Raises OwnAccount, AccountClosed, LastAdministrator."""
    _open_and_not_own(session, person_id, by)
    _require_another_administrator(session, person_id, on)
    accounts.close_account(session, person_id, at=at)


def reopen(session: Session, person_id: UUID, *, by: UUID, password: str, days: int, at: datetime) -> Account:
    """Opens a closed account with a first password: the old one may be why it was closed.

    Raises OwnAccount, AccountOpen.
    """
    account = _not_own(session, person_id, by)
    if account.active:
        raise AccountOpen(f"account of {person_id} is open")
    account.active = True
    return accounts.give_password(
        session, person_id, password=password, until=at + timedelta(days=days), at=at
    )


def administered(on: date) -> sa.Select[UUID]:
    """SELECT of the units in which somebody is administrator by an office of his own, not by delegation."""
    return (
        sa.select(Appointment.unit_id)
        .join(Office, Office.code == Appointment.office_code)
        .where(holds_on(Appointment, on), holds_on(Office, on), sa.literal(ROLE) == sa.any_(Office.roles))
    )


def matches(account: Account, password: str) -> bool:
    """Whether a first password that was handed out is still the account's: for showing it again."""
    waiting = account.active and account.must_change_password
    return waiting and passwords.password_matches(account.password, password)


def _at_and_above(session: Session, term: Appointment, on: date) -> frozenset[UUID]:
    """The unit of a term and those above it, as they stood on the day or, later, on the term's last."""
    day = on if term.valid_to is None else min(on, term.valid_to - timedelta(days=1))
    day = max(day, term.valid_from)
    above = trees.ancestors_at(session, term.unit_id, day)
    return frozenset({term.unit_id, *(unit.unit_id for unit in above)})


def _not_own(session: Session, person_id: UUID, by: UUID) -> Account:
    """The account, locked: two acts on it happen one after the other."""
    if person_id == by:
        raise OwnAccount(f"person {person_id} acts on his own account")
    account = session.get(Account, person_id, with_for_update=True)
    if account is None:
        raise NotFound(f"person {person_id} has no account")
    return account


def _open_and_not_own(session: Session, person_id: UUID, by: UUID) -> Account:
    account = _not_own(session, person_id, by)
    if not account.active:
        raise AccountClosed(f"account of {person_id} is closed")
    return account


def _require_another_administrator(session: Session, person_id: UUID, on: date) -> None:
    """Raises LastAdministrator for a unit that nobody else administers, itself or from above."""
    # One closing at a time: two administrators must not close each other at the same moment.
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("account.closed", 0))))
    for unit_id in session.scalars(administered(on).where(Appointment.person_id == person_id)).all():
        above = [unit_id, *(unit.unit_id for unit in trees.ancestors_at(session, unit_id, on))]
        others = (
            administered(on)
            .join(Account, Account.person_id == Appointment.person_id)
            .where(Appointment.unit_id.in_(above), Appointment.person_id != person_id)
            .where(Account.active, Account.password.is_not(None))
        )
        if session.scalar(others.limit(1)) is None:
            raise LastAdministrator(f"person {person_id} is the last administrator of {unit_id}")
