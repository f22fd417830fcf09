"""The first start: a federation and its administrator, on a page that exists only while nobody has an account."""

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock, vietnamese
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.organisations.beginning import Administrator, First, begin, is_empty, setup_code
from workflow_app.organisations.errors import BegunAlready, SetupCodeWrong
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitKind
from workflow_app.organisations.units import UnitFacts
from workflow_app.web.actors import open_to_everybody
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.limits import SIGN_IN_RATE, limiter
from workflow_app.web.reading import reader, stop_reading
from workflow_app.web.reference import forget

bp = Blueprint("setup", __name__, url_prefix="/setup")

_LEADING = ("federation", "sector_union", "civil_servants_union", "upper_union", "confederation")
_FACTS = ("name", "short_name", "letterhead_parent", "symbol", "place", "phone")
_SECRET = frozenset({"password", "password_again", "setup_code"})


@bp.get("")
@open_to_everybody
def show() -> ResponseReturnValue:
    """The form; not found once anybody has an account."""
    _require_empty()
    return _page({"kind": "federation"}, [])


@bp.post("")
@open_to_everybody
@limiter.limit(SIGN_IN_RATE)
def create() -> ResponseReturnValue:
    """Founds both; signing in is the next step."""
    _require_empty()
    form, errors = request.form, list[FieldError]()
    since = posted_day(form, "valid_from", errors) or clock.today()
    facts = {name: vietnamese.clean_line(form.get(name, "")) for name in _FACTS}
    kind = form.get("kind", "")
    errors.extend(_faults(form, facts["name"], kind))
    code = vietnamese.fold(facts["short_name"] or facts["name"]).replace(" ", "-")[:60]
    expected = setup_code(str(current_app.config["SECRET_KEY"]))
    stop_reading()
    try:
        require_none(errors)
        with transaction() as session:
            first = begin(
                session,
                code=code,
                facts=UnitFacts(kind=kind, letterhead_name=facts["name"], **facts),
                administrator=Administrator(
                    form.get("full_name", ""), form.get("username", ""), form.get("password", "")
                ),
                since=since,
                given=form.get("setup_code", ""),
                expected=expected,
                at=clock.now(),
                today=clock.today(),
            )
            _record(session, first)
    except Invalid as refusal:
        return _page(form.to_dict(), list(refusal.errors)), 422
    except SetupCodeWrong as refusal:
        return _page(form.to_dict(), [FieldError("setup_code", refusal.vi)]), 422
    forget()
    flash(_("Đã cài đặt. Hãy đăng nhập bằng tài khoản quản trị vừa tạo."), "success")
    return redirect(url_for("login.show"), code=303)


def _record(session: Session, first: First) -> None:
    audit.record(
        session,
        action="installation.begun",
        actor=ActorRef(first.person_id, first.appointment_id, first.unit_id),
        at=clock.now(),
        object_type="unit",
        object_id=first.unit_id,
        details={"person": first.person_id},
    )


def _require_empty() -> None:
    if not is_empty(reader()):
        raise BegunAlready("there is an account already")


def _faults(form: Mapping[str, str], name: str, kind: str) -> list[FieldError]:
    faults = []
    if not name:
        faults.append(FieldError("name", _("Nhập tên liên đoàn hoặc công đoàn cấp trên.")))
    if kind not in _LEADING:
        faults.append(FieldError("kind", _("Chọn loại đơn vị.")))
    if not vietnamese.clean_line(form.get("full_name", "")):
        faults.append(FieldError("full_name", _("Nhập họ và tên.")))
    if form.get("password", "") != form.get("password_again", ""):
        faults.append(FieldError("password_again", _("Hai lần nhập mật khẩu chưa giống nhau.")))
    return faults


def _page(typed: Mapping[str, str], errors: list[FieldError]) -> str:
    kinds = dict(
        reader().execute(select(UnitKind.code, UnitKind.name).where(holds_on(UnitKind, clock.today()))).all()
    )
    return render_template(
        "setup/show.html",
        kinds=[(code, kinds[code]) for code in _LEADING if code in kinds],
        typed={name: value for name, value in typed.items() if name not in _SECRET},
        **field_errors(errors),
    )
