"""Signing in: new ids, limits, delays, no open door."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.statements import counted
from tests.web.house import PASSWORD, Browser, House
from workflow_app.core import clock, database
from workflow_app.core.database import reading, transaction
from workflow_app.organisations.models.accounts import Account, WebSession
from workflow_app.organisations.web_sessions import revoke_all

Browse = Callable[[str], Browser]


def test_nobody_sees_a_page_without_signing_in(app: Flask) -> None:
    answer = Browser(app).get("/")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/"


def test_whoever_signs_in_comes_to_the_page_he_asked_for(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/login?next=/units")
    answer = browser.post("/login", {"username": "Chair ", "password": PASSWORD, "next": "/units"})
    assert (answer.status_code, answer.location) == (303, "/units")
    assert browser.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(app: Flask) -> None:
    answers = []
    for name in ("chair", "nobody"):
        browser = Browser(app)
        answer = browser.sign_in(name, "sai mật khẩu rồi")
        answers.append(answer.get_data(as_text=True).replace(name, "").replace(browser.token(), ""))
        assert answer.status_code == 422
        assert browser.cookie() is None
    assert answers[0] == answers[1]
    assert "Lỗi:" in answers[0]
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng" in answers[0]


def test_the_typed_name_stays_and_the_password_does_not(app: Flask) -> None:
    browser = Browser(app)
    browser.sign_in("chair", "mat khau sai 123")
    assert 'value="chair"' in browser.page
    assert "mat khau sai 123" not in browser.page


def test_after_five_failures_everybody_has_to_wait_and_then_gets_in(
    app: Flask, noon: clock.ScriptedClock
) -> None:
    for _ in range(5):
        assert Browser(app).sign_in("chair", "khong dung dau").status_code == 422
    answer = Browser(app).sign_in("chair")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Thử lại sau" in answer.get_data(as_text=True)
    noon.advance(seconds=61)
    assert Browser(app).sign_in("chair").status_code == 303


def test_the_session_id_is_new_at_every_sign_in(app: Flask) -> None:
    browser = Browser(app)
    browser.client.set_cookie("giao_uoc", "chosen-by-an-attacker")
    browser.sign_in("chair")
    first = browser.cookie()
    assert first not in {None, "chosen-by-an-attacker"}
    browser.get("/")
    browser.post("/logout")
    browser.sign_in("chair")
    assert browser.cookie() not in {None, first}


def test_a_signed_out_session_is_over_on_the_server(app: Flask, browse: Browse) -> None:
    browser = browse("chair")
    stolen = browser.cookie()
    browser.get("/")
    answer = browser.post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.cookie() is None
    thief = Browser(app)
    thief.client.set_cookie("giao_uoc", stolen or "")
    assert thief.get("/").status_code == 302


def test_a_revoked_session_is_over_at_once(house: House, browse: Browse) -> None:
    browser = browse("chair")
    with transaction() as session:
        revoke_all(session, house.people["chair"], at=clock.now())
    assert browser.get("/").status_code == 302


def test_a_closed_account_is_out_at_once(house: House, browse: Browse) -> None:
    browser = browse("chair")
    with transaction() as session:
        session.get_one(Account, house.people["chair"]).active = False
    assert browser.get("/").status_code == 302


def test_thirty_idle_minutes_end_a_session(browse: Browse, noon: clock.ScriptedClock) -> None:
    browser = browse("chair")
    for _ in range(3):
        noon.advance(seconds=29 * 60)
        assert browser.get("/").status_code == 200
    noon.advance(seconds=30 * 60)
    assert browser.get("/").status_code == 302


def test_twelve_hours_end_a_session_even_in_use(browse: Browse, noon: clock.ScriptedClock) -> None:
    browser = browse("chair")
    for _ in range(25):
        noon.advance(seconds=28 * 60)
        assert browser.get("/").status_code == 200
    noon.advance(seconds=25 * 60)
    assert browser.get("/").status_code == 302


def test_reading_pages_writes_nothing_for_five_minutes(browse: Browse, noon: clock.ScriptedClock) -> None:
    browser = browse("chair")
    browser.get("/")
    with counted(database.engine()) as work:
        noon.advance(seconds=299)
        browser.get("/")
    assert work.commits == 0, str(work)
    with counted(database.engine()) as work:
        noon.advance(seconds=2)
        browser.get("/")
    assert work.commits == 1, str(work)


def test_static_files_ask_the_database_nothing(browse: Browse) -> None:
    browser = browse("chair")
    with counted(database.engine()) as work:
        browser.get("/static/dist/nothing.css")
        browser.get("/healthz")
    assert len(work) == 0, str(work)


def test_the_cookie_is_kept_from_scripts_and_other_sites(app: Flask, settings: object) -> None:
    browser = Browser(app)
    answer = browser.sign_in("chair")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("giao_uoc="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_the_secret_of_the_cookie_is_not_in_the_database(browse: Browse) -> None:
    browser = browse("chair")
    with reading() as session:
        rows = session.execute(sa.select(WebSession.id, sa.cast(WebSession.data, sa.Text))).all()
    assert rows
    assert browser.cookie() not in str(rows)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "///evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/nowhere",
        "/units\r\nSet-Cookie: a=b",
        "\thttps://evil.example",
        "https://localhost@evil.example/",
        "http://localhost:80@evil.example/units",
        "/units@evil.example",
        " /units",
        "",
        "data:text/html,x",
        "https:///evil.example",
        "/static/../../etc/passwd",
        "http://localhost.evil.example/units",
        "\\\\evil.example",
        "/login/..//evil.example",
        "%2f%2fevil.example",
        "/%09/evil.example",
        "//localhost/units",
        "ftp://localhost/units",
        "/units\x00",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(app: Flask, target: str) -> None:
    browser = Browser(app)
    browser.get("/login")
    answer = browser.post("/login", {"username": "chair", "password": PASSWORD, "next": target})
    assert answer.status_code in {303, 400}
    if answer.status_code == 303:
        assert answer.location in {"/", "http://localhost/"}


def test_whoever_must_choose_a_password_sees_nothing_else_before(
    app: Flask, house: House, browse: Browse
) -> None:
    with transaction() as session:
        session.get_one(Account, house.people["chair"]).must_change_password = True
    browser = Browser(app)
    assert browser.sign_in("chair").location == "/account"
    assert browser.get("/units").location == "/account"
    browser.get("/account")
    new = "cây cầu gỗ bắc qua sông 9"
    answer = browser.post("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 303
    assert browser.get("/").status_code == 302
    assert browser.sign_in("chair", new).location == "/"


def test_a_weak_or_misspelt_new_password_is_refused_with_words(browse: Browse) -> None:
    browser = browse("chair")
    browser.get("/account")
    weak = browser.post("/account/password", {"old": PASSWORD, "new": "matkhau", "again": "matkhau"})
    assert weak.status_code == 422
    assert "Mật khẩu cần từ 10" in browser.page
    other = browser.post("/account/password", {"old": PASSWORD, "new": "a" * 12, "again": "b" * 12})
    assert other.status_code == 422
    assert "khác nhau" in browser.page


def test_the_pin_is_set_with_the_password_only(browse: Browse) -> None:
    browser = browse("chair")
    browser.get("/account")
    assert browser.post("/account/pin", {"pin_password": "sai", "pin": "271828"}).status_code == 422
    assert browser.post("/account/pin", {"pin_password": PASSWORD, "pin": "111111"}).status_code == 422
    assert browser.post("/account/pin", {"pin_password": PASSWORD, "pin": "271828"}).status_code == 303
