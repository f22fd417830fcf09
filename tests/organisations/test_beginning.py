"""The first federation and its administrator: once, with the code, or not at all."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.clock import now
from workflow_app.core.errors import Invalid
from workflow_app.organisations.actors import load_actor
from workflow_app.organisations.beginning import Administrator, First, begin, is_empty, setup_code
from workflow_app.organisations.errors import BegunAlready, SetupCodeWrong
from workflow_app.organisations.models import Person
from workflow_app.organisations.seeds import seed_reference
from workflow_app.organisations.units import UnitFacts

TODAY = date(2026, 11, 22)
CODE = setup_code("k" * 48)
ADMINISTRATOR = Administrator("Đặng Hoài Phương", "quantri", "con tàu màu xanh 27")


def _begin(session: Session, given: str = CODE, administrator: Administrator = ADMINISTRATOR) -> First:
    seed_reference(session)
    return begin(
        session,
        code="AG",
        facts=UnitFacts("Liên đoàn Lao động tỉnh An Giang", "federation"),
        administrator=administrator,
        since=date(2019, 1, 1),
        given=given,
        expected=CODE,
        at=now(),
        today=TODAY,
    )


def test_the_first_one_becomes_administrator(session: Session) -> None:
    assert is_empty(session)
    first = _begin(session)
    assert not is_empty(session)
    actor = load_actor(session, first.person_id, on=TODAY)
    assert [seat.roles for seat in actor.seats] == [frozenset({"administrator"})]
    assert actor.account_name == "quantri"


def test_nobody_is_first_twice(session: Session) -> None:
    _begin(session)
    with pytest.raises(BegunAlready):
        _begin(session)


@pytest.mark.parametrize("given", ["", "ABCD-EFGH-IJKL", CODE[:-1], f"{CODE}A", "á"])
def test_a_wrong_code_founds_nothing(session: Session, given: str) -> None:
    with pytest.raises(SetupCodeWrong), session.begin_nested():
        _begin(session, given)
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


def test_the_code_is_read_as_people_type_it(session: Session) -> None:
    assert _begin(session, f" {CODE.replace('-', ' ').lower()} ").unit_id


def test_another_key_has_another_code() -> None:
    assert setup_code("a" * 48) != setup_code("b" * 48)


def test_a_weak_password_is_refused(session: Session) -> None:
    with pytest.raises(Invalid, match="password"):
        _begin(session, administrator=Administrator("Đặng Hoài Phương", "quantri", "123456"))
