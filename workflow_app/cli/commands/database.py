"""db: the schema of the database."""

from pathlib import Path

import click

from workflow_app.cli.options import data_dir, say, settings_for


@click.group()
def db() -> None:
    """Cơ sở dữ liệu: nâng cấp."""


@db.command()
@data_dir
def upgrade(data_dir: Path | None) -> None:
    """Đưa các bảng, mẫu văn bản, quy trình có sẵn lên phiên bản của phần mềm này."""
    from workflow_app import migrations
    from workflow_app.cli import assembly, content

    settings = settings_for(data_dir)
    with assembly.owned(settings) as addresses:
        before = assembly.upgrade_schema(settings, addresses)
    with assembly.visiting(settings):
        content.bring_up_to_date()
    after = migrations.head()
    say(f"Đã ở phiên bản {after}." if before == after else f"Đã nâng cấp từ {before or 'trống'} lên {after}.")
