"""The list of pledges, and opening a year for a bloc."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from workflow_app.core import clock
from workflow_app.core.errors import FieldError, Forbidden
from workflow_app.core.ids import new_id
from workflow_app.organisations.roles import role_name
from workflow_app.processes.once import perform
from workflow_app.processes.pledges.handlers.opening import OFFICER, open_year
from workflow_app.processes.pledges.models import PledgeState
from workflow_app.processes.pledges.pages.acting import op_id_of
from workflow_app.processes.pledges.pages.blueprint import bp
from workflow_app.processes.pledges.views import listing
from workflow_app.processes.pledges.views.listing import Openable, Wanted
from workflow_app.processes.pledges.views.steps import STATES
from workflow_app.processes.request import actor, reader

_FIRST_YEAR, _LAST_YEAR = 2000, 2100  # as in the API
_NO_YEAR = -1  # a year that no pledge has; the column holds no larger number than people need


@bp.get("/")
def index() -> ResponseReturnValue:
    """The pledges that the reader may see; narrowed by year, state, bloc and words."""
    wanted = _wanted()
    rows = listing.pledges(reader(), actor(), wanted)
    choices = listing.choices(reader(), actor())
    return render_template(
        "pledges/index.html",
        rows=rows,
        wanted=wanted,
        choices=choices,
        years=[(year, year) for year in choices.years],
        states=[(state.value, words[0]) for state, words in STATES.items()],
        may_open=bool(listing.may_open(actor())),
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    """The blocs for which a year can be opened."""
    return _new_page({}, [])


@bp.post("/new")
def create() -> ResponseReturnValue:
    """Opens the year for one bloc."""
    op_id, chosen = op_id_of(request.form), request.form.get("bloc", "")
    bloc_id, year = _split(chosen)
    if bloc_id is None:
        return _new_page({"bloc": chosen}, [FieldError("bloc", _("Chọn một khối để mở năm thi đua."))]), 422
    me = actor()
    pledge = perform(
        me, op_id, lambda session: open_year(session, me, bloc_id, year, op_id=op_id, at=clock.now())
    )
    if pledge is None:
        return redirect(url_for(".index"), code=303)
    flash(_("Đã mở năm thi đua. Khối trưởng được giao soạn giao ước."), "success")
    return redirect(url_for(".show", business_id=pledge.id), code=303)


def _new_page(typed: dict[str, Any], errors: list[FieldError]) -> str:
    federations = listing.may_open(actor())
    if not federations:
        name = role_name(OFFICER)
        vi = _("Mở năm thi đua là việc của %(role)s. Chức vụ hiện tại của ông/bà không mở được.", role=name)
        raise Forbidden(f"person {actor().person_id} opens no pledges", vi=vi, may=[name])
    found = listing.openable(reader(), federations, clock.today())
    years = sorted({each.year for each in found}, reverse=True)
    shown = _year(years)
    return render_template(
        "pledges/new.html",
        op_id=new_id(),
        years=years,
        year_tabs=[
            {"label": year, "href": url_for(".new", year=year), "current": year == shown} for year in years
        ],
        shown=shown,
        options=[_option(each) for each in found if each.year == shown],
        typed=typed,
        form_errors=[{"field": error.field, "text": error.vi} for error in errors],
        errors=[error.vi for error in errors],
    )


def _option(each: Openable) -> tuple[str, str, str]:
    return f"{each.bloc_id}:{each.year}", each.name, each.hint


def _year(years: list[int]) -> int | None:
    asked, now = request.args.get("year", type=int), clock.today().year
    return next((year for year in (asked, now) if year in years), years[0] if years else None)


def _split(chosen: str) -> tuple[UUID | None, int]:
    bloc, _sep, year = chosen.partition(":")
    if not chosen:
        return None, 0
    try:
        chosen_bloc, chosen_year = UUID(bloc), int(year)
    except ValueError:
        raise BadRequest("not one of the page's choices") from None
    if not _FIRST_YEAR <= chosen_year <= _LAST_YEAR:
        raise BadRequest("no year of a bloc's list")
    return chosen_bloc, chosen_year


def _wanted() -> Wanted:
    state, bloc = request.args.get("state", ""), request.args.get("bloc", "")
    year = request.args.get("year", type=int)
    return Wanted(
        year=year if year is None or _FIRST_YEAR <= year <= _LAST_YEAR else _NO_YEAR,
        state=PledgeState(state) if state in set(PledgeState) else None,
        bloc_id=_uuid(bloc),
        words=request.args.get("q", "").strip()[:100],
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
