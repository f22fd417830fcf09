"""Signing in and out.

Flask-Security carries the sign-in state (`login_user`, `current_user`, the form and its freshness stamp); who may
sign in, how slowly a wrong password is answered and where sessions live is decided by the organisations package.
"""

from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Flask,
    after_this_request,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import LoginForm, RoleMixin, Security, UserDatastore, UserMixin, login_user, logout_user
from wtforms import HiddenField, PasswordField, StringField

from workflow_app.core import clock
from workflow_app.core.errors import Refusal
from workflow_app.organisations import accounts
from workflow_app.organisations.errors import SignInRefused, TooManyTries
from workflow_app.web import kept
from workflow_app.web.accounts.origins import knows_somebody, origin, remember
from workflow_app.web.actors import browser, open_to_everybody
from workflow_app.web.limits import SIGN_IN_RATE, limiter
from workflow_app.web.paths import own_path
from workflow_app.web.sessions import Sessions

bp = Blueprint("login", __name__)


class Account(UserMixin):
    """What Flask-Security calls a user: the id of a person whose session has been read already."""

    fs_uniquifier = ""

    def __init__(self, person_id: UUID, *, must_change: bool = False) -> None:
        self.fs_uniquifier = str(person_id)
        self.active = True
        self.roles = []  # rights come from the offices of the day, never from here
        self.must_change = must_change


class Role(RoleMixin):
    """Required by Flask-Security, never used."""


class Accounts(UserDatastore):
    """Answers who is signed in from the session row of this request: no statement of its own."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Account | None:
        row = browser().row
        known = row is not None and wanted.get("fs_uniquifier") == str(row.person_id)
        return Account(row.person_id) if row is not None and known else None

    def find_role(self, role: str) -> None:
        return None

    def put(self, model: Any) -> Any:
        return model

    def commit(self) -> None:
        """Nothing is changed through this door."""


class SignInForm(LoginForm):
    """Name and password; `refusal` says why they were not taken."""

    email = None
    remember = None
    submit = None
    username = StringField("username")
    password = PasswordField("password")
    next = HiddenField("next")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal: Refusal | None = None
        self.found: Account | None = None

    def validate(self, **kwargs: Any) -> bool:
        name, secret = self.username.data or "", self.password.data or ""
        try:
            found = accounts.sign_in(name, secret, address=origin(), at=clock.now())
        except (SignInRefused, TooManyTries) as refusal:
            self.refusal = refusal
            return False
        self.found = Account(found.person_id, must_change=found.must_change)
        return True


@bp.get("/login")
@open_to_everybody
def show() -> ResponseReturnValue:
    """The form; somebody who is signed in goes on to his work."""
    if browser().person_id is not None:
        return redirect(_next_page() or url_for("inbox.show"))
    return _page(SignInForm(next=_next_page() or ""))


@bp.post("/login")
@open_to_everybody
@limiter.limit(SIGN_IN_RATE, exempt_when=knows_somebody)
def enter() -> ResponseReturnValue:
    """Checks name and password; a new session id begins here."""
    form = SignInForm()
    target = _next_page()
    form.next.data = target or ""
    if not form.validate() or form.found is None:
        return _refused(form)
    person_id = UUID(form.found.fs_uniquifier)
    _sessions().begin(browser(), after_this_request, person_id)
    after_this_request(lambda response: remember(person_id, response))
    login_user(form.found, remember=False, authn_via=["password"])
    unsent = kept.unseal(request.form)
    if form.found.must_change:
        session["must_change"] = True
    if unsent is not None:
        return _again(unsent, must_change=form.found.must_change)
    if form.found.must_change:
        return redirect(url_for("account.show"), code=303)
    return redirect(target or url_for("inbox.show"), code=303)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Ends this browser's session on the server, and empties its cache."""
    logout_user()
    _sessions().end(browser())
    response = redirect(url_for("login.show"), code=303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def register(app: Flask, key: str) -> None:
    """Installs Flask-Security without its own pages."""
    app.config |= {
        "SECURITY_PASSWORD_SALT": key,  # asked for at start-up; our hashes do not use it
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [],
        "SECURITY_USE_REGISTER_V2": True,
        "SECURITY_TOKEN_AUTHENTICATION_KEY": None,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SESSION_PROTECTION": None,  # a phone changes its address; nothing fragile is bound to a session
    }
    security = Security(app, Accounts(Account, Role), register_blueprint=False, login_form=SignInForm)
    # Programs sign in at the API with their own tokens: no second door by a header or a query argument.
    security.login_manager.request_loader(lambda _request: None)
    app.register_blueprint(bp)


def _sessions() -> Sessions:
    found = current_app.session_interface
    assert isinstance(found, Sessions)  # noqa: S101 - the factory put it there
    return found


def _next_page() -> str | None:
    return own_path(request.values.get("next"))


def _page(form: SignInForm, text: str = "") -> str:
    errors = [{"field": "username", "text": text}] if text else []
    fields = [
        {"widget": "hidden", "name": "next", "value": form.next.data},
        {"widget": "hidden", "name": kept.FIELD, "value": request.form.get(kept.FIELD, "")},
        {
            "widget": "text",
            "name": "username",
            "label": _("Tên đăng nhập"),
            "value": form.username.data,
            "autocomplete": "username",
            "errors": [text] if text else [],
        },
        {
            "widget": "password",
            "name": "password",
            "label": _("Mật khẩu"),
            "autocomplete": "current-password",
        },
    ]
    return render_template(
        "login.html", fields=fields, form_errors=errors, login_action=url_for("login.enter")
    )


def _again(unsent: kept.Kept, *, must_change: bool) -> str:
    """The form that the end of a session had stopped, to be sent by a press."""
    g.pop("csrf_token", None)  # made with the form, for the session before
    g.bare = True  # the new session is written with this answer: no page of it can be read yet
    return render_template(
        "session/again.html",
        typed=unsent.values,
        path=unsent.to,
        words=unsent.words,
        files=unsent.files,
        must_change=must_change,
        back="" if must_change else own_path(unsent.to),
    )


def _refused(form: SignInForm) -> ResponseReturnValue:
    refusal = form.refusal
    if not isinstance(refusal, TooManyTries):
        # One sentence for an unknown name, a wrong password and a closed account.
        return _page(form, _("Tên đăng nhập hoặc mật khẩu chưa đúng. Nhập lại cả hai.")), 422
    seconds = int(refusal.facts["retry_after"])
    text = _("Đã nhập sai nhiều lần. Thử lại sau %(time)s.", time=waiting(seconds))
    return _page(form, text), 429, {"Retry-After": str(seconds)}


def waiting(seconds: int) -> str:
    """ "45 giây", "2 phút": how long to wait, rounded up."""
    if seconds < 60:
        return str(_("%(count)s giây", count=seconds))
    return str(_("%(count)s phút", count=-(-seconds // 60)))
