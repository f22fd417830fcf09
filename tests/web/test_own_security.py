"""My account: where I am signed in, what happened, tokens for programs."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.web.house import PASSWORD, Browser, House
from workflow_app import api
from workflow_app.audit.models import AuditEvent
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id
from workflow_app.core.settings import Settings
from workflow_app.organisations import service as organisations
from workflow_app.organisations import settings_data
from workflow_app.organisations.models import ApiToken, SignInTry, WebSession
from workflow_app.organisations.types import Capacity
from workflow_app.web.accounts.origins import device_of
from workflow_app.web.app import create_app

Browse = Callable[[str], Browser]
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0"
_SECRET = re.compile(r"(gu_[\w-]+)</textarea>")
_MAKE = {"name": "Bảng Excel", "scope": "read", "days": "30", "password": PASSWORD}


def _signed_in_with(app: Flask, agent: str, address: str = "10.0.0.1") -> Browser:
    browser = Browser(app, address=address)
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    assert browser.sign_in("chair").status_code == 303
    return browser


def _actions(person_id: UUID) -> list[str]:
    with reading() as session:
        query = sa.select(AuditEvent).where(AuditEvent.actor_id == person_id).order_by(AuditEvent.id)
        return [event.action for event in session.scalars(query)]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Safari, iPhone"),
        (DESK, "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/129.0 Mobile Safari/537.36 Zalo android/24", "Zalo, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/130 Chrome/124.0 Safari/537.36", "Cốc Cốc, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("curl/8.5.0", ""),
        ("<script>alert(1)</script>", ""),
    ],
)  # fmt: skip
def test_a_browser_is_told_by_program_and_system_and_nothing_else_of_it_is_kept(
    agent: str, words: str
) -> None:
    assert device_of(agent) == words


def test_my_sessions_are_listed_and_one_of_them_is_ended(app: Flask, house: House) -> None:
    phone, desk = _signed_in_with(app, PHONE), _signed_in_with(app, DESK)
    desk.get("/account/sessions")
    assert "Safari, iPhone" in desk.page
    assert desk.page.count("Phiên này") == 1
    other = re.findall(r'action="(/account/sessions/[0-9a-f]{64}/end)"', desk.page)
    assert len(other) == 1, "the own one is ended by signing out"
    assert desk.post(other[0]).status_code == 303
    assert phone.get("/").status_code == 302
    assert desk.get("/").status_code == 200
    desk.get("/account/sessions")
    assert desk.post(other[0]).status_code == 404
    assert _actions(house.people["chair"]) == ["account.session_ended"]


def test_all_my_other_sessions_end_at_once(app: Flask, house: House) -> None:
    others = [_signed_in_with(app, PHONE) for _ in range(3)]
    desk = _signed_in_with(app, DESK)
    desk.get("/account/sessions")
    assert desk.post("/account/sessions/end-others").status_code == 303
    assert [browser.get("/").status_code for browser in others] == [302] * 3
    assert desk.get("/").status_code == 200
    desk.get("/account/sessions")
    desk.post("/account/sessions/end-others")
    assert _actions(house.people["chair"]) == ["account.sessions_ended"], "nothing ended the second time"


def test_nobody_ends_somebody_elses_session(app: Flask, house: House, browse: Browse) -> None:
    victim, thief = browse("chair"), browse("leader")
    with reading() as session:
        row = session.scalars(
            sa.select(WebSession.id).where(WebSession.person_id == house.people["chair"])
        ).one()
    thief.get("/account/sessions")
    assert row not in thief.page
    assert thief.post(f"/account/sessions/{row}/end").status_code == 404
    thief.post("/account/sessions/end-others")
    assert victim.get("/").status_code == 200


def test_a_session_that_is_over_is_not_listed(app: Flask, noon: clock.ScriptedClock) -> None:
    _signed_in_with(app, PHONE)
    noon.advance(seconds=31 * 60)
    desk = _signed_in_with(app, DESK)
    desk.get("/account/sessions")
    assert "Safari, iPhone" not in desk.page


def test_the_history_tells_what_happened_to_my_account(
    app: Flask, house: House, noon: clock.ScriptedClock
) -> None:
    Browser(app, address="203.0.113.9").sign_in("chair", "sai mat khau")
    noon.advance(seconds=60)
    desk = _signed_in_with(app, DESK, address="198.51.100.7")
    noon.advance(seconds=60)
    desk.get("/account")
    desk.post("/account/pin", {"pin_password": PASSWORD, "pin": "271828"})
    page = desk.get("/account/security").get_data(as_text=True)
    titles = re.findall(r"<strong>([^<]+)</strong>", page)
    assert titles == ["Đổi mã PIN ký", "Đăng nhập", "Đăng nhập không thành công"], (
        "the password asked again is no sign-in"
    )
    assert "203.0.113.9" in page
    assert "198.51.100.7" in page
    stranger = Browser(app)
    stranger.sign_in("leader")
    assert "203.0.113.9" not in stranger.get("/account/security").get_data(as_text=True)


def test_a_long_history_has_pages(house: House, browse: Browse) -> None:
    chair = house.people["chair"]
    with transaction() as session:
        for _ in range(60):
            session.add(SignInTry(name_digest="x", person_id=chair, address="10.1.1.1", at=clock.now()))
        session.flush()
        number = sa.func.row_number().over(order_by=SignInTry.id)
        spread = sa.select(SignInTry.id, number.label("n")).where(SignInTry.name_digest == "x").subquery()
        session.execute(
            sa.update(SignInTry)
            .where(SignInTry.id == spread.c.id)
            .values(at=SignInTry.at - spread.c.n * sa.text("interval '1 minute'"))
        )
    browser = browse("chair")
    seen, target = 0, "/account/security"
    while target:
        page = browser.get(target).get_data(as_text=True)
        seen += page.count("10.1.1.1")
        found = re.search(r'href="([^"]+)" rel="next"', page)
        target = found[1].replace("&amp;", "&") if found else ""
    assert seen == 60
    for nonsense in ("x", "2019-03-01", "2019-03-01T00:00:00%2B99:00", "9999-12-31T23:59:59-23:59"):
        assert browser.get(f"/account/security?before={nonsense}").status_code == 200


@pytest.fixture
def with_api(house: House, settings: Settings) -> Flask:
    app = create_app(settings, mounts=[api.mount])
    app.testing = True
    return app


def _tasks(app: Flask, secret: str) -> int:
    answer = app.test_client().get("/api/v1/tasks", headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code


def _made(browser: Browser, **changed: str) -> Any:
    browser.get("/account/tokens")
    return browser.post("/account/tokens", {**_MAKE, **changed})


def test_a_token_is_shown_once_works_and_is_revoked(with_api: Flask, house: House) -> None:
    officer = Browser(with_api)
    officer.sign_in("officer")
    answer = _made(officer)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    found = _SECRET.search(officer.page)
    assert found is not None
    assert _tasks(with_api, found[1]) == 200
    officer.get("/account/tokens")
    assert found[1] not in officer.page
    assert "Bảng Excel" in officer.page
    assert "dùng lần cuối thứ Sáu 01/3/2019" in officer.page
    revoke = re.findall(r'action="(/account/tokens/[0-9a-f-]{36}/revocation)"', officer.page)
    assert officer.post(revoke[0]).status_code == 303
    assert _tasks(with_api, found[1]) == 401
    officer.get("/account/tokens")
    assert "Đã thu hồi" in officer.page
    officer.post(revoke[0])
    assert _actions(house.people["officer"]) == ["token.issued", "token.revoked"]
    titles = re.findall(r"<strong>([^<]+)</strong>", officer.get("/account/security").get_data(as_text=True))
    assert titles[:2] == ["Thu hồi mã truy cập", "Cấp mã truy cập"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": " "}, "Đặt tên"),
        ({"scope": "everything"}, "Chọn ít nhất một quyền"),
        ({"days": "0"}, "từ 1 đến 180"),
        ({"days": "181"}, "từ 1 đến 180"),
        ({"days": "ba mươi"}, "từ 1 đến 180"),
        ({"password": "sai"}, "Mật khẩu đang dùng chưa đúng"),
    ],
)
def test_a_wrong_token_form_says_what_to_mend_and_keeps_what_was_typed(
    house: House, browse: Browse, changed: dict[str, str], sentence: str
) -> None:
    browser = browse("officer")
    assert _made(browser, **changed).status_code == 422
    assert sentence in browser.page
    assert PASSWORD not in browser.page
    assert 'value="Bảng Excel"' in browser.page or "name" in changed
    with reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ApiToken)) == 0


def _set(key: str, value: Any, house: House) -> None:
    with transaction() as session:
        settings_data.change_setting(
            session,
            key,
            value,
            unit_id=house.units["federation"],
            valid_from=clock.today(),
            legal_basis="QĐ 1",
            by=new_id(),
            at=clock.now(),
        )


def test_the_union_decides_who_may_have_a_token_and_for_how_long(house: House, browse: Browse) -> None:
    chair, officer = browse("chair"), browse("officer")
    assert _made(chair).status_code == 403
    assert "Ai được tạo mã truy cập" in chair.page
    chair.get("/account/tokens")
    assert "chưa được tạo mã" in chair.page
    _set("api.token_holders", "everybody", house)
    assert _made(chair).status_code == 201
    _set("api.token_max_days", 10, house)
    assert _made(officer).status_code == 422
    assert "từ 1 đến 10" in officer.page
    _set("api.token_holders", "nobody", house)
    assert _made(officer, days="5").status_code == 403


def test_a_lent_office_makes_no_token(house: House, browse: Browse) -> None:
    with transaction() as session:
        organisations.delegate(
            session,
            principal_appointment_id=house.seats["officer"],
            delegate_person_id=house.people["third"],
            valid_from=clock.today(),
            valid_to=None,
            capacity=Capacity.BY_DELEGATION,
            basis_number="02/GUQ",
        )
    assert _made(browse("third")).status_code == 403


def test_nobody_revokes_somebody_elses_token(house: House, browse: Browse) -> None:
    officer, clerk = browse("officer"), browse("clerk")
    _made(officer)
    with reading() as session:
        token = session.scalars(sa.select(ApiToken)).one()
    clerk.get("/account/tokens")
    assert "Bảng Excel" not in clerk.page
    assert clerk.post(f"/account/tokens/{token.id}/revocation").status_code == 404
