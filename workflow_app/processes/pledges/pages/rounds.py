"""Acts on a running pledge that no task asks for: remind, extend, close, readmit, cancel. Each confirms first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import Field, field_validator
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.core.ids import new_id
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.types import Actor
from workflow_app.processes.forms import Day, TaskForm, Text, unflatten
from workflow_app.processes.once import perform
from workflow_app.processes.pledges.handlers import reminding, rounds
from workflow_app.processes.pledges.models import PledgeUnit, SignState
from workflow_app.processes.pledges.pages.acting import op_id_of
from workflow_app.processes.pledges.pages.blueprint import bp
from workflow_app.processes.pledges.service.dossier import Dossier, dossier
from workflow_app.processes.request import actor, reader

_OURS = frozenset({"csrf_token", "op_id"})


class Extension(TaskForm):
    """Another last day of signing, and why."""

    to: Day = Field(title="Hạn ký mới")
    reason: Text = Field(min_length=1, title="Lý do")


class Closure(TaskForm):
    """Which units the round closes without, and why."""

    units: list[UUID] = Field(max_length=200, title="Đơn vị không ký")
    reason: Text = Field(min_length=1, title="Lý do")

    @field_validator("units")
    @classmethod
    def _names_one(cls, units: list[UUID]) -> list[UUID]:
        if not units:
            raise ValueError("Chọn ít nhất một đơn vị.")
        return units


class Readmission(TaskForm):
    """Which unit may sign after all, and why."""

    unit: UUID = Field(title="Đơn vị")
    reason: Text = Field(min_length=1, title="Lý do")


class Cancellation(TaskForm):
    """Why a pledge is cancelled."""

    reason: Text = Field(min_length=1, title="Lý do")


@bp.post("/<uuid:business_id>/reminders")
def remind(business_id: UUID) -> ResponseReturnValue:
    """Tells every unit that is waited for; once a day and unit."""
    me, op_id = actor(), op_id_of(request.form)
    told = perform(
        me, op_id, lambda session: reminding.remind(session, me, business_id, op_id=op_id, at=clock.now())
    )
    if told:
        flash(_("Đã nhắc %(count)s đơn vị.", count=len(told)), "success")
    return _back(business_id)


@bp.get("/<uuid:business_id>/extension")
def extension(business_id: UUID) -> ResponseReturnValue:
    """Asks for the new last day."""
    return _page("extension", business_id, {}, ())


@bp.post("/<uuid:business_id>/extension")
def extend(business_id: UUID) -> ResponseReturnValue:
    """Moves the last day of signing."""

    def act(session: Session, me: Actor, typed: Mapping[str, Any], op_id: UUID) -> str:
        form = Extension.parse(typed)
        rounds.extend(session, me, business_id, form.to, reason=form.reason, op_id=op_id, at=clock.now())
        return str(_("Đã gia hạn ký."))

    return _change("extension", business_id, _typed(), act)


@bp.get("/<uuid:business_id>/closure")
def closure(business_id: UUID) -> ResponseReturnValue:
    """Asks which units the round closes without."""
    return _page("closure", business_id, {}, ())


@bp.post("/<uuid:business_id>/closure")
def close(business_id: UUID) -> ResponseReturnValue:
    """Closes the round without the named units; each is an event of its own."""

    def act(session: Session, me: Actor, typed: Mapping[str, Any], op_id: UUID) -> str:
        form = Closure.parse(typed)
        for number, unit_id in enumerate(dict.fromkeys(form.units)):
            # One act, several events: the first carries the page's id, the others one made from it.
            each = uuid5(op_id, str(unit_id)) if number else op_id
            rounds.close_without(
                session, me, business_id, unit_id, reason=form.reason, op_id=each, at=clock.now()
            )
        return str(_("Đã chốt đợt ký không có %(count)s đơn vị.", count=number + 1))

    return _change("closure", business_id, {**_typed(), "units": request.form.getlist("units")}, act)


@bp.get("/<uuid:business_id>/readmission")
def readmission(business_id: UUID) -> ResponseReturnValue:
    """Asks which unit may sign after all."""
    return _page("readmission", business_id, {"unit": request.args.get("unit", "")}, ())


@bp.post("/<uuid:business_id>/readmission")
def readmit(business_id: UUID) -> ResponseReturnValue:
    """Lets a unit sign that the round was closed without."""

    def act(session: Session, me: Actor, typed: Mapping[str, Any], op_id: UUID) -> str:
        form = Readmission.parse(typed)
        unit = rounds.readmit(
            session, me, business_id, form.unit, reason=form.reason, op_id=op_id, at=clock.now()
        )
        return str(_("Đã mời %(unit)s ký bổ sung.", unit=unit.short_name))

    return _change("readmission", business_id, _typed(), act)


@bp.get("/<uuid:business_id>/cancellation")
def cancellation(business_id: UUID) -> ResponseReturnValue:
    """Asks why."""
    return _page("cancellation", business_id, {}, ())


@bp.post("/<uuid:business_id>/cancellation")
def cancel(business_id: UUID) -> ResponseReturnValue:
    """The federation cancels the pledge."""

    def act(session: Session, me: Actor, typed: Mapping[str, Any], op_id: UUID) -> str:
        form = Cancellation.parse(typed)
        rounds.cancel(session, me, business_id, reason=form.reason, op_id=op_id, at=clock.now())
        return str(_("Đã hủy giao ước."))

    return _change("cancellation", business_id, _typed(), act)


_ACTS = {
    "extension": "extend",
    "closure": "close_round",
    "readmission": "readmit",
    "cancellation": "cancel",
}


def _change(
    name: str,
    business_id: UUID,
    typed: Mapping[str, Any],
    act: Callable[[Session, Actor, Mapping[str, Any], UUID], str],
) -> ResponseReturnValue:
    me, op_id = actor(), op_id_of(request.form)
    try:
        said = perform(me, op_id, lambda session: act(session, me, typed, op_id))
    except Invalid as refused:
        return _page(name, business_id, typed, refused.errors, op_id), 422
    flash(said or _("Việc này đã được ghi nhận ngay lần gửi đầu."), "success")
    return _back(business_id)


def _page(
    name: str,
    business_id: UUID,
    typed: Mapping[str, Any],
    errors: Sequence[FieldError],
    op_id: UUID | None = None,
) -> str:
    found = dossier(reader(), business_id)
    authorize(actor(), _ACTS[name], found)
    return render_template(
        f"pledges/{name}.html",
        pledge=found.pledge,
        units=_units(found, name),
        typed=typed,
        errors=_by_field(errors),
        form_errors=[{"field": error.field.partition("-")[0], "text": error.vi} for error in errors],
        op_id=op_id or new_id(),
    )


def _units(found: Dossier, name: str) -> list[tuple[str, str]]:
    """The units that the act can name."""
    wanted = SignState.OPEN if name == "closure" else SignState.NOT_SIGNED
    return [_option(unit) for unit in found.pledge.units if unit.sign_state is wanted]


def _option(unit: PledgeUnit) -> tuple[str, str]:
    return str(unit.unit_id), unit.name


def _by_field(errors: Sequence[FieldError]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for error in errors:
        found.setdefault(error.field.partition("-")[0], []).append(error.vi)
    return found


def _typed() -> dict[str, Any]:
    return unflatten((name, value) for name, value in request.form.items() if name not in _OURS)


def _back(business_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".show", business_id=business_id), code=303)
