"""doctor: looks at everything that can be wrong, and changes nothing."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from workflow_app.cli.assembly import visiting
from workflow_app.cli.health.findings import Finding, Level
from workflow_app.cli.options import data_dir, say, settings_for

_MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.FAULT: "✗"}


@click.command()
@click.option("--strict", is_flag=True, help="Đọc lại mọi tệp, mọi trạng thái; cảnh báo cũng tính là lỗi.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@data_dir
def doctor(strict: bool, as_json: bool, data_dir: Path | None) -> None:
    """Khám cài đặt và dữ liệu; mã thoát 1 khi có lỗi."""
    findings = _look(data_dir, deep=strict)
    bad = {Level.FAULT, Level.WARNING} if strict else {Level.FAULT}
    failed = [finding for finding in findings if finding.level in bad]
    if as_json:
        say(
            json.dumps(
                {"ok": not failed, "findings": [asdict(each) for each in findings]}, ensure_ascii=False
            )
        )
    else:
        _print(findings)
    raise SystemExit(1 if failed else 0)


def _look(data_dir: Path | None, *, deep: bool) -> list[Finding]:
    from workflow_app.cli.health import invariants, surroundings
    from workflow_app.core.database import reading

    with visiting(settings_for(data_dir)) as installation, reading() as session:
        found = surroundings.look_around(installation, session)
        return found + invariants.check_all(invariants.Look(session, installation.store, deep))


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        detail = f": {finding.detail}" if finding.detail else ""
        say(f"{_MARKS[finding.level]} {finding.title}{detail}")
    say(
        "Chưa kiểm được từ bên trong: sổ ghi của bên gửi (I1, I2), niêm phong nhật ký, chữ ký trong tệp PDF (I11)."
    )
