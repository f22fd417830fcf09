"""From an empty installation to an open year, in a browser, without the command line."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.e2e.acting import press, told
from tests.e2e.audit import audit
from tests.e2e.people import People
from tests.e2e.product import Product
from tests.processes.pledges.world import install
from workflow_app.core.database import reading, transaction
from workflow_app.engine.models import HumanTask, TaskStatus
from workflow_app.organisations.beginning import setup_code
from workflow_app.organisations.models import UnitPeriod
from workflow_app.organisations.seeds import seed_reference

PASSWORD = "con tàu màu xanh 27"
FEDERATION = "Liên đoàn Lao động tỉnh An Giang"
UNITS = {
    "CĐCS Sở Nội vụ": "Trần Quốc Bảo",
    "CĐCS Sở Tư pháp": "Mai Xuân Đức",
    "CĐCS Sở Y tế": "Lâm Quang Vinh",
}


@pytest.fixture
def empty(product: Product) -> Iterator[Product]:
    """A fresh installation: reference data, templates and diagrams of the product, nobody in it."""
    product.forget_visits()
    with transaction() as session:
        seed_reference(session)
        install(session, product.store)
    yield product
    product.clear()


@pytest.fixture
def browsers(chromium: Browser, empty: Product) -> Iterator[People]:
    people = People(chromium, empty, None)  # type: ignore[arg-type]  # there is no town yet: it is being founded
    yield people
    people.close()
    assert people.complaints == []


def test_an_administrator_fills_an_empty_installation_and_opens_the_year(
    browsers: People, empty: Product
) -> None:
    page = browsers.visitor()
    begin(page, setup_code(empty.app.config["SECRET_KEY"]))
    found_units(page)
    for unit, chair in UNITS.items():
        appoint(page, unit, "Chủ tịch", chair)
    appoint(page, FEDERATION, "Chuyên viên", "")
    found_bloc(page)
    write_list(page)
    open_year(page)
    empty.settle()
    with reading() as session:
        task = session.scalars(select(HumanTask).where(HumanTask.status == TaskStatus.OPEN)).one()
        leader = session.scalars(select(UnitPeriod).where(UnitPeriod.short_name == "CĐCS Sở Tư pháp")).one()
        assert (task.element, task.unit_id) == ("draft", leader.unit_id)


def test_the_page_of_the_first_start_keeps_the_rules_and_refuses_a_wrong_code(
    browsers: People, empty: Product
) -> None:
    page = browsers.visitor()
    page.goto("/setup")
    assert audit(page) == []
    fill_first(page, "ABCD-EFGH-IJKL")
    press(page, "Bắt đầu")
    expect(page.locator("[data-error-summary]")).to_contain_text("Mã cài đặt chưa đúng")
    expect(page.get_by_label("Họ và tên")).to_have_value("Đặng Hoài Phương")
    assert audit(page) == []


def test_without_scripts_a_year_is_listed_all_the_same(browsers: People, empty: Product) -> None:
    page = browsers.visitor(java_script_enabled=False, viewport={"width": 360, "height": 640})
    begin(page, setup_code(empty.app.config["SECRET_KEY"]))
    found_units(page)
    found_bloc(page)
    write_list(page)
    members = page.locator("#don-vi + ol > li")
    expect(members).to_have_count(3)
    expect(members.nth(0)).to_contain_text("Sở Y tế")


def begin(page: Page, code: str) -> None:
    page.goto("/setup")
    fill_first(page, code)
    press(page, "Bắt đầu")
    page.get_by_label("Tên đăng nhập").fill("quantri")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.locator(".gu-office")).to_contain_text("Đặng Hoài Phương")
    answer = page.request.get("/setup")
    assert answer.status == 404, "the door is closed behind the first one"


def fill_first(page: Page, code: str) -> None:
    page.get_by_label("Mã cài đặt").fill(code)
    page.locator("#name").fill(FEDERATION)
    page.locator("#short_name").fill("LĐLĐ tỉnh An Giang")
    page.get_by_label("Địa danh").fill("An Giang")
    page.locator("#valid_from").fill("1")
    page.locator("#valid_from-month").fill("1")
    page.locator("#valid_from-year").fill("2019")
    page.get_by_label("Họ và tên").fill("Đặng Hoài Phương")
    page.get_by_label("Tên đăng nhập").fill("quantri")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password_again").fill(PASSWORD)


def found_units(page: Page) -> None:
    page.goto("/units")
    page.get_by_role("link", name="Lập đơn vị").click()
    for number, unit in enumerate(UNITS):
        page.locator("#name").fill(unit.replace("CĐCS", "Công đoàn cơ sở"))
        page.locator("#short_name").fill(unit)
        if number == 0:  # the day is kept for the next one
            page.locator("#valid_from").fill("1")
            page.locator("#valid_from-month").fill("1")
            page.locator("#valid_from-year").fill("2019")
        press(page, "Lập, rồi lập đơn vị khác" if number < len(UNITS) - 1 else "Lập đơn vị")
        told(page, f"Đã lập {unit.replace('CĐCS', 'Công đoàn cơ sở')}.")


def appoint(page: Page, unit: str, office: str, new_name: str) -> None:
    """Without a new name the administrator himself gets the office."""
    page.goto("/units")
    name = unit.replace("CĐCS", "Công đoàn cơ sở")
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name="Giao chức vụ").click()
    page.get_by_label("Chức vụ", exact=True).select_option(label=office)
    if new_name:
        page.get_by_label("Hoặc họ và tên người mới").fill(new_name)
    else:
        page.get_by_label("Người đã có trong hệ thống").select_option(label="Đặng Hoài Phương")
    press(page, "Giao chức vụ")
    told(page, "Đã giao chức vụ.")


def found_bloc(page: Page) -> None:
    page.goto("/blocs")
    page.get_by_role("main").get_by_role("link", name="Lập khối").click()
    page.locator("#name").fill("Khối thi đua 04")
    page.locator("#code").fill("04")
    page.locator("#symbol").fill("KTĐ04")
    page.locator("#basis").fill("540/QĐ-LĐLĐ ngày 26/2/2018")
    press(page, "Lập khối")
    told(page, "Đã lập khối.")


def write_list(page: Page) -> None:
    """All three units, Sở Y tế first, Sở Tư pháp leads."""
    for unit in UNITS:
        page.get_by_label(unit.replace("CĐCS", "Công đoàn cơ sở"), exact=True).check()
    press(page, "Thêm đơn vị đã chọn")
    page.get_by_label("Số thứ tự của CĐCS Sở Y tế").fill("1")
    press(page, "Xếp theo số thứ tự")
    expect(page.get_by_label("Số thứ tự của CĐCS Sở Y tế")).to_have_value("1")
    press(page, "Ghi danh sách")
    expect(page.locator("[data-error-summary]")).to_contain_text("Chọn đơn vị làm Khối trưởng")
    page.get_by_label("Khối trưởng").select_option(label="CĐCS Sở Tư pháp")
    page.get_by_label("Khối phó").select_option(label="Không có")
    page.locator("#effective").fill("11")
    page.locator("#effective-month").fill("2")
    page.locator("#effective-year").fill("2019")
    page.locator("#basis").fill("12/QĐ-LĐLĐ ngày 11/02/2019")
    press(page, "Ghi danh sách")
    told(page, "Đã lập danh sách năm 2019: 3 đơn vị.")


def open_year(page: Page) -> None:
    page.goto("/pledges/new")
    page.get_by_label("Khối thi đua 04").check()
    press(page, "Mở năm thi đua")
    told(page, "Đã mở năm thi đua.")
