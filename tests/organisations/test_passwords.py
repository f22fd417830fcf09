"""Choosing passwords and PINs."""

import unicodedata
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.organisations.conftest import AT, GOOD, PIN
from workflow_app.core.errors import Invalid
from workflow_app.organisations import passwords, service


@pytest.mark.parametrize(
    "password",
    [
        "ngắn",
        "x" * 129,
        "matkhau123",
        "M@tKh@u2019!",
        "Mật khẩu 2024",
        "congdoan2019",
        "Công Đoàn Việt Nam",
        "qwertyuiop",
        "1234567890",
        "0987654321",
        "abcdefghij",
        "aaaaaaaaaa",
        "abcabcabcabc",
        "anhyeuem123",
        "P@ssw0rd2024",
        "tranquocbao1",
        "bao.snv2019",
        "02963000111",
        "admin12345",
        "asdfghjkl;123",
    ],
)
def test_common_and_personal_passwords_are_refused(session: Session, person: UUID, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.set_password(session, person, password=password, at=AT)
    assert refused.value.errors[0].field == "password"


@pytest.mark.parametrize(
    "password", [GOOD, "ba chiếc xe đạp cũ", "Tq7#vLm2!xKe", "sông Hậu mùa nước nổi", "x7Kq-p2Wm-9Zrt"]
)
def test_a_sentence_or_a_random_password_is_taken(session: Session, person: UUID, password: str) -> None:
    service.set_password(session, person, password=password, at=AT)
    assert passwords.password_matches(service.account_of(session, person).password, password)


def test_a_password_matches_however_the_keyboard_composes_it(session: Session, person: UUID) -> None:
    stored = service.account_of(session, person).password
    assert stored is not None
    assert stored.startswith("$argon2id$")
    assert passwords.password_matches(stored, unicodedata.normalize("NFD", GOOD))
    assert not passwords.password_matches(stored, GOOD + " ")
    assert not passwords.password_matches(None, GOOD)
    assert not passwords.password_matches("no hash", GOOD)


def test_a_stolen_pin_hash_is_useless_without_the_servers_key(session: Session, person: UUID) -> None:
    service.set_pin(session, person, pin=PIN)
    stored = service.account_of(session, person).pin_hash
    assert passwords.pin_matches(stored, PIN)
    passwords.configure(pepper="another server")
    try:
        assert not passwords.pin_matches(stored, PIN)
    finally:
        passwords._pepper = b""  # back to the state of the other tests


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "111111", "123456", "987654", "121212", "123123", "90123a", "٣٤٥٦٧٨"]
)
def test_weak_pins_are_refused(session: Session, person: UUID, pin: str) -> None:
    with pytest.raises(Invalid):
        service.set_pin(session, person, pin=pin)
