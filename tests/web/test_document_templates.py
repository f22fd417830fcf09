"""The pages of Word templates: through the gate, tried with sample data, in force by a second person, back again."""

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from document_templates import template_files
from document_templates.ooxml import paragraph
from storage.files import FileStore
from tests.documents.support import docx, with_parts
from tests.documents.test_uploads import HOSTILE
from tests.web.house import Browser, House
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.documents import objects, template_changes, templates
from workflow_app.documents.models import DocumentTemplate, TemplateStatus
from workflow_app.documents.package import Package
from workflow_app.web.papers import document_templates

Browse = Callable[[str], Browser]
KEY = "pledge_invitation"
_FILES = next(files for files in template_files() if files.key == KEY)


@pytest.fixture
def first(house: House, app: object, tmp_path: Path) -> str:
    """Version 1, which came with the product and is in force: the path of its page."""
    objects.bind(FileStore(tmp_path / "objects"))
    with transaction() as session:
        row = template_changes.submit(
            session,
            key=KEY,
            data=_FILES.docx.read_bytes(),
            schema=_FILES.schema(),
            sample=next(iter(_FILES.samples().values())),
            actor=ActorRef(house.people["officer"]),
            at=clock.now(),
        )
        template_changes.activate(session, row.id, actor=ActorRef(house.people["admin"]), at=clock.now())
        return f"/templates/{row.id}"


def reworded(old: str = "trân trọng kính mời", new: str = "kính mời") -> bytes:
    data = _FILES.docx.read_bytes()
    part = Package.read(data).parts["word/document.xml"]
    assert old.encode() in part
    return with_parts(data, {"word/document.xml": part.replace(old.encode(), new.encode())})


def uploaded(browser: Browser, path: str, data: bytes, name: str = "giay-moi.docx") -> int:
    browser.get(path)
    answer = browser.post(f"{path}/versions", {"file": (BytesIO(data), name)})
    answer.request.environ["wsgi.input"].close()  # the test client leaves a large body in a temporary file
    return answer.status_code


def statuses() -> list[TemplateStatus]:
    with reading() as session:
        return [row.status for row in reversed(templates.versions(session, KEY))]


def path_of(version: int) -> str:
    with reading() as session:
        query = select(DocumentTemplate.id).where(
            DocumentTemplate.key == KEY, DocumentTemplate.version == version
        )
        return f"/templates/{session.scalars(query).one()}"


def test_a_reworded_template_comes_into_force_by_a_second_person_and_can_be_taken_back(
    browse: Browse, first: str
) -> None:
    author, checker = browse("author"), browse("author2")
    assert uploaded(author, first, reworded()) == 303
    second = path_of(2)
    page = author.get(second).get_data(as_text=True)
    assert "cần người khác kiểm tra và kích hoạt" in page
    assert author.post(f"{second}/activation").status_code == 403
    assert statuses() == [TemplateStatus.ACTIVE, TemplateStatus.DRAFT]
    checker.get(second)
    assert checker.post(f"{second}/activation").status_code == 303
    assert statuses() == [TemplateStatus.RETIRED, TemplateStatus.ACTIVE]
    checker.get(second)
    assert checker.post(f"{second}/activation").status_code == 409
    author.get(first)
    assert author.post(f"{first}/restoration").status_code == 303
    assert statuses() == [TemplateStatus.ACTIVE, TemplateStatus.RETIRED]
    author.get(second)
    assert author.post(f"{second}/restoration").status_code == 403, "who uploaded it does not bring it back"
    with reading() as session:
        acts = session.scalars(
            select(AuditEvent.action).where(AuditEvent.object_type == "document_template")
        ).all()
    assert acts == ["template.uploaded", "template.activated", "template.uploaded", "template.activated", "template.restored"]  # fmt: skip


def test_a_returned_template_says_why_and_may_be_brought_again(browse: Browse, first: str) -> None:
    author, checker = browse("author"), browse("admin")
    assert uploaded(author, first, reworded()) == 303
    second = path_of(2)
    checker.get(second)
    answer = checker.post(f"{second}/return", {"reason": "  "})
    assert answer.status_code == 422
    assert "Nhập lý do trả lại" in checker.page
    assert checker.post(f"{second}/return", {"reason": "Giữ nguyên câu mời"}).status_code == 303
    assert "Giữ nguyên câu mời" in author.get(second).get_data(as_text=True)
    assert statuses() == [TemplateStatus.ACTIVE, TemplateStatus.RETURNED]
    assert uploaded(author, first, reworded()) == 303, "returned bytes may be tried again"


def test_the_very_same_file_is_no_new_version(browse: Browse, first: str) -> None:
    author = browse("author")
    assert uploaded(author, first, _FILES.docx.read_bytes()) == 409
    assert "giống hệt một phiên bản đã có" in author.page
    assert statuses() == [TemplateStatus.ACTIVE]


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_never_becomes_a_version(browse: Browse, first: str, name: str) -> None:
    author = browse("author")
    assert uploaded(author, first, HOSTILE[name][0]) == 422
    assert "“giay-moi.docx”" in author.page
    assert statuses() == [TemplateStatus.ACTIVE]


@pytest.mark.parametrize("name", ["mau.pdf", "mau.xlsx", "mau.exe", "mau", "mau.docx.html"])
def test_only_word_files_are_taken(browse: Browse, first: str, name: str) -> None:
    assert uploaded(browse("author"), first, _FILES.docx.read_bytes(), name) == 422


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{{ khong_co }}", "phần thân văn bản: Mẫu dùng tên “khong_co” mà dữ liệu không có."),
        ("{{ letterhead.khong_co }}", "phần thân văn bản"),
        ("{{ subject", "Thẻ trong mẫu viết sai"),
        ("{% for a in agenda %}{{ a }}", "Thẻ trong mẫu viết sai"),
        ("{{ subject.__class__ }}", "Mẫu dùng lệnh không được phép"),
        ("{{ starts_at }}", "Hãy thêm bộ lọc ngày"),
    ],
)
def test_every_fault_of_a_template_is_named_with_its_place(
    browse: Browse, first: str, body: str, sentence: str
) -> None:
    author = browse("author")
    assert uploaded(author, first, docx(paragraph("BodyText", body))) == 422
    if "letterhead" not in body:
        assert sentence in author.page
    assert statuses() == [TemplateStatus.ACTIVE]


def test_no_file_is_told_at_its_box(browse: Browse, first: str) -> None:
    author = browse("author")
    author.get(first)
    assert author.post(f"{first}/versions", {}).status_code == 422
    assert "Chọn tệp .docx để tải lên." in author.page


def test_the_page_shows_the_filled_sample_and_gives_both_files(browse: Browse, first: str) -> None:
    author = browse("author")
    page = author.get(first).get_data(as_text=True)
    assert "GIẤY MỜI" in page
    assert "letterhead.issuer" in page, "names that the template can use"
    word = author.get(f"{first}/template.docx")
    assert word.get_data() == _FILES.docx.read_bytes()
    trial = author.get(f"{first}/preview.docx").get_data()
    assert b"{{" not in Package.read(trial).parts["word/document.xml"]


def test_the_list_tells_versions_people_and_documents(browse: Browse, first: str, house: House) -> None:
    author = browse("author")
    page = author.get("/templates").get_data(as_text=True)
    for words in ("Giấy mời", KEY, "Đang dùng", "Lê Thị Thu Hà", "Đặng Hoài Phương"):
        assert words in page


@pytest.mark.office
def test_the_pages_are_pictures_of_the_print(browse: Browse, first: str) -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs pdftoppm: apt-get install poppler-utils")
    author = browse("author")
    page = author.get(f"{first}/pages")
    assert page.status_code == 200
    picture = author.get(f"{first}/pages/1.png")
    assert picture.get_data().startswith(b"\x89PNG")
    assert author.get(f"{first}/pages/99.png").status_code == 404


def test_without_libreoffice_the_page_says_so(
    browse: Browse, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_templates.pdf, "program", lambda: None)
    author = browse("author")
    assert "Xem như bản in" not in author.get(first).get_data(as_text=True)
    answer = author.get(f"{first}/pages")
    assert answer.status_code == 503
    assert "chưa cài LibreOffice" in answer.get_data(as_text=True)


def test_two_uploads_at_once_are_two_versions(house: House, first: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def bring(word: str) -> UUID:
        with transaction() as session:
            by = ActorRef(house.people["author"])
            return template_changes.upload(
                session, key=KEY, data=reworded(new=word), actor=by, at=clock.now()
            ).id

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(bring, ["mời một", "mời hai", "mời ba", "mời bốn"]))
    assert len(set(made)) == 4
    assert len(statuses()) == 5
