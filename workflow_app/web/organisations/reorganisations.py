"""Rearranging the tree of units: one decision, one effective day, all changes or none."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from workflow_app.core import clock, vietnamese
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid, Refusal
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitKind
from workflow_app.organisations.reorganisation import Change, End, Found, Merge, Move, Rename, reorganise
from workflow_app.organisations.trees import TreeNode, tree_at
from workflow_app.organisations.types import Seat
from workflow_app.organisations.units import UnitFacts
from workflow_app.web.actors import current_actor, seat_with
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.organisations.administration import record
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.reference import forget

bp = Blueprint("reorganisations", __name__, url_prefix="/administration/reorganisation")

_FEWEST_LINES, _MOST_LINES = 3, 50


@bp.get("")
def show() -> ResponseReturnValue:
    """The empty form."""
    return _page({}, [], _FEWEST_LINES)


@bp.post("")
def rearrange() -> ResponseReturnValue:
    """Does all changes or none."""
    seat, form = seat_with("administrator"), request.form
    lines = max(_FEWEST_LINES, min(_MOST_LINES, sum(name.endswith("-kind") for name in form)))
    if "add_row" in form:
        return _page(form.to_dict(), [], lines + int(form["add_row"] == "1"))
    errors: list[FieldError] = []
    effective = posted_day(form, "effective", errors)
    basis = vietnamese.clean_line(form.get("basis", ""))
    known = {str(node.unit_id) for node in _tree(seat)}
    changes = _changes(form, lines, known, errors)
    _check_decision(effective, basis, changes, errors)
    stop_reading()
    try:
        require_none(errors)
        _carry_out(seat, changes, effective or clock.today(), basis)
    except Invalid as refusal:
        return _page(form.to_dict(), list(refusal.errors), lines), 422
    except Refusal as refusal:
        return _page(form.to_dict(), [FieldError("", refusal.vi)], lines), 422
    forget()
    flash(_("Đã ghi %(count)s thay đổi, có hiệu lực cùng một ngày.", count=len(changes)), "success")
    return redirect(url_for("units.index", on=(effective or clock.today()).isoformat()), code=303)


def kinds_of_change() -> list[tuple[str, str]]:
    """The changes that one line of the form can ask for."""
    return [
        ("none", _("Không thay đổi")),
        ("rename", _("Đổi tên đơn vị thành tên mới")),
        ("move", _("Chuyển đơn vị về dưới đơn vị khác")),
        ("merge", _("Sáp nhập đơn vị vào đơn vị khác")),
        ("end", _("Kết thúc đơn vị (đơn vị khác kế thừa, nếu có)")),
        ("found", _("Lập đơn vị mới dưới đơn vị khác")),
    ]


def _carry_out(seat: Seat, changes: list[Change], effective: date, basis: str) -> None:
    by, at = current_actor().person_id, clock.now()
    stop_reading()
    with transaction() as session:
        act = reorganise(session, changes, effective=effective, basis=basis, by=by, at=at)
        record(session, seat, "unit.reorganised", "reorganisation", act.id, {"changes": len(changes)})


def _check_decision(
    effective: date | None, basis: str, changes: list[Change], errors: list[FieldError]
) -> None:
    if effective is None and not any(error.field == "effective" for error in errors):
        errors.append(FieldError("effective", _("Nhập ngày có hiệu lực của quyết định.")))
    if not basis:
        errors.append(FieldError("basis", _("Ghi số và ngày của quyết định.")))
    if not changes and not any(error.field.startswith("changes") for error in errors):
        errors.append(FieldError("changes-0-kind", _("Chọn ít nhất một thay đổi.")))


def _changes(form: Mapping[str, str], lines: int, known: set[str], errors: list[FieldError]) -> list[Change]:
    changes = []
    for number in range(lines):
        name = f"changes-{number}-"
        line = {key.removeprefix(name): value for key, value in form.items() if key.startswith(name)}
        kind = line.get("kind", "none")
        wrong = [FieldError(name + field, text) for field, text in _missing(kind, line, known)]
        errors.extend(wrong)
        if kind in _MAKE and not wrong:
            changes.append(_MAKE[kind](line, known))
    return changes


def _missing(kind: str, line: Mapping[str, str], known: set[str]) -> list[tuple[str, str]]:
    missing = []
    if kind in _MAKE and kind != "found" and line.get("unit") not in known:
        missing.append(("unit", _("Chọn đơn vị thay đổi.")))
    if kind in {"move", "merge", "found"} and line.get("other") not in known:
        missing.append(("other", _("Chọn đơn vị kia.")))
    if kind in {"rename", "found"} and not line.get("name", "").strip():
        missing.append(("name", _("Nhập tên đơn vị.")))
    return missing


def _rename(line: Mapping[str, str], known: set[str]) -> Change:
    name = vietnamese.clean_line(line["name"])
    return Rename(UUID(line["unit"]), {"name": name, "short_name": name})


def _move(line: Mapping[str, str], known: set[str]) -> Change:
    return Move(UUID(line["unit"]), UUID(line["other"]))


def _merge(line: Mapping[str, str], known: set[str]) -> Change:
    return Merge((UUID(line["unit"]),), UUID(line["other"]))


def _end(line: Mapping[str, str], known: set[str]) -> Change:
    other = line.get("other", "")
    return End(UUID(line["unit"]), UUID(other) if other in known else None)


def _found(line: Mapping[str, str], known: set[str]) -> Change:
    name = vietnamese.clean_line(line["name"])
    code = vietnamese.fold(name).replace(" ", "-")[:60]
    return Found(code, UnitFacts(name, line.get("unit_kind", "grassroots_union")), UUID(line["other"]))


_MAKE: Mapping[str, Callable[[Mapping[str, str], set[str]], Change]] = {
    "rename": _rename,
    "move": _move,
    "merge": _merge,
    "end": _end,
    "found": _found,
}


def _tree(seat: Seat) -> list[TreeNode]:
    return tree_at(reader(), seat.unit_id, clock.today())


def _page(typed: dict[str, str], errors: list[FieldError], lines: int) -> str:
    seat = seat_with("administrator")
    kinds = (
        select(UnitKind.code, UnitKind.name).where(holds_on(UnitKind, clock.today())).order_by(UnitKind.name)
    )
    units: list[tuple[str, Any]] = [
        (str(node.unit_id), "\u2003" * node.depth + node.period.name) for node in _tree(seat)
    ]
    return render_template(
        "administration/reorganisation.html",
        units=units,
        unit_kinds=list(reader().execute(kinds)),
        changes=kinds_of_change(),
        rows=lines,
        typed=typed,
        **field_errors(errors),
    )
