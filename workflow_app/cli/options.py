"""Options and words that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from workflow_app.core.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def data_dir(command: F) -> F:
    """`--data-dir`: where an installation with embedded services keeps its data."""
    option = click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Thư mục dữ liệu; mặc định theo WORKFLOW_APP_DATA_DIR hoặc thư mục riêng của người dùng.",
    )
    return option(command)


def settings_for(data_dir: Path | None, **others: object) -> "Settings":
    """The settings with what the command line says in place of the environment. Raises SettingsWrong."""
    from workflow_app.core import settings

    return settings.load(data_dir=data_dir.resolve() if data_dir else None, **others)


def say(words: str) -> None:
    """One line of progress for the person at the keyboard, at once."""
    click.echo(words)


def columns(rows: list[tuple[str, ...]]) -> None:
    """Rows as aligned columns; no lines around them, so that other programs can cut them."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
