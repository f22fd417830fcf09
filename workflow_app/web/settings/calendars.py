"""Days off and make-up days of a year: the table, its sources, whether it is complete, and mending it."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.errors import FieldError, Invalid, NotFound
from workflow_app.core.ids import new_id
from workflow_app.core.working_days import CalendarDay
from workflow_app.organisations.calendars import (
    CalendarYear,
    Keeper,
    calendar_year,
    declare_year,
    drop_day,
    put_day,
    years_known,
)
from workflow_app.organisations.models.people import Person
from workflow_app.web import wording
from workflow_app.web.acting import perform
from workflow_app.web.actors import current_actor
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.organisations.administration import record
from workflow_app.web.reading import reader
from workflow_app.web.reference import forget
from workflow_app.web.scopes import Scope, asked_scope, in_address

bp = Blueprint("calendars", __name__, url_prefix="/administration/calendar")

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_SATURDAY = 5


@bp.get("")
def index() -> ResponseReturnValue:
    """This year."""
    return redirect(url_for("calendars.show", year=clock.today().year, **in_address(_scope())))


@bp.get("/<int:year>")
def show(year: int) -> ResponseReturnValue:
    """The year's days; with `?day=` that one stands in the form to be corrected."""
    scope = _scope()
    _require_year(year)
    known = _known(year, scope)
    entry = known.day(_iso(request.args.get("day", "")) or date.min)
    return _page(known, scope, _filled(entry) if entry else {}, [])


@bp.post("/<int:year>/days")
def put(year: int) -> ResponseReturnValue:
    """Adds a day, corrects the one it was opened with, or takes that one out."""
    scope, form, errors = _scope(), request.form, list[FieldError]()
    _require_year(year)
    before, day = _iso(form.get("instead_of", "")), posted_day(form, "day", errors)
    dropped = form.get("act") == "drop"
    if day is None and not dropped and not errors:
        errors.append(FieldError("day", _("Nhập ngày, ví dụ 30/4/%(year)s.", year=year)))
    keeper = _keeper(scope)

    def act(session: Session, op_id: UUID) -> None:
        if dropped and before is not None:
            drop_day(session, year, before, keeper=keeper)
            _record(session, scope, "calendar.day_dropped", {"day": before}, op_id)
            return
        works = form.get("works") == "yes"
        entry = CalendarDay(day or date.min, form.get("name", ""), form.get("source", ""), works)
        put_day(session, year, entry, keeper=keeper, instead_of=before)
        _record(session, scope, "calendar.day_set", {"day": entry.day, "works": works}, op_id)

    try:
        require_none([] if dropped else errors)
        if dropped and before is None:
            raise NotFound("no day to take out")
        perform(act)
    except Invalid as refusal:
        return _page(_known(year, scope), scope, form.to_dict(), list(refusal.errors)), 422
    forget()
    flash(_("Đã bỏ ngày khỏi lịch.") if dropped else _("Đã ghi ngày vào lịch."), "success")
    return redirect(url_for("calendars.show", year=year, **in_address(scope)), code=303)


@bp.post("/<int:year>/completeness")
def declare(year: int) -> ResponseReturnValue:
    """Confirms that everything announced is there, or opens the year again."""
    scope, form = _scope(), request.form
    _require_year(year)
    complete, keeper = form.get("complete") == "yes", _keeper(scope)

    def act(session: Session, op_id: UUID) -> None:
        basis = form.get("basis", "")
        declare_year(session, year, complete=complete, legal_basis=basis, keeper=keeper)
        action = "calendar.completed" if complete else "calendar.reopened"
        _record(session, scope, action, {"year": str(year), "basis": basis}, op_id)

    try:
        perform(act)
    except Invalid as refusal:
        return _page(_known(year, scope), scope, form.to_dict(), list(refusal.errors)), 422
    forget()
    said = (
        _("Đã xác nhận lịch năm %(year)s.", year=year)
        if complete
        else _("Đã mở lại lịch năm %(year)s.", year=year)
    )
    flash(said, "success")
    return redirect(url_for("calendars.show", year=year, **in_address(scope)), code=303)


def _page(known: CalendarYear, scope: Scope, typed: dict[str, str], errors: list[FieldError]) -> str:
    today, rows = clock.today(), [_row(entry) for entry in known.days]
    years = years_known(reader(), unit_id=scope.unit_id, on=today)
    years |= {year: False for year in (today.year, today.year + 1, known.year) if year not in years}
    by = reader().get(Person, known.changed_by) if known.changed_by else None
    return render_template(
        "calendars/show.html",
        op_id=new_id(),
        known=known,
        rows=rows,
        off=sum(not entry.works and entry.day.weekday() < _SATURDAY for entry in known.days),
        worked=sum(entry.works for entry in known.days),
        by=by.full_name if by else "",
        years=sorted(years.items()),
        scope=scope,
        address=in_address(scope),
        editing=_iso(typed.get("instead_of", "")),
        typed=typed,
        **field_errors(errors),
    )


def _row(entry: CalendarDay) -> dict[str, Any]:
    return {"entry": entry, "weekday": wording.weekday(entry.day), "iso": entry.day.isoformat()}


def _filled(entry: CalendarDay) -> dict[str, str]:
    day = {"day": entry.day.day, "month": entry.day.month, "year": entry.day.year}
    parts = {f"day-{part}": str(number) for part, number in day.items()}
    works = "yes" if entry.works else "no"
    said = {"name": entry.name, "source": entry.source, "works": works}
    return parts | said | {"instead_of": entry.day.isoformat()}


def _record(session: Session, scope: Scope, action: str, details: dict[str, Any], op_id: UUID) -> None:
    object_id = scope.unit_id or scope.seat.unit_id
    record(session, scope.seat, action, "calendar", object_id, details | {"scope": scope.asked}, op_id)


def _keeper(scope: Scope) -> Keeper:
    return Keeper(scope.unit_id, current_actor().person_id, clock.now(), clock.today())


def _known(year: int, scope: Scope) -> CalendarYear:
    return calendar_year(reader(), year, unit_id=scope.unit_id, on=clock.today())


def _scope() -> Scope:
    return asked_scope(_("Toàn hệ thống"))


def _require_year(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise NotFound(f"no calendar of {year}")


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
