"""Blocs of a federation, the list of one bloc for one year, and everything that changed about a bloc."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.errors import NotFound
from workflow_app.engine.models import ProcessInstance
from workflow_app.organisations.actors import officers_of
from workflow_app.organisations.bloc_life import BlocChange, changes_of_bloc, name_on
from workflow_app.organisations.blocs import bloc_members
from workflow_app.organisations.errors import BlocYearMissing
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.web import wording
from workflow_app.web.actors import current_actor
from workflow_app.web.context import here
from workflow_app.web.operations.dossiers import dossier_url, visible_to
from workflow_app.web.operations.instances import status_tag
from workflow_app.web.organisations.bloc_rights import may_keep
from workflow_app.web.reading import reader

bp = Blueprint("blocs", __name__, url_prefix="/blocs")

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@bp.get("")
def index() -> ResponseReturnValue:
    """Every bloc of the reader's federation with its latest year; those that have ended come last."""
    query = (
        select(Bloc, func.max(BlocMember.year), func.count(func.distinct(BlocMember.unit_id)))
        .outerjoin(BlocMember, BlocMember.bloc_id == Bloc.id)
        .where(Bloc.federation_id == here().federation_id)
        .group_by(Bloc.id)
        .order_by(Bloc.valid_to.is_not(None), Bloc.code)
    )
    today = clock.today()
    rows = [
        {
            "bloc": bloc,
            "year": year,
            "shown": year or today.year,
            "units": count,
            "over": over_on(bloc, today),
        }
        for bloc, year, count in reader().execute(query)
    ]
    keeper = may_keep(current_actor(), here().federation_id)
    return render_template("blocs/index.html", rows=rows, keeper=keeper)


@bp.get("/<uuid:bloc_id>/<int:year>")
def show(bloc_id: UUID, year: int) -> ResponseReturnValue:
    """The list of a year: units in their order, leader and deputy, chairs with their phones; and what runs."""
    bloc, today = bloc_of(reader(), bloc_id), clock.today()
    require_year(bloc, year)
    on = day_of(reader(), bloc_id, year)
    members = bloc_members(reader(), bloc_id, year, on)
    chairs = officers_of(reader(), "unit_chair", [member.unit_id for member in members], today)
    return render_template(
        "blocs/show.html",
        bloc=bloc,
        name=name_on(reader(), bloc, on),
        year=year,
        years=years_of(reader(), bloc_id),
        members=members,
        leader=next((member.short_name for member in members if member.is_leader), ""),
        begins=on if on > today else None,
        over=over_on(bloc, today),
        chairs=chairs,
        dossiers=_dossiers(reader(), bloc_id, year),
        keeper=may_keep(current_actor(), bloc.federation_id),
        next_year=max([today.year, *years_of(reader(), bloc_id)]) + 1,
    )


@bp.get("/<uuid:bloc_id>/history")
def history(bloc_id: UUID) -> ResponseReturnValue:
    """Every decision about the bloc, oldest first: founding, names, lists, leaders, the end."""
    bloc = bloc_of(reader(), bloc_id)
    changes = changes_of_bloc(reader(), bloc_id)
    names = _latest_names(reader(), changes)
    return render_template(
        "blocs/history.html",
        bloc=bloc,
        events=[_event(change, names) for change in changes],
        year=max(years_of(reader(), bloc_id), default=clock.today().year),
    )


def bloc_of(session: Session, bloc_id: UUID) -> Bloc:
    """Raises NotFound for a bloc of another federation."""
    bloc = session.get(Bloc, bloc_id)
    known = bloc is not None and bloc.federation_id in {here().federation_id, *current_actor().unit_ids}
    if bloc is None or not known:
        raise NotFound(f"bloc {bloc_id} is foreign to person {current_actor().person_id}")
    return bloc


def require_year(bloc: Bloc, year: int) -> None:
    """Raises BlocYearMissing for a year that no list can be of."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BlocYearMissing(f"bloc {bloc.id} has no list for {year}")


def years_of(session: Session, bloc_id: UUID) -> list[int]:
    """The years that have a list, in order."""
    years = select(BlocMember.year).where(BlocMember.bloc_id == bloc_id).distinct().order_by(BlocMember.year)
    return list(session.scalars(years))


def day_of(session: Session, bloc_id: UUID, year: int) -> date:
    """The day on which a year's list is looked at: today, the year's end when it is over, or its first day.

    A list that ended early is shown as it stood last.
    """
    spans = select(
        func.min(BlocMember.valid_from),
        func.max(BlocMember.valid_to),
        func.bool_or(BlocMember.valid_to.is_(None)),
    ).where(BlocMember.bloc_id == bloc_id, BlocMember.year == year)
    first: date | None
    first, last, still = session.execute(spans).one()
    on = min(clock.today(), date(year, 12, 31))
    if first is None:
        return on
    stood: date = on if still else min(on, date.fromordinal(last.toordinal() - 1))
    return max(stood, first)


def over_on(bloc: Bloc, today: date) -> bool:
    """Whether the bloc is no more."""
    return bloc.valid_to is not None and bloc.valid_to <= today


def _latest_names(session: Session, changes: list[BlocChange]) -> dict[UUID, str]:
    """The short names by which people know the units today, of those that ended the last one."""
    ids = {unit_id for change in changes for unit_id in (*change.joined, *change.left)}
    query = select(UnitPeriod.unit_id, UnitPeriod.short_name).where(UnitPeriod.unit_id.in_(ids))
    return dict(session.execute(query.order_by(UnitPeriod.valid_from)).all())


def _event(change: BlocChange, names: dict[UUID, str]) -> dict[str, Any]:
    day = wording.day(change.day)
    return {
        "id": f"ngay-{change.day.isoformat()}-{change.year or 0}{'-het' if change.ended else ''}",
        "state": "stop" if change.ended else "done",
        "who": _headline(change),
        "text": "",
        "time": f"{day} · {change.basis}" if change.basis else day,
        "lines": _told(change, names),
    }


def _headline(change: BlocChange) -> str:
    if change.year is None:
        if change.ended:
            return str(_("Kết thúc hoạt động"))
        said = {"name": change.named, "symbol": change.symbol or "–"}
        if change.founded:
            return str(_("Thành lập: %(name)s, ký hiệu %(symbol)s", **said))
        return str(_("Đổi thành %(name)s, ký hiệu %(symbol)s", **said))
    if change.first:
        return str(_("Danh sách năm %(year)s: %(count)s đơn vị", year=change.year, count=len(change.joined)))
    return str(_("Kiện toàn danh sách năm %(year)s", year=change.year))


def _told(change: BlocChange, names: dict[UUID, str]) -> list[str]:
    lines = []
    if change.leader is not None:
        lines.append(_("Khối trưởng: %(name)s", name=names.get(change.leader, "?")))
    if change.deputy is not None:
        lines.append(_("Khối phó: %(name)s", name=names.get(change.deputy, "?")))
    if change.joined and not change.first:
        lines.append(_("Vào khối: %(names)s", names=_joined(change.joined, names)))
    if change.left:
        lines.append(_("Ra khỏi khối: %(names)s", names=_joined(change.left, names)))
    return [str(line) for line in lines]


def _joined(units: list[UUID], names: dict[UUID, str]) -> str:
    return ", ".join(names.get(unit_id, "?") for unit_id in units)


def _dossiers(session: Session, bloc_id: UUID, year: int) -> list[dict[str, Any]]:
    query = (
        select(ProcessInstance)
        .where(
            ProcessInstance.bloc_id == bloc_id,
            ProcessInstance.year == year,
            ProcessInstance.parent_id.is_(None),
            visible_to(current_actor()),
        )
        .order_by(ProcessInstance.started_at)
    )
    return [
        {
            "title": instance.title,
            "href": dossier_url(instance.process_key, instance.business_id, instance.id),
            "tag": status_tag(instance.status),
            "aside": _("mở %(at)s", at=wording.day(instance.started_at)),
            "icon": "flow",
        }
        for instance in session.scalars(query)
    ]
