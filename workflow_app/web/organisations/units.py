"""The tree of units as it stood on a day, and one unit: its officers, blocs, history."""

from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from workflow_app.core import clock, vietnamese
from workflow_app.core.errors import NotFound
from workflow_app.organisations.errors import UnitNotThere
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.organisations.models.people import Appointment, Office, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitKind, UnitPeriod
from workflow_app.organisations.trees import ancestors_at, history_of, subtree_ids, tree_at, unit_at
from workflow_app.organisations.types import Seat
from workflow_app.web.actors import current_actor, has_role
from workflow_app.web.context import here
from workflow_app.web.reading import reader

bp = Blueprint("units", __name__, url_prefix="/units")


def asked_day() -> date:
    """The day in the address, typed in any way people type dates; today without one."""
    try:
        return vietnamese.parse_date(request.args["on"]) if request.args.get("on") else clock.today()
    except ValueError:
        return clock.today()


def require_own(unit_id: UUID, on: date) -> None:
    """Raises NotFound for a unit outside the reader's federation on the day."""
    federation = here().federation_id
    line = {unit_id, *(unit.unit_id for unit in ancestors_at(reader(), unit_id, on))}
    if federation not in line and not line & current_actor().unit_ids:
        raise NotFound(f"unit {unit_id} is foreign to person {current_actor().person_id}")


@bp.get("")
def index() -> ResponseReturnValue:
    """The reader's federation with everything below it, on the day asked for."""
    on, federation = asked_day(), here().federation_id
    if federation is None:
        raise NotFound(
            "no office, no tree", vi=_("Hiện ông/bà không giữ chức vụ nào nên chưa có đơn vị để xem.")
        )
    try:
        nodes = tree_at(reader(), federation, on)
    except UnitNotThere:
        nodes = []
    query = request.args.get("q", "").strip()
    found = [
        node for node in nodes if vietnamese.matches(query, f"{node.period.name} {node.period.short_name}")
    ]
    return render_template(
        "units/index.html",
        nodes=found if query else nodes,
        total=len(nodes),
        flat=bool(query),
        on=on,
        is_today=on == clock.today(),
        query=query,
        typed_day=request.args.get("on", ""),
        administrator=has_role(current_actor(), "administrator"),
    )


@bp.get("/mine")
def mine() -> ResponseReturnValue:
    """The unit of the office in use."""
    seat = current_actor().seat
    return redirect(url_for("units.show", unit_id=seat.unit_id) if seat else url_for("units.index"))


@bp.get("/<uuid:unit_id>")
def show(unit_id: UUID) -> ResponseReturnValue:
    """One unit on the day asked for."""
    on = asked_day()
    require_own(unit_id, on)
    unit, periods = unit_at(reader(), unit_id, on), history_of(reader(), unit_id)
    return render_template(
        "units/show.html",
        unit=unit,
        kind=reader().get_one(UnitKind, unit.kind).name,
        above=ancestors_at(reader(), unit_id, on),
        below=_children(reader(), unit_id, on),
        officers=_officers(reader(), unit_id, on),
        blocs=_blocs(reader(), unit_id),
        periods=periods,
        changed=_changed(reader(), periods),
        on=on,
        is_today=on == clock.today(),
        administrator=has_role(current_actor(), "administrator"),
        in_charge=on == clock.today() and in_charge_of(unit_id) is not None,
    )


def in_charge_of(unit_id: UUID) -> Seat | None:
    """The administrator's seat whose subtree holds the unit today; None for everybody else."""
    for seat in current_actor().seats:
        if "administrator" in seat.roles and unit_id in set(
            reader().scalars(subtree_ids(seat.unit_id, clock.today()))
        ):
            return seat
    return None


def fact_labels() -> dict[str, str]:
    """The facts of a unit that its papers show, in the order of the form."""
    return {
        "name": _("Tên"),
        "short_name": _("Tên tắt"),
        "letterhead_parent": _("Cơ quan chủ quản"),
        "letterhead_name": _("Tên trên văn bản"),
        "symbol": _("Ký hiệu"),
        "place": _("Địa danh"),
        "phone": _("Điện thoại"),
    }


def _changed(session: Session, periods: list[UnitPeriod]) -> list[list[tuple[str, str, str]]]:
    """For each period what it changed: (label, before, after); the first changed nothing."""
    parents = {period.parent_id for period in periods if period.parent_id is not None}
    query = select(UnitPeriod.unit_id, UnitPeriod.short_name).where(UnitPeriod.unit_id.in_(parents))
    names: dict[UUID | None, str] = dict(session.execute(query.order_by(UnitPeriod.valid_from)).all())
    told: list[list[tuple[str, str, str]]] = [[]]
    for was, now in pairwise(periods):
        facts = [
            (label, getattr(was, name), getattr(now, name))
            for name, label in fact_labels().items()
            if name != "name"  # every period is headed by its own
        ]
        facts.append((_("Cấp trên"), names.get(was.parent_id, ""), names.get(now.parent_id, "")))
        told.append([fact for fact in facts if fact[1] != fact[2]])
    return told


def _children(session: Session, unit_id: UUID, on: date) -> list[UnitPeriod]:
    query = select(UnitPeriod).where(UnitPeriod.parent_id == unit_id, holds_on(UnitPeriod, on))
    return list(session.scalars(query.order_by(UnitPeriod.sort_key, UnitPeriod.unit_id)))


def _officers(session: Session, unit_id: UUID, on: date) -> list[dict[str, Any]]:
    query = (
        select(Appointment, Person, Office.title)
        .join(Person, Person.id == Appointment.person_id)
        .join(Office, Office.code == Appointment.office_code)
        .where(Appointment.unit_id == unit_id, holds_on(Appointment, on))
        .order_by(Office.rank, Person.sort_key, Appointment.id)
    )
    return [
        {"person": person, "title": row.title or title, "since": row.valid_from, "until": row.valid_to}
        for row, person, title in session.execute(query)
    ]


def _blocs(session: Session, unit_id: UUID) -> list[dict[str, Any]]:
    query = (
        select(Bloc.id, Bloc.name, BlocMember.year, BlocMember.is_leader, BlocMember.is_deputy)
        .join(BlocMember, and_(BlocMember.bloc_id == Bloc.id))
        .where(BlocMember.unit_id == unit_id, BlocMember.valid_to.is_(None))
        .order_by(BlocMember.year.desc(), Bloc.code)
    )
    return [dict(row._mapping) for row in session.execute(query)]
