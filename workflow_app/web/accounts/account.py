"""The person's own account: password, signing PIN. Sessions, history and tokens have modules of their own."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.organisations import accounts, signing_in
from workflow_app.organisations.errors import SignInRefused
from workflow_app.organisations.types import Actor
from workflow_app.web.accounts.origins import origin
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
        prove(actor)
        new = _chosen_password()
        with transaction() as database:
            accounts.set_password(database, actor.person_id, password=new, at=clock.now())
            record_own(database, actor, "account.password_changed")
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
        prove(actor, "pin_password")
        with transaction() as database:
            accounts.set_pin(database, actor.person_id, pin=request.form.get("pin", ""))
            record_own(database, actor, "account.pin_changed")
    except Invalid as refusal:
        return _page(actor, list(refusal.errors)), 422
    flash(_("Đã đặt mã PIN ký."), "success")
    return redirect(url_for("account.show"), code=303)


def prove(actor: Actor, field: str = "old") -> None:
    """The password asked again, in transactions of its own; raises Invalid at the field, TooManyTries."""
    given = request.form.get(field, "")
    try:
        signing_in.prove_password(actor.account_name, given, origin=origin(), at=clock.now())
    except SignInRefused:
        raise Invalid([FieldError(field, _("Mật khẩu đang dùng chưa đúng. Nhập lại."))]) from None


def record_own(
    database: Session, actor: Actor, action: str, details: Mapping[str, Any] | None = None
) -> None:
    """One event about the person's own account."""
    audit.record(
        database,
        action=action,
        actor=ActorRef.of(actor),
        at=clock.now(),
        object_type="account",
        object_id=actor.person_id,
        details=details,
    )


def account_tabs(current: str) -> list[dict[str, Any]]:
    """The pages about one's own account."""
    pages = (
        ("show", _("Mật khẩu, mã PIN")),
        ("sessions", _("Phiên đăng nhập")),
        ("security", _("Lịch sử bảo mật")),
        ("list_tokens", _("Mã truy cập")),
    )
    return [
        {"label": label, "href": url_for(f"account.{name}"), "current": name == current}
        for name, label in pages
    ]


def _chosen_password() -> str:
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise Invalid([FieldError("again", _("Hai lần nhập mật khẩu mới khác nhau. Nhập lại cho giống."))])
    return new


def _renamed(refusal: Invalid, names: dict[str, str]) -> list[FieldError]:
    return [FieldError(names.get(error.field, error.field), error.vi) for error in refusal.errors]


def _page(actor: Actor, errors: list[FieldError]) -> str:
    found = {error.field: [error.vi] for error in errors}
    return render_template(
        "account/show.html",
        must_change=bool(session.get("must_change")),
        tabs=account_tabs("show"),
        form_errors=[{"field": error.field, "text": error.vi} for error in errors],
        errors=found,
    )
