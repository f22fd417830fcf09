"""The work is done with scripts switched off: full pages, full posts."""

from typing import Any

from playwright.sync_api import expect

from tests.e2e.acting import begin, box, press, sign, told, unfold
from tests.e2e.people import People
from tests.e2e.product import Product
from tests.e2e.town import Town
from tests.processes.pledges import texts, way

NO_SCRIPTS: dict[str, Any] = {"java_script_enabled": False}


def test_a_unit_comments_without_scripts(people: People, town: Town) -> None:
    town.open()
    town.complete("chair1", "draft", texts.text())
    page = people.sign_in("chair2", **NO_SCRIPTS)
    begin(page, "Góp ý giao ước")
    press(page, "Gửi ý kiến và đăng ký")
    expect(page.locator("[data-error-summary]")).to_contain_text("Ghi ít nhất một ý kiến")
    box(page, "values-0-value")
    page.get_by_label("Đơn vị đăng ký, chỉ tiêu 2").fill("3")
    page.get_by_label("Ý kiến về chung cho cả giao ước").fill("Thống nhất, đề nghị gửi sớm")
    press(page, "Gửi ý kiến và đăng ký")
    told(page, "Đã gửi 1 ý kiến đến Khối trưởng.")
    unit = next(unit for unit in town.pledge().units if unit.unit_id == town.unit_ids[1])
    assert (unit.comment_state, unit.registered_values) == ("remarked", {"party": "3"})


def test_a_leader_adds_a_row_without_scripts(people: People, town: Town) -> None:
    town.open()
    page = people.sign_in("chair1", **NO_SCRIPTS)
    begin(page, "Soạn giao ước")
    box(page, "closing").fill("Câu kết đã sửa")
    rows = page.locator("main [name^='reporting-'][name$='-name']")
    before = rows.count()
    page.locator("button[name='add_row'][value='reporting']").click()
    expect(rows).to_have_count(before + 1)
    expect(box(page, "closing")).to_have_value("Câu kết đã sửa")


def test_a_unit_signs_without_scripts(people: People, town: Town, product: Product) -> None:
    town.open()
    town.sign_from(product.clock)
    way.sign(town, 1)
    page = people.sign_in("chair2", **NO_SCRIPTS)
    begin(page, "Ký giao ước")
    sign(page)
    told(page, "Đã ký")
    page.goto(f"/pledges/{town.pledge_id}")
    expect(page.locator(".gu-hero")).to_contain_text("2/2")
    unfold(page, "Xem sơ đồ")
    expect(page.get_by_role("main")).to_contain_text("Đã đủ chữ ký")
