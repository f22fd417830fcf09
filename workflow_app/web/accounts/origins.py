"""Where a request comes from, as far as signing in needs to know: network, kind of browser, marks of known browsers.

The mark is a secret of one browser and one person, given at the first sign-in and kept in a signed cookie. It opens
nothing; it only has wrong passwords counted apart, so that nobody who guesses at a name, or shares the address of a
phone network, keeps the owner out.
"""

import re
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from workflow_app.organisations.signing_in import Origin, network_of

MARK = "giao_uoc_may"
MARK_LIFE = timedelta(days=180)  # a browser that was not used for so long is as good as a new one
_PEOPLE = 6  # a computer of an office is shared by a few
_PROGRAMS = (
    (re.compile(r"Edg(e|A|iOS)?/"), "Edge"),
    (re.compile(r"coc_coc_browser"), "Cốc Cốc"),
    (re.compile(r"Zalo"), "Zalo"),
    (re.compile(r"SamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"OPR/|Opera"), "Opera"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrome/|CriOS/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
)
_SYSTEMS = (
    (re.compile(r"iPhone"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X|Macintosh"), "macOS"),
    (re.compile(r"Linux|X11"), "Linux"),
)


def device_of(user_agent: str) -> str:
    """Program and system, e.g. "Chrome, Windows"; empty when neither is known. Nothing else of it is kept."""
    found = [_first(known, user_agent) for known in (_PROGRAMS, _SYSTEMS)]
    return ", ".join(word for word in found if word)


def origin() -> Origin:
    """The request's origin, for counting tries."""
    return Origin(request.remote_addr or "", device_of(request.user_agent.string), marks())


def network() -> str:
    """What the brake on floods counts by."""
    return network_of(request.remote_addr or "")


def marks() -> dict[UUID, str]:
    """person -> secret: who has signed in from this browser before."""
    value = request.cookies.get(_cookie())
    if not value:
        return {}
    try:
        found = _signer().loads(value, max_age=int(MARK_LIFE.total_seconds()))
        return {UUID(person): str(secret) for person, secret in found.items()}
    except (BadData, ValueError, AttributeError):
        return {}


def knows_somebody() -> bool:
    """Whether anybody has signed in from this browser before."""
    return bool(marks())


def remember(person_id: UUID, response: Any) -> Any:
    """Marks the browser as one that the person signs in from; the newest few people are kept."""
    known = marks()
    secret = known.pop(person_id, None) or secrets.token_urlsafe(16)
    kept = dict([*known.items(), (person_id, secret)][-_PEOPLE:])
    response.set_cookie(
        _cookie(),
        _signer().dumps({person.hex: value for person, value in kept.items()}),
        max_age=MARK_LIFE,
        httponly=True,
        samesite="Lax",
        secure=_sessions().secure,
        path="/",
    )
    return response


def _first(known: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str:
    return next((word for pattern, word in known if pattern.search(text)), "")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="giao-uoc-known-browser")


def _cookie() -> str:
    name: str = _sessions().cookie(MARK)
    return name


def _sessions() -> Any:
    return current_app.session_interface  # ours: see the factory
