"""What was typed when the session ended comes back, without a script and without the browser's help."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from uuid import uuid4

import pytest
from flask import Flask
from lxml import html

from tests.web.house import PASSWORD, Browser, House
from tests.web.letters import filled
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.engine.models import HumanTask, TaskStatus
from workflow_app.organisations.models.accounts import Account

Browse = Callable[[str], Browser]
TYPED = 'Đề nghị <lùi hạn> "báo cáo" quý I'


@pytest.fixture
def draft(house: House) -> str:
    house.letter()
    return f"/tasks/{house.task()}"


@pytest.fixture
def ended(draft: str, browse: Browse, noon: clock.ScriptedClock) -> Browser:
    """A browser whose form was sent half an hour too late."""
    browser = browse("chair")
    browser.get(draft)
    noon.advance(seconds=31 * 60)
    assert browser.post(draft, filled(body=TYPED, secret="mật khẩu rất riêng")).status_code == 401
    return browser


def kept_in(browser: Browser) -> str:
    found = html.fromstring(browser.page).xpath("//input[@name='kept']/@value")
    return str(found[0]) if found else ""


def sign_in(browser: Browser, password: str = PASSWORD, **more: str) -> int:
    form = {"username": "chair", "password": password, "kept": kept_in(browser), **more}
    return browser.post("/login", form).status_code


def resend(browser: Browser) -> int:
    """Presses the button of the page as it stands."""
    (form,) = html.fromstring(browser.page).xpath("//form[.//input[@name='op_id']]")
    values = {each.get("name"): each.get("value") for each in form.xpath(".//input")}
    return browser.send(form.get("action"), values).status_code


def state(path: str) -> TaskStatus:
    with reading() as session:
        return TaskStatus(session.get_one(HumanTask, path.rpartition("/")[2]).status)


def test_after_signing_in_the_same_form_is_sent_by_a_press(ended: Browser, draft: str) -> None:
    assert state(draft) is TaskStatus.OPEN
    assert sign_in(ended) == 200
    assert TYPED in unescape(ended.page)
    assert state(draft) is TaskStatus.OPEN, "signing in alone sends nothing"
    assert resend(ended) == 303
    assert state(draft) is TaskStatus.COMPLETED


def test_loading_the_page_anew_loses_nothing(ended: Browser, draft: str) -> None:
    # A browser then sends the same form once more, with the token of the session that is over.
    old = {**filled(body=TYPED), "csrf_token": "of the ended session", "op_id": str(uuid4())}
    assert ended.send(draft, old).status_code == 401
    assert sign_in(ended) == 200
    assert resend(ended) == 303


def test_a_wrong_password_loses_nothing(ended: Browser, draft: str) -> None:
    assert sign_in(ended, "sai mật khẩu rồi") == 422
    assert sign_in(ended) == 200
    assert resend(ended) == 303
    assert state(draft) is TaskStatus.COMPLETED


def test_passwords_and_pins_are_never_written_into_a_page(ended: Browser) -> None:
    assert "mật khẩu rất riêng" not in unescape(ended.page)
    sign_in(ended)
    assert "mật khẩu rất riêng" not in unescape(ended.page)
    assert not html.fromstring(ended.page).xpath("//input[@name='secret']")


def test_a_changed_seal_or_one_of_yesterday_hands_nothing_back(
    ended: Browser, noon: clock.ScriptedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = kept_in(ended)
    ended.get("/login")
    spoilt = sealed[:-4] + ("AAAA" if not sealed.endswith("AAAA") else "BBBB")
    assert sign_in(ended, kept=spoilt) == 303
    monkeypatch.setattr("workflow_app.web.kept._AGE_S", -1)
    ended.get("/")
    ended.post("/logout")
    ended.get("/login")
    assert sign_in(ended, kept=sealed) == 303


def test_a_form_of_another_site_is_never_kept(draft: str, app: Flask) -> None:
    # SameSite keeps the cookie of the ended session at home; what comes without it is a stranger's.
    stranger = Browser(app)
    stranger.get("/login")
    answer = stranger.post(draft, {**filled(body=TYPED), "op_id": "x"})
    assert answer.status_code == 401
    assert kept_in(stranger) == ""
    assert TYPED not in unescape(stranger.page)


def test_what_is_sent_on_leads_nowhere_but_home(ended: Browser, draft: str) -> None:
    sign_in(ended)
    actions = html.fromstring(ended.page).xpath("//form/@action")
    assert [path for path in actions if not path.startswith("/")] == []
    assert draft in actions


def test_signing_out_with_an_ended_session_keeps_no_form(browse: Browse, noon: clock.ScriptedClock) -> None:
    browser = browse("chair")
    browser.get("/")
    noon.advance(seconds=31 * 60)
    browser.post("/logout")
    assert kept_in(browser) == ""


def test_chosen_files_are_said_to_be_lost_and_the_text_is_there_to_copy(
    browse: Browse, noon: clock.ScriptedClock
) -> None:
    browser = browse("author")
    browser.get("/definitions")
    noon.advance(seconds=31 * 60)
    file = (BytesIO(b"<xml/>"), "letter.bpmn")
    assert browser.post("/definitions", {"diagram": file, "note": "Bản mới của tôi"}).status_code == 401
    assert "Tệp đã chọn không giữ được" in browser.page
    form = {"username": "author", "password": PASSWORD, "kept": kept_in(browser)}
    assert browser.post("/login", form).status_code == 200
    assert "Bản mới của tôi" in browser.page
    assert not html.fromstring(browser.page).xpath("//form[@action='/definitions']")


def test_who_must_change_the_password_first_can_copy_what_was_typed(ended: Browser, house: House) -> None:
    with transaction() as session:
        session.get_one(Account, house.people["chair"]).must_change_password = True
    assert sign_in(ended) == 200
    assert TYPED in unescape(ended.page)
    assert re.search(r'href="/account[^"]*"', ended.page)
    assert not html.fromstring(ended.page).xpath("//input[@name='op_id']")
