"""Outgoing registers: the book of a unit for a year, on the page and as Word or Excel."""

from io import BytesIO
from uuid import UUID

from flask import Blueprint, render_template, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, or_, select

from workflow_app.core import clock
from workflow_app.core.errors import Conflict
from workflow_app.documents import bookkeeping, register, templates
from workflow_app.documents.errors import BookUnknown
from workflow_app.documents.models import RegisterBook
from workflow_app.organisations.authority import may
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.trees import ancestors_at, subtree_ids, unit_at, units_at
from workflow_app.web.actors import current_actor
from workflow_app.web.papers import papers
from workflow_app.web.reading import reader

bp = Blueprint("registers", __name__, url_prefix="/registers")

_FEDERATION_ROLES = frozenset({"records_clerk", "federation_officer", "federation_standing", "auditor"})
_TEMPLATE = "outgoing_register"


class LetterheadMissing(Conflict):
    """A print needs the body above, and the unit does not name one."""

    code = "letterhead_missing"
    vi_default = (
        "Đơn vị chưa khai báo cơ quan chủ quản trên văn bản nên chưa in được sổ. Hãy báo quản trị hệ thống."
    )


@bp.get("")
def index() -> ResponseReturnValue:
    """The books that the reader may see, newest year first."""
    books = list(reader().scalars(_visible_books().order_by(RegisterBook.year.desc(), RegisterBook.name)))
    owners = units_at(reader(), frozenset(book.owner_unit_id for book in books), clock.today())
    return render_template("registers/index.html", books=books, owners=owners)


@bp.get("/<uuid:book_id>")
def show(book_id: UUID) -> ResponseReturnValue:
    """Every number of the book in order, cancelled ones with their reason."""
    book, owner = visible_book(book_id)
    return render_template(
        "registers/show.html",
        book=book,
        owner=owner,
        rows=register.rows(reader(), book_id),
        kept=bookkeeping.kept(reader(), book_id),
        may_keep=may(current_actor(), "keep_book", bookkeeping.KeptBook(book)),
    )


@bp.get("/<uuid:book_id>.xlsx")
def excel(book_id: UUID) -> ResponseReturnValue:
    book, owner = visible_book(book_id)
    data = register.as_xlsx(reader(), book_id, owner=owner.name, at=clock.now())
    return _send(data, papers.XLSX, book, "xlsx")


@bp.get("/<uuid:book_id>.docx")
def word(book_id: UUID) -> ResponseReturnValue:
    book, owner = visible_book(book_id)
    printed = register.as_docx(
        reader(),
        book_id,
        templates.load(reader(), _TEMPLATE),
        owner=owner.letterhead_name or owner.name,
        parent=_letterhead_parent(owner),
        printed_on=clock.today(),
        at=clock.now(),
    )
    return _send(printed.data, papers.DOCX, book, "docx")


def _letterhead_parent(owner: UnitPeriod) -> str:
    """The body above the owner, as its papers name it; raises LetterheadMissing for a root that says nothing."""
    above = ancestors_at(reader(), owner.unit_id, clock.today())
    name = owner.letterhead_parent or (above[0].name if above else "")
    if not name:
        raise LetterheadMissing(f"unit {owner.unit_id} has no parent and no letterhead")
    return name


def _visible_books() -> Select[RegisterBook]:
    actor = current_actor()
    wide = [seat.unit_id for seat in actor.seats if seat.roles & _FEDERATION_ROLES]
    conditions = [RegisterBook.owner_unit_id.in_(actor.unit_ids)]
    conditions += [RegisterBook.owner_unit_id.in_(subtree_ids(unit_id, clock.today())) for unit_id in wide]
    return select(RegisterBook).where(or_(*conditions))


def visible_book(book_id: UUID) -> tuple[RegisterBook, UnitPeriod]:
    """Raises BookUnknown for a book that the reader may not see."""
    book = reader().scalars(_visible_books().where(RegisterBook.id == book_id)).one_or_none()
    if book is None:
        raise BookUnknown(f"book {book_id} is foreign to person {current_actor().person_id}")
    return book, unit_at(reader(), book.owner_unit_id, clock.today())


def _send(data: bytes, kind: str, book: RegisterBook, ending: str) -> ResponseReturnValue:
    name = f"{book.name} {book.year}.{ending}".replace("/", "-")
    return send_file(BytesIO(data), mimetype=kind, as_attachment=True, download_name=name, max_age=0)
