"""The list of dossiers."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from workflow_app.processes.dossiers.models import DossierState
from workflow_app.processes.dossiers.pages.blueprint import bp
from workflow_app.processes.dossiers.service.opening import offers
from workflow_app.processes.dossiers.views import listing
from workflow_app.processes.request import actor, reader


@bp.get("/")
def index() -> ResponseReturnValue:
    """The dossiers that the reader may see; narrowed by process, state and words."""
    wanted, me = _wanted(), actor()
    rows, found = listing.rows(reader(), me, wanted)
    return render_template(
        "dossiers/index.html",
        rows=rows,
        found=found,
        shown=listing.SHOWN,
        wanted=wanted,
        processes=listing.processes_of(reader(), me),
        states=[(state.value, words[0]) for state, words in listing.STATES.items()],
        may_open=bool(offers(reader(), me)),
    )


def _wanted() -> listing.Wanted:
    state = request.args.get("state", "")
    return listing.Wanted(
        process=request.args.get("process", "")[:60],
        state=DossierState(state) if state in set(DossierState) else None,
        words=request.args.get("q", "").strip()[:100],
    )
