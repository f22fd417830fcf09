"""audit: the record of acts, in the database or exported."""

import sys
from pathlib import Path

import click

from workflow_app.cli.options import data_dir, say, settings_for

_NOT_YET = "Chưa kiểm: niêm phong (cây Merkle, điểm neo bên ngoài)."


@click.group()
def audit() -> None:
    """Nhật ký: kiểm tra, xuất."""


@audit.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_dir
def verify(file: Path | None, data_dir: Path | None) -> None:
    """Kiểm tra nhật ký trong cơ sở dữ liệu, hoặc một tệp đã xuất (không cần hệ thống); mã thoát 1 khi có lỗi."""
    faults = _faults_of_file(file) if file else _faults_of_database(data_dir)
    for fault in faults:
        say(fault)
    say(_NOT_YET)
    raise SystemExit(1 if faults else 0)


@audit.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Tệp JSON Lines; mặc định in ra màn hình."
)
@data_dir
def export(out: Path | None, data_dir: Path | None) -> None:
    """Xuất toàn bộ nhật ký; việc xuất cũng được ghi vào nhật ký."""
    from workflow_app.audit.export import export_jsonl
    from workflow_app.cli.assembly import visiting
    from workflow_app.core.database import reading

    with visiting(settings_for(data_dir)):
        _record_export()
        with reading() as session:
            if out is None:
                export_jsonl(session, sys.stdout.buffer)
                return
            with out.open("wb") as target:
                report = export_jsonl(session, target)
    say(f"{report.events} sự kiện, mã tổng {report.digest}: {out}")


def _faults_of_file(file: Path) -> list[str]:
    from workflow_app.audit.export import check_export

    with file.open("rb") as lines:
        report = check_export(lines)
    say(f"{report.events} sự kiện, mã tổng {report.digest}")
    return [f"dòng {fault.line}: {fault.vi}" for fault in report.faults]


def _faults_of_database(data_dir: Path | None) -> list[str]:
    from sqlalchemy import func, select

    from workflow_app.audit.models import AuditEvent
    from workflow_app.audit.verification import check_events, check_streams
    from workflow_app.cli.assembly import visiting
    from workflow_app.core.database import reading

    with visiting(settings_for(data_dir)), reading() as session:
        say(f"{session.scalar(select(func.count()).select_from(AuditEvent))} sự kiện trong cơ sở dữ liệu")
        faults = [
            f"sự kiện {each.event_id}: {each.column or 'nội dung'} bị sửa" for each in check_events(session)
        ]
        faults += [
            f"hồ sơ {each.instance_id}: {each.events} sự kiện, đánh số {each.first} đến {each.last}"
            for each in check_streams(session)
        ]
    return faults


def _record_export() -> None:
    from uuid import UUID

    from workflow_app.audit import service
    from workflow_app.core import clock
    from workflow_app.core.database import transaction

    with transaction() as session:
        service.record(
            session,
            action="audit.exported",
            actor=service.SYSTEM,
            at=clock.now(),
            object_type="audit",
            object_id=UUID(int=0),
        )
