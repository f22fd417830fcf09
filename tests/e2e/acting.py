"""What people do on the pages, by the words that they see there."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.processes.pledges.world import PIN


def begin(page: Page, verb: str) -> None:
    """Opens a task from the list of one's own work, wherever the person is."""
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=verb).first.click()
    expect(page.locator("form#bieu-mau")).to_be_visible()


def press(page: Page, label: str | re.Pattern[str]) -> None:
    """Presses the button with exactly these words."""
    page.get_by_role("main").get_by_role("button", name=label, exact=True).click()


def told(page: Page, sentence: str) -> None:
    """The page says what has been recorded."""
    expect(page.locator(".gu-live").filter(has_text=sentence)).to_be_visible()


def box(page: Page, name: str) -> Locator:
    """The control of a form by the name under which its value travels; folded parts around it are opened."""
    control = page.locator(f'main [name="{name}"]')
    while (folded := control.locator("xpath=ancestor::details[not(@open)]")).count():
        folded.first.locator("> summary").click()
    return control


def unfold(page: Page, words: str) -> None:
    """Opens a folded part by its words, unless it is open."""
    summary = page.locator("main summary").filter(has_text=words).first
    if summary.locator("xpath=..").get_attribute("open") is None:
        summary.click()


def sign(page: Page, label: str = "Đồng ý và ký") -> None:
    """Reads, types the PIN, signs."""
    page.get_by_role("checkbox", name=re.compile("^Tôi đã đọc")).check()
    page.get_by_label("Mã PIN ký").fill(PIN)
    press(page, label)
