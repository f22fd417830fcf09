"""The person's own security: where he is signed in, what happened to his account, his tokens for programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.audit.models import AuditEvent
from workflow_app.audit.timeline import sentences
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.organisations import tokens, web_sessions
from workflow_app.organisations.models.accounts import SignInTry, TryOutcome, WebSession
from workflow_app.web import wording
from workflow_app.web.accounts.account import account_tabs, bp, record_own
from workflow_app.web.actors import browser, current_actor
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.sessions import idle_time

__all__ = ["bp"]

_SHOWN = 50


@bp.get("/sessions")
def sessions() -> ResponseReturnValue:
    """Every browser in which the person is signed in."""
    own = browser().row
    rows = web_sessions.open_sessions(reader(), current_actor().person_id, at=clock.now(), idle=idle_time())
    return render_template(
        "account/sessions.html",
        tabs=account_tabs("sessions"),
        sessions=[_session(row, here=own is not None and row.id == own.id) for row in rows],
    )


@bp.post("/sessions/<session_id>/end")
def end_session(session_id: str) -> ResponseReturnValue:
    """Signs the person out of one browser."""
    actor = current_actor()
    stop_reading()
    with transaction() as database:
        web_sessions.end_one(database, actor.person_id, session_id, at=clock.now())
        record_own(database, actor, "account.session_ended")
    flash(_("Đã kết thúc phiên đó."), "success")
    return redirect(url_for("account.sessions"), code=303)


@bp.post("/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """Signs the person out everywhere but here."""
    actor, own = current_actor(), browser().row
    stop_reading()
    with transaction() as database:
        ended = web_sessions.end_others(
            database, actor.person_id, but=own.id if own else "", at=clock.now(), idle=idle_time()
        )
        if ended:
            record_own(database, actor, "account.sessions_ended", {"count": ended})
    flash(_("Đã kết thúc các phiên khác. Chỉ còn phiên này."), "success")
    return redirect(url_for("account.sessions"), code=303)


@bp.get("/security")
def security() -> ResponseReturnValue:
    """Signing in, failures, changes of password, PIN and tokens: newest first."""
    before = _moment(request.args.get("before", ""))
    rows = _happened(reader(), current_actor().person_id, before)
    shown = rows[:_SHOWN]
    following = url_for("account.security", before=shown[-1][0].isoformat()) if len(rows) > _SHOWN else ""
    return render_template(
        "account/security.html",
        tabs=account_tabs("security"),
        rows=[row for _at, row in shown],
        next=following,
        first=url_for("account.security") if before else "",
    )


def _session(row: WebSession, *, here: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "device": row.device or _("Trình duyệt không rõ"),
        "since": wording.at(row.created_at),
        "seen": wording.at(row.last_seen_at),
        "until": wording.at(row.expires_at),
        "here": here,
    }


def _happened(
    session: Session, person_id: UUID, before: datetime | None
) -> list[tuple[datetime, dict[str, Any]]]:
    """At least one more than a page, when there is one."""
    own = {person_id, *(token.id for token in tokens.tokens_of(session, person_id))}
    kinds = AuditEvent.object_type.in_(["account", "token"]) & AuditEvent.object_id.in_(own)
    acts = (
        sa.select(AuditEvent)
        .where(kinds)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(_SHOWN + 1)
    )
    tries = sa.select(SignInTry).where(SignInTry.person_id == person_id)
    tries = tries.order_by(SignInTry.at.desc(), SignInTry.id.desc()).limit(_SHOWN + 1)
    if before is not None:
        acts, tries = acts.where(AuditEvent.at < before), tries.where(SignInTry.at < before)
    events = list(session.scalars(acts))
    rows = [(told.at, _act(told)) for told in sentences(session, events)]
    rows += [(one.at, _try(one)) for one in session.scalars(tries)]
    return sorted(rows, key=lambda row: row[0], reverse=True)


def _act(told: Any) -> dict[str, Any]:
    return {
        "title": told.act[:1].upper() + told.act[1:],
        "lines": [" ".join(filter(None, [told.who, told.office, told.unit]))],
        "icon": "shield",
        "aside": wording.at(told.at),
    }


def _try(one: SignInTry) -> dict[str, Any]:
    passed = one.outcome is TryOutcome.PASSED
    return {
        "title": _("Đăng nhập") if passed else _("Đăng nhập không thành công"),
        "lines": [
            one.device or _("Trình duyệt không rõ"),
            _("địa chỉ mạng %(address)s", address=one.address),
        ],
        "icon": "key" if passed else "warn",
        "aside": wording.at(one.at),
    }


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
