"""Operations: open incidents, and what an administrator does to running instances."""

from collections.abc import Callable
from uuid import UUID

from apiflask import APIBlueprint
from flask import request
from sqlalchemy.orm import Session

from workflow_app.api.shapes import IncidentList, IncidentRow, MigrationFinding, MigrationPreview, Reason
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.engine import migration, oversight
from workflow_app.engine.alarm import ADMINISTRATOR
from workflow_app.organisations.types import Actor
from workflow_app.processes import deployment, operating
from workflow_app.web.actors import current_actor, seat_with
from workflow_app.web.reading import reader, stop_reading

bp = APIBlueprint("api_operations", __name__, tag="Vận hành", url_prefix="/api/v1")


@bp.get("/incidents")
@bp.output(IncidentList)
@bp.doc(summary="Sự cố đang mở của liên đoàn, cũ trước", security="token")
def list_incidents() -> IncidentList:
    rows = oversight.incidents(reader(), seat_with(ADMINISTRATOR).unit_id)
    return IncidentList(items=[IncidentRow.model_validate(incident) for incident, _ in rows])


@bp.post("/incidents/<uuid:incident_id>/attempts")
@bp.output({}, status_code=204)
@bp.doc(summary="Cho thử lại sau sự cố", security="token")
def retry(incident_id: UUID) -> str:
    _perform(lambda session, actor: operating.retry(session, actor, incident_id, at=clock.now()))
    return ""


@bp.post("/incidents/<uuid:incident_id>/resolution")
@bp.input(Reason)
@bp.output({}, status_code=204)
@bp.doc(summary="Đóng sự cố bằng tay", security="token")
def resolve(incident_id: UUID, json_data: Reason) -> str:
    reason, at = json_data.reason, clock.now()
    _perform(lambda session, actor: operating.resolve(session, actor, incident_id, reason=reason, at=at))
    return ""


@bp.post("/instances/<uuid:instance_id>/suspension")
@bp.input(Reason)
@bp.output({}, status_code=204)
@bp.doc(summary="Tạm dừng một hồ sơ", security="token")
def suspend(instance_id: UUID, json_data: Reason) -> str:
    return _act(operating.suspend, instance_id, json_data)


@bp.post("/instances/<uuid:instance_id>/resumption")
@bp.input(Reason)
@bp.output({}, status_code=204)
@bp.doc(summary="Cho hồ sơ chạy tiếp", security="token")
def resume(instance_id: UUID, json_data: Reason) -> str:
    return _act(operating.resume, instance_id, json_data)


@bp.post("/instances/<uuid:instance_id>/cancellation")
@bp.input(Reason)
@bp.output({}, status_code=204)
@bp.doc(summary="Hủy một hồ sơ không có cách hủy riêng", security="token")
def cancel(instance_id: UUID, json_data: Reason) -> str:
    return _act(operating.cancel, instance_id, json_data)


@bp.get("/instances/<uuid:instance_id>/migration")
@bp.output(MigrationPreview)
@bp.doc(summary="Chạy thử việc chuyển sang phiên bản `to` của sơ đồ", security="token")
def preview(instance_id: UUID) -> MigrationPreview:
    operating.operated(reader(), current_actor(), instance_id)
    target = migration.version(reader(), instance_id, _version())
    known = deployment.known_to(reader(), target.id)
    found = migration.preview(reader(), instance_id, target.id, known=known)
    findings = [MigrationFinding(code=each.code, element=each.element, detail=each.vi) for each in found]
    return MigrationPreview(safe=not findings, findings=findings)


@bp.post("/instances/<uuid:instance_id>/migration")
@bp.input(Reason)
@bp.output({}, status_code=204)
@bp.doc(summary="Chuyển hồ sơ sang phiên bản `to` của sơ đồ", security="token")
def migrate(instance_id: UUID, json_data: Reason) -> str:
    reason, at, version = json_data.reason, clock.now(), _version()

    def act(session: Session, actor: Actor) -> None:
        operating.operated(session, actor, instance_id)
        target = migration.version(session, instance_id, version).id
        operating.migrate(session, actor, instance_id, target, reason=reason, at=at)

    _perform(act)
    return ""


def _act(act: Callable[..., None], instance_id: UUID, given: Reason) -> str:
    _perform(lambda session, actor: act(session, actor, instance_id, reason=given.reason, at=clock.now()))
    return ""


def _perform(act: Callable[[Session, Actor], None]) -> None:
    actor = current_actor()
    stop_reading()
    with transaction() as session:
        act(session, actor)


def _version() -> int:
    given = request.args.get("to", "")
    if not given.isdecimal() or not 0 < int(given) < 2**31:
        raise Invalid([FieldError("to", "to là số phiên bản của sơ đồ.")])
    return int(given)
