"""document: whether a file is one of ours, and who signed what it says."""

import hashlib
import json
from pathlib import Path
from typing import Any

import click

from workflow_app.cli.options import data_dir, say, settings_for

_NOT_YET = (
    "Chưa kiểm: chữ ký số nằm trong tệp (OOXML, PAdES); ở đây so nội dung tệp với bản đã ký trong hệ thống."
)


@click.group()
def document() -> None:
    """Văn bản: kiểm tra một tệp."""


@document.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--summary",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="So với một tệp summary.json đã xuất, không cần cơ sở dữ liệu.",
)
@data_dir
def verify(file: Path, summary: Path | None, data_dir: Path | None) -> None:
    """Tệp này có phải bản đã ban hành không, ai đã ký; mã thoát 1 khi không phải hoặc không còn hiệu lực."""
    from workflow_app.cli import verifying

    data = file.read_bytes()
    digest, content = hashlib.sha256(data).hexdigest(), verifying.content_of(data)
    say(f"SHA-256 của tệp: {digest}")
    say(f"Mã nội dung: {content or 'không có (không phải tệp Word)'}")
    if summary is not None:
        told: dict[str, Any] = json.loads(summary.read_text(encoding="utf-8"))
        found = verifying.in_summary(told, digest, content)
    else:
        found = _in_database(settings_dir=data_dir, digest=digest, content=content)
    for line in found.lines:
        say(line)
    say(_NOT_YET)
    raise SystemExit(0 if found.holds else 1)


def _in_database(*, settings_dir: Path | None, digest: str, content: str | None) -> Any:
    from workflow_app.cli import verifying
    from workflow_app.cli.assembly import visiting
    from workflow_app.core.database import reading

    with visiting(settings_for(settings_dir)), reading() as session:
        return verifying.in_database(session, digest, content)
