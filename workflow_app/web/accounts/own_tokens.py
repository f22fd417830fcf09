"""Tokens for programs: made with the password, shown once, listed with their last use, revoked at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.organisations import tokens
from workflow_app.organisations.errors import TokensNotForYou
from workflow_app.organisations.models.accounts import ApiToken
from workflow_app.organisations.settings_data import settings
from workflow_app.organisations.types import Actor
from workflow_app.web import wording
from workflow_app.web.accounts.account import account_tabs, prove
from workflow_app.web.accounts.own_security import bp
from workflow_app.web.actors import current_actor
from workflow_app.web.context import unit_in_use
from workflow_app.web.fields import field_errors
from workflow_app.web.reading import reader, stop_reading

__all__ = ["bp"]

_USUAL_DAYS = 90
_SCOPES = {"read": ("read",), "write": ("read", "write")}


@bp.get("/tokens")
def list_tokens() -> ResponseReturnValue:
    """The person's tokens, and a form for another one if he may have one."""
    return _page({}, [])


@bp.post("/tokens")
def make_token() -> ResponseReturnValue:
    """A token; the answer shows it, and nothing shows it again."""
    actor, form = current_actor(), request.form
    whom, longest = _policy(actor)
    if not tokens.may_have_tokens(actor, whom):
        raise TokensNotForYou(f"person {actor.person_id} may not make tokens")
    stop_reading()
    try:
        days = _days(form.get("days", ""), longest)
        prove(actor, "password")
        made, secret = _issue(actor, form.get("name", ""), form.get("scope", ""), days, longest)
    except Invalid as refusal:
        return _page(form.to_dict(), list(refusal.errors)), 422
    page = render_template(
        "account/token.html",
        token=made,
        secret=secret,
        until=wording.at(made.expires_at),
        address=request.url_root,
    )
    answer = make_response(page, 201)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/tokens/<uuid:token_id>/revocation")
def revoke_token(token_id: UUID) -> ResponseReturnValue:
    """Ends a token at once; pressing twice changes nothing."""
    actor = current_actor()
    stop_reading()
    with transaction() as session:
        if tokens.revoke_token(session, token_id, person_id=actor.person_id, at=clock.now()):
            _record(session, actor, "token.revoked", token_id, {})
    flash(_("Đã thu hồi. Chương trình dùng mã này bị từ chối từ bây giờ."), "success")
    return redirect(url_for("account.list_tokens"), code=303)


def _issue(actor: Actor, name: str, scope: str, days: int, longest: int) -> tuple[ApiToken, str]:
    with transaction() as session:
        made, secret = tokens.issue_token(
            session,
            actor.person_id,
            name=name,
            scopes=_SCOPES.get(scope, ()),
            days=days,
            at=clock.now(),
            longest=longest,
        )
        _record(session, actor, "token.issued", made.id, {"scopes": made.scopes, "until": made.expires_at})
    return made, secret


def _record(session: Any, actor: Actor, action: str, token_id: UUID, details: dict[str, Any]) -> None:
    audit.record(
        session,
        action=action,
        actor=ActorRef.of(actor),
        at=clock.now(),
        object_type="token",
        object_id=token_id,
        details=details,
    )


def _days(typed: str, longest: int) -> int:
    text = typed.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise Invalid([FieldError("days", _("Thời hạn là số ngày từ 1 đến %(longest)s.", longest=longest))])
    return int(text)


def _policy(actor: Actor) -> tuple[str, int]:
    keys = ("api.token_holders", "api.token_max_days")
    found = settings(reader(), keys, unit_id=unit_in_use(actor), on=clock.today())
    return found[keys[0]], found[keys[1]]


def _page(typed: dict[str, str], errors: list[FieldError]) -> str:
    actor, now = current_actor(), clock.now()
    whom, longest = _policy(actor)
    return render_template(
        "account/tokens.html",
        tabs=account_tabs("list_tokens"),
        rows=[_row(token, now) for token in tokens.tokens_of(reader(), actor.person_id)],
        allowed=tokens.may_have_tokens(actor, whom),
        longest=longest,
        last_day=wording.at(now + timedelta(days=longest)),
        typed={"scope": "read", "days": str(min(_USUAL_DAYS, longest)), **typed},
        **field_errors(errors),
    )


def _row(token: ApiToken, now: datetime) -> dict[str, Any]:
    over = token.revoked_at is not None or token.expires_at <= now
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "scope": _("đọc và làm việc") if "write" in token.scopes else _("chỉ đọc"),
        "made": wording.at(token.created_at),
        "until": wording.at(token.expires_at),
        "used": wording.weekday(token.last_used_on) if token.last_used_on else "",
        "state": _("Đã thu hồi") if token.revoked_at else (_("Đã hết hạn") if over else ""),
        "over": over,
    }
