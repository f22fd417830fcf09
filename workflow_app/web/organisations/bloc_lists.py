"""The list of a bloc's year, written on one page: units in order, leader, deputy, the decision.

What is being written travels in the form itself: adding, taking out and ordering show the page again and change nothing.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from workflow_app.core import clock, vietnamese
from workflow_app.core.errors import FieldError, Invalid, Refusal
from workflow_app.core.ids import new_id
from workflow_app.organisations.bloc_lists import Composition, Renewal, composition_on, found_list, renew_list
from workflow_app.organisations.errors import InAnotherBloc, MemberNotThere
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.trees import subtree_ids
from workflow_app.organisations.types import Seat
from workflow_app.web.acting import perform
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.organisations.administration import record
from workflow_app.web.organisations.bloc_acts import decision, kept_bloc
from workflow_app.web.organisations.bloc_rights import running_dossiers
from workflow_app.web.organisations.blocs import bp, day_of, require_year, years_of
from workflow_app.web.reading import reader
from workflow_app.web.reference import forget

__all__ = ["bp"]

_OFFERED = 40  # units to tick on one page; more are found by their names
_LEAST_ORDER = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """The list as it stands in the form. typed: everything else that was typed."""

    members: tuple[UUID, ...] = ()
    leader: UUID | None = None
    deputy: UUID | None = None
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def composition(self) -> Composition:
        return Composition(self.members, self.leader, self.deputy)


@bp.get("/<uuid:bloc_id>/<int:year>/list")
def list_form(bloc_id: UUID, year: int) -> ResponseReturnValue:
    """The year's list to change, or a first one: empty, or begun with the list of another year (`?from=`)."""
    bloc, _seat = kept_bloc(bloc_id)
    require_year(bloc, year)
    known = years_of(reader(), bloc_id)
    source = year if year in known else request.args.get("from", type=int)
    if source not in known:
        return _page(bloc, year, Draft(), [])
    stood = _stood(bloc_id, source)
    if source == year:
        return _page(bloc, year, Draft(stood.members, stood.leader, stood.deputy), [])
    # The duty rotates: who led last year is not chosen by a copy, people choose.
    return _page(bloc, year, Draft(_still_there(bloc, stood.members)), [], copied=source)


@bp.post("/<uuid:bloc_id>/<int:year>/list")
def write_list(bloc_id: UUID, year: int) -> ResponseReturnValue:
    """Adds, takes out, orders; or writes the decision."""
    bloc, seat = kept_bloc(bloc_id)
    require_year(bloc, year)
    form, errors = request.form, list[FieldError]()
    draft = _posted(form, errors)
    if form.get("act") != "save":
        return _page(bloc, year, draft, errors)
    errors.extend(_not_chosen(draft))
    effective, basis = decision(form, errors)
    try:
        require_none(errors)
        done = _decide(bloc, seat, year, draft, effective, basis)
    except Invalid as refusal:
        return _page(bloc, year, draft, list(refusal.errors)), 422
    except (InAnotherBloc, MemberNotThere) as refusal:
        told = f"{refusal.vi} {_names(refusal.facts['units'])}."
        return _page(bloc, year, draft, [FieldError("members", told)]), 422
    except Refusal as refusal:
        return _page(bloc, year, draft, [FieldError("effective", refusal.vi)]), 422
    forget()
    flash(done, "success")
    return redirect(url_for("blocs.show", bloc_id=bloc_id, year=year), code=303)


def _not_chosen(draft: Draft) -> list[FieldError]:
    missing = []
    if not draft.members:
        missing.append(FieldError("members", _("Thêm ít nhất một đơn vị.")))
    if draft.leader is None:
        missing.append(FieldError("leader", _("Chọn đơn vị làm Khối trưởng.")))
    if not draft.typed.get("deputy"):
        missing.append(FieldError("deputy", _("Chọn Khối phó, hoặc chọn Không có.")))
    return missing


def _decide(bloc: Bloc, seat: Seat, year: int, draft: Draft, effective: date, basis: str) -> str:
    """Writes the first list or a renewal; the sentence that says what was done."""
    wanted, first = draft.composition, request.form.get("first") == "1"

    def act(session: Session, op_id: UUID) -> str:
        details: dict[str, Any] = {"year": str(year), "from": effective, "basis": basis}
        details |= {"leader": wanted.leader, "deputy": wanted.deputy}
        if first:
            rows = found_list(session, bloc.id, year, wanted, effective=effective, basis=basis)
            details["units"] = [row.unit_id for row in rows]
            record(session, seat, "bloc.year_set", "bloc", bloc.id, details, op_id)
            return str(_("Đã lập danh sách năm %(year)s: %(count)s đơn vị.", year=year, count=len(rows)))
        renewal = renew_list(session, bloc.id, year, wanted, effective=effective, basis=basis)
        details |= {"joined": renewal.joined, "left": renewal.left}
        record(session, seat, "bloc.year_changed", "bloc", bloc.id, details, op_id)
        return _said(renewal)

    return perform(act) or str(_("Việc này đã được ghi."))


def _said(renewal: Renewal) -> str:
    parts = [_("Đã ghi kiện toàn khối")]
    if renewal.joined:
        parts.append(_("thêm %(count)s đơn vị", count=len(renewal.joined)))
    if renewal.left:
        parts.append(_("bớt %(count)s đơn vị", count=len(renewal.left)))
    if renewal.led:
        parts.append(_("đổi Khối trưởng hoặc Khối phó"))
    return ", ".join(str(part) for part in parts) + "."


def _posted(form: MultiDict[str, str], errors: list[FieldError]) -> Draft:
    members = [unit_id for text in form.getlist("member") if (unit_id := _uuid(text)) is not None]
    members = _ordered(list(dict.fromkeys(members)), form, errors)
    if form.get("act") == "add":
        ticked = [unit_id for text in form.getlist("add") if (unit_id := _uuid(text)) is not None]
        members += [unit_id for unit_id in ticked if unit_id not in members]
    taken_out = _uuid(form.get("remove", ""))
    members = [unit_id for unit_id in members if unit_id != taken_out]
    typed = {name: value for name, value in form.items() if name not in {"member", "add", "act", "remove"}}
    leader, deputy = _uuid(form.get("leader", "")), _uuid(form.get("deputy", ""))
    return Draft(
        tuple(members), leader if leader in members else None, deputy if deputy in members else None, typed
    )


def _ordered(members: list[UUID], form: MultiDict[str, str], errors: list[FieldError]) -> list[UUID]:
    """By the numbers typed beside them; a number that is not changed loses against one that is."""
    places: dict[UUID, tuple[float, bool, int]] = {}
    for stood, unit_id in enumerate(members, start=1):
        text = form.get(f"no-{unit_id}", "").strip() or str(stood)
        if not text.isdecimal() or int(text) < _LEAST_ORDER:
            errors.append(FieldError(f"no-{unit_id}", _("Nhập số thứ tự bằng chữ số, ví dụ 3.")))
            text = str(stood)
        wanted = int(text)
        # Moved up it goes before the unit that has the number, moved down behind it.
        places[unit_id] = (
            wanted + (0.5 if wanted > stood else -0.5 if wanted < stood else 0.0),
            False,
            stood,
        )
    return sorted(members, key=lambda unit_id: places[unit_id])


def _page(bloc: Bloc, year: int, draft: Draft, errors: list[FieldError], *, copied: int | None = None) -> str:
    known = years_of(reader(), bloc.id)
    on = _day(draft)
    names = _periods(draft.members)
    before = [each for each in known if each < year]
    stood = _stood(bloc.id, copied) if copied else None
    offered, more = _offered(bloc, year, draft, on)
    members = [
        {
            "id": unit_id,
            "no": place,
            "name": names[unit_id].name,
            "short": names[unit_id].short_name,
            "was": _duty(stood, unit_id, copied) if stood else "",
        }
        for place, unit_id in enumerate(draft.members, start=1)
        if unit_id in names
    ]
    return render_template(
        "blocs/list.html",
        op_id=new_id(),
        bloc=bloc,
        year=year,
        first=year not in known,
        copied=copied,
        copy_from=max(before) if before and year not in known and not draft.members else None,
        members=members,
        choices=[(member["id"], member["short"]) for member in members],
        draft=draft,
        typed=draft.typed,
        offered=offered,
        more=more,
        running=running_dossiers(reader(), bloc.id, year),
        **field_errors(errors),
    )


def _stood(bloc_id: UUID, year: int) -> Composition:
    """The list of a year as it stood last."""
    return composition_on(reader(), bloc_id, year, day_of(reader(), bloc_id, year))


def _duty(stood: Composition, unit_id: UUID, year: int | None) -> str:
    """Who led the year that is copied, so that the duty can go round."""
    if unit_id == stood.leader:
        return str(_("Khối trưởng năm %(year)s", year=year))
    return str(_("Khối phó năm %(year)s", year=year)) if unit_id == stood.deputy else ""


def _offered(bloc: Bloc, year: int, draft: Draft, on: date) -> tuple[list[tuple[UUID, str, str]], int]:
    """Units that can be added, with the bloc where one already is; and how many more there are."""
    query = (
        select(UnitPeriod)
        .where(
            UnitPeriod.unit_id.in_(subtree_ids(bloc.federation_id, on)),
            UnitPeriod.unit_id.not_in([bloc.federation_id, *draft.members]),
            holds_on(UnitPeriod, on),
        )
        .order_by(UnitPeriod.sort_key, UnitPeriod.unit_id)
    )
    asked = draft.typed.get("q", "")
    found = [
        unit
        for unit in reader().scalars(query)
        if vietnamese.matches(asked, f"{unit.name} {unit.short_name}")
    ]
    elsewhere = _elsewhere(bloc, year, on)
    offered = [
        (unit.unit_id, unit.name, _("đang ở %(bloc)s", bloc=elsewhere[unit.unit_id]) if unit.unit_id in elsewhere else "")
        for unit in found[:_OFFERED]
    ]  # fmt: skip
    return offered, len(found) - len(offered)


def _elsewhere(bloc: Bloc, year: int, on: date) -> dict[UUID, str]:
    query = (
        select(BlocMember.unit_id, Bloc.name)
        .join(Bloc, Bloc.id == BlocMember.bloc_id)
        .where(Bloc.federation_id == bloc.federation_id, Bloc.id != bloc.id, BlocMember.year == year)
        .where(BlocMember.valid_to.is_(None) | (BlocMember.valid_to > on))
    )
    return dict(reader().execute(query).all())


def _still_there(bloc: Bloc, members: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Those of the units that the federation still has today."""
    query = select(UnitPeriod.unit_id).where(
        UnitPeriod.unit_id.in_(members),
        UnitPeriod.unit_id.in_(subtree_ids(bloc.federation_id, clock.today())),
    )
    there = set(reader().scalars(query))
    return tuple(unit_id for unit_id in members if unit_id in there)


def _periods(units: tuple[UUID, ...]) -> dict[UUID, UnitPeriod]:
    """Each unit as it was last: also one whose end or beginning is not today."""
    query = select(UnitPeriod).where(UnitPeriod.unit_id.in_(units)).order_by(UnitPeriod.valid_from)
    return {period.unit_id: period for period in reader().scalars(query)}


def _names(units: list[UUID]) -> str:
    known = _periods(tuple(units))
    return ", ".join(known[unit_id].short_name for unit_id in units if unit_id in known)


def _day(draft: Draft) -> date:
    """The effective day that was typed, today without one: which units are there to choose from."""
    return posted_day(draft.typed, "effective", []) or clock.today()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
