"""Headers, origins, tokens, sizes: what every page owes and every change must prove."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.house import Browser, House
from workflow_app.core.settings import Settings
from workflow_app.web.app import create_app

Browse = Callable[[str], Browser]


def test_every_answer_carries_the_headers(app: Flask, browse: Browse) -> None:
    browser = browse("chair")
    for path in ("/", "/login", "/nowhere", "/healthz", "/static/dist/x", "/tasks/count"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Cache-Control" in headers


def test_pages_have_no_script_and_no_style_of_their_own(house: House, browse: Browse) -> None:
    house.letter()
    browser = browse("chair")
    for path in ("/", f"/tasks/{house.task()}", "/units", "/documents", "/account", "/preferences"):
        page = browser.get(path).get_data(as_text=True)
        assert "<style" not in page, path
        assert " style=" not in page, path
        assert " onclick=" not in page, path
        assert "<script>" not in page, path
        assert "javascript:" not in page, path


def test_secure_cookies_have_the_host_prefix_and_pages_ask_for_tls(
    house: House, settings: Settings, letter_process: None
) -> None:
    app = create_app(settings.model_copy(update={"secure_cookies": True}))
    browser = Browser(app)
    answer = browser.client.get("/login", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def unsafe_routes(app: Flask) -> list[tuple[str, str]]:
    """(method, path) of everything that can change something, with ids that do not exist."""
    found = []
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        path = str(rule)
        for argument in rule.arguments:
            value = "1" if f"<int:{argument}>" in path else "018f0000-0000-7000-8000-00000000abcd"
            path = (
                path.replace(f"<uuid:{argument}>", value)
                .replace(f"<int:{argument}>", value)
                .replace(f"<{argument}>", value)
            )
        found += [(method, path) for method in methods]
    return found


def test_no_change_without_a_token(app: Flask, browse: Browse) -> None:
    browser = browse("admin")
    routes = unsafe_routes(app)
    assert len(routes) >= 14
    for method, path in routes:
        answer = browser.client.open(path, method=method, data={"seat_id": "x"})
        assert answer.status_code == 400, (method, path)
        assert "Không đọc được yêu cầu" in answer.get_data(as_text=True)


def test_a_token_of_another_session_is_no_token(app: Flask, browse: Browse) -> None:
    mine, other = browse("chair"), browse("leader")
    other.get("/")
    assert mine.send("/preferences", {"theme": "dark", "csrf_token": other.token()}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_change_asked_for_by_another_site_is_refused_even_with_the_token(
    browse: Browse, headers: dict[str, str]
) -> None:
    browser = browse("chair")
    browser.get("/preferences")
    assert browser.post("/preferences", {"theme": "dark"}, headers=headers).status_code == 400
    browser.get("/preferences")
    assert (
        browser.post("/preferences", {"theme": "dark"}, headers={"Origin": "http://localhost"}).status_code
        == 303
    )


def test_a_nul_in_the_address_is_no_server_error(browse: Browse) -> None:
    browser = browse("chair")
    for path in (
        "/?tab=%00",
        "/people?q=%00",
        "/units?on=%00",
        "/%00",
        "/documents?state=%00&q=a%00b",
        "/login?next=%00",
    ):
        assert browser.get(path).status_code in {400, 404}, path


@pytest.mark.parametrize(
    "query", ["ư" * 5000, "%", "_", "\\", "'", '"><script>', "\u202e", "\ufeff", "a" * 100_000, "\ud7ff"]
)
def test_strange_searches_find_nothing_and_break_nothing(browse: Browse, query: str) -> None:
    browser = browse("chair")
    for path in ("/people", "/units", "/documents"):
        answer = browser.get(path, query_string={"q": query})
        assert answer.status_code == 200, path
        assert "<script>" not in answer.get_data(as_text=True)


def test_strange_numbers_in_addresses_are_no_server_error(browse: Browse) -> None:
    browser = browse("auditor")
    nothing = "018f0000-0000-7000-8000-00000000abcd"
    for path in (
        "/history?before=-1",
        "/history?before=99999999999999999999",
        f"/blocs/{nothing}/0",
        f"/blocs/{nothing}/99999999999",
        f"/documents/{nothing}?version=99999999999999999999",
        "/units?on=99/99/9999",
        f"/instances/{nothing}",
        f"/tasks/{nothing}",
    ):
        assert browser.get(path).status_code in {200, 404}, path


def test_names_of_people_and_units_are_text_not_markup(house: House, browse: Browse) -> None:
    from workflow_app.core.database import transaction
    from workflow_app.organisations import service as organisations

    evil = '<img src=x onerror="alert(1)">'
    with transaction() as session:
        organisations.rename_person(session, house.people["chair"], full_name=evil)
    page = browse("chair").get("/").get_data(as_text=True)
    assert evil not in page
    assert "&lt;img" in page


def test_twenty_sign_ins_a_minute_are_enough(app: Flask) -> None:
    browser = Browser(app, address="10.0.0.99")
    browser.get("/login")
    statuses = [
        browser.post("/login", {"username": f"x{number}", "password": "y"}).status_code
        for number in range(40)
    ]
    assert 429 in statuses
    assert 500 not in statuses
