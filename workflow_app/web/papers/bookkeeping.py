"""The clerk's own acts in a book: keep a number for a paper made outside the system, write it in, cancel it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import Field
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from workflow_app.core import clock
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.core.ids import new_id
from workflow_app.documents import bookkeeping
from workflow_app.documents.bookkeeping import KeptBook
from workflow_app.documents.models import RegisterBook, RegisterEntry
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.types import Actor
from workflow_app.processes.forms import Count, Day, Line, OptionalDay, TaskForm, Text, unflatten
from workflow_app.processes.once import perform
from workflow_app.web.actors import current_actor
from workflow_app.web.form_views import FormView
from workflow_app.web.papers.registers import bp, visible_book
from workflow_app.web.reading import reader

__all__ = ["bp"]

_OURS = frozenset({"csrf_token", "op_id"})
_KIND = r"^[A-Za-zĐđƯư]{1,5}$"


class Reservation(TaskForm):
    """A number for a paper made outside the system."""

    kind: Annotated[Line, Field(min_length=1, pattern=_KIND)] = Field(
        title="Ký hiệu loại văn bản", description="Ví dụ BC, TTr, QĐ, GM, theo Phụ lục III Nghị định 30/2020."
    )
    subject: Line = Field(min_length=1, title="Tên loại và trích yếu nội dung văn bản")
    on: Day = Field(title="Ngày văn bản")


class Writing(TaskForm):
    """The other columns of the book for a paper that was issued outside the system."""

    signer: Line = Field(min_length=1, title="Người ký")
    recipients: Line = Field(min_length=1, title="Nơi nhận văn bản")
    file_copy: Line = Field(default="", title="Đơn vị, người nhận bản lưu")
    copies: Count = Field(default=0, title="Số lượng bản")
    sent_on: OptionalDay = Field(default=None, title="Ngày chuyển")
    note: Line = Field(default="", title="Ghi chú")


class Giving(TaskForm):
    """Why a kept number is cancelled."""

    reason: Text = Field(min_length=1, title="Lý do")


@bp.get("/<uuid:book_id>/entries/new")
def reservation(book_id: UUID) -> ResponseReturnValue:
    """Asks for what a number is kept."""
    today = clock.today()
    return _page("reservation", Reservation, book_id, None, {"on": today})


@bp.post("/<uuid:book_id>/entries/new")
def reserve(book_id: UUID) -> ResponseReturnValue:
    """Keeps the next number of the book."""

    def act(session: Session, me: Actor, form: Reservation, op_id: UUID) -> str:
        entry = bookkeeping.reserve(
            session,
            me,
            book_id,
            kind=form.kind,
            subject=form.subject,
            on=form.on,
            op_id=op_id,
            at=clock.now(),
        )
        return str(_("Đã giữ số %(number)s.", number=entry.full_symbol))

    return _change("reservation", Reservation, book_id, None, act)


@bp.get("/<uuid:book_id>/entries/<uuid:entry_id>")
def writing(book_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Asks for the other columns of a kept number."""
    return _page("writing", Writing, book_id, entry_id, {"sent_on": clock.today(), "file_copy": "Văn thư"})


@bp.post("/<uuid:book_id>/entries/<uuid:entry_id>")
def write(book_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Writes a paper made outside into the book."""

    def act(session: Session, me: Actor, form: Writing, op_id: UUID) -> str:
        written = bookkeeping.Written(**form.model_dump())
        entry = bookkeeping.write_in(session, me, book_id, entry_id, written, op_id=op_id, at=clock.now())
        return str(_("Đã ghi văn bản số %(number)s vào sổ.", number=entry.full_symbol))

    return _change("writing", Writing, book_id, entry_id, act)


@bp.get("/<uuid:book_id>/entries/<uuid:entry_id>/cancellation")
def giving_up(book_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Asks why a kept number is cancelled."""
    return _page("cancellation", Giving, book_id, entry_id, {})


@bp.post("/<uuid:book_id>/entries/<uuid:entry_id>/cancellation")
def give_up(book_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Cancels a kept number; it stays in the book with its reason."""

    def act(session: Session, me: Actor, form: Giving, op_id: UUID) -> str:
        entry = bookkeeping.cancel(
            session, me, book_id, entry_id, reason=form.reason, op_id=op_id, at=clock.now()
        )
        return str(_("Đã hủy số %(number)s. Số này không dùng lại.", number=entry.full_symbol))

    return _change("cancellation", Giving, book_id, entry_id, act)


def _change(
    name: str,
    form: type[TaskForm],
    book_id: UUID,
    entry_id: UUID | None,
    act: Callable[[Session, Actor, Any, UUID], str],
) -> ResponseReturnValue:
    me, op_id, typed = current_actor(), _op_id(), {}
    visible_book(book_id)
    try:
        typed = unflatten((key, value) for key, value in request.form.items() if key not in _OURS)
        parsed = form.parse(typed)
        said = perform(me, op_id, lambda session: act(session, me, parsed, op_id))
    except Invalid as refused:
        return _page(name, form, book_id, entry_id, typed, refused.errors, op_id), 422
    flash(said or _("Việc này đã được ghi nhận ngay lần gửi đầu."), "success")
    return redirect(url_for("registers.show", book_id=book_id), code=303)


def _page(
    name: str,
    form: type[TaskForm],
    book_id: UUID,
    entry_id: UUID | None,
    values: Mapping[str, Any],
    errors: Sequence[FieldError] = (),
    op_id: UUID | None = None,
) -> str:
    book, _owner = visible_book(book_id)
    view = FormView(form, values, errors)
    return render_template(
        f"registers/{name}.html",
        book=book,
        entry=_entry(book, entry_id),
        fields=view.fields(),
        form_errors=view.summary(),
        op_id=op_id or new_id(),
    )


def _entry(book: RegisterBook, entry_id: UUID | None) -> RegisterEntry | None:
    """The number that the page is about, None for a new one; raises as the act itself would."""
    if entry_id is None:
        authorize(current_actor(), "keep_book", KeptBook(book))
        return None
    return bookkeeping.kept_entry(reader(), current_actor(), book.id, entry_id)


def _op_id() -> UUID:
    try:
        return UUID(request.form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None
