"""Every page of the web in a real Chromium: accessible, nothing cut off, nothing that the content policy stops."""

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

import hatch_build
from tests.web.gallery_app import serving
from tests.web.house import PASSWORD, SINCE, House
from workflow_app.core.database import reading, transaction
from workflow_app.engine.models import ProcessInstance
from workflow_app.organisations import service as organisations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ADDRESSES = {
    "chair": ["/", "/?tab=waiting", "/?tab=done", "{task}", "{task}/handover", "/documents", "/registers", "/units", "/units/mine", "{bloc}", "/people", "/people/me", "/people/delegations/new", "{instance}", "/account", "/account/sessions", "/account/security", "/account/tokens", "/preferences", "/nowhere"],
    "admin": ["{appoint}", "/administration/accounts", "{account}", "{no_account}", "/account/tokens", "/administration/reorganisation", "/definitions", "{definition}", "/history", "/blocs"],
    "": ["/login", "/verify", "/verify?code=ffffffff"],
}  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        if "browser" in os.environ.get("WORKFLOW_APP_TEST_REQUIRE", ""):
            pytest.fail("no Chromium: install the package chromium, or set CHROMIUM")
        pytest.skip("no Chromium: install the package chromium, or set CHROMIUM")
    arguments = ["--disable-gpu", "--no-first-run", "--disable-background-networking"]
    arguments += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    hatch_build.build_assets()
    with serving(app) as address:
        yield address


@pytest.fixture
def places(house: House) -> dict[str, str]:
    """What stands for the braces in ADDRESSES."""
    instance = house.letter()
    with transaction() as session:
        newcomer = organisations.add_person(session, full_name="Võ Thị Ngọc Hân").id
        organisations.appoint(
            session,
            person_id=newcomer,
            unit_id=house.units["one"],
            office_code="committee_member",
            valid_from=SINCE,
        )
    with reading() as session:
        definition = session.get_one(ProcessInstance, instance).definition_id
    return {
        "task": f"/tasks/{house.task()}",
        "instance": f"/instances/{instance}",
        "bloc": f"/blocs/{house.bloc_id}/2019",
        "definition": f"/definitions/{definition}",
        "account": f"/administration/accounts/{house.people['chair']}",
        "no_account": f"/administration/accounts/{newcomer}",
        "appoint": f"/administration/units/{house.units['three']}/appointments/new",
    }


def sign_in(page: Page, who: str) -> None:
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill(who)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.locator("h1")).to_have_text("Việc của tôi")


@pytest.mark.parametrize("who", list(ADDRESSES))
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (360, "dark"), (320, "light")])
def test_every_page_is_accessible_and_whole(
    chromium: Chromium, site: str, places: dict[str, str], who: str, width: int, theme: str
) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "theme", "value": theme, "url": site}])
    page, complaints, faults = context.new_page(), list[str](), list[object]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    if who:
        sign_in(page, who)
    for pattern in ADDRESSES[who]:
        page.goto(pattern.format_map(places))
        page.wait_for_load_state("networkidle")
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        faults += [(pattern, rule["id"], [node["html"][:150] for node in rule["nodes"]]) for rule in found]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append((pattern, "scrolls sideways"))
    context.close()
    assert faults == []
    assert [text for text in complaints if "status of" not in text] == []


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (360, "dark"), (320, "light")])
def test_what_is_shown_once_is_accessible_and_whole(
    chromium: Chromium, site: str, places: dict[str, str], width: int, theme: str
) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "theme", "value": theme, "url": site}])
    page, faults = context.new_page(), list[object]()
    sign_in(page, "admin")

    def look(name: str) -> None:
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        faults.extend((name, rule["id"], [node["html"][:150] for node in rule["nodes"]]) for rule in found)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append((name, "scrolls sideways"))

    page.goto(places["no_account"])
    page.get_by_role("button", name="Mở tài khoản").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mật khẩu lần đầu của Võ Thị Ngọc Hân")
    expect(page.get_by_role("button", name="In phiếu")).to_be_visible()
    look("first password")
    page.goto("/account/tokens")
    page.get_by_label("Tên để nhận ra").fill("Bảng tổng hợp Excel")
    page.get_by_label("Mật khẩu đang dùng").fill(PASSWORD)
    page.get_by_role("button", name="Tạo mã").click()
    expect(page.get_by_label("Mã truy cập", exact=True)).to_have_value(re.compile("^gu_"))
    look("token")
    page.get_by_role("link", name="Đã chép, về danh sách mã").click()
    expect(page.get_by_role("button", name="Thu hồi Bảng tổng hợp Excel")).to_be_visible()
    context.close()
    assert faults == []


def test_the_diagram_is_drawn_with_its_marks_and_the_mark_of_bpmn_io(
    chromium: Chromium, site: str, places: dict[str, str]
) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, "chair")
    page.goto(places["instance"])
    page.get_by_text("Xem sơ đồ").click()
    # A small test diagram has no drawing of its own: the page then says so, and the steps stay.
    expect(page.locator(".djs-container, [data-diagram-failed]:not([hidden])").first).to_be_visible()
    expect(page.get_by_role("heading", name="Các bước")).to_be_visible()
    context.close()


def test_enter_in_a_field_sends_nothing_away(chromium: Chromium, site: str, places: dict[str, str]) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, "chair")
    page.goto(places["task"])
    page.get_by_label("Trích yếu").fill("Đang gõ dở")
    page.get_by_label("Trích yếu").press("Enter")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Trích yếu")).to_have_value("Đang gõ dở")
    expect(page.get_by_role("heading", level=1)).to_have_text("Soạn thư")
    context.close()


def test_a_row_is_added_without_a_script_at_the_same_place(
    chromium: Chromium, site: str, places: dict[str, str]
) -> None:
    context = chromium.new_context(
        base_url=site, viewport={"width": 1280, "height": 900}, java_script_enabled=False
    )
    page = context.new_page()
    sign_in(page, "chair")
    page.goto(places["task"])
    page.get_by_label("Việc sẽ làm").fill("Hiến máu nhân đạo")
    page.get_by_role("button", name="Thêm dòng").click()
    expect(page.get_by_label("Việc sẽ làm")).to_have_count(2)
    expect(page.get_by_label("Việc sẽ làm").first).to_have_value("Hiến máu nhân đạo")
    assert page.url.endswith("#aims")
    context.close()
