"""How wrong passwords are slowed down, and who must not be slowed down by others; how long a session lasts."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.web.house import PASSWORD, Browser, House
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.core.settings import Settings
from workflow_app.organisations import service as organisations
from workflow_app.organisations.models import Account, SignInTry, WebSession
from workflow_app.organisations.signing_in import network_of
from workflow_app.web.app import create_app

Browse = Callable[[str], Browser]
WRONG = "khong phai mat khau"


def _guess(app: Flask, name: str, times: int, *, address: str = "203.0.113.5") -> list[int]:
    return [Browser(app, address=address).sign_in(name, WRONG).status_code for _ in range(times)]


def test_who_signed_in_here_before_gets_in_though_somebody_guesses_at_his_name(
    app: Flask, browse: Browse
) -> None:
    own = browse("chair")
    own.get("/")
    own.post("/logout")
    assert 429 in _guess(app, "chair", 8)
    assert Browser(app, address="10.0.0.1").sign_in("chair").status_code == 429, "another browser waits"
    assert own.sign_in("chair").status_code == 303
    assert Browser(app, address="10.0.0.1").sign_in("chair").status_code == 429, "and goes on waiting"


def test_a_phone_network_shares_its_address_and_known_phones_get_in(app: Flask, browse: Browse) -> None:
    phone = browse("chair")
    phone.get("/")
    phone.post("/logout")
    for number in range(25):
        _guess(app, f"nobody{number}", 1, address="10.0.0.1")
    assert Browser(app, address="10.0.0.1").sign_in("leader").status_code == 429
    assert phone.sign_in("chair").status_code == 303


def test_an_unknown_phone_of_a_shared_address_waits_two_minutes_at_most(
    app: Flask, noon: clock.ScriptedClock
) -> None:
    for number in range(40):
        _guess(app, f"nobody{number}", 1)
        noon.advance(seconds=20)
    answer = Browser(app, address="203.0.113.5").sign_in("leader")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 121
    noon.advance(seconds=121)
    assert Browser(app, address="203.0.113.5").sign_in("leader").status_code == 303


def test_an_office_that_signs_in_together_does_not_wait(app: Flask, house: House) -> None:
    for _ in range(4):
        for who in house.people:
            assert Browser(app, address="198.51.100.1").sign_in(who).status_code == 303


def test_a_known_browser_is_slowed_down_too_when_it_guesses(app: Flask, browse: Browse) -> None:
    browser = browse("chair")
    browser.get("/")
    browser.post("/logout")
    statuses = [browser.sign_in("chair", WRONG).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert Browser(app).sign_in("chair").status_code == 303, "its failures count for itself alone"


def test_the_mark_of_a_browser_opens_nothing_and_helps_at_no_other_name(app: Flask, browse: Browse) -> None:
    browser = browse("leader")
    mark = browser.cookie("giao_uoc_may")
    assert mark
    thief = Browser(app, address="203.0.113.5")
    thief.client.set_cookie("giao_uoc_may", mark)
    assert thief.get("/").status_code == 302
    statuses = [thief.sign_in("chair", WRONG).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429], "counted by the name, as from any browser"
    assert Browser(app).sign_in("chair").status_code == 429


@pytest.mark.parametrize("value", ["", "x", "e30.x.y", "null", "[]", "a" * 3000])
def test_a_forged_mark_is_no_mark(app: Flask, value: str) -> None:
    browser = Browser(app)
    browser.client.set_cookie("giao_uoc_may", value)
    assert browser.sign_in("chair").status_code == 303


def test_the_mark_is_kept_from_scripts_and_is_not_in_the_database(app: Flask, settings: Settings) -> None:
    browser = Browser(app)
    answer = browser.sign_in("chair")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("giao_uoc_may="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    browser.sign_in("chair")
    with reading() as session:
        known = session.scalars(sa.select(SignInTry.known_device)).all()
    assert len([mark for mark in known if mark]) == 0, "signed in already: the form was not shown again"
    secure = create_app(settings.model_copy(update={"secure_cookies": True}))
    secure.testing = True
    answer = secure.test_client().get("/login", base_url="https://localhost")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2405:4800:1:2:aaaa::1", "2405:4800:1:2::/64"),
        ("2405:4800:1:2:bbbb::9", "2405:4800:1:2::/64"),
        ("2405:4800:1:3::1", "2405:4800:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unix:", "unix:"),
        ("x" * 200, "x" * 64),
    ],
)
def test_one_customer_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_changing_the_address_within_a_network_does_not_help_a_guesser(app: Flask) -> None:
    statuses = [
        Browser(app, address=f"2405:4800:1:2::{number:x}").sign_in(f"nobody{number}", WRONG).status_code
        for number in range(21)
    ]
    assert statuses == [422] * 20 + [429]


def test_ten_thousand_guesses_a_day_at_one_name_become_a_hundred(
    app: Flask, noon: clock.ScriptedClock
) -> None:
    checked = 0
    for number in range(
        24 * 60 // 5
    ):  # every five minutes, from ever new addresses: more would be refused alike
        answer = Browser(app, address=f"100.64.{number // 250}.{number % 250}").sign_in("chair", WRONG)
        checked += answer.status_code == 422
        noon.advance(seconds=300)
    assert checked <= 300
    with reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SignInTry)) == checked


def test_a_reset_at_the_moment_of_signing_in_is_not_undone(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflow_app.organisations import passwords

    chair, check = house.people["chair"], passwords.password_matches

    def slow(stored: str | None, given: str) -> bool:
        held = check(stored, given)
        with transaction() as session:
            session.execute(sa.update(Account).where(Account.person_id == chair).values(password="reset"))
        return held

    monkeypatch.setattr(passwords, "password_matches", slow)
    monkeypatch.setattr(passwords, "needs_rehash", lambda stored: True)
    assert Browser(app).sign_in("chair").status_code == 422
    with reading() as session:
        assert session.get_one(Account, chair).password == "reset"


def test_a_page_left_open_does_not_keep_its_session_alive(browse: Browse, noon: clock.ScriptedClock) -> None:
    browser = browse("chair")
    browser.get("/")
    for _ in range(29):
        noon.advance(seconds=60)
        assert browser.get("/tasks/count", headers={"Accept": "application/json"}).status_code == 200
    noon.advance(seconds=60)
    assert browser.get("/tasks/count", headers={"Accept": "application/json"}).status_code == 401
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize(("minutes", "hours"), [(5, 1), (240, 24)])
def test_an_installation_sets_its_own_times(
    house: House, settings: Settings, noon: clock.ScriptedClock, minutes: int, hours: int
) -> None:
    app = create_app(settings.model_copy(update={"session_idle_minutes": minutes, "session_hours": hours}))
    app.testing = True
    idle = Browser(app)
    idle.sign_in("chair")
    noon.advance(seconds=60 * minutes - 1)
    assert idle.get("/").status_code == 200
    noon.advance(seconds=60 * minutes)
    assert idle.get("/").status_code == 302
    busy = Browser(app)
    busy.sign_in("chair")
    for _ in range((hours * 60 - 1) // (minutes - 1)):
        noon.advance(seconds=60 * (minutes - 1))
        assert busy.get("/").status_code == 200
    noon.advance(seconds=60 * (minutes - 1))
    assert busy.get("/").status_code == 302


def test_a_new_session_begins_at_every_change_of_password(browse: Browse, house: House, app: Flask) -> None:
    first, second = browse("chair"), browse("chair")
    before = second.cookie()
    new = "con đò ngang trên sông 8"
    second.get("/account")
    assert second.post("/account/password", {"old": PASSWORD, "new": new, "again": new}).status_code == 303
    assert first.get("/").status_code == 302
    assert second.get("/").status_code == 302
    assert second.sign_in("chair", new).status_code == 303
    assert second.cookie() != before
    with reading() as session:
        alive = session.scalars(sa.select(WebSession).where(WebSession.revoked_at.is_(None))).all()
    assert len(alive) == 1


def test_the_password_asked_again_is_slowed_down_like_signing_in(browse: Browse) -> None:
    browser = browse("chair")
    statuses = []
    for _ in range(7):
        browser.get("/account")
        form = {"pin_password": WRONG, "pin": "271828"}
        statuses.append(browser.post("/account/pin", form).status_code)
    assert statuses == [422] * 5 + [429] * 2


def test_a_closed_account_and_a_wrong_password_get_the_same_answer(app: Flask, house: House) -> None:
    with transaction() as session:
        organisations.close_account(session, house.people["deputy"], at=clock.now())
    pages = []
    for name, secret in (("deputy", PASSWORD), ("leader", WRONG)):
        browser = Browser(app)
        assert browser.sign_in(name, secret).status_code == 422
        pages.append(browser.page.replace(name, "").replace(browser.token(), ""))
    assert pages[0] == pages[1]
