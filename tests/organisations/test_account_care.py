"""Closing accounts: never the last administrator's, also when two close each other at the same moment."""

import threading
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.organisations.cast import DAY, Cast, appoint, make_cast
from tests.organisations.conftest import AT, GOOD
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id
from workflow_app.organisations import account_care, accounts, service
from workflow_app.organisations.errors import AccountClosed, AccountExists, AccountOpen, LastAdministrator
from workflow_app.organisations.models import Account


def _administrator(session: Session, cast: Cast, name: str, unit: int | None = None) -> UUID:
    person = service.add_person(session, full_name=f"Quản Trị {name}")
    appoint(session, person, cast.federation if unit is None else cast.unions[unit], "administrator")
    service.open_account(session, person.id, username=f"quantri{name}", at=AT, password=GOOD)
    return person.id


def test_the_last_administrator_is_not_closed(session: Session, cast: Cast) -> None:
    first = _administrator(session, cast, "mot")
    with pytest.raises(LastAdministrator):
        account_care.close(session, first, by=new_id(), on=DAY, at=AT)
    second = _administrator(session, cast, "hai")
    account_care.close(session, first, by=second, on=DAY, at=AT)
    with pytest.raises(LastAdministrator):
        account_care.close(session, second, by=new_id(), on=DAY, at=AT)
    assert accounts.account_of(session, second).active


def test_an_administrator_above_is_enough_and_one_beside_is_not(session: Session, cast: Cast) -> None:
    of_union = _administrator(session, cast, "donvi", unit=0)
    beside = _administrator(session, cast, "benkia", unit=1)
    with pytest.raises(LastAdministrator):
        account_care.close(session, of_union, by=beside, on=DAY, at=AT)
    above = _administrator(session, cast, "captren")
    account_care.close(session, of_union, by=above, on=DAY, at=AT)


def test_an_administrator_who_cannot_sign_in_does_not_count(session: Session, cast: Cast) -> None:
    first = _administrator(session, cast, "mot")
    person = service.add_person(session, full_name="Chưa Có Mật Khẩu")
    appoint(session, person, cast.federation, "administrator")
    service.open_account(session, person.id, username="chuaco", at=AT)
    with pytest.raises(LastAdministrator):
        account_care.close(session, first, by=new_id(), on=DAY, at=AT)


def test_two_administrators_cannot_close_each_other(committed: None) -> None:
    with transaction() as session:
        cast = make_cast(session)
        pair = [_administrator(session, cast, "mot"), _administrator(session, cast, "hai")]
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def close(person_id: UUID, by: UUID) -> None:
        barrier.wait()
        try:
            with transaction() as session:
                account_care.close(session, person_id, by=by, on=DAY, at=AT)
            outcomes.append("closed")
        except LastAdministrator:
            outcomes.append("refused")

    threads = [threading.Thread(target=close, args=both) for both in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["closed", "refused"]
    with reading() as session:
        assert [session.get_one(Account, person).active for person in pair].count(True) == 1


def test_an_account_is_opened_closed_and_opened_again_each_once(session: Session, cast: Cast) -> None:
    by, chair = _administrator(session, cast, "mot"), cast.chairs[0].id
    given = {"password": "k7mp-2xqa-9fdt", "days": 7, "at": AT}
    account_care.open_account(session, chair, username="chutich", **given)
    with pytest.raises(AccountExists):
        account_care.open_account(session, chair, username="khac", **given)
    with pytest.raises(AccountOpen):
        account_care.reopen(session, chair, by=by, **given)
    account_care.close(session, chair, by=by, on=DAY, at=AT)
    for act in (
        lambda: account_care.close(session, chair, by=by, on=DAY, at=AT),
        lambda: account_care.reset_password(session, chair, by=by, **given),
        lambda: account_care.reset_pin(session, chair, by=by),
        lambda: account_care.unlock(session, chair, by=by),
    ):
        with pytest.raises(AccountClosed):
            act()
    assert account_care.reopen(session, chair, by=by, **given).must_change_password


def test_after_the_last_term_those_above_it_stay_in_charge(session: Session, cast: Cast) -> None:
    admin = _administrator(session, cast, "mot")
    actor = service.load_actor(session, admin, on=DAY)
    service.end_appointment(session, cast.terms[0].id, on=DAY, basis="ĐH")
    seat = account_care.require_in_charge(session, actor, cast.chairs[0].id, on=DAY)
    assert seat.unit_id == cast.federation.id
