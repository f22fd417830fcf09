"""An approval that nobody programmed: brought on the screen by an author, walked by people at their browsers."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import bpmn
import document_templates
from tests.e2e.acting import begin, box, press, told, unfold
from tests.e2e.audit import Links, audit
from tests.e2e.people import PHONE, People
from tests.e2e.product import Product
from tests.e2e.test_whole_pledge import words_of
from tests.e2e.town import Town
from tests.processes.dossiers.office import REQUEST, Office

NAME = "Hỗ trợ đoàn viên khó khăn"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The example as an author has it in a folder."""
    for name, data in (bpmn.example_files() | document_templates.example_files()).items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_a_new_approval_is_brought_on_the_screen_and_walked_to_its_document(
    people: People, town: Town, product: Product, files: Path, tmp_path: Path
) -> None:
    author = people.sign_in("author")
    author_is_told_what_to_mend(author, files)
    author_brings_it(author, files)
    administrator_puts_it_into_force(people.sign_in("admin"))
    chair = people.sign_in("chair1", viewport=PHONE, has_touch=True, is_mobile=True)
    chair_asks(chair)
    product.settle()
    federation_returns_it(people.sign_in("standing"))
    product.settle()
    chair_mends_it(chair)
    product.settle()
    federation_approves(people.sign_in("standing"))
    product.settle()
    chair_finds_the_document(chair, tmp_path)
    clerk_finds_it_in_the_book(people.sign_in("clerk"))


def test_every_step_of_a_dossier_keeps_the_rules(people: People, town: Town, product: Product) -> None:
    """The form as it is asked for, refused, judged and returned; the dossier on its way and at its end."""
    office = Office(town.federation_id, town.bloc_id, town.unit_ids, town.people)
    office.deploy(by="author", check="admin")
    dossier_id = office.start("chair1")
    found: dict[str, list[str]] = {}
    links = Links()

    def look(who: str, name: str, path: str) -> Page:
        page = people.at_hand(who)
        page.goto(path)
        found[f"{name} for {who}"] = audit(page) + links.dead(page)
        return page

    page = look("chair1", "empty form", f"/tasks/{town.task('de_nghi')}")
    press(page, "Lập đề nghị hỗ trợ")
    found["refused form"] = audit(page)
    town.complete("chair1", "de_nghi", REQUEST)
    look("standing", "judgement", f"/tasks/{town.task('phe_duyet')}")
    town.complete("standing", "phe_duyet", {"ket_qua": "tra_lai", "y_kien": "Bổ sung giấy xác nhận"})
    look("chair1", "returned form", f"/tasks/{town.task('de_nghi')}")
    look("chair1", "dossier on its way", f"/dossiers/{dossier_id}")
    town.complete("chair1", "de_nghi", REQUEST)
    town.complete("standing", "phe_duyet", {"ket_qua": "duyet", "muc_duyet": "5.000.000"})
    look("chair1", "dossier at its end", f"/dossiers/{dossier_id}")
    assert {name: faults for name, faults in found.items() if faults} == {}


def author_is_told_what_to_mend(page: Page, files: Path) -> None:
    """One form without a label and one condition on a choice that does not exist: each is one sentence."""
    page.goto("/definitions")
    expect(page.get_by_role("link", name="Tải bộ ví dụ")).to_be_visible()
    broken = json.loads((files / "de_nghi.json").read_bytes())
    del broken["properties"]["doan_vien"]["title"]
    (files / "broken").mkdir()
    spoiled = files / "broken" / "de_nghi.json"
    spoiled.write_text(json.dumps(broken), encoding="utf-8")
    choose(page, files, forms=[spoiled, files / "phe_duyet.json"])
    said = page.get_by_role("main")
    expect(said).to_contain_text("Biểu mẫu «de_nghi.json», ô «doan_vien»: ô chưa có nhãn.")
    diagram = (files / "ho_tro_kho_khan.bpmn").read_text(encoding="utf-8")
    (files / "broken" / "x.bpmn").write_text(diagram.replace("'tra_lai'", "'sua_lai'"), encoding="utf-8")
    choose(page, files, diagram=files / "broken" / "x.bpmn")
    expect(said).to_contain_text("«ket_qua» không bao giờ là 'sua_lai'")
    choose(page, files, templates=[])
    expect(said).to_contain_text(
        "chưa có mẫu văn bản «quyet_dinh». Hãy tải lên cùng sơ đồ tệp quyet_dinh.docx."
    )


def author_brings_it(page: Page, files: Path) -> None:
    choose(page, files)
    told(page, "Đã nhận phiên bản 1.")
    expect(page.get_by_role("row").filter(has_text="Số tiền đề nghị")).to_contain_text("de_nghi.so_tien")
    expect(page.get_by_role("main")).to_contain_text("cần người khác kiểm tra và kích hoạt")


def administrator_puts_it_into_force(page: Page) -> None:
    page.goto("/definitions")
    page.get_by_role("row").filter(has_text="Chờ kích hoạt").get_by_role("link").click()
    page.get_by_role("link", name="Quyết định hỗ trợ").click()
    expect(page.locator(".gu-doc")).to_contain_text("Năm triệu đồng")
    page.go_back()
    press(page, "Đưa vào dùng")
    told(page, "Đã kích hoạt.")


def chair_asks(page: Page) -> None:
    page.goto("/dossiers/")
    page.get_by_role("link", name="Mở hồ sơ").first.click()
    page.get_by_role("link", name=NAME).click()
    page.get_by_label("Tên hồ sơ").fill("Hỗ trợ anh Bình")
    press(page, "Mở hồ sơ")
    expect(page.get_by_role("heading", name="Lập đề nghị hỗ trợ")).to_be_visible()
    press(page, "Lập đề nghị hỗ trợ")
    expect(page.locator("[data-error-summary]")).to_contain_text("Chọn hoàn cảnh.")
    page.get_by_label("Họ và tên đoàn viên").fill("Nguyễn Văn Bình")
    page.get_by_role("radio", name="Thiệt hại do thiên tai").check()
    page.get_by_label("Trình bày cụ thể").fill("Nhà bị sập do bão số 4, thiệt hại khoảng 40 triệu đồng.")
    for part, value in (("day", "2"), ("month", "2"), ("year", "2019")):
        box(page, f"tu_ngay-{part}").fill(value)
    page.get_by_label("Số tiền đề nghị").fill("5 000 000")
    page.get_by_role("button", name="Thêm dòng").click()
    box(page, "giay_to-0-ten").fill("Giấy xác nhận của xã")
    press(page, "Lập đề nghị hỗ trợ")
    told(page, "Đã gửi: Đề nghị hỗ trợ.")


def federation_returns_it(page: Page) -> None:
    begin(page, "Xét duyệt đề nghị")
    expect(page.get_by_role("main")).to_contain_text("5.000.000 đồng")
    press(page, "Trả lại để bổ sung")
    expect(page.locator("[data-error-summary]")).to_contain_text("Nhập ý kiến khi chọn “Trả lại để bổ sung”.")
    page.get_by_label("Ý kiến").fill("Đề nghị ghi rõ mức thiệt hại")
    press(page, "Trả lại để bổ sung")
    told(page, "Đã ghi nhận: Trả lại để bổ sung.")


def chair_mends_it(page: Page) -> None:
    begin(page, "Lập đề nghị hỗ trợ")
    expect(page.get_by_role("main")).to_contain_text("Đề nghị ghi rõ mức thiệt hại")
    expect(page.get_by_label("Họ và tên đoàn viên")).to_have_value("Nguyễn Văn Bình")
    expect(page.get_by_label("Số tiền đề nghị")).to_have_value("5.000.000")
    page.get_by_label("Số tiền đề nghị").fill("6.000.000")
    press(page, "Lập đề nghị hỗ trợ")
    told(page, "Đã gửi: Đề nghị hỗ trợ.")


def federation_approves(page: Page) -> None:
    begin(page, "Xét duyệt đề nghị")
    page.get_by_label("Mức hỗ trợ được duyệt").fill("6.000.000")
    press(page, "Duyệt hỗ trợ")
    told(page, "Đã ghi nhận: Duyệt hỗ trợ.")


def chair_finds_the_document(page: Page, folder: Path) -> None:
    page.goto("/dossiers/")
    page.get_by_role("main").get_by_role("link", name="Hỗ trợ anh Bình").click()
    expect(page.get_by_role("main")).to_contain_text("Đã xong")
    expect(page.get_by_role("row").filter(has_text="01/QĐ-LĐLĐ")).to_contain_text("Đã ban hành")
    expect(page.get_by_role("listitem").filter(has_text="Trả lại để bổ sung").first).to_be_visible()
    unfold(page, "Xem sơ đồ")
    expect(page.locator("[data-diagram] svg").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("main").get_by_role("link", name=re.compile("^Word")).first.click()
    file = folder / "got.docx"
    download.value.save_as(file)
    text = words_of(file.read_bytes())
    for words in ("01", "Nguyễn Văn Bình", "6.000.000", "Sáu triệu đồng", "Phạm Ngọc Diệp"):
        assert words in text


def clerk_finds_it_in_the_book(page: Page) -> None:
    page.goto("/registers")
    page.get_by_role("main").get_by_role(
        "link", name=re.compile("Liên đoàn Lao động tỉnh An Giang")
    ).first.click()
    expect(page.get_by_role("row").filter(has_text="01/QĐ-LĐLĐ")).to_contain_text("Quyết định hỗ trợ")


def choose(
    page: Page,
    files: Path,
    *,
    diagram: Path | None = None,
    forms: list[Path] | None = None,
    templates: list[Path] | None = None,
) -> None:
    """Chooses the files as the author's folder has them, or others in their place, and uploads."""
    box(page, "diagram").set_input_files(diagram or files / "ho_tro_kho_khan.bpmn")
    box(page, "forms").set_input_files(forms or [files / "de_nghi.json", files / "phe_duyet.json"])
    chosen = [files / "quyet_dinh.docx"] if templates is None else templates
    box(page, "templates").set_input_files(chosen)
    press(page, "Kiểm tra và tải lên")
