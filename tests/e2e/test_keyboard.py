"""Everything without a mouse, on the smallest phone screen."""

import pytest
from playwright.sync_api import expect

from tests.e2e.acting import told
from tests.e2e.focus import tab_to, walk
from tests.e2e.people import PHONE, People
from tests.e2e.product import Product
from tests.e2e.town import PASSWORD, Town
from tests.processes.pledges import way
from tests.processes.pledges.world import PIN


@pytest.fixture
def signing(town: Town, product: Product) -> Town:
    """The units are asked to sign, and the leader has signed."""
    town.open()
    town.sign_from(product.clock)
    way.sign(town, 1)
    return town


def test_a_chair_signs_in_and_signs_with_the_keyboard_alone_on_a_phone(people: People, signing: Town) -> None:
    page = people.visitor(viewport=PHONE)
    page.goto("/")
    tab_to(page, "Tên đăng nhập")
    page.keyboard.type("chutich2")
    tab_to(page, "Mật khẩu")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Một việc đang chờ Trần Quốc Bảo")
    tab_to(page, "Ký giao ước")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ký giao ước thi đua năm 2019")
    tab_to(page, "Tôi đã đọc")
    page.keyboard.press("Space")
    tab_to(page, "Mã PIN ký")
    page.keyboard.type(PIN)
    tab_to(page, "Đồng ý và ký")
    page.keyboard.press("Enter")
    told(page, "Đã ký")
    assert [unit.sign_state for unit in signing.pledge().units] == ["signed", "signed"]


def test_menus_open_and_close_from_the_keyboard(people: People, town: Town) -> None:
    page = people.signed_in("chair2", viewport=PHONE)
    page.goto("/")
    tab_to(page, "Menu")
    page.keyboard.press("Enter")
    tab_to(page, "Văn bản")
    page.keyboard.press("Escape")
    expect(page.locator("details.gu-menu")).not_to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.innerText").strip() == "Menu"


def test_the_skip_link_leads_past_the_menu(people: People, town: Town) -> None:
    page = people.signed_in("chair2", viewport=PHONE)
    page.goto("/units")
    tab_to(page, "Đến nội dung chính")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "noi-dung"


@pytest.mark.parametrize("width", [360, 1280])
def test_no_stop_of_the_main_pages_is_hidden(people: People, signing: Town, width: int) -> None:
    page = people.signed_in("chair2", viewport={"width": width, "height": 640})
    task = signing.task("sign", signing.unit_ids[1])
    for address in ("/", f"/tasks/{task}", f"/pledges/{signing.pledge_id}"):
        page.goto(address)
        assert walk(page) > 10
