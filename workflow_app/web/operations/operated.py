"""Running processes as an administrator handles them: find, suspend, resume, cancel, put on another version."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from workflow_app.core import clock
from workflow_app.core.errors import FieldError
from workflow_app.core.vietnamese import clean_line
from workflow_app.engine import definitions, migration, oversight
from workflow_app.engine.alarm import ADMINISTRATOR
from workflow_app.engine.models import (
    ALIVE,
    DefinitionStatus,
    InstanceStatus,
    ProcessDefinition,
    ProcessInstance,
)
from workflow_app.engine.refusals import DefinitionUnknown, MigrationUnsafe, ReasonMissing
from workflow_app.processes import deployment, operating, registry
from workflow_app.web import wording
from workflow_app.web.actors import current_actor, seat_with
from workflow_app.web.fields import field_errors
from workflow_app.web.operations.dossiers import dossier_url
from workflow_app.web.operations.instances import status_tag
from workflow_app.web.operations.operations import failing_row, perform, tabs
from workflow_app.web.reading import reader
from workflow_app.web.translations import language

bp = Blueprint("operated", __name__, url_prefix="/operations/instances")

_SHOWN = 50
_AGES = (30, 90, 180, 365)  # days
_STATES: dict[str, tuple[InstanceStatus, ...]] = {
    "running": (InstanceStatus.RUNNING,),
    "suspended": (InstanceStatus.SUSPENDED,),
    "trouble": ALIVE,
    "completed": (InstanceStatus.COMPLETED,),
    "cancelled": (InstanceStatus.CANCELLED,),
}


@bp.get("")
def index() -> ResponseReturnValue:
    """Main instances of the federation by process, state and age."""
    federation_id = seat_with(ADMINISTRATOR).unit_id
    asked = {name: request.args.get(name, "") for name in ("process", "state", "age")}
    found = oversight.instances(
        reader(), federation_id, _filter(asked), before=_cursor(request.args.get("before", "")), limit=_SHOWN
    )
    last = found[-1] if len(found) == _SHOWN else None
    cursor = f"{last.started_at.isoformat()}~{last.id}" if last else ""
    return render_template(
        "operations/instances.html",
        tabs=tabs("instances"),
        asked=asked,
        processes=[(process.key, process.title) for process in registry.processes()],
        states=_state_options(),
        ages=[(str(days), _("Mở trước đây hơn %(days)s ngày", days=days)) for days in _AGES],
        rows=_rows(found),
        page={"next": _following(asked, cursor) if last else "", "previous": "", "items": []},
    )


@bp.get("/<uuid:instance_id>")
def show(instance_id: UUID) -> ResponseReturnValue:
    """One instance: its incidents, what fails, the versions it can go over to, the acts."""
    seat_with(ADMINISTRATOR)
    return _page(instance_id, "", [])


@bp.post("/<uuid:instance_id>/suspension")
def suspend(instance_id: UUID) -> ResponseReturnValue:
    """Lets it rest."""
    return _act(instance_id, operating.suspend, _("Đã tạm dừng hồ sơ. Không ai xử lý được việc nào cho đến khi chạy tiếp."))  # fmt: skip


@bp.post("/<uuid:instance_id>/resumption")
def resume(instance_id: UUID) -> ResponseReturnValue:
    """Lets it go on."""
    return _act(instance_id, operating.resume, _("Hồ sơ chạy tiếp."))


@bp.post("/<uuid:instance_id>/cancellation")
def cancel(instance_id: UUID) -> ResponseReturnValue:
    """Ends it."""
    return _act(instance_id, operating.cancel, _("Đã hủy hồ sơ."))


@bp.get("/<uuid:instance_id>/migration/<uuid:definition_id>")
def migration_form(instance_id: UUID, definition_id: UUID) -> ResponseReturnValue:
    """The dry run: what would be, or what stands in the way."""
    seat_with(ADMINISTRATOR)
    return _migration_page(instance_id, definition_id, "", [])


@bp.post("/<uuid:instance_id>/migration/<uuid:definition_id>")
def migrate(instance_id: UUID, definition_id: UUID) -> ResponseReturnValue:
    """Puts the instance on another version."""
    reason = clean_line(request.form.get("reason", ""))
    try:
        perform(
            lambda session, actor: operating.migrate(
                session, actor, instance_id, definition_id, reason=reason, at=clock.now()
            )
        )
    except (ReasonMissing, MigrationUnsafe) as refusal:
        return _migration_page(instance_id, definition_id, reason, [FieldError("reason", refusal.vi)]), 422
    flash(_("Hồ sơ đã chuyển sang phiên bản mới. Việc đang mở, hạn và người nhận giữ nguyên."), "success")
    return redirect(url_for(".show", instance_id=instance_id), code=303)


def _following(asked: dict[str, str], cursor: str) -> str:
    process, state, age = asked["process"], asked["state"], asked["age"]
    return url_for(".index", process=process, state=state, age=age, before=cursor)


def _act(instance_id: UUID, act: Callable[..., None], said: str) -> ResponseReturnValue:
    reason = clean_line(request.form.get("reason", ""))
    try:
        perform(lambda session, actor: act(session, actor, instance_id, reason=reason, at=clock.now()))
    except ReasonMissing as refusal:
        return _page(instance_id, "", [FieldError("reason", refusal.vi)]), 422
    flash(said, "success")
    return redirect(url_for(".show", instance_id=instance_id), code=303)


def _filter(asked: dict[str, str]) -> oversight.Filter:
    """Nonsense in the address shows what no filter shows."""
    days = int(asked["age"]) if asked["age"] in {str(age) for age in _AGES} else 0
    return oversight.Filter(
        process_key=asked["process"] or None,
        statuses=_STATES.get(asked["state"], ALIVE),
        started_before=clock.now() - timedelta(days=days) if days else None,
        troubled=asked["state"] == "trouble",
    )


def _cursor(given: str) -> tuple[datetime, UUID] | None:
    at, _tilde, identity = given.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(identity)) if moment.tzinfo else None
    except ValueError:
        return None


def _state_options() -> list[tuple[str, str]]:
    return [
        ("running", _("Đang chạy")),
        ("suspended", _("Tạm dừng")),
        ("trouble", _("Có sự cố")),
        ("completed", _("Đã xong")),
        ("cancelled", _("Đã hủy")),
    ]


def _rows(found: Any) -> list[dict[str, Any]]:
    versions = oversight.versions_of(reader(), found)
    return [
        {
            "href": url_for(".show", instance_id=instance.id),
            "title": instance.title,
            "lines": [
                versions[instance.definition_id].name,
                _("phiên bản %(version)s", version=versions[instance.definition_id].version),
            ],
            "icon": "flow",
            "tag": status_tag(instance.status),
            "aside": wording.day(instance.started_at),
            "note": _("có sự cố") if instance.open_incidents else "",
        }
        for instance in found
    ]


def _page(instance_id: UUID, typed: str, errors: list[FieldError]) -> str:
    instance = operating.operated(reader(), current_actor(), instance_id)
    definition = reader().get_one(ProcessDefinition, instance.definition_id)
    return render_template(
        "operations/instance.html",
        instance=instance,
        definition=definition,
        status=status_tag(instance.status),
        incidents=oversight.incidents_below(reader(), instance),
        failing=[failing_row(each) for each in oversight.failing_below(reader(), instance)],
        versions=_versions(instance) if instance.alive else [],
        dossier=dossier_url(instance.process_key, instance.business_id, instance.root_id),
        may_cancel=operating.ended_by_process(instance) is None,
        typed=typed,
        **field_errors(errors),
    )


def _versions(instance: ProcessInstance) -> list[dict[str, Any]]:
    """Released versions of its diagram that it does not run on, newest first."""
    return [
        {
            "href": url_for(".migration_form", instance_id=instance.id, definition_id=each.id),
            "number": each.version,
            "active": each.status is DefinitionStatus.ACTIVE,
        }
        for each in definitions.versions(reader(), instance.process_key)
        if each.id != instance.definition_id and each.status is not DefinitionStatus.DRAFT
    ]


def _migration_page(instance_id: UUID, definition_id: UUID, typed: str, errors: list[FieldError]) -> str:
    instance = operating.operated(reader(), current_actor(), instance_id)
    target = reader().get(ProcessDefinition, definition_id)
    if target is None:
        raise DefinitionUnknown(f"no definition {definition_id}")
    found = migration.preview(
        reader(), instance_id, definition_id, known=deployment.known_to(reader(), target.id)
    )
    return render_template(
        "operations/migration.html",
        instance=instance,
        before=reader().get_one(ProcessDefinition, instance.definition_id),
        target=target,
        findings=[each.en if language() == "en" else each.vi for each in found],
        typed=typed,
        **field_errors(errors),
    )
