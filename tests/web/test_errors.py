"""Refusals as pages, fragments and problem documents."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask

from tests.support.statements import counted
from tests.web.house import Browser, House
from workflow_app.core import database
from workflow_app.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    StaleRevision,
    Unavailable,
)
from workflow_app.organisations.errors import FourEyes, SessionEnded, TooManyTries
from workflow_app.web import errors
from workflow_app.web.actors import SignInNeeded
from workflow_app.web.reference import NOBODY, ReferenceCache

Browse = Callable[[str], Browser]


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotFound(), 404),
        (Forbidden(), 403),
        (FourEyes(), 403),
        (Conflict(), 409),
        (StaleRevision(), 409),
        (Invalid([FieldError("a", "Nhập a.")]), 422),
        (Unavailable(), 503),
        (Refusal(), 422),
        (TooManyTries(retry_after=5), 429),
        (SessionEnded(), 401),
        (SignInNeeded(), 401),
    ],
)
def test_each_refusal_has_its_status(refusal: Refusal, status: int) -> None:
    assert errors.status_of(refusal) == status


@pytest.fixture
def failing(app: Flask) -> Callable[[BaseException], None]:
    """Makes /units fail in any way."""

    def fail(with_what: BaseException) -> None:
        def view() -> str:
            raise with_what

        app.view_functions["units.index"] = view

    return fail


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (NotFound("x", vi="Không có đâu."), "Không có đâu."),
        (Forbidden("x", may=["Khối trưởng"]), "Khối trưởng"),
        (Conflict("x"), "vừa thay đổi"),
        (Unavailable("x"), "Chưa có gì thay đổi"),
        (Refusal("x", vi="Không được."), "Không được."),
        (Invalid([FieldError("a", "Nhập a."), FieldError("b", "Nhập b.")]), "Nhập b."),
    ],
)
def test_a_refusal_is_a_page_with_its_sentence_one_heading_and_no_code(
    failing: Callable[[BaseException], None], browse: Browse, refusal: Refusal, words: str
) -> None:
    failing(refusal)
    answer = browse("chair").get("/units")
    page = answer.get_data(as_text=True)
    assert answer.status_code == errors.status_of(refusal)
    assert words in page
    assert page.count("<h1") == 1
    text = re.sub(r"<[^>]*>", " ", page.split("<main")[1].split("</main")[0])
    assert str(answer.status_code) not in text


def test_a_script_gets_the_message_alone(failing: Callable[[BaseException], None], browse: Browse) -> None:
    failing(Conflict("x", vi="Có người nhanh hơn."))
    page = browse("chair").get("/units", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "Có người nhanh hơn." in page
    assert "data-notice" in page
    assert "<html" not in page


def test_who_accepts_json_gets_a_problem_document(
    failing: Callable[[BaseException], None], browse: Browse
) -> None:
    failing(Conflict("x", vi="Có người nhanh hơn.", at=None))
    answer = browse("chair").get("/units", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert (body["status"], body["code"], body["detail"]) == (409, "conflict", "Có người nhanh hơn.")
    assert body["type"] == "urn:giao-uoc:problem:conflict"


def test_an_unforeseen_fault_shows_an_incident_and_nothing_of_the_inside(
    failing: Callable[[BaseException], None], browse: Browse, caplog: pytest.LogCaptureFixture
) -> None:
    failing(RuntimeError("password=hunter2 host=db"))
    answer = browse("chair").get("/units?secret=canary")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "Hệ thống đang gặp sự cố" in page
    assert "hunter2" not in page
    assert "Traceback" not in page
    incident = page.split('class="gu-code mb-0">')[1].split("<")[0].replace(" ", "")
    assert len(incident) == 8
    assert incident in caplog.text
    assert "canary" not in caplog.text


def test_the_error_page_stands_even_when_the_database_is_gone(
    failing: Callable[[BaseException], None], browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    failing(OperationalError("SELECT secret_column", {}, Exception("connection refused")))
    answer = browse("chair").get("/units")
    assert answer.status_code == 503
    assert "secret_column" not in answer.get_data(as_text=True)


def test_an_error_page_remembers_whom_to_call_and_asks_nobody(
    app: Flask, failing: Callable[[BaseException], None], browse: Browse
) -> None:
    browser = browse("chair")
    browser.get("/")
    _give_help_line(app, "0296 3 000 004")
    failing(RuntimeError("x"))
    with counted(database.engine()) as statements:
        page = browser.get("/units").get_data(as_text=True)
    assert "gọi số ở cuối trang" in page
    assert "tel:02963000004" in page.split("<footer")[1]
    assert not [each for each in statements.statements if "setting" in each]


def test_an_error_page_without_a_number_does_not_speak_of_one(
    app: Flask, failing: Callable[[BaseException], None], browse: Browse
) -> None:
    browser = browse("chair")
    for line in (None, ""):
        _give_help_line(app, line)
        for fault in (RuntimeError("x"), Unavailable("x"), TooManyTries(retry_after=5)):
            failing(fault)
            page = browser.get("/units").get_data(as_text=True)
            assert "cuối trang" not in page
            assert "tel:" not in page


def test_with_several_federations_a_stranger_is_shown_nobodys_number() -> None:
    cache = ReferenceCache()
    first, second, third = uuid4(), uuid4(), uuid4()
    lines = {first: {"phone": "0296 1"}, second: {"phone": "0296 1"}}
    for unit, line in lines.items():
        cache.get(unit, date(2019, 3, 1), lambda line=line: replace(NOBODY, help_line=line))
    assert cache.help_line(None) == {"phone": "0296 1"}
    cache.get(third, date(2019, 3, 1), lambda: replace(NOBODY, help_line={"phone": "0299 2"}))
    assert cache.help_line(None) is None
    assert cache.help_line(third) == {"phone": "0299 2"}
    cache.forget()
    assert cache.help_line(third) == {"phone": "0299 2"}, "the last known one stays until a newer one is read"


def _give_help_line(app: Flask, phone: str | None) -> None:
    """As if pages had been read with this number; None: the process has just begun and knows nothing."""
    app.extensions["reference"] = cache = ReferenceCache()
    if phone is not None:
        line = replace(NOBODY, help_line={"office": "Văn phòng", "phone": phone, "hours": ""})
        cache.get(None, date(2019, 3, 1), lambda: line)


def test_a_database_that_is_away_gives_503_pages_and_a_red_light(
    app: Flask, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflow_app.core import database

    browser = browse("chair")
    before = database.engine().url.render_as_string(hide_password=False)
    database.bind("postgresql+psycopg://nobody:x@127.0.0.1:9/none?connect_timeout=1")
    try:
        assert browser.get("/").status_code == 503
        assert browser.get("/readyz").status_code == 503
        assert browser.get("/healthz").status_code == 200
        assert browser.get("/preferences").status_code in {200, 503}
    finally:
        database.bind(before)
    assert browser.get("/readyz").status_code == 200


def test_unknown_pages_wrong_methods_and_large_bodies_have_pages(house: House, browse: Browse) -> None:
    browser = browse("chair")
    assert "Không tìm thấy trang" in browser.get("/nowhere").get_data(as_text=True)
    assert browser.get("/nowhere").status_code == 404
    wrong = browser.client.put("/units")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]
    browser.get("/preferences")
    answer = browser.post("/preferences", {"theme": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "quá lớn" in answer.get_data(as_text=True)


def test_facts_of_a_problem_are_plain_values() -> None:
    from datetime import UTC, date, datetime
    from uuid import UUID

    made = errors.plain(
        {
            "at": datetime(2019, 3, 1, tzinfo=UTC),
            "on": date(2019, 3, 1),
            "who": UUID(int=1),
            "set": {"b", "a"},
            "n": 1.5,
        }
    )
    assert made == {
        "at": "2019-03-01T07:00:00+07:00",
        "on": "2019-03-01",
        "who": "00000000-0000-0000-0000-000000000001",
        "set": ["a", "b"],
        "n": 1.5,
    }
