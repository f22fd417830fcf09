"""The register on paper and in Excel: ten columns, cancelled numbers with their reason, no formula of a user."""

import io
from datetime import date

import openpyxl
import pytest
from sqlalchemy.orm import Session

from tests.documents.conftest import Desk
from tests.documents.support import AT, template
from workflow_app.core.ids import new_id
from workflow_app.documents import register, service, uploads
from workflow_app.documents.errors import BookUnknown
from workflow_app.documents.extraction import story
from workflow_app.documents.models import RegisterBook

_TEXTS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    '=HYPERLINK("http://evil.example")',
    "{=1}",
    "http://x.vn",
    "0123",
    "a & <b>",
]


@pytest.fixture
def book(session: Session, desk: Desk) -> RegisterBook:
    book = service.open_book(
        session,
        owner_unit_id=desk.unit.id,
        code="đi",
        name="Văn bản của khối",
        year=2019,
        symbol_pattern="{kind}-KTĐ04",
    )
    for day, kind, subject in ((1, "GƯ", "Giao ước"), (4, "KH", "Kế hoạch"), (9, "GM", "Giấy mời")):
        entry = service.take_number(
            session,
            owner_unit_id=desk.unit.id,
            book="đi",
            kind=kind,
            on=date(2019, 3, day),
            document_id=None,
            subject=subject,
        )
        if kind == "KH":
            service.cancel_number(session, entry, reason="ghi nhầm sổ")
    return book


def test_rows_follow_the_numbers_and_show_what_was_cancelled(session: Session, book: RegisterBook) -> None:
    rows = register.rows(session, book.id)
    assert [(row.symbol, row.date, row.subject, row.note) for row in rows] == [
        ("01/GƯ-KTĐ04", "2019-03-01", "Giao ước", ""),
        ("02/KH-KTĐ04", "2019-03-04", "Kế hoạch", "Số đã hủy: ghi nhầm sổ"),
        ("03/GM-KTĐ04", "2019-03-09", "Giấy mời", ""),
    ]


def test_a_reader_of_some_documents_sees_their_rows_only(session: Session, book: RegisterBook) -> None:
    assert register.rows(session, book.id, document_ids=frozenset({new_id()})) == []


def test_the_word_print_has_ten_columns_and_every_row(session: Session, book: RegisterBook) -> None:
    rendered = register.as_docx(
        session,
        book.id,
        template("outgoing_register"),
        owner="Khối thi đua 04",
        parent="Liên đoàn Lao động tỉnh An Giang",
        printed_on=date(2019, 12, 31),
        at=AT,
    )
    texts = [passage.text for passage in story(rendered.data) if passage.depth]
    assert texts[:2] == ["Số, ký hiệu văn bản", "Ngày tháng văn bản"]
    assert texts[9] == "Ghi chú"
    assert [text for text in texts if "-KTĐ04" in text] == ["01/GƯ-KTĐ04", "02/KH-KTĐ04", "03/GM-KTĐ04"]
    assert "01/3/2019" in texts


def test_the_excel_print_opens_and_reads_the_same(session: Session, book: RegisterBook) -> None:
    data = register.as_xlsx(session, book.id, owner="Khối thi đua 04", at=AT)
    uploads.scan(data, "so.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert rows[0] == tuple(head for head, _ in register._HEADS)
    assert [row[0] for row in rows[1:]] == ["01/GƯ-KTĐ04", "02/KH-KTĐ04", "03/GM-KTĐ04"]
    assert rows[1][1] == "01/3/2019"


@pytest.mark.parametrize("text", _TEXTS)
def test_what_people_typed_is_never_a_formula_or_a_link(session: Session, desk: Desk, text: str) -> None:
    service.open_book(session, owner_unit_id=desk.unit.id, code="x", name="Sổ", year=2019, symbol_pattern="X")
    entry = service.take_number(
        session,
        owner_unit_id=desk.unit.id,
        book="x",
        kind="X",
        on=date(2019, 1, 2),
        document_id=None,
        subject=text,
    )
    workbook = openpyxl.load_workbook(io.BytesIO(register.as_xlsx(session, entry.book_id, owner=text, at=AT)))
    sheet = workbook.active
    assert sheet is not None
    cell = sheet["C4"]
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    assert str(cell.value).strip() == text.replace("\r", "\n").strip()


def test_an_unknown_book_is_not_found(session: Session) -> None:
    with pytest.raises(BookUnknown):
        register.as_xlsx(session, new_id(), owner="x", at=AT)
