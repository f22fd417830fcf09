"""The person's own account: password, signing PIN."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.organisations import accounts
from workflow_app.organisations.errors import SignInRefused
from workflow_app.organisations.types import Actor
from workflow_app.web.actors import current_actor
from workflow_app.web.reading import stop_reading

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
def show() -> ResponseReturnValue:
    """Both forms; only the password's when it has to be changed first."""
    return _page(current_actor(), [])


@bp.post("/password")
def password() -> ResponseReturnValue:
    """A new password. Every session ends, this one too: he signs in with what he chose."""
    actor = current_actor()
    stop_reading()
    try:
        _prove(actor)
        new = _chosen_password()
        with transaction() as database:
            accounts.set_password(database, actor.person_id, password=new, at=clock.now())
            _record(database, actor, "account.password_changed")
    except Invalid as refusal:
        return _page(actor, _renamed(refusal, {"password": "new"})), 422
    flash(_("Đã đổi mật khẩu. Đăng nhập lại bằng mật khẩu mới."), "success")
    return redirect(url_for("login.show"), code=303)


@bp.post("/pin")
def pin() -> ResponseReturnValue:
    """A new signing PIN; the password proves who asks."""
    actor = current_actor()
    stop_reading()
    try:
        _prove(actor, field="pin_password")
        with transaction() as database:
            accounts.set_pin(database, actor.person_id, pin=request.form.get("pin", ""))
            _record(database, actor, "account.pin_changed")
    except Invalid as refusal:
        return _page(actor, list(refusal.errors)), 422
    flash(_("Đã đặt mã PIN ký."), "success")
    return redirect(url_for("account.show"), code=303)


def _chosen_password() -> str:
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise Invalid([FieldError("again", _("Hai lần nhập mật khẩu mới khác nhau. Nhập lại cho giống."))])
    return new


def _prove(actor: Actor, field: str = "old") -> None:
    try:
        accounts.sign_in(
            actor.account_name, request.form.get(field, ""), address=request.remote_addr or "", at=clock.now()
        )
    except SignInRefused:
        raise Invalid([FieldError(field, _("Mật khẩu đang dùng chưa đúng. Nhập lại."))]) from None


def _record(database: object, actor: Actor, action: str) -> None:
    person: UUID = actor.person_id
    audit.record(
        database,  # type: ignore[arg-type]  # a Session; typed as object to keep SQLAlchemy out of this page's signature
        action=action,
        actor=ActorRef.of(actor),
        at=clock.now(),
        object_type="account",
        object_id=person,
    )


def _renamed(refusal: Invalid, names: dict[str, str]) -> list[FieldError]:
    return [FieldError(names.get(error.field, error.field), error.vi) for error in refusal.errors]


def _page(actor: Actor, errors: list[FieldError]) -> str:
    found = {error.field: [error.vi] for error in errors}
    return render_template(
        "account/show.html",
        must_change=bool(session.get("must_change")),
        form_errors=[{"field": error.field, "text": error.vi} for error in errors],
        errors=found,
    )
