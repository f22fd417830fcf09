"""When something goes wrong: the page says what to mend or who was first, and nothing that was typed is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import begin, box, press, told, unfold
from tests.e2e.audit import audit
from tests.e2e.people import People
from tests.e2e.product import Product
from tests.e2e.town import PASSWORD, Town
from tests.processes.pledges import way
from tests.processes.pledges.world import PIN

TYPED = "Đề nghị lùi hạn báo cáo quý I sang ngày 10 tháng 4"


@pytest.fixture
def commenting(town: Town) -> Town:
    town.open()
    way.go_to_comments(town)
    return town


def test_a_bad_form_comes_back_with_links_to_its_faults_and_everything_typed(
    people: People, town: Town
) -> None:
    town.open()
    page = people.signed_in("chair1")
    begin(page, "Soạn giao ước")
    box(page, "contents-0-title").fill("")
    box(page, "contents-0-points").fill("Đối thoại với người lao động mỗi quý")
    box(page, "reporting-0-due-day").fill("32")
    box(page, "closing").fill("")
    box(page, "plan-work_items-0-name").fill("Hội thao khối")
    press(page, "Gửi dự thảo lấy ý kiến")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    links = summary.get_by_role("link")
    assert links.count() == 3
    for link in links.all():
        _leads_to_its_field(page, link.get_attribute("href") or "", link.inner_text())
    expect(box(page, "reporting-0-due-day")).to_have_value("32")
    expect(box(page, "contents-0-points")).to_have_value("Đối thoại với người lao động mỗi quý")
    expect(box(page, "plan-work_items-0-name")).to_have_value("Hội thao khối")
    assert audit(page) == []


def _leads_to_its_field(page: Page, href: str, sentence: str) -> None:
    """The link puts the focus into the field, which is marked and says the same sentence."""
    page.locator(f"[data-error-summary] a[href='{href}']").click()
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("hash => document.activeElement.id === hash.slice(1)", href)
    described = (focused.get_attribute("aria-describedby") or "").split()
    said = [page.locator(f"[id='{each}']") for each in described]
    assert any(sentence in each.inner_text() for each in said if each.is_visible()), (href, sentence)


def test_a_wrong_pin_is_told_at_its_field_and_the_rest_stays(
    people: People, town: Town, product: Product
) -> None:
    town.open()
    town.sign_from(product.clock)
    page = people.signed_in("chair1")
    begin(page, "Ký giao ước")
    read = page.get_by_role("checkbox", name=re.compile("^Tôi đã đọc"))
    read.check()
    page.get_by_label("Mã PIN ký").fill("111222")
    press(page, "Đồng ý và ký")
    expect(page.locator("[data-error-summary]")).to_contain_text("Mã PIN không đúng")
    expect(page.get_by_label("Mã PIN ký")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Mã PIN ký")).to_have_value("")
    expect(read).to_be_checked()
    page.get_by_label("Mã PIN ký").fill(PIN)
    press(page, "Đồng ý và ký")
    told(page, "Đã ký")


def test_a_stale_page_says_who_was_first_and_hands_back_the_text(people: People, town: Town) -> None:
    town.open()
    way.go_to_approval(town)
    slow, quick = people.signed_in("standing"), people.signed_in("standing2")
    begin(slow, "Duyệt giao ước")
    begin(quick, "Duyệt giao ước")
    press(quick, "Duyệt giao ước")
    told(quick, "Đã duyệt.")
    unfold(slow, "nếu trả lại")
    unfold(slow, "Chung cho cả giao ước")
    slow.get_by_label(re.compile("sửa gì .*chung cho cả giao ước")).fill(TYPED)
    press(slow, "Trả lại để sửa")
    expect(slow.get_by_role("heading", level=1)).to_have_text("Việc này đã có người xử lý trước")
    expect(slow.get_by_role("main")).to_contain_text("Lê Hoàng Sơn")
    unfold(slow, "Xem lại những gì vừa nhập")
    expect(slow.get_by_label("Những gì ông/bà vừa nhập")).to_have_value(re.compile(TYPED))
    assert audit(slow) == []


def test_what_was_typed_outlives_the_session(people: People, commenting: Town, product: Product) -> None:
    page = people.sign_in("chair2")
    begin(page, "Góp ý giao ước")
    page.get_by_label("Ý kiến về chung cho cả giao ước").fill(TYPED)
    product.clock.advance(hours=1)
    press(page, "Gửi ý kiến và đăng ký")
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiên làm việc đã hết")
    assert audit(page) == []
    page.reload()  # what Chromium forgets of a form when it loads a page anew, this page keeps
    page.get_by_label("Tên đăng nhập").fill("chutich2")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    press(page, "Đăng nhập")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đăng nhập lại")
    unfold(page, "Xem lại những gì vừa nhập")
    expect(page.get_by_label("Những gì bạn vừa nhập")).to_have_value(re.compile(TYPED))
    assert audit(page) == []
    press(page, "Gửi những gì đã nhập")
    told(page, "Đã gửi 1 ý kiến đến Khối trưởng.")


def test_an_address_that_leads_nowhere_says_so_in_plain_words(people: People, town: Town) -> None:
    page = people.signed_in("chair2")
    page.goto("/tasks/00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("heading", level=1)).to_have_text("Không tìm thấy trang")
    expect(page.get_by_role("main")).not_to_contain_text("404")
    page.get_by_role("link", name="Về việc của tôi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc của tôi")


def test_somebody_elses_task_says_whose_it_is(people: People, commenting: Town) -> None:
    page = people.signed_in("chair1")
    page.goto(f"/tasks/{commenting.task('comment', commenting.unit_ids[1])}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Chủ tịch")
    expect(page.locator("form#bieu-mau")).to_have_count(0)


def test_a_wrong_password_tells_nothing_and_keeps_the_name(people: People, town: Town) -> None:
    page = people.visitor()
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill("chutich2")
    page.get_by_label("Mật khẩu").fill("sai mật khẩu rồi")
    press(page, "Đăng nhập")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[data-error-summary]")).to_contain_text("Tên đăng nhập hoặc mật khẩu chưa đúng")
    expect(page.get_by_label("Tên đăng nhập")).to_have_value("chutich2")
    expect(page.get_by_label("Mật khẩu")).to_have_value("")


def test_a_button_pressed_twice_sends_once(people: People, commenting: Town) -> None:
    page = people.signed_in("chair2")
    begin(page, "Góp ý giao ước")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Đồng ý với dự thảo").dblclick()
    told(page, "Đã ghi: đơn vị đồng ý với dự thảo.")
    assert len(sent) == 1
