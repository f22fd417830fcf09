"""Theme, text size and language: kept in cookies, so that they also hold before signing in."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from workflow_app.web.actors import open_to_everybody
from workflow_app.web.context import TEXT_SIZES, THEMES
from workflow_app.web.translations import LANGUAGES

bp = Blueprint("preferences", __name__, url_prefix="/preferences")

_YEAR_S = 365 * 24 * 3600
_KNOWN = {"theme": THEMES, "text_size": TEXT_SIZES, "language": LANGUAGES}


@bp.get("")
@open_to_everybody
def show() -> ResponseReturnValue:
    """The form, as it is set now."""
    return render_template("preferences/show.html")


@bp.post("")
@open_to_everybody
def save() -> ResponseReturnValue:
    """Keeps what is known, ignores the rest."""
    response = make_response(redirect(url_for("preferences.show"), code=303))
    for name, known in _KNOWN.items():
        value = request.form.get(name)
        if value in known:
            # Readable by the page's script, which applies a choice at once: these are no secrets.
            response.set_cookie(
                name,
                value,
                max_age=_YEAR_S,
                samesite="Lax",
                secure=request.is_secure,
                httponly=False,
                path="/",
            )
    flash(_("Đã lưu lựa chọn."), "success")
    return response
