"""The pages in a real Chromium under the strict content policy: accessibility, and what the scripts add."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import hatch_build
from tests.web.gallery_app import PAGES, make_app, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ADDRESSES = [*(f"/p/{name}" for name in (*PAGES, "scripts")), "/login", "/refuse/409", "/refuse/500"]
SMALL_TEXT = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('svg')
  && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && parseFloat(getComputedStyle(e).fontSize) < 14)
  .map(e => e.outerHTML.slice(0, 80))"""
FOCUS_HIDDEN = """() => { const e = document.activeElement, r = e.getBoundingClientRect();
  if (e === document.body || r.width === 0) return null;
  const hit = document.elementFromPoint(Math.min(r.left + r.width / 2, innerWidth - 2), Math.min(Math.max(r.top + r.height / 2, 1), innerHeight - 2));
  return e.contains(hit) || hit?.contains(e) || hit?.closest('label')?.control === e ? null : e.outerHTML.slice(0, 80) }"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        if "browser" in os.environ.get("WORKFLOW_APP_TEST_REQUIRE", ""):
            pytest.fail("no Chromium: install the package chromium, or set CHROMIUM")
        pytest.skip("no Chromium: install the package chromium, or set CHROMIUM")
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS + as_root)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def app() -> Flask:
    hatch_build.build_assets()
    return make_app()


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture
def context(chromium: Browser, site: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (360, "dark")])
@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_are_accessible_and_keep_the_content_policy(
    page: Page, address: str, width: int, theme: str
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}?theme={theme}")
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate(SMALL_TEXT) == []
    assert [text for text in complaints if "status of" not in text] == []


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("text", ["normal", "larger"])
def test_nothing_scrolls_sideways_on_the_smallest_screen(page: Page, address: str, text: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{address}?text={text}")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_never_loses_sight_of_the_focus(page: Page, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"/p/{name}")
    page.evaluate("document.activeElement.blur()")
    for _ in range(70):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_HIDDEN) is None
        if page.evaluate("document.activeElement === document.body"):
            break


def test_the_skip_link_comes_first(page: Page) -> None:
    page.goto("/p/inbox")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "noi-dung"


def test_theme_auto_follows_the_system_and_paper_is_light(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/p/inbox")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(20, 25, 27)"
    page.emulate_media(color_scheme="light")
    assert page.evaluate(ground) == "rgb(250, 247, 240)"
    page.goto("/p/inbox?theme=dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 42, 49)"


def test_vietnamese_comes_in_our_own_typeface(page: Page) -> None:
    page.goto("/p/inbox")
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('600 16px \"Be Vietnam Pro\"', 'ỆỮỵ'))"
    )


def test_the_error_summary_takes_the_focus(page: Page) -> None:
    page.goto("/p/form")
    expect(page.locator("#loi")).to_be_focused()
    page.locator("#loi a").first.click()
    expect(page.locator("#so")).to_be_focused()


def test_menus_open_without_a_script(chromium: Browser, site: str) -> None:
    context = chromium.new_context(
        base_url=site, java_script_enabled=False, viewport={"width": 360, "height": 700}
    )
    page = context.new_page()
    page.goto("/p/pledge")
    page.locator(".gu-office > summary").click()
    expect(page.get_by_role("button", name="Ủy viên UBKT LĐLĐ tỉnh")).to_be_visible()
    page.locator(".gu-menu > summary").click()
    expect(page.get_by_role("link", name="Khối thi đua 04")).to_be_visible()
    assert "Sơ đồ cần JavaScript" in page.locator("noscript").inner_text()
    context.close()


def test_escape_closes_a_menu_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/p/inbox")
    menu = page.locator(".gu-office")
    menu.locator("summary").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_someone_acted_first_is_told_and_the_typed_text_stays(page: Page) -> None:
    page.goto("/p/scripts")
    page.fill("#kept", "Đơn vị đồng ý")
    page.click("#ask")
    told = page.locator("#thong-bao .gu-note")
    expect(told).to_contain_text("Nguyễn Thị Minh An, Khối trưởng")
    expect(told).to_contain_text("14:02 ngày 05/3/2019")
    expect(page.locator("#kept")).to_have_value("Đơn vị đồng ý")
    expect(page.locator("#answer")).to_have_text("cũ")


@pytest.mark.parametrize(
    ("code", "words"), [(401, "Phiên làm việc đã hết"), (403, "Chức vụ đang dùng"), (500, "đang gặp sự cố")]
)
def test_a_refusal_without_words_gets_ours(page: Page, code: int, words: str) -> None:
    page.goto("/p/scripts")
    page.click(f"#b{code}")
    expect(page.locator("#thong-bao")).to_contain_text(words)
    expect(page.locator("#answer")).to_have_text("cũ")


def test_the_end_of_a_session_opens_the_login_elsewhere(page: Page) -> None:
    page.goto("/p/scripts")
    page.click("#b401")
    link = page.locator("#thong-bao a")
    expect(link).to_have_attribute("href", "/login")
    expect(link).to_have_attribute("target", "_blank")
    page.evaluate("document.querySelectorAll('input[name=csrf_token]').forEach(f => f.value = 'ended')")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#thong-bao")).to_contain_text("Đã nối lại")
    expect(page.locator("#guarded input[name=csrf_token]")).to_have_value("the-token")


def test_a_page_from_the_back_forward_cache_gets_a_fresh_token(page: Page) -> None:
    page.goto("/p/scripts")
    field = page.locator("#guarded input[name=csrf_token]")
    page.evaluate("document.querySelectorAll('input[name=csrf_token]').forEach(f => f.value = 'ended')")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: false}))")
    expect(field).to_have_value("ended")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(field).to_have_value("the-token")
    assert page.locator("#thong-bao .gu-note").count() == 0, "nothing has happened that a reader must know"


def test_a_form_with_errors_is_swapped_in(page: Page) -> None:
    page.goto("/p/scripts")
    page.click("#b422")
    expect(page.locator("#answer")).to_have_text("mới 422")


def test_a_lost_network_is_told(page: Page, context: BrowserContext) -> None:
    page.goto("/p/scripts")
    context.set_offline(True)
    page.click("#ask")
    expect(page.locator("#thong-bao")).to_contain_text("Không nối được máy chủ")


def test_typed_text_is_not_lost_by_accident(page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/p/scripts")
    page.locator("#typed").press_sequentially("abc")
    page.goto("/p/inbox")
    assert asked == ["beforeunload"]


def test_an_untouched_form_asks_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/p/scripts")
    page.click("#typed")
    page.goto("/p/inbox")
    assert asked == []


def test_two_presses_send_once(page: Page, app: Flask) -> None:
    app.config["posts"].clear()
    page.goto("/p/scripts")
    page.fill("#typed", "một lần")
    page.locator("#send").dblclick(no_wait_after=True)
    page.wait_for_timeout(900)
    assert app.config["posts"] == [{"csrf_token": "the-token", "typed": "một lần"}]


def test_a_ready_sentence_is_copied(page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/p/inbox")
    page.get_by_text("Chép lời nhắc để dán vào Zalo").first.click()
    page.get_by_role("button", name="Chép", exact=True).click()
    expect(page.locator("[data-copied]")).to_have_text("Đã chép, dán vào Zalo hoặc thư.")
    assert "đang chờ anh ký" in page.evaluate("navigator.clipboard.readText()")


def test_counts_are_asked_each_minute_but_not_while_the_tab_is_hidden(page: Page, app: Flask) -> None:
    page.clock.install()
    page.goto("/p/inbox")
    app.config["counted"] = 0
    page.clock.run_for(61_000)
    expect(page.locator(".gu-nav .gu-count")).to_have_text("7")
    page.evaluate("""() => { Object.defineProperty(document, 'hidden', {value: true, configurable: true});
      document.dispatchEvent(new Event('visibilitychange')) }""")
    page.clock.run_for(300_000)
    assert app.config["counted"] == 1
    page.evaluate("""() => { Object.defineProperty(document, 'hidden', {value: false, configurable: true});
      document.dispatchEvent(new Event('visibilitychange')) }""")
    page.wait_for_timeout(200)
    assert app.config["counted"] == 2


def test_appearance_acts_at_once_and_is_remembered_for_the_server(
    page: Page, context: BrowserContext
) -> None:
    page.goto("/p/scripts")
    page.get_by_label("Tối").check()
    page.get_by_label("Rất lớn").check()
    assert page.evaluate(
        "[document.documentElement.dataset.bsTheme, document.documentElement.dataset.text]"
    ) == ["dark", "larger"]
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    assert cookies == {"theme": "dark", "text_size": "larger"}


@pytest.mark.parametrize(
    ("content", "words"), [(b"the issued file", "Đúng nguyên bản."), (b"another", "Không trùng.")]
)
def test_a_dropped_file_is_compared_in_the_browser(
    page: Page, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "giao-uoc.pdf"
    file.write_bytes(content)
    page.goto("/p/scripts")
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    # The words of the result may need a bold letter for the first time: a font is fetched, nothing is sent.
    page.on("request", lambda request: request.resource_type == "font" or sent.append(request.url))
    page.set_input_files("#tep", file)
    expect(page.locator("[data-file-check] [role=status]")).to_contain_text(words)
    assert sent == []


def test_the_diagram_shows_states_and_keeps_the_bpmn_io_mark(page: Page) -> None:
    page.goto("/p/pledge")
    expect(page.locator(".wf-done[data-element-id=draft]")).to_have_count(1)
    expect(page.locator(".wf-active[data-element-id=sign]")).to_have_count(1)
    expect(page.locator(".wf-taken[data-element-id=f1]")).to_have_count(1)
    expect(page.locator(".gu-mark")).to_have_text("<b>12</b>/14")  # text, never markup
    mark = page.locator(".bjs-powered-by")
    expect(mark).to_be_visible()
    mark.scroll_into_view_if_needed()
    uncovered = "e => { const r = e.getBoundingClientRect(); return e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)) }"
    assert mark.evaluate(uncovered)


def test_a_diagram_that_cannot_be_drawn_says_where_to_read_instead(page: Page) -> None:
    page.route("**/diagram.bpmn", lambda route: route.fulfill(status=404))
    page.goto("/p/pledge")
    expect(page.locator("[data-diagram-failed]")).to_be_visible()
    expect(page.locator("[data-diagram]")).to_be_hidden()
