"""What an administrator does to an account: opening, first passwords, closing, and letting in again.

A first password is made from the operation's id and the server's key: it is stored nowhere, and the page that shows
it can be asked for again with the same form while it is still in force.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Conflict, FieldError, Invalid
from workflow_app.notifications.service import notify
from workflow_app.organisations import account_care, passwords
from workflow_app.organisations.actors import load_actor
from workflow_app.organisations.errors import AccountExists, CodeTaken
from workflow_app.organisations.models.accounts import Account
from workflow_app.organisations.people import person_of
from workflow_app.organisations.settings_data import setting
from workflow_app.web import wording
from workflow_app.web.accounts.accounts import account_page, bp, require_in_charge
from workflow_app.web.actors import current_actor
from workflow_app.web.fields import posted_op_id
from workflow_app.web.reading import reader, stop_reading

__all__ = ["bp"]

# Told to the owner as well: an act that he did not ask for must not stay unnoticed.
_TOLD = {
    "account.password_reset": "Quản trị hệ thống đã đặt lại mật khẩu của ông/bà. Nếu ông/bà không yêu cầu, hãy báo ngay văn phòng.",
    "account.pin_reset": "Quản trị hệ thống đã đặt lại mã PIN ký của ông/bà. Hãy đặt mã mới trước khi ký.",
    "account.signed_out": "Quản trị hệ thống đã kết thúc các phiên đăng nhập và mã truy cập của ông/bà.",
    "account.reopened": "Quản trị hệ thống đã mở lại tài khoản của ông/bà.",
}
_SUBJECT = "Tài khoản của ông/bà có thay đổi"


First = Callable[[Session, str, int], Account]  # given the password and the days it lasts


@bp.post("/<uuid:person_id>")
def open_(person_id: UUID) -> ResponseReturnValue:
    """Opens an account; the answer shows the first password."""
    username = request.form.get("username", "")

    def change(session: Session, password: str, days: int) -> Account:
        return account_care.open_account(
            session, person_id, username=username, password=password, days=days, at=clock.now()
        )

    try:
        return _hand_out(person_id, "account.opened", change)
    except AccountExists:
        raise
    except CodeTaken as refusal:
        return _asked_again(person_id, [FieldError("username", refusal.vi)])
    except Invalid as refusal:
        return _asked_again(person_id, refusal.errors)


@bp.post("/<uuid:person_id>/password")
def reset_password(person_id: UUID) -> ResponseReturnValue:
    """Another first password in place of a forgotten one."""
    by = current_actor().person_id

    def change(session: Session, password: str, days: int) -> Account:
        return account_care.reset_password(
            session, person_id, by=by, password=password, days=days, at=clock.now()
        )

    return _hand_out(person_id, "account.password_reset", change)


@bp.post("/<uuid:person_id>/reopening")
def reopen(person_id: UUID) -> ResponseReturnValue:
    """Opens a closed account, with a first password."""
    by = current_actor().person_id

    def change(session: Session, password: str, days: int) -> Account:
        return account_care.reopen(session, person_id, by=by, password=password, days=days, at=clock.now())

    return _hand_out(person_id, "account.reopened", change)


@bp.post("/<uuid:person_id>/closure")
def close(person_id: UUID) -> ResponseReturnValue:
    """Nobody signs in with it any more."""
    by, on, at = current_actor().person_id, clock.today(), clock.now()
    _once(
        person_id,
        "account.closed",
        lambda session: account_care.close(session, person_id, by=by, on=on, at=at),
    )
    return _done(person_id, _("Đã khóa tài khoản. Mọi phiên đăng nhập và mã truy cập đã kết thúc."))


@bp.post("/<uuid:person_id>/pin-reset")
def reset_pin(person_id: UUID) -> ResponseReturnValue:
    """The owner has to set another PIN before he signs."""
    by = current_actor().person_id
    _once(person_id, "account.pin_reset", lambda session: account_care.reset_pin(session, person_id, by=by))
    return _done(
        person_id, _("Đã đặt lại mã PIN. Chủ tài khoản đặt mã mới ở mục Tài khoản của tôi rồi mới ký được.")
    )


@bp.post("/<uuid:person_id>/unlocking")
def unlock(person_id: UUID) -> ResponseReturnValue:
    """Nobody waits for earlier failures."""
    by = current_actor().person_id
    _once(person_id, "account.unlocked", lambda session: account_care.unlock(session, person_id, by=by))
    return _done(person_id, _("Đã bỏ thời gian chờ. Người này đăng nhập lại được ngay."))


@bp.post("/<uuid:person_id>/sign-out")
def sign_out(person_id: UUID) -> ResponseReturnValue:
    """Ends every session and token of the person."""
    by, at = current_actor().person_id, clock.now()
    _once(
        person_id,
        "account.signed_out",
        lambda session: account_care.end_sessions(session, person_id, by=by, at=at),
    )
    return _done(person_id, _("Đã kết thúc mọi phiên đăng nhập và mã truy cập của người này."))


def _hand_out(person_id: UUID, action: str, change: First) -> ResponseReturnValue:
    seat, op_id = require_in_charge(person_id), posted_op_id(request.form)
    password = passwords.first_password(f"{person_id}/{op_id}")

    def give(session: Session) -> object:
        days = setting(session, "account.first_password_days", unit_id=seat.unit_id, on=clock.today())
        return change(session, password, days)

    _once(person_id, action, give)
    return _sheet(person_id, password)


def _once(person_id: UUID, action: str, change: Callable[[Session], object]) -> None:
    """The act with its event in one transaction; nothing when the same form has done it before."""
    seat, actor, op_id = require_in_charge(person_id), current_actor(), posted_op_id(request.form)
    stop_reading()
    try:
        with transaction() as session:
            change(session)
            _record(session, action, ActorRef.of(actor, seat), person_id, op_id)
    except Conflict:
        with reading() as session:
            if (before := audit.repeat(session, actor.person_id, op_id)) is None:
                raise
        if (before.action, before.object_id) != (action, person_id):
            raise


def _record(session: Session, action: str, actor: ActorRef, person_id: UUID, op_id: UUID) -> None:
    at = clock.now()
    event = audit.record(
        session, action=action, actor=actor, at=at, object_type="account", object_id=person_id, op_id=op_id
    )
    if action in _TOLD:
        notify(
            session,
            event_key=str(event.id),
            receivers=[person_id],
            sentence=_TOLD[action],
            target=url_for("account.security"),
            at=at,
            subject=_SUBJECT,
        )


def _sheet(person_id: UUID, password: str) -> ResponseReturnValue:
    """The sheet to hand over; only while the password on it is the one in force."""
    account = reader().get(Account, person_id)
    if account is None or not account_care.matches(account, password):
        flash(_("Mật khẩu này đã được đổi nên không hiện lại nữa."), "info")
        return redirect(url_for("accounts.show", person_id=person_id), code=303)
    seat = load_actor(reader(), person_id, on=clock.today()).seat
    page = render_template(
        "accounts/first_password.html",
        person=person_of(reader(), person_id),
        office=f"{seat.title} {seat.unit_short_name}" if seat else "",
        account=account,
        password=password,
        until=wording.at(account.first_password_until),
        address=request.url_root,
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked_again(person_id: UUID, errors: Sequence[FieldError]) -> ResponseReturnValue:
    return account_page(person_id, request.form.to_dict(), errors), 422


def _done(person_id: UUID, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("accounts.show", person_id=person_id), code=303)
