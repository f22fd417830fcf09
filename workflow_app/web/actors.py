"""Who is at the other end of the request: the signed-in person, and the office chosen in the switcher."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Blueprint, Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from workflow_app.core import clock
from workflow_app.core.errors import Forbidden, NotFound, Unavailable
from workflow_app.organisations.actors import load_actor
from workflow_app.organisations.types import Actor, Seat
from workflow_app.processes.request import Request, provide
from workflow_app.web.paths import own_path
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.sessions import BrowserSession

bp = Blueprint("actors", __name__)

View = TypeVar("View", bound=Callable[..., Any])
_OPEN = "_open_to_everybody"


class SignInNeeded(Forbidden):
    """Nobody is signed in; `ended` tells that somebody was."""

    code = "sign_in_needed"
    vi_default = "Hãy đăng nhập để tiếp tục."


class RoleNeeded(Forbidden):
    """The page belongs to an office that the person does not hold. facts: may (names of roles)."""

    code = "role_needed"


def open_to_everybody(view: View) -> View:
    """Marks a page that needs no sign-in; every other one does."""
    setattr(view, _OPEN, True)
    return view


def browser() -> BrowserSession:
    """The request's session, typed."""
    return cast("BrowserSession", session._get_current_object())  # type: ignore[attr-defined]  # a LocalProxy


def current_actor() -> Actor:
    """The person at work with today's seats; one statement per request. Raises SignInNeeded."""
    if "actor" not in g:
        person_id = g.get("person_id") or browser().person_id
        if person_id is None:
            raise SignInNeeded("nobody is signed in", ended=browser().ended)
        seat = session.get("seat_id")
        g.actor = load_actor(reader(), person_id, on=clock.today(), seat_id=UUID(seat) if seat else None)
    return cast("Actor", g.actor)


def act_as(person_id: UUID) -> None:
    """For callers that prove who they are in another way than by the cookie: the API's tokens."""
    g.person_id = person_id
    g.pop("actor", None)


def seat_with(*roles: str) -> Seat:
    """The current actor's seat that gives one of the roles, the chosen one first. Raises RoleNeeded."""
    from workflow_app.organisations.roles import role_name

    actor = current_actor()
    seats = sorted(actor.seats, key=lambda seat: seat != actor.seat)
    found = next((seat for seat in seats if not seat.roles.isdisjoint(roles)), None)
    if found is None:
        names = [role_name(role) for role in roles]
        vi = f"Trang này dành cho {' hoặc '.join(names)}. Chức vụ hiện tại của ông/bà không mở được."
        raise RoleNeeded(f"person {actor.person_id} has none of {roles}", vi=vi, may=names)
    return found


def has_role(actor: Actor, *roles: str) -> bool:
    """Whether one of today's seats gives one of the roles: for what a page shows, never instead of a check."""
    return any(not seat.roles.isdisjoint(roles) for seat in actor.seats)


def register(app: Flask) -> None:
    """Installs the gate: no page without sign-in unless it says so itself."""
    provide(Request(current_actor, reader, stop_reading))
    app.register_blueprint(bp)
    app.before_request(_gate)


@bp.post("/seat")
def choose_seat() -> ResponseReturnValue:
    """Another office for everything that follows; only one of today's."""
    actor = current_actor()
    wanted = request.form.get("seat_id", "")
    seat = next((seat for seat in actor.seats if str(seat.id) == wanted), None)
    if seat is None:
        raise NotFound(f"seat {wanted[:40]} is not one of person {actor.person_id}")
    session["seat_id"] = str(seat.id)
    return redirect(own_path(request.referrer) or url_for("inbox.show"), code=303)


def _gate() -> ResponseReturnValue | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, _OPEN, False) or _answers_for_itself():
        return None
    if browser().unavailable:
        raise Unavailable("the session could not be read")
    if browser().person_id is None:
        raise SignInNeeded(f"{request.endpoint} needs a sign-in", ended=browser().ended)
    if session.get("must_change") and request.endpoint not in {
        "account.show",
        "account.password",
        "login.logout",
    }:
        return redirect(url_for("account.show"), code=303)
    return None


def _answers_for_itself() -> bool:
    # The API proves who calls by a token and refuses by itself; its own tests hold it to that.
    return request.blueprint in current_app.extensions["own_authentication"]
