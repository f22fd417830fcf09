"""The first federation and its administrator: what an empty installation needs before anybody can sign in."""

import hmac
from base64 import b32encode
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.organisations import accounts, people
from workflow_app.organisations.errors import BegunAlready, SetupCodeWrong
from workflow_app.organisations.models.accounts import Account
from workflow_app.organisations.units import UnitFacts, found_unit, lock_tree

OFFICE = "administrator"
_SHOWN = 12  # characters of 5 bits: more than anybody guesses over the network


@dataclass(frozen=True, slots=True)
class First:
    """Ids of what was founded."""

    unit_id: UUID
    person_id: UUID
    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who begins: the password is hashed here and kept nowhere else."""

    full_name: str
    username: str
    password: str


def is_empty(session: Session) -> bool:
    """Whether nobody has an account yet."""
    return session.scalar(sa.select(sa.literal(1)).select_from(Account).limit(1)) is None


def setup_code(key: str) -> str:
    """The code that whoever starts the program reads on its console: "ABCD-EFGH-IJKL".

    key: the installation's own secret; the same key gives the same code in every process. It opens nothing once
    there is an account.
    """
    digest = hmac.new(key.encode(), b"giao-uoc first administrator", sha256).digest()
    code = b32encode(digest).decode()[:_SHOWN]
    return "-".join(code[start : start + 4] for start in range(0, _SHOWN, 4))


def begin(
    session: Session,
    *,
    code: str,
    facts: UnitFacts,
    administrator: Administrator,
    since: date,
    given: str,
    expected: str,
    at: datetime,
    today: date,
) -> First:
    """Founds the first unit, its administrator and the account; once.

    code: of the unit. since: the unit's first day; the office begins today, or then when that is later.
    given, expected: the setup code typed and the right one.
    Raises BegunAlready, SetupCodeWrong, Invalid.
    """
    lock_tree(session)  # two people at two browsers begin one installation
    if not is_empty(session):
        raise BegunAlready("there is an account already")
    if not hmac.compare_digest(_plain(given).encode(), _plain(expected).encode()):
        raise SetupCodeWrong("setup code")
    unit = found_unit(session, code=code, facts=facts, parent_id=None, valid_from=since)
    person = people.add_person(session, full_name=administrator.full_name)
    term = people.appoint(
        session, person_id=person.id, unit_id=unit.id, office_code=OFFICE, valid_from=max(since, today)
    )
    accounts.open_account(
        session, person.id, username=administrator.username, at=at, password=administrator.password
    )
    return First(unit.id, person.id, term.id)


def _plain(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())
