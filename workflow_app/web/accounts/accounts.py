"""Accounts as an administrator sees them: the list, and one person's; what he does to them is in account_acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.audit.models import AuditEvent
from workflow_app.audit.timeline import sentences
from workflow_app.core import clock, vietnamese
from workflow_app.core.errors import FieldError
from workflow_app.core.ids import new_id
from workflow_app.organisations import account_care, accounts, signing_in, tokens, web_sessions
from workflow_app.organisations.models.accounts import Account
from workflow_app.organisations.models.people import Appointment, Office, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.people import person_of
from workflow_app.organisations.trees import subtree_ids, units_at
from workflow_app.organisations.types import Seat
from workflow_app.web import wording
from workflow_app.web.actors import current_actor, seat_with
from workflow_app.web.fields import field_errors
from workflow_app.web.reading import reader
from workflow_app.web.sessions import idle_time

bp = Blueprint("accounts", __name__, url_prefix="/administration/accounts")

_SHOWN = 50
_EVENTS = 10
Row = tuple[Person, Account | None]


@dataclass(frozen=True, slots=True)
class State:
    """What a list says of an account: words, tone and icon of its tag."""

    text: str
    tone: str
    icon: str


@bp.get("")
def index() -> ResponseReturnValue:
    """People of the administrator's union with their accounts; each typed word begins a word of name or user name."""
    seat = seat_with("administrator")
    query, state = request.args.get("q", "")[:100], request.args.get("state", "all")
    found = _found(reader(), seat, vietnamese.search_words(query)[:8], state)
    shown = found[:_SHOWN]
    ids = {person.id for person, _account in shown}
    waiting, offices = signing_in.has_to_wait(reader(), ids, at=clock.now()), _offices(reader(), ids)
    typed = {"q": query or None, "state": state if state != "all" else None}
    last = shown[-1][0].id if len(found) > _SHOWN else None
    return render_template(
        "accounts/index.html",
        rows=[
            _row(person, account, waits=person.id in waiting, offices=offices.get(person.id, []))
            for person, account in shown
        ],
        query=query,
        state=state,
        states=[("all", _("Tất cả")), *_states()],
        filtered=any(typed.values()),
        next=_page_url(typed, last) if last else "",
        first=_page_url(typed, None) if request.args.get("after") else "",
    )


@bp.get("/<uuid:person_id>")
def show(person_id: UUID) -> ResponseReturnValue:
    """One person's account and what can be done to it; a form to open one when there is none."""
    require_in_charge(person_id)
    return account_page(person_id, {}, [])


def require_in_charge(person_id: UUID) -> Seat:
    """The administrator's seat for this person; raises NotFound, OfficesElsewhere, Forbidden."""
    return account_care.require_in_charge(reader(), current_actor(), person_id, on=clock.today())


def account_page(person_id: UUID, typed: Mapping[str, str], errors: Sequence[FieldError]) -> str:
    """The page of one person's account, with what was typed and what is wrong with it."""
    person = person_of(reader(), person_id)
    account = reader().get(Account, person_id)
    if account is None:
        proposed = accounts.propose_username(reader(), person.full_name)
        return render_template(
            "accounts/new.html",
            person=person,
            username=typed.get("username", proposed),
            op_id=new_id(),
            **field_errors(errors),
        )
    return render_template(
        "accounts/show.html",
        person=person,
        account=account,
        own=person_id == current_actor().person_id,
        op_id=new_id(),
        **_facts(reader(), person_id, account),
        **field_errors(errors),
    )


def state_of(account: Account | None, *, waits: bool, at: datetime) -> State:
    """The one thing about an account that matters first."""
    if account is None:
        return State(_("Chưa có tài khoản"), "", "ring")
    if not account.active:
        return State(_("Đã khóa"), "stop", "lock")
    if account.first_password_until is not None and account.first_password_until <= at:
        return State(_("Mật khẩu lần đầu đã hết hạn"), "stop", "clock")
    if account.must_change_password:
        return State(_("Chờ đổi mật khẩu lần đầu"), "soon", "key")
    if waits:
        return State(_("Sai mật khẩu nhiều lần"), "soon", "warn")
    return State(_("Đang mở"), "done", "ok")


def _facts(session: Session, person_id: UUID, account: Account) -> dict[str, Any]:
    at = clock.now()
    waits = bool(signing_in.has_to_wait(session, {person_id}, at=at))
    own = (AuditEvent.object_type == "account") & (AuditEvent.object_id == person_id)
    events = list(
        session.scalars(sa.select(AuditEvent).where(own).order_by(AuditEvent.id.desc()).limit(_EVENTS))
    )
    return {
        "state": state_of(account, waits=waits, at=at),
        "waits": waits,
        "last": wording.at(account.last_sign_in_at) if account.last_sign_in_at else "",
        "opened": wording.at(account.created_at),
        "changed": wording.at(account.password_changed_at) if account.password_changed_at else "",
        "until": wording.at(account.first_password_until) if account.first_password_until else "",
        "pin": _pin(account),
        "sessions": len(web_sessions.open_sessions(session, person_id, at=at, idle=idle_time())),
        "tokens": len(tokens.valid_tokens(session, person_id, at=at)),
        "events": [
            {"id": f"sk-{told.event_id}", "who": told.who, "text": told.act, "time": wording.at(told.at)}
            for told in sentences(session, events)
        ],
    }


def _pin(account: Account) -> str:
    if account.pin_failures >= accounts.PIN_TRIES:
        return str(_("đang khóa, chờ chủ tài khoản đặt mã mới"))
    return str(_("đã đặt") if account.pin_hash else _("chưa đặt, ký bằng mật khẩu"))


def _states() -> list[tuple[str, str]]:
    return [
        ("open", _("Đang mở")),
        ("first", _("Chờ đổi mật khẩu lần đầu")),
        ("closed", _("Đã khóa")),
        ("none", _("Chưa có tài khoản")),
    ]


def _page_url(typed: Mapping[str, Any], after: UUID | None) -> str:
    return url_for("accounts.index", after=after, **typed)


def _row(person: Person, account: Account | None, *, waits: bool, offices: list[str]) -> dict[str, Any]:
    state = state_of(account, waits=waits, at=clock.now())
    name = account.username if account else _("Chưa có tên đăng nhập")
    last = account.last_sign_in_at if account else None
    seen = _("đăng nhập %(time)s", time=wording.at(last)) if last else _("chưa đăng nhập lần nào")
    return {
        "href": url_for("accounts.show", person_id=person.id),
        "title": person.full_name,
        "lines": [" · ".join([name, seen]) if account else name, "; ".join(offices)],
        "icon": "user",
        "tag": (state.text, state.tone, state.icon),
    }


def _offices(session: Session, person_ids: set[UUID]) -> dict[UUID, list[str]]:
    """Today's own offices in words, by person."""
    on = clock.today()
    query = (
        sa.select(Appointment, Office.title)
        .join(Office, Office.code == Appointment.office_code)
        .where(Appointment.person_id.in_(person_ids), holds_on(Appointment, on))
        .order_by(Office.rank, Appointment.id)
    )
    terms = session.execute(query).all()
    units = units_at(session, frozenset(term.unit_id for term, _title in terms), on)
    found: dict[UUID, list[str]] = {}
    for term, title in terms:
        if term.unit_id in units:
            words = f"{term.title or title} {units[term.unit_id].short_name}"
            found.setdefault(term.person_id, []).append(words)
    return found


def _found(session: Session, seat: Seat, words: tuple[str, ...], state: str) -> list[Row]:
    """One page of people and one more, in Vietnamese order."""
    served = sa.select(Appointment.person_id).where(
        Appointment.unit_id.in_(subtree_ids(seat.unit_id, clock.today()))
    )
    query = (
        sa.select(Person, Account)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(served), _in_state(state))
        .order_by(Person.sort_key, Person.id)
        .limit(_SHOWN + 1)
    )
    for word in words:  # letters and digits only: nothing to escape
        named = (
            Person.fold.like(f"{word}%"),
            Person.fold.like(f"% {word}%"),
            Account.username.like(f"{word}%"),
        )
        query = query.where(sa.or_(*named))
    after = request.args.get("after", type=UUID)
    if after is not None:
        place = sa.select(Person.sort_key, Person.id).where(Person.id == after).subquery()
        beyond = sa.tuple_(Person.sort_key, Person.id) > sa.select(place).scalar_subquery()
        query = query.where(beyond)
    return [(person, account) for person, account in session.execute(query)]


def _in_state(state: str) -> sa.ColumnElement[bool]:
    match state:
        case "open":
            return Account.active & ~Account.must_change_password
        case "first":
            return Account.active & Account.must_change_password
        case "closed":
            return Account.active.is_(False)
        case "none":
            return Account.person_id.is_(None)
        case _:
            return sa.true()
