"""What was typed when the session ended: carried through the sign-in, looked at again, then sent by a press.

Browsers do not agree on what stays in a form after going back or loading anew, so nothing is left to them: the page
that says that the session has ended holds the typed values itself, and works without scripts. Passwords and PINs
are not among them, nor files, which no page can hold.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from workflow_app.web.actors import browser

FIELD = "kept"
_AGE_S = 3600
_SECRET = re.compile(r"secret|password|pin(?![a-z])", re.IGNORECASE)
_UNSPOKEN = re.compile(r"(^|-)(op_id|content_id|csrf_token|[a-z]*_?(id|key|ref))$")
_OWN = frozenset({"login", "account", "preferences"})  # nobody misses what was typed there


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not sent. to: our own path. values: as the form had them. files: whether some were chosen."""

    to: str
    values: tuple[tuple[str, str], ...]
    files: bool = False

    @property
    def words(self) -> str:
        """What a person typed or chose, a line each, to read or copy."""
        said = (value.strip() for name, value in self.values if not _UNSPOKEN.search(name))
        return "\n".join(value for value in said if value)


def of_request() -> Kept | None:
    """The form of this request, if it came with the cookie of a session that is over; None for anything else.

    That cookie does not travel with forms of other sites (SameSite), so nobody else's text is ever kept.
    """
    if request.method != "POST" or not browser().ended or request.blueprint in (None, *_OWN):
        return None
    typed = tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and not _SECRET.search(name)
    )
    chosen = any(file.filename for file in request.files.values())
    return Kept(request.full_path.rstrip("?"), typed, chosen)


def seal(kept: Kept) -> str:
    """The kept form as one field of the sign-in form; signed, so that only what came here once is handed back."""
    return _signer().dumps([kept.to, kept.values, kept.files])


def unseal(form: Mapping[str, Any]) -> Kept | None:
    """What `seal` had put into a form; None when there is nothing, or it is too old or changed."""
    try:
        to, values, files = _signer().loads(form.get(FIELD, ""), max_age=_AGE_S)
    except BadData:
        return None
    return Kept(to, tuple((name, value) for name, value in values), files)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="giao-uoc-kept", serializer=json)
