"""scenario: plays a whole story and says whether everything held."""

import json
from pathlib import Path
from tempfile import mkdtemp

import click

from workflow_app.cli.options import columns, data_dir


@click.group()
def scenario() -> None:
    """Diễn lại trọn một câu chuyện, có kiểm tra."""


@scenario.command("list")
def list_() -> None:
    """Các câu chuyện có sẵn."""
    from workflow_app.scenarios.catalogue import SCENARIOS

    columns([(each.name, each.title) for each in SCENARIOS.values()])


@scenario.command()
@click.argument("name")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Nơi ghi văn bản, nhật ký, tóm tắt."
)
@click.option("--json", "as_json", is_flag=True, help="In bản tóm tắt (JSON) ở dòng cuối.")
@click.option("--pdf/--no-pdf", default=True, help="Kèm bản PDF khi máy có LibreOffice.")
@data_dir
def run(name: str, out: Path | None, as_json: bool, pdf: bool, data_dir: Path | None) -> None:
    """Diễn một câu chuyện qua các dịch vụ của ứng dụng; mã thoát 0 chỉ khi mọi bước và mọi kiểm tra đều đúng."""
    from workflow_app.cli import playing, running
    from workflow_app.scenarios.catalogue import SCENARIOS

    if name not in SCENARIOS:
        raise click.BadParameter(f"không có câu chuyện {name}; có: {', '.join(SCENARIOS)}", param_hint="NAME")
    folder = out or Path(mkdtemp(prefix=f"{name}-"))
    folder.mkdir(parents=True, exist_ok=True)
    # With --json the last line of the output is the summary; progress goes to the other stream.
    wish = playing.Wish(folder, data_dir, with_pdf=pdf, tell=lambda line: click.echo(line, err=as_json))
    with running.ended_by_signals():
        summary = playing.play(SCENARIOS[name], wish)
    for check in summary["checks"]:
        click.echo(f"{'✓' if check['ok'] else '✗'} {check['name']}: {check['detail']}", err=as_json)
    verdict = "Mọi bước và mọi kiểm tra đều đúng" if summary["ok"] else "CÓ KIỂM TRA KHÔNG ĐẠT"
    click.echo(f"{verdict}. {summary['seconds']:.1f} giây. Kết quả ở {folder}", err=as_json)
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
    raise SystemExit(0 if summary["ok"] else 1)
