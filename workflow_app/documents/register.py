"""The outgoing register as people read it: 10 columns (Decree 30/2020/NĐ-CP, Annex IV)."""

import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import decree_date
from workflow_app.documents.errors import BookUnknown
from workflow_app.documents.models import Document, EntryStatus, RegisterBook, RegisterEntry
from workflow_app.documents.rendering import Rendered, Template, render
from workflow_app.documents.sandbox import printable_text

_HEADS = (
    ("Số, ký hiệu văn bản", 18),
    ("Ngày tháng văn bản", 13),
    ("Tên loại và trích yếu nội dung văn bản", 46),
    ("Người ký", 22),
    ("Nơi nhận văn bản", 34),
    ("Đơn vị, người nhận bản lưu", 18),
    ("Số lượng bản", 9),
    ("Ngày chuyển", 13),
    ("Ký nhận", 12),
    ("Ghi chú", 28),
)
_CELL = 32_000  # Excel refuses longer texts


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the book; dates are ISO or empty, everything is text."""

    symbol: str
    date: str
    subject: str
    signer: str
    recipients: str
    file_copy: str
    copies: str
    sent_on: str
    receipt: str
    note: str


def rows(session: Session, book_id: UUID, *, document_ids: frozenset[UUID] | None = None) -> list[Row]:
    """The book in the order of its numbers, cancelled ones with their reason in the note.

    document_ids: only these documents, for a reader who may not see all.
    """
    query = (
        sa.select(RegisterEntry, Document.title)
        .outerjoin(Document, Document.id == RegisterEntry.document_id)
        .where(RegisterEntry.book_id == book_id)
        .order_by(RegisterEntry.number)
    )
    if document_ids is not None:
        query = query.where(RegisterEntry.document_id.in_(document_ids))
    return [_row(entry, title or "") for entry, title in session.execute(query)]


def as_docx(
    session: Session,
    book_id: UUID,
    template: Template,
    *,
    owner: str,
    parent: str,
    printed_on: date,
    at: datetime,
) -> Rendered:
    """The book in Word, from the template `outgoing_register`. Raises BookUnknown."""
    book = _book(session, book_id)
    data: dict[str, Any] = {
        "owner": owner,
        "parent": parent,
        "book": book.name,
        "year": book.year,
        "printed_on": printed_on.isoformat(),
        "rows": [asdict(row) for row in rows(session, book_id)],
    }
    return render(template, data, at=at)


def as_xlsx(session: Session, book_id: UUID, *, owner: str, at: datetime) -> bytes:
    """The book in Excel; what people typed is never a formula or a link. Raises BookUnknown."""
    book = _book(session, book_id)
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as workbook:
        workbook.set_properties(
            {"title": f"Sổ đăng ký văn bản đi {book.year}", "created": at.replace(tzinfo=None)}
        )
        sheet = workbook.add_worksheet(f"Năm {book.year}")
        head = workbook.add_format(
            {"bold": True, "text_wrap": True, "border": 1, "align": "center", "valign": "vcenter"}
        )
        body = workbook.add_format({"text_wrap": True, "border": 1, "valign": "top", "num_format": "@"})
        sheet.write_string(0, 0, _cell(f"SỔ ĐĂNG KÝ VĂN BẢN ĐI NĂM {book.year} - {owner.upper()}"))
        for column, (name, width) in enumerate(_HEADS):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, name, head)
        for number, row in enumerate(rows(session, book_id), 3):
            for column, text in enumerate(_shown(row)):
                sheet.write_string(number, column, _cell(text), body)
        _for_paper(sheet)
    return out.getvalue()


def _for_paper(sheet: Any) -> None:
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&CTrang &P/&N")


def _shown(row: Row) -> Iterator[str]:
    for name, text in asdict(row).items():
        yield decree_date(date.fromisoformat(text)) if text and name in {"date", "sent_on"} else text


def _cell(text: str) -> str:
    return printable_text(text)[:_CELL]


def _row(entry: RegisterEntry, title: str) -> Row:
    cancelled = entry.status is EntryStatus.CANCELLED
    return Row(
        symbol=entry.full_symbol,
        date=entry.date.isoformat(),
        subject=entry.subject or title,
        signer=entry.signer,
        recipients=entry.recipients,
        file_copy=entry.file_copy,
        copies=str(entry.copies) if entry.copies else "",
        sent_on=entry.sent_on.isoformat() if entry.sent_on else "",
        receipt=entry.receipt,
        note=f"Số đã hủy: {entry.reason}" if cancelled else entry.note,
    )


def _book(session: Session, book_id: UUID) -> RegisterBook:
    book = session.get(RegisterBook, book_id)
    if book is None:
        raise BookUnknown(f"book {book_id}")
    return book
