"""Refusals as pages, fragments and problem documents."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.house import Browser, House
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
