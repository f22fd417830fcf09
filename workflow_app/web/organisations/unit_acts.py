"""Founding a unit, and what it is called and how its papers look, from a day on."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core import clock, vietnamese
from workflow_app.core.errors import FieldError, Invalid, NotFound, Refusal
from workflow_app.core.ids import new_id
from workflow_app.organisations.errors import CodeTaken
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitKind, UnitPeriod
from workflow_app.organisations.trees import tree_at, unit_at
from workflow_app.organisations.types import Seat
from workflow_app.organisations.units import UnitFacts, found_unit, rename_unit
from workflow_app.web.acting import perform
from workflow_app.web.actors import seat_with
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.organisations.administration import record
from workflow_app.web.organisations.units import bp, in_charge_of
from workflow_app.web.reading import reader
from workflow_app.web.reference import forget

__all__ = ["bp"]

_FACTS = ("name", "short_name", "kind", "letterhead_parent", "letterhead_name", "symbol", "place", "phone")
_KEPT = ("parent", "kind", "letterhead_parent", "place", "basis")  # what the next unit mostly shares
_USUAL_KIND = "grassroots_union"


@bp.get("/new")
def new() -> ResponseReturnValue:
    """The form for a new unit below another one (`?parent=`); the other values are those of the unit before."""
    seat = seat_with("administrator")
    typed = {"kind": _USUAL_KIND, "parent": str(seat.unit_id)}
    asked = {name: request.args[name] for name in _KEPT if request.args.get(name)}
    days = {name: value for name, value in request.args.items() if name.startswith("valid_from-")}
    return _new_page(seat, typed | asked | days, [])


@bp.post("")
def create() -> ResponseReturnValue:
    """Founds the unit; it is there from the day given."""
    seat, form, errors = seat_with("administrator"), request.form, list[FieldError]()
    facts = _posted(form)
    since = posted_day(form, "valid_from", errors) or clock.today()
    parent = next((node for node in _tree(seat) if str(node.unit_id) == form.get("parent")), None)
    if parent is None:
        errors.append(FieldError("parent", _("Chọn đơn vị cấp trên.")))
    errors.extend(_faults(facts))
    code = vietnamese.clean_line(form.get("code", "")) or _code_of(facts["short_name"] or facts["name"])
    basis = vietnamese.clean_line(form.get("basis", ""))

    def act(session: Session, op_id: UUID) -> UUID:
        above = parent.unit_id if parent else None
        unit = found_unit(
            session, code=code, facts=UnitFacts(**facts), parent_id=above, valid_from=since, basis=basis
        )
        details = {"code": code, "parent": above, "from": since}
        record(session, seat, "unit.founded", "unit", unit.id, details, op_id)
        return unit.id

    try:
        require_none(errors)
        made = perform(act)
    except Invalid as refusal:
        return _new_page(seat, form.to_dict(), list(refusal.errors)), 422
    except Refusal as refusal:
        field = "code" if isinstance(refusal, CodeTaken) else "valid_from"
        return _new_page(seat, form.to_dict(), [FieldError(field, refusal.vi)]), 422
    forget()
    flash(_("Đã lập %(name)s.", name=facts["name"]), "success")
    return redirect(_after_founding(form, made), code=303)


@bp.get("/<uuid:unit_id>/facts")
def facts_form(unit_id: UUID) -> ResponseReturnValue:
    """What the unit is called today, to be changed from a day on."""
    _in_charge(unit_id)
    unit = unit_at(reader(), unit_id, clock.today())
    return _facts_page(unit_id, {name: getattr(unit, name) for name in _FACTS}, [])


@bp.post("/<uuid:unit_id>/facts")
def change_facts(unit_id: UUID) -> ResponseReturnValue:
    """Writes what differs from today's facts; the days before keep theirs."""
    seat, form, errors = _in_charge(unit_id), request.form, list[FieldError]()
    unit, facts = unit_at(reader(), unit_id, clock.today()), _posted(form)
    if facts["short_name"] == unit.short_name == unit.name:
        facts["short_name"] = facts["name"]  # it was only repeating the name, so it goes on doing so
    changes = {name: value for name, value in facts.items() if value != getattr(unit, name)}
    effective = posted_day(form, "effective", errors) or clock.today()
    basis = vietnamese.clean_line(form.get("basis", ""))
    errors.extend(_faults(facts))
    if not changes and not errors:
        errors.append(FieldError("name", _("Chưa có gì thay đổi. Sửa ít nhất một ô.")))

    def act(session: Session, op_id: UUID) -> None:
        rename_unit(session, unit_id, effective=effective, basis=basis, **changes)
        details = {"fields": sorted(changes), "from": effective, "basis": basis}
        record(session, seat, "unit.facts_changed", "unit", unit_id, details, op_id)

    try:
        require_none(errors)
        perform(act)
    except Invalid as refusal:
        return _facts_page(unit_id, form.to_dict(), list(refusal.errors)), 422
    except Refusal as refusal:
        return _facts_page(unit_id, form.to_dict(), [FieldError("effective", refusal.vi)]), 422
    forget()
    flash(_("Đã ghi thông tin đơn vị."), "success")
    shown = effective.isoformat() if effective > clock.today() else None
    return redirect(url_for("units.show", unit_id=unit_id, on=shown), code=303)


def _kinds(on: date) -> list[tuple[str, str]]:
    """Kinds of units that the law knows on the day."""
    query = select(UnitKind.code, UnitKind.name).where(holds_on(UnitKind, on)).order_by(UnitKind.name)
    return [(code, name) for code, name in reader().execute(query)]


def _posted(form: Mapping[str, str]) -> dict[str, str]:
    return {name: vietnamese.clean_line(form.get(name, "")) for name in _FACTS}


def _faults(facts: Mapping[str, str]) -> list[FieldError]:
    faults = []
    if not facts["name"]:
        faults.append(FieldError("name", _("Nhập tên đơn vị.")))
    known = reader().get(UnitKind, facts["kind"]) if facts["kind"] else None
    if known is None:
        faults.append(FieldError("kind", _("Chọn loại đơn vị.")))
    return faults


def _code_of(name: str) -> str:
    return vietnamese.fold(name).replace(" ", "-")[:60]


def _after_founding(form: Mapping[str, str], made: UUID | None) -> str:
    if form.get("next") == "new":
        again = {
            name: value for name, value in form.items() if name in _KEPT or name.startswith("valid_from-")
        }
        kept: dict[str, Any] = {name: value for name, value in again.items() if value}
        return url_for("units.new", **kept)
    return url_for("units.show", unit_id=made) if made else url_for("units.index")


def _in_charge(unit_id: UUID) -> Seat:
    """The administrator's seat whose subtree holds the unit. Raises RoleNeeded, NotFound."""
    seat_with("administrator")
    seat = in_charge_of(unit_id)
    if seat is None:
        raise NotFound(f"unit {unit_id} is not below an administrator's unit")
    return seat


def _tree(seat: Seat) -> list[Any]:
    return tree_at(reader(), seat.unit_id, clock.today())


def _new_page(seat: Seat, typed: dict[str, str], errors: list[FieldError]) -> str:
    parents = [(str(node.unit_id), "\u2003" * node.depth + node.period.name) for node in _tree(seat)]
    return render_template(
        "units/new.html",
        op_id=new_id(),
        parents=parents,
        kinds=_kinds(clock.today()),
        typed=typed,
        **field_errors(errors),
    )


def _facts_page(unit_id: UUID, typed: dict[str, str], errors: list[FieldError]) -> str:
    unit: UnitPeriod = unit_at(reader(), unit_id, clock.today())
    return render_template(
        "units/facts.html",
        op_id=new_id(),
        unit=unit,
        kinds=_kinds(clock.today()),
        typed=typed,
        **field_errors(errors),
    )
