"""What the clerk does in a book by hand: keep a number for a paper made outside, write it in, cancel it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit import wording
from workflow_app.audit.service import ActorRef
from workflow_app.core.clock import local
from workflow_app.core.errors import FieldError, Invalid, WrongState
from workflow_app.documents.errors import BookUnknown, NumberDateEarlier
from workflow_app.documents.models import EntryStatus, RegisterBook, RegisterEntry
from workflow_app.documents.numbering import cancel_number, take_number
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.types import Actor, Pair

CLERK = "records_clerk"

wording.register(
    {
        "register.reserved": "giữ số {number} cho văn bản ngoài hệ thống",
        "register.written": "ghi văn bản số {number} vào sổ",
        "register.cancelled": "hủy số {number}",
    }
)


class NumberOfDocument(WrongState):
    """The number belongs to a document of the system and shares its fate."""

    code = "number_of_document"
    vi_default = (
        "Số này thuộc một văn bản trong hệ thống: số được ban hành hoặc hủy cùng văn bản đó, không sửa riêng."
    )


class NumberSettled(WrongState):
    """The number is written in or cancelled already."""

    code = "number_settled"
    vi_default = "Số này đã được ghi vào sổ hoặc đã hủy, không sửa được nữa."


@dataclass(frozen=True, slots=True)
class KeptBook:
    """A book as something that only its owner's clerk writes in; Guarded, for `authorize`."""

    book: RegisterBook

    def grants(self, act: str) -> Sequence[Pair]:
        return [(CLERK, self.book.owner_unit_id)]

    @property
    def visible_units(self) -> frozenset[UUID]:
        return frozenset({self.book.owner_unit_id})

    @property
    def authors(self) -> frozenset[UUID]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """What the register says of a paper beside number, day and abstract: columns 4 to 8 and 10."""

    signer: str
    recipients: str
    file_copy: str
    copies: int
    sent_on: date | None
    note: str


def kept(session: Session, book_id: UUID) -> Sequence[RegisterEntry]:
    """The numbers that are held for papers made outside and not settled yet, in their order."""
    query = sa.select(RegisterEntry).where(
        RegisterEntry.book_id == book_id,
        RegisterEntry.document_id.is_(None),
        RegisterEntry.status == EntryStatus.TAKEN,
    )
    return session.scalars(query.order_by(RegisterEntry.number)).all()


def kept_entry(session: Session, actor: Actor, book_id: UUID, entry_id: UUID) -> RegisterEntry:
    """A number of the book that the actor may settle, as a page shows it.

    Raises BookUnknown, NotFound, Forbidden, NumberOfDocument, NumberSettled.
    """
    _authorized(session, actor, book_id)
    return _open_entry(session, book_id, entry_id, lock=False)


def reserve(
    session: Session,
    actor: Actor,
    book_id: UUID,
    *,
    kind: str,
    subject: str,
    on: date,
    op_id: UUID,
    at: datetime,
) -> RegisterEntry:
    """The next number, for a paper that is made outside. Commit at once, as after `take_number`.

    kind: code of the type ("BC"). on: its day, in the book's year, not after today, not before the last number's.
    Raises BookUnknown, Forbidden, Invalid.
    """
    book, by = _authorized(session, actor, book_id)
    _check_day(book, on, local(at).date())
    try:
        entry = take_number(
            session,
            owner_unit_id=book.owner_unit_id,
            book=book.code,
            kind=kind,
            on=on,
            document_id=None,
            subject=subject,
        )
    except NumberDateEarlier as refused:
        raise Invalid([FieldError("on", refused.vi)]) from None
    _record(session, "register.reserved", entry, by, op_id, at)
    return entry


def write_in(
    session: Session,
    actor: Actor,
    book_id: UUID,
    entry_id: UUID,
    written: Written,
    *,
    op_id: UUID,
    at: datetime,
) -> RegisterEntry:
    """The paper of a kept number was issued: the book's other columns. Raises as `kept_entry`, Invalid."""
    _, by = _authorized(session, actor, book_id)
    entry = _open_entry(session, book_id, entry_id)
    if written.sent_on is not None and not entry.date <= written.sent_on <= local(at).date():
        raise Invalid([FieldError("sent_on", "Ngày chuyển từ ngày văn bản đến hôm nay. Kiểm tra lại ngày.")])
    entry.status, entry.signer, entry.recipients = EntryStatus.ISSUED, written.signer, written.recipients
    entry.file_copy, entry.copies = written.file_copy, written.copies
    entry.sent_on, entry.note = written.sent_on, written.note
    _record(session, "register.written", entry, by, op_id, at)
    return entry


def cancel(
    session: Session,
    actor: Actor,
    book_id: UUID,
    entry_id: UUID,
    *,
    reason: str,
    op_id: UUID,
    at: datetime,
) -> RegisterEntry:
    """A kept number is given up: it stays in the book with its reason. Raises as `kept_entry`."""
    _, by = _authorized(session, actor, book_id)
    entry = _open_entry(session, book_id, entry_id)
    cancel_number(session, entry, reason=reason)
    _record(session, "register.cancelled", entry, by, op_id, at)
    return entry


def _authorized(session: Session, actor: Actor, book_id: UUID) -> tuple[RegisterBook, ActorRef]:
    book = session.get(RegisterBook, book_id)
    if book is None:
        raise BookUnknown(f"book {book_id}")
    return book, ActorRef.of(actor, authorize(actor, "keep_book", KeptBook(book)))


def _open_entry(session: Session, book_id: UUID, entry_id: UUID, *, lock: bool = True) -> RegisterEntry:
    entry = session.get(RegisterEntry, entry_id, with_for_update=lock)
    if entry is None or entry.book_id != book_id:
        raise BookUnknown(f"entry {entry_id} of book {book_id}", vi="Không có số này trong sổ.")
    if entry.document_id is not None:
        raise NumberOfDocument(f"entry {entry_id} is of document {entry.document_id}")
    if entry.status is not EntryStatus.TAKEN:
        raise NumberSettled(f"entry {entry_id} is {entry.status}")
    return entry


def _check_day(book: RegisterBook, on: date, today: date) -> None:
    if on.year != book.year:
        sentence = f"Sổ này của năm {book.year}. Chọn ngày trong năm {book.year}, hoặc mở sổ của năm khác."
        raise Invalid([FieldError("on", sentence)])
    if on > today:
        # A day ahead would close the book to everything dated before it.
        raise Invalid([FieldError("on", "Ngày văn bản không sau hôm nay. Lấy số đúng ngày ban hành.")])


def _record(
    session: Session, action: str, entry: RegisterEntry, by: ActorRef, op_id: UUID, at: datetime
) -> None:
    details: Mapping[str, Any] = {"number": entry.full_symbol, "book_id": entry.book_id}
    audit.record(
        session,
        action=action,
        actor=by,
        at=at,
        object_type="register_entry",
        object_id=entry.id,
        op_id=op_id,
        details=details,
    )
