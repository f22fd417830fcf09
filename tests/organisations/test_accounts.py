"""Accounts: choosing passwords, signing in, PINs, links, sessions, tokens."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from tests.organisations.conftest import AT, GOOD, PIN
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Invalid
from workflow_app.core.ids import new_id
from workflow_app.organisations import passwords, service, signing_in, web_sessions
from workflow_app.organisations.errors import (
    CodeTaken,
    PinRefused,
    SessionEnded,
    SignInRefused,
    TicketRefused,
    TooManyTries,
)
from workflow_app.organisations.models import (
    Account,
    AccountTicket,
    SignInTry,
    TicketKind,
)


def _sign_in(
    password: str = GOOD, *, name: str = "bao", address: str = "10.0.0.1", at: datetime = AT
) -> UUID:
    return service.sign_in(name, password, address=address, at=at).person_id


def test_the_user_name_is_folded_and_belongs_to_one_person(session: Session, person: UUID) -> None:
    assert service.account_of(session, person).username == "bao.snv"
    other = service.add_person(session, full_name="Khác")
    with pytest.raises(CodeTaken):
        service.open_account(session, other.id, username="BAO.SNV", at=AT)
    with pytest.raises(CodeTaken):
        service.open_account(session, person, username="second", at=AT)
    for name in ("ab", "x" * 65, "a b c;d", "a/b/c"):
        with pytest.raises(Invalid):
            service.open_account(session, other.id, username=name, at=AT)


def test_signing_in_notes_the_time_and_renews_a_cheap_hash(stored: UUID) -> None:
    with passwords.using(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)):
        assert _sign_in(name="Bảo") == stored
    with reading() as session:
        account = service.account_of(session, stored)
        assert account.last_sign_in_at == AT
        assert account.password is not None
        assert "m=16,t=2" in account.password


@pytest.mark.parametrize(
    ("name", "password"), [("bao", "sai mật khẩu rồi"), ("nobody", GOOD), ("", ""), ("bao", "\0")]
)
def test_every_failed_sign_in_gets_the_same_answer(stored: UUID, name: str, password: str) -> None:
    with pytest.raises(SignInRefused) as refused:
        _sign_in(password, name=name)
    assert refused.value.vi == SignInRefused.vi_default
    assert refused.value.facts == {}


def test_a_closed_account_gets_the_same_answer_too(stored: UUID) -> None:
    with transaction() as session:
        service.close_account(session, stored, at=AT)
    with pytest.raises(SignInRefused):
        _sign_in()


def test_after_five_failures_the_name_waits_and_the_wait_doubles(stored: UUID) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            _sign_in("sai mật khẩu", address=str(new_id()))
    with pytest.raises(TooManyTries) as refused:
        _sign_in()  # even the right password
    assert 0 < refused.value.facts["retry_after"] <= 31
    later = AT + timedelta(seconds=31)
    with pytest.raises(SignInRefused):
        _sign_in("sai mật khẩu", at=later)
    with pytest.raises(TooManyTries) as refused:
        _sign_in(at=later + timedelta(seconds=31))
    assert _sign_in(at=later + timedelta(seconds=61)) == stored
    assert _sign_in(at=later + timedelta(seconds=61)) == stored  # success clears the count


def test_an_address_that_tries_many_names_waits(stored: UUID) -> None:
    for number in range(20):
        with pytest.raises(SignInRefused):
            _sign_in("x", name=f"name{number}")
    with pytest.raises(TooManyTries):
        _sign_in()
    assert _sign_in(address="10.0.0.2") == stored


def test_an_unknown_name_waits_as_a_known_one_does(stored: UUID) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            _sign_in("x", name="nobody", address=str(new_id()))
    with pytest.raises(TooManyTries):
        _sign_in("x", name="nobody")


def test_the_typed_name_is_not_kept_and_addresses_are_forgotten(stored: UUID) -> None:
    with pytest.raises(SignInRefused):
        _sign_in(name=GOOD)  # the password in the wrong field
    with transaction() as session:
        assert GOOD not in str(session.execute(sa.select(SignInTry.__table__)).all())
        assert signing_in.forget_old_tries(session, before=AT) == 0
        assert signing_in.forget_old_tries(session, before=AT + timedelta(seconds=1)) == 1


def _together(count: int, act: Callable[[], object]) -> list[str]:
    outcomes: list[str] = []
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        try:
            act()
            outcomes.append("ok")
        except (PinRefused, SignInRefused, TooManyTries) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_guesses_of_a_password_at_the_same_moment_all_count(stored: UUID) -> None:
    outcomes = _together(12, lambda: _sign_in("sai mật khẩu"))
    assert sorted(outcomes) == ["SignInRefused"] * 5 + ["TooManyTries"] * 7


def test_a_pin_is_locked_after_five_wrong_tries(stored: UUID) -> None:
    service.prove_pin(stored, PIN, at=AT)
    for _ in range(5):
        with pytest.raises(PinRefused):
            service.prove_pin(stored, "000000", at=AT)
    with pytest.raises(PinRefused) as refused:
        service.prove_pin(stored, PIN, at=AT)
    assert refused.value.vi == PinRefused.vi_default
    with transaction() as session:
        service.set_pin(session, stored, pin=PIN)
    service.prove_pin(stored, PIN, at=AT)


def test_a_right_pin_forgives_the_wrong_ones_before_it(stored: UUID) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(PinRefused):
                service.prove_pin(stored, "000000", at=AT)
        service.prove_pin(stored, PIN, at=AT)


def test_guesses_of_a_pin_at_the_same_moment_all_count(stored: UUID) -> None:
    _together(12, lambda: service.prove_pin(stored, "000000", at=AT))
    with reading() as session:
        assert service.account_of(session, stored).pin_failures == 5
    with pytest.raises(PinRefused):
        service.prove_pin(stored, PIN, at=AT)


def test_a_pin_that_was_never_set_is_refused_alike(stored: UUID) -> None:
    with transaction() as session:
        session.execute(sa.update(Account).values(pin_hash=None))
    with pytest.raises(PinRefused):
        service.prove_pin(stored, PIN, at=AT)
    with pytest.raises(PinRefused):
        service.prove_pin(new_id(), PIN, at=AT)


def test_a_link_works_once_and_ends_the_sessions(session: Session, person: UUID) -> None:
    secret = service.make_ticket(session, person, kind=TicketKind.RESET, at=AT)
    cookie = web_sessions.start(session, person, at=AT)
    service.set_pin(session, person, pin=PIN)
    assert secret not in str(session.execute(sa.select(AccountTicket.__table__)).all())
    with pytest.raises(Invalid):
        service.use_ticket(session, secret, password="ngắn", at=AT)
    assert service.use_ticket(session, secret, password="sông Hậu mùa nước nổi", at=AT) == person
    with pytest.raises(SessionEnded):
        web_sessions.resume(session, cookie, at=AT)
    with pytest.raises(TicketRefused):
        service.use_ticket(session, secret, password="sông Tiền mùa nước cạn", at=AT)
    assert service.account_of(session, person).pin_hash is not None


@pytest.mark.parametrize(
    ("kind", "life"), [(TicketKind.RESET, timedelta(minutes=30)), (TicketKind.INVITATION, timedelta(days=7))]
)
def test_a_link_has_an_end(session: Session, person: UUID, kind: TicketKind, life: timedelta) -> None:
    secret = service.make_ticket(session, person, kind=kind, at=AT)
    with pytest.raises(TicketRefused):
        service.use_ticket(session, secret, password="sông Hậu mùa nước nổi", at=AT + life)
    service.use_ticket(session, secret, password="sông Hậu mùa nước nổi", at=AT + life - timedelta(seconds=1))
    with pytest.raises(TicketRefused):
        service.use_ticket(session, "invented", password=GOOD, at=AT)
