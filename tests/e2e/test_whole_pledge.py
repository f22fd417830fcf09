"""One pledge from the opened year to the issued document, clicked by eight people at their own browsers."""

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import begin, box, press, sign, told, unfold
from tests.e2e.people import PHONE, People
from tests.e2e.product import Product
from tests.e2e.town import Town

CONFERENCE_OVER = datetime(
    2019, 2, 14, 10, tzinfo=UTC
)  # 17:00 in Viet Nam on the earliest day that may be chosen
REFUSAL = "Chỉ tiêu phát triển đoàn viên cao hơn khả năng của đơn vị"


@pytest.mark.parametrize("units", [3])
def test_a_pledge_is_clicked_from_the_opened_year_to_the_issued_document(
    people: People, town: Town, product: Product, tmp_path: Path
) -> None:
    federation_opens_the_year(people.sign_in("officer"))
    product.settle()
    leader_drafts(people.sign_in("chair1"))
    product.settle()
    units_comment(people)
    product.settle()
    leader_consolidates(people.sign_in("chair1"))
    product.settle()
    federation_returns_once(people, product)
    leader_convenes(people.sign_in("chair1"))
    product.settle()
    product.clock.set(CONFERENCE_OVER)
    leader_records_the_conference(people.sign_in("chair1"))
    product.settle()
    units_sign(people, product)
    federation_witnesses(people.sign_in("standing"))
    product.settle()
    clerk_issues(people.sign_in("clerk"))
    product.settle()
    everybody_sees_it_issued(people, tmp_path)


def federation_opens_the_year(page: Page) -> None:
    page.get_by_role("navigation", name="Chính", exact=True).get_by_role("link", name="Giao ước").click()
    page.get_by_role("link", name="Mở năm thi đua").first.click()
    press(page, "Mở năm thi đua")
    expect(page.locator("[data-error-summary]")).to_contain_text("Chọn một khối")
    page.get_by_role("radio", name="Khối thi đua 04").check()
    press(page, "Mở năm thi đua")
    told(page, "Đã mở năm thi đua. Khối trưởng được giao soạn giao ước.")


def leader_drafts(page: Page) -> None:
    begin(page, "Soạn giao ước")
    closing = box(page, "closing")
    closing.fill("Giao ước này có hiệu lực từ ngày ký")
    rows = page.locator("main [name^='plan-work_items-'][name$='-lead']")
    before = rows.count()
    page.locator("button[name='add_row'][value='plan-work_items']").click()
    expect(rows).to_have_count(before + 1)
    expect(closing).to_have_value("Giao ước này có hiệu lực từ ngày ký")
    for name, value in (("name", "Hội thao khối"), ("lead", "Sở số 2"), ("due", "Tháng 6/2019")):
        box(page, f"plan-work_items-{before}-{name}").fill(value)
    press(page, "Gửi dự thảo lấy ý kiến")
    told(page, "Đã gửi dự thảo")


def units_comment(people: People) -> None:
    page = people.sign_in("chair2")
    begin(page, "Góp ý giao ước")
    expect(page.get_by_role("main")).to_contain_text("Hội thao khối")
    page.get_by_label("Đơn vị đăng ký, chỉ tiêu 2").fill("2")
    page.get_by_label("Ý kiến về chung cho cả giao ước").fill("Đề nghị lùi hội thao sang tháng 7")
    press(page, "Gửi ý kiến và đăng ký")
    told(page, "Đã gửi 1 ý kiến đến Khối trưởng.")
    for who in ("chair1", "chair3"):
        page = people.sign_in(who)
        begin(page, "Góp ý giao ước")
        press(page, "Đồng ý với dự thảo")
        told(page, "Đã ghi: đơn vị đồng ý với dự thảo.")


def leader_consolidates(page: Page) -> None:
    begin(page, "Tổng hợp ý kiến")
    expect(page.get_by_text("Đề nghị lùi hội thao sang tháng 7")).to_be_visible()
    page.get_by_role("checkbox", name="Tiếp thu ý kiến này").check()
    page.get_by_label("Trả lời CĐCS Sở số 2").fill("Đã chuyển sang tháng 7")
    box(page, "plan-work_items-3-due").fill("Tháng 7/2019")
    press(page, re.compile("^Trình"))
    told(page, "Đã trình Liên đoàn Lao động duyệt.")


def federation_returns_once(people: People, product: Product) -> None:
    page = people.sign_in("standing")
    begin(page, "Duyệt giao ước")
    press(page, "Trả lại để sửa")
    expect(page.locator("[data-error-summary]")).to_contain_text("Trả lại thì ghi ít nhất một chỗ cần sửa")
    unfold(page, "Chỉ tiêu 2")
    page.get_by_label(re.compile("sửa gì .*chỉ tiêu 2")).fill("Ghi rõ thời hạn giới thiệu đoàn viên ưu tú")
    press(page, "Trả lại để sửa")
    told(page, "Đã trả lại")
    product.settle()
    leader_answers(people.sign_in("chair1"))
    product.settle()
    page = people.sign_in("standing")
    begin(page, "Duyệt giao ước")
    unfold(page, "Xem ý kiến của các đơn vị và trả lời")
    expect(page.get_by_text("Đã bổ sung thời hạn")).to_be_visible()
    press(page, "Duyệt giao ước")
    told(page, "Đã duyệt")
    product.settle()


def leader_answers(page: Page) -> None:
    begin(page, "Tổng hợp ý kiến")
    expect(page.get_by_text("Ghi rõ thời hạn giới thiệu đoàn viên ưu tú")).to_be_visible()
    page.get_by_role("checkbox", name="Tiếp thu ý kiến này").check()
    page.get_by_label(re.compile("^Trả lời")).fill("Đã bổ sung thời hạn")
    box(page, "targets-1-text").fill(
        "Giới thiệu ít nhất 01 đoàn viên ưu tú cho Đảng xem xét kết nạp trước 30/9"
    )
    press(page, re.compile("^Trình"))
    told(page, "Đã trình Liên đoàn Lao động duyệt.")


def leader_convenes(page: Page) -> None:
    begin(page, "Mời họp hội nghị")
    page.get_by_label("Địa điểm").fill("Hội trường Sở số 1")
    press(page, "Gửi giấy mời")
    told(page, "Đã mời họp.")


def leader_records_the_conference(page: Page) -> None:
    begin(page, "Ghi biên bản hội nghị")
    page.get_by_label("Giờ kết thúc").fill("16:30")
    page.get_by_label("Thư ký", exact=True).fill("Ngô Đình Phúc")
    page.get_by_label("Chức vụ thư ký").fill("Ủy viên Ban Chấp hành")
    for came in page.get_by_role("checkbox", name="Có mặt").all():
        came.check()
    page.get_by_label("Số phiếu tán thành").fill("3")
    press(page, "Ghi biên bản")
    told(page, "Hội nghị thông qua, các đơn vị được mời ký.")


def units_sign(people: People, product: Product) -> None:
    """The leader signs, one unit refuses and is invited again, the last one signs on a phone."""
    leader = people.sign_in("chair1")
    begin(leader, "Ký giao ước")
    sign(leader)
    told(leader, "Đã ký")
    refuser = people.sign_in("chair2")
    begin(refuser, "Ký giao ước")
    unfold(refuser, "Đơn vị không ký")
    refuser.get_by_label("Lý do từ chối").fill(REFUSAL)
    press(refuser, "Từ chối ký")
    told(refuser, "đơn vị từ chối ký")
    product.settle()
    begin(leader, "Xử lý đơn vị từ chối ký")
    expect(leader.get_by_role("main")).to_contain_text(REFUSAL)
    leader.get_by_label("Trả lời đơn vị").fill("Chỉ tiêu là mức chung của khối, đơn vị đăng ký 01 đoàn viên")
    press(leader, "Mời đơn vị ký lại")
    told(leader, "Đã mời đơn vị ký lại.")
    product.settle()
    begin(refuser, "Ký giao ước")
    sign(refuser)
    told(refuser, "Đã ký")
    phone = people.sign_in("chair3", viewport=PHONE, has_touch=True, is_mobile=True)
    begin(phone, "Ký giao ước")
    phone.get_by_role("link", name="Đến phần làm việc").tap()
    sign(phone)
    told(phone, "Đã ký")
    product.settle()


def federation_witnesses(page: Page) -> None:
    begin(page, "Chứng kiến giao ước")
    unfold(page, "Xem 3 chữ ký")
    for name in ("Nguyễn Thị Minh An", "Trần Quốc Bảo", "Đặng Hoài Phương"):
        expect(page.get_by_role("listitem").filter(has_text=name).first).to_be_visible()
    sign(page, "Chứng kiến giao ước")
    told(page, "Đã chứng kiến.")


def clerk_issues(page: Page) -> None:
    begin(page, "Ban hành giao ước")
    page.get_by_label("Nơi nhận khác").fill("Ban Tuyên giáo")
    press(page, "Ban hành giao ước")
    told(page, "Đã ban hành.")


def everybody_sees_it_issued(people: People, folder: Path) -> None:
    page = people.sign_in("chair3")
    page.get_by_role("navigation", name="Chính", exact=True).get_by_role("link", name="Giao ước").click()
    page.get_by_role("main").get_by_role("link", name="Khối thi đua 04").click()
    expect(page.get_by_role("main")).to_contain_text("Đã ban hành")
    expect(page.locator(".gu-hero")).to_contain_text("3/3")
    expect(page.get_by_role("row").filter(has_text="01/GƯ-KTĐ04")).to_contain_text("Đã ban hành")
    page.get_by_role("link", name="Giao ước thi đua năm 2019", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("main").get_by_role("link", name="Word").first.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    assert file.suffix == ".docx"
    text = words_of(file.read_bytes())
    for name in ("Nguyễn Thị Minh An", "Trần Quốc Bảo", "Đặng Hoài Phương", "Phạm Ngọc Diệp", "01/GƯ-KTĐ04"):
        assert name in text
    clerk = people.sign_in("clerk")
    clerk.goto("/registers")
    clerk.get_by_role("main").get_by_role("link", name=re.compile("04")).first.click()
    expect(clerk.get_by_role("row").filter(has_text="01/GƯ-KTĐ04")).to_contain_text(
        "Giao ước thi đua năm 2019"
    )


def words_of(docx: bytes) -> str:
    """The text of a Word file without its markup."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return re.sub(r"<[^>]+>", "", package.read("word/document.xml").decode())
