"""Accounts for practice people: one password and one PIN for each data folder, from its own secret key."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from workflow_app.organisations import accounts, passwords

# Practice data make dozens of accounts: a cheaper hash than the product's own 0.1 s for each.
_CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)

# Without diacritics: typed on any keyboard.
_WORDS = (
    "song",
    "nuoc",
    "phusa",
    "vuon",
    "xoai",
    "muagat",
    "canhdong",
    "cho",
    "thuyen",
    "hoasen",
    "lua",
    "cautre",
    "condo",
    "nang",
    "trang",
    "may",
    "duonglang",
    "gieng",
    "bongmat",
    "mua",
    "tienghat",
    "vong",
    "dua",
    "bachdan",
    "tram",
    "sep",
    "chuoi",
    "mit",
    "oi",
    "khoai",
    "sua",
    "rung",
    "suoi",
    "doi",
    "bien",
    "dao",
    "gio",
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What everybody of the practice data signs in and signs with."""

    password: str
    pin: str


def secrets_of(key: str) -> Secrets:
    """The practice password and PIN of an installation; the same key always gives the same.

    key: the installation's own secret key, so that no two installations share them and none is in the code.
    """
    return Secrets(_first_good(key, _password), _first_good(key, _pin))


def open_accounts(session: Session, people: Mapping[str, UUID], secrets: Secrets, *, at: datetime) -> None:
    """An account with password and PIN for each person, by user name."""
    with passwords.using(_CHEAP):
        for username, person_id in people.items():
            accounts.open_account(session, person_id, username=username, at=at, password=secrets.password)
            accounts.set_pin(session, person_id, pin=secrets.pin)


def _password(digest: bytes) -> str | None:
    words = [_WORDS[byte % len(_WORDS)] for byte in digest[:4]]
    made = f"{'-'.join(words)}-{digest[4] % 90 + 10}"
    return None if passwords.password_weakness(made) else made


def _pin(digest: bytes) -> str | None:
    made = f"{int.from_bytes(digest[:8]) % 1_000_000:06}"
    return None if passwords.pin_weakness(made) else made


def _first_good(key: str, make: Callable[[bytes], str | None]) -> str:
    for number in count():
        message = f"{make.__name__} {number}".encode()
        if made := make(hmac.digest(key.encode(), message, hashlib.sha256)):
            return made
    raise AssertionError("count() never ends")
