"""Numbers of official documents: one book per unit and year, no holes, no number twice."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.vietnamese import decree_date
from workflow_app.documents.errors import BookUnknown, DocumentWrongState, NumberDateEarlier
from workflow_app.documents.models import Document, RegisterBook, RegisterEntry


def open_book(
    session: Session, *, owner_unit_id: UUID, code: str, name: str, year: int, symbol_pattern: str
) -> RegisterBook:
    """The book of a unit for a year; the same one again when it is open already.

    symbol_pattern: what follows "01/", `{kind}` being the document type: "{kind}-KTĐ04".
    """
    statement = insert(RegisterBook).values(
        owner_unit_id=owner_unit_id, code=code, name=name, year=year, symbol_pattern=symbol_pattern
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["owner_unit_id", "code", "year"]))
    return book_of(session, owner_unit_id=owner_unit_id, code=code, year=year)


def book_of(session: Session, *, owner_unit_id: UUID, code: str, year: int) -> RegisterBook:
    """Raises BookUnknown."""
    query = sa.select(RegisterBook).where(
        RegisterBook.owner_unit_id == owner_unit_id, RegisterBook.code == code, RegisterBook.year == year
    )
    book = session.scalar(query)
    if book is None:
        raise BookUnknown(f"book {code!a} of unit {owner_unit_id} for {year}")
    return book


def take_number(
    session: Session,
    *,
    owner_unit_id: UUID,
    book: str,
    kind: str,
    on: date,
    document_id: UUID | None,
    subject: str = "",
) -> RegisterEntry:
    """The next number of the book; call it last in the transaction, commit at once.

    Until then everybody else who wants a number of this book waits: the counter row is locked, and only
    so there are neither holes nor doubles. A rollback gives the number back.
    on: date of the document; not before the date of the last number, and in the book's year.
    Raises BookUnknown, NumberDateEarlier; DocumentWrongState when the document has one already.
    """
    found = book_of(session, owner_unit_id=owner_unit_id, code=book, year=on.year)
    document = _without_number(session, document_id)
    session.flush()  # everything else is written before the counter is locked
    number = _count(session, found, on)
    entry = RegisterEntry(
        book_id=found.id,
        number=number,
        symbol=found.symbol_pattern.format(kind=kind),
        document_id=document_id,
        date=on,
        subject=subject or (document.title if document else ""),
        taken_at=clock.now(),
    )
    session.add(entry)
    session.flush()
    if document is not None:
        document.register_entry = entry
        session.flush()
    return entry


def cancel_number(session: Session, entry: RegisterEntry, *, reason: str) -> None:
    """The number stays in the book, with its reason, and is never used again. Raises DocumentWrongState."""
    session.refresh(entry, with_for_update=True)
    entry.cancel(reason)
    document = session.get(Document, entry.document_id) if entry.document_id else None
    if document is not None and document.register_entry_id == entry.id:
        document.register_entry = None
    session.flush()


def _without_number(session: Session, document_id: UUID | None) -> Document | None:
    if document_id is None:
        return None
    document = session.get(Document, document_id, with_for_update=True, populate_existing=True)
    if document is None or document.register_entry_id is not None:
        raise DocumentWrongState(f"document {document_id} is unknown or has a number already")
    return document


def _count(session: Session, book: RegisterBook, on: date) -> int:
    counted = session.execute(
        sa.update(RegisterBook)
        .where(
            RegisterBook.id == book.id, sa.or_(RegisterBook.last_date.is_(None), RegisterBook.last_date <= on)
        )
        .values(last_number=RegisterBook.last_number + 1, last_date=on)
        .returning(RegisterBook.last_number)
        .execution_options(synchronize_session=False)
    ).scalar()
    if counted is None:
        raise _too_early(session, book, on)
    session.expire(book)
    return int(counted)


def _too_early(session: Session, book: RegisterBook, on: date) -> NumberDateEarlier:
    session.refresh(book)
    last = book.last_date or on
    return NumberDateEarlier(
        f"book {book.id}: {on} is before {last}",
        vi=f"Số gần nhất trong sổ ghi ngày {decree_date(last)}. Hãy chọn ngày văn bản từ ngày đó trở đi.",
        last_date=last.isoformat(),
    )
