"""Blocs of a federation, and the list of one bloc for one year."""

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
from workflow_app.organisations.blocs import bloc_members
from workflow_app.organisations.errors import BlocYearMissing
from workflow_app.organisations.models.blocs import Bloc, BlocMember
from workflow_app.web import wording
from workflow_app.web.actors import current_actor
from workflow_app.web.context import here
from workflow_app.web.dossiers import dossier_url, visible_to
from workflow_app.web.instances import status_tag
from workflow_app.web.reading import reader

bp = Blueprint("blocs", __name__, url_prefix="/blocs")


@bp.get("")
def index() -> ResponseReturnValue:
    """Every bloc of the reader's federation with its latest year."""
    query = (
        select(Bloc, func.max(BlocMember.year), func.count(func.distinct(BlocMember.unit_id)))
        .outerjoin(BlocMember, BlocMember.bloc_id == Bloc.id)
        .where(Bloc.federation_id == here().federation_id)
        .group_by(Bloc.id)
        .order_by(Bloc.code)
    )
    rows = [
        {"bloc": bloc, "year": year or clock.today().year, "units": count}
        for bloc, year, count in reader().execute(query)
    ]
    return render_template("blocs/index.html", rows=rows)


@bp.get("/<uuid:bloc_id>/<int:year>")
def show(bloc_id: UUID, year: int) -> ResponseReturnValue:
    """The list of a year: units in their order, leader and deputy, chairs with their phones; and what runs."""
    bloc = _bloc(reader(), bloc_id)
    on = (
        min(clock.today(), clock.today().replace(year=year, month=12, day=31))
        if 1900 < year < 2200
        else clock.today()
    )
    members = bloc_members(reader(), bloc_id, year, on)
    if not members:
        raise BlocYearMissing(f"bloc {bloc_id} has no list for {year}")
    chairs = officers_of(reader(), "unit_chair", [member.unit_id for member in members], on)
    years = select(BlocMember.year).where(BlocMember.bloc_id == bloc_id).distinct().order_by(BlocMember.year)
    return render_template(
        "blocs/show.html",
        bloc=bloc,
        year=year,
        years=list(reader().scalars(years)),
        members=members,
        leader=next((member.short_name for member in members if member.is_leader), ""),
        chairs=chairs,
        dossiers=_dossiers(reader(), bloc_id, year),
    )


def _bloc(session: Session, bloc_id: UUID) -> Bloc:
    """Raises NotFound for a bloc of another federation."""
    bloc = session.get(Bloc, bloc_id)
    known = bloc is not None and bloc.federation_id in {here().federation_id, *current_actor().unit_ids}
    if bloc is None or not known:
        raise NotFound(f"bloc {bloc_id} is foreign to person {current_actor().person_id}")
    return bloc


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
