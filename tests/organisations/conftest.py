"""Fixtures of this folder."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from tests.organisations.cast import Cast, make_cast
from workflow_app.core.database import transaction
from workflow_app.organisations import passwords, service

AT = datetime(2019, 3, 1, 5, tzinfo=UTC)
GOOD = "con trâu đi cày 1954"
PIN = "740193"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture(autouse=True)
def cheap_hash() -> Iterator[None]:
    with passwords.using(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)):
        yield


@pytest.fixture
def person(session: Session) -> UUID:
    """Inside the undone session."""
    made = service.add_person(
        session, full_name="Trần Quốc Bảo", phone="0296 3 000 111", email="bao@example.vn"
    )
    service.open_account(session, made.id, username="Bảo.SNV", at=AT, password=GOOD)
    return made.id


@pytest.fixture
def stored(committed: None) -> UUID:
    """Committed, for acts that open their own transactions."""
    with transaction() as session:
        made = service.add_person(session, full_name="Trần Quốc Bảo")
        service.open_account(session, made.id, username="bao", at=AT, password=GOOD)
        service.set_pin(session, made.id, pin=PIN)
    return made.id
