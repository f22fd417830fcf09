"""Dated settings: deadlines, shares, symbols, legal bases; what holds, since when, by which paper, and what comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core import clock, vietnamese
from workflow_app.core.errors import FieldError, Invalid, NotFound, Refusal
from workflow_app.core.ids import new_id
from workflow_app.organisations.calendars import KEY as CALENDAR
from workflow_app.organisations.errors import NotWholeInstallation
from workflow_app.organisations.models.people import Person
from workflow_app.organisations.models.settings import DatedSetting
from workflow_app.organisations.settings_data import (
    KEYS,
    SettingKey,
    change_setting,
    confirm_setting,
    corrections_of_setting,
    history_of_setting,
)
from workflow_app.organisations.settings_overview import SettingState, states_of
from workflow_app.web import wording
from workflow_app.web.acting import perform
from workflow_app.web.actors import current_actor
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.organisations.administration import record
from workflow_app.web.reading import reader
from workflow_app.web.reference import forget
from workflow_app.web.scopes import Scope, asked_scope, in_address
from workflow_app.web.settings.setting_forms import MAX_LINES, editor_of, kind_of, lines_of
from workflow_app.web.settings.setting_words import brief_of, words_of

bp = Blueprint("settings", __name__, url_prefix="/administration/settings")

_SPARE_LINES = 1


@bp.get("")
def index() -> ResponseReturnValue:
    """Every setting with today's value, for the scope asked for."""
    scope = _scope()
    states = states_of(
        reader(), [key for key in KEYS if key != CALENDAR], unit_id=scope.unit_id, on=clock.today()
    )
    return render_template(
        "settings/index.html",
        scope=scope,
        address=in_address(scope),
        groups=_groups(states),
        unconfirmed=sum(state.row is not None and not state.row.confirmed for state in states.values()),
        year=clock.today().year,
    )


@bp.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """One setting: its values over time, and the form for a new one."""
    setting, scope = _key(key), _scope()
    state = _state(setting, scope)
    return _page(setting, scope, editor_of(setting).fill(setting, state.value), [])


@bp.post("/<key>")
def change(key: str) -> ResponseReturnValue:
    """A new value from a day on; or one more line of the form."""
    setting, form, errors = _key(key), request.form, list[FieldError]()
    scope = _settable(setting)
    if "add_row" in form:
        return _page(setting, scope, form.to_dict(), [], spare=_SPARE_LINES + int(form["add_row"] == "1"))
    value = editor_of(setting).read(setting, form, errors)
    since = posted_day(form, "valid_from", errors) or clock.today()
    basis = vietnamese.clean_line(form.get("basis", ""))
    if not basis:
        errors.append(FieldError("basis", _("Ghi văn bản hoặc quyết định làm căn cứ.")))

    def act(session: Session, op_id: UUID) -> None:
        made = change_setting(
            session,
            key,
            value,
            unit_id=scope.unit_id,
            valid_from=since,
            legal_basis=basis,
            by=current_actor().person_id,
            at=clock.now(),
        )
        details = {
            "key": key,
            "unit": scope.unit_id,
            "from": since,
            "value": _recorded(value),
            "basis": basis,
        }
        record(session, scope.seat, "setting.changed", "setting", made.id, details, op_id)

    try:
        require_none(errors)
        perform(act)
    except Invalid as refusal:
        return _page(setting, scope, form.to_dict(), list(refusal.errors)), 422
    except Refusal as refusal:
        return _page(setting, scope, form.to_dict(), [FieldError("valid_from", refusal.vi)]), 422
    forget()
    flash(_("Đã ghi giá trị mới, có hiệu lực từ %(day)s.", day=wording.day(since)), "success")
    return redirect(url_for("settings.show", key=key, **in_address(scope)), code=303)


@bp.post("/<key>/confirmation")
def confirm(key: str) -> ResponseReturnValue:
    """The union has looked at a first value of the product and keeps it; a common one becomes the unit's own."""
    setting = _key(key)
    scope = _settable(setting)
    state, by, at = _state(setting, scope), current_actor().person_id, clock.now()
    if state.row is None:
        raise NotFound(f"setting {key} is not set for {scope.asked}")
    row_id, value = state.row.id, state.value
    basis = vietnamese.clean_line(request.form.get("confirm_basis", ""))

    def act(session: Session, op_id: UUID) -> None:
        made = row_id
        if state.own:
            confirm_setting(session, row_id, by=by, at=at, legal_basis=basis)
        else:
            today, unit_id = clock.today(), scope.unit_id
            made = change_setting(
                session, key, value, unit_id=unit_id, valid_from=today, legal_basis=basis, by=by, at=at
            ).id
        details = {"key": key, "unit": scope.unit_id}
        record(session, scope.seat, "setting.confirmed", "setting", made, details, op_id)

    perform(act)
    flash(_("Đã xác nhận giá trị đang dùng."), "success")
    return redirect(url_for("settings.show", key=key, **in_address(scope)), code=303)


@dataclass(frozen=True, slots=True)
class Group:
    """Settings of one process, or those of all."""

    title: str
    rows: Sequence[Mapping[str, Any]]


def _groups(states: Mapping[str, SettingState]) -> list[Group]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for key, state in states.items():
        head, dot, _rest = key.partition(".")
        found.setdefault(head if dot else "", []).append(_row(state))
    return [Group(_group_title(head), rows) for head, rows in sorted(found.items(), key=lambda item: item[0])]


def _group_title(head: str) -> str:
    titles = {
        "": _("Dùng chung"),
        "pledge": _("Giao ước thi đua"),
        "review": _("Sơ kết, tổng kết"),
        "inspection": _("Kiểm tra"),
        "commendation": _("Khen thưởng"),
        "dossier": _("Hồ sơ khác"),
        "account": _("Tài khoản"),
        "api": _("Mã truy cập"),
        "housekeeping": _("Dọn dẹp hằng đêm"),
    }
    return str(titles.get(head, head))


def _row(state: SettingState) -> dict[str, Any]:
    return {
        "key": state.key,
        "words": words_of(state.key, state.value),
        "brief": brief_of(state.key, state.value, clock.today()),
        "row": state.row,
        "own": state.own,
        "coming": state.coming,
        "coming_brief": brief_of(state.key, state.coming.value, clock.today()) if state.coming else "",
    }


def _scope() -> Scope:
    return asked_scope(_("Toàn hệ thống"))


def _settable(setting: SettingKey) -> Scope:
    """The scope asked for; raises NotWholeInstallation for a unit where the setting is common to all."""
    scope = _scope()
    if setting.common and scope.unit_id is not None:
        raise NotWholeInstallation(f"setting {setting.key} is common to all units")
    return scope


def _key(key: str) -> SettingKey:
    """Raises NotFound; the calendar has pages of its own."""
    if key not in KEYS or key == CALENDAR:
        raise NotFound(f"no setting {key[:60]!a}")
    return KEYS[key]


def _state(setting: SettingKey, scope: Scope) -> SettingState:
    return states_of(reader(), [setting.key], unit_id=scope.unit_id, on=clock.today())[setting.key]


def _page(
    setting: SettingKey,
    scope: Scope,
    typed: Mapping[str, str],
    errors: list[FieldError],
    *,
    spare: int = _SPARE_LINES,
) -> str:
    today, state = clock.today(), _state(setting, scope)
    live = history_of_setting(reader(), setting.key, unit_id=scope.unit_id)
    corrected = corrections_of_setting(reader(), setting.key, unit_id=scope.unit_id)
    names = _people([*live, *corrected])
    return render_template(
        "settings/show.html",
        op_id=new_id(),
        setting=setting,
        kind=kind_of(setting),
        settable=scope.unit_id is None or not setting.common,
        scope=scope,
        address=in_address(scope),
        now=_row(state),
        values=[_told(setting, row, today, names) for row in live],
        corrected=[_told(setting, row, today, names) for row in corrected],
        lines=min(lines_of(typed) + spare, MAX_LINES),
        typed=typed,
        **field_errors(errors),
    )


def _told(setting: SettingKey, row: DatedSetting, today: date, names: Mapping[Any, str]) -> dict[str, Any]:
    """One value of the history: its words, its days, who wrote it."""
    when = "now" if row.holds_on(today) else "coming" if row.valid_from > today else "past"
    return {
        "words": words_of(setting, row.value),
        "brief": brief_of(setting, row.value, max(today, row.valid_from)),
        "row": row,
        "when": when,
        "by": names.get(row.changed_by, "") if row.changed_by else "",
        "last_day": date.fromordinal(row.valid_to.toordinal() - 1) if row.valid_to else None,
    }


def _people(rows: Sequence[DatedSetting]) -> dict[Any, str]:
    ids = {row.changed_by for row in rows if row.changed_by}
    query = select(Person.id, Person.full_name).where(Person.id.in_(ids))
    return dict(reader().execute(query).all())


def _recorded(value: Any) -> Any:
    """What the record keeps: a plain value as it is, anything longer as a digest of its text."""
    return value if isinstance(value, bool | int | str) else str(value)
