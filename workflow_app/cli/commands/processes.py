"""process: diagrams and what runs after them."""

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from workflow_app.cli.options import columns, data_dir, say, settings_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from workflow_app.engine.errors import Finding
    from workflow_app.engine.models import ProcessInstance


@click.group()
def process() -> None:
    """Quy trình (BPMN): kiểm tra, triển khai, xem."""


@process.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def lint(file: Path | None) -> None:
    """Kiểm tra một sơ đồ, hoặc mọi sơ đồ đi kèm phần mềm; mã thoát 1 khi có sơ đồ không triển khai được."""
    import bpmn

    files = [file] if file else sorted(bpmn.FOLDER.glob("*.bpmn"))
    findings = [finding for path in files for finding in _findings(path)]
    for finding in findings:
        say(finding)
    if findings:
        raise SystemExit(1)
    say(f"{len(files)} sơ đồ triển khai được.")


@process.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--draft", is_flag=True, help="Chỉ nạp làm bản nháp, chưa áp dụng.")
@data_dir
def deploy(file: Path, draft: bool, data_dir: Path | None) -> None:
    """Nạp một sơ đồ; quy trình đang chạy vẫn theo phiên bản cũ."""
    from workflow_app.cli.assembly import visiting
    from workflow_app.core import clock
    from workflow_app.core.database import transaction
    from workflow_app.engine import definitions
    from workflow_app.processes.registry import catalogue

    with visiting(settings_for(data_dir)):
        if lines := list(_findings(file)):
            for line in lines:
                say(line)
            raise SystemExit(1)
        with transaction() as session:
            made = definitions.deploy(
                session, file.read_bytes(), by=None, at=clock.now(), known=catalogue(), activate=not draft
            )
            say(f"{made.key} phiên bản {made.version}: {made.status.value} (sha256 {made.sha256[:12]})")


@process.command("list")
@data_dir
def list_(data_dir: Path | None) -> None:
    """Các sơ đồ đã nạp, phiên bản mới nhất trước."""
    from workflow_app.cli.assembly import visiting
    from workflow_app.core.database import reading
    from workflow_app.core.vietnamese import date_time
    from workflow_app.engine import definitions

    with visiting(settings_for(data_dir)), reading() as session:
        rows = [
            (
                each.key,
                str(each.version),
                each.status.value,
                date_time(each.deployed_at),
                each.sha256[:12],
                each.name,
            )
            for each in definitions.versions(session)
        ]
    columns([("KHÓA", "BẢN", "TRẠNG THÁI", "NẠP LÚC", "SHA-256", "TÊN"), *rows])


@process.command()
@click.argument("instance_id", type=click.UUID)
@data_dir
def show(instance_id: UUID, data_dir: Path | None) -> None:
    """Một quy trình đang chạy hoặc đã xong: đang chờ ai, việc gì, có sự cố không."""
    from workflow_app.cli.assembly import visiting
    from workflow_app.core.database import reading
    from workflow_app.core.errors import NotFound
    from workflow_app.engine.models import ProcessInstance

    with visiting(settings_for(data_dir)), reading() as session:
        instance = session.get(ProcessInstance, instance_id)
        if instance is None:
            raise NotFound(f"no instance {instance_id}", vi="Không có quy trình nào mang mã này.")
        _show(session, instance)


@process.command()
@click.argument("instance_id", type=click.UUID)
@click.option("--to", "version", type=int, required=True, help="Số phiên bản của sơ đồ.")
@click.option("--dry-run", is_flag=True, help="Chỉ thử, không chuyển; mã thoát 1 khi không chuyển được.")
@click.option("--reason", default="", help="Lý do, lưu trong nhật ký của hồ sơ.")
@data_dir
def migrate(instance_id: UUID, version: int, dry_run: bool, reason: str, data_dir: Path | None) -> None:
    """Chuyển một quy trình đang chạy sang phiên bản khác của sơ đồ, khi việc đó an toàn."""
    from workflow_app.cli.assembly import visiting
    from workflow_app.core import clock
    from workflow_app.core.database import transaction
    from workflow_app.engine import migration
    from workflow_app.processes import deployment

    with visiting(settings_for(data_dir)), transaction() as session:
        target = migration.version(session, instance_id, version)
        known = deployment.known_to(session, target.id)
        if dry_run:
            _tell(migration.preview(session, instance_id, target.id, known=known))
            return
        migration.migrate(
            session, instance_id, target.id, reason=reason, by=None, at=clock.now(), known=known
        )
        say(f"Đã chuyển sang phiên bản {version}. Việc đang mở, hạn và người nhận giữ nguyên.")


def _tell(findings: "Sequence[Finding]") -> None:
    for each in findings:
        say(f"{each.element or '-'}: {each.vi} ({each.code})")
    if findings:
        raise SystemExit(1)
    say("Chuyển được: đã chạy thử từ chỗ đang đứng đến kết thúc. Chưa có gì thay đổi.")


def _findings(file: Path) -> list[str]:
    from workflow_app.cli import content
    from workflow_app.engine import definitions
    from workflow_app.engine.errors import DiagramRefused
    from workflow_app.processes.registry import catalogue

    content.register()
    try:
        definitions.check(file.read_bytes(), known=catalogue())
    except DiagramRefused as refused:
        return [f"{file.name}: {each.element or '-'}: {each.vi} ({each.code})" for each in refused.findings]
    return []


def _show(session: "Session", instance: "ProcessInstance") -> None:
    from sqlalchemy import select

    from workflow_app.core.vietnamese import date_time
    from workflow_app.engine.models import HumanTask, Incident, ProcessInstance, TaskStatus
    from workflow_app.organisations.roles import role_name

    say(f"{instance.title}: {instance.process_key}, {instance.status.value}, bước {instance.rev}")
    say(f"Bắt đầu {date_time(instance.started_at)}; hồ sơ con đang chạy: {instance.open_children}")
    tree = select(ProcessInstance.id).where(ProcessInstance.root_id == instance.root_id)
    tasks = select(HumanTask).where(HumanTask.instance_id.in_(tree), HumanTask.status == TaskStatus.OPEN)
    for task in session.scalars(tasks.order_by(HumanTask.order_at)):
        due = f", hạn {date_time(task.due_at)}" if task.due_at else ""
        say(f"  chờ {role_name(task.role)}: {task.name}{due}")
    incidents = select(Incident).where(Incident.instance_id.in_(tree), Incident.resolved_at.is_(None))
    for incident in session.scalars(incidents):
        say(f"  SỰ CỐ {incident.kind.value} tại {incident.element}: {incident.error} ({incident.times} lần)")
