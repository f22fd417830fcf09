"""run, worker, demo: the commands that stay until they are told to end."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_app.cli.options import data_dir, say, settings_for

if TYPE_CHECKING:
    from workflow_app.cli.assembly import Installation
    from workflow_app.core.settings import Settings


@click.command()
@click.option("--host", help="Địa chỉ lắng nghe; mặc định 127.0.0.1.")
@click.option("--port", type=int, help="Cổng; mặc định 8000.")
@click.option("--s3", is_flag=True, help="Lưu văn bản trên máy chủ S3 đi kèm thay vì trong thư mục.")
@data_dir
def run(host: str | None, port: int | None, s3: bool, data_dir: Path | None) -> None:
    """Chạy ứng dụng: trang web và tiến trình nền; tự mang theo PostgreSQL nếu không có DATABASE_URL."""
    _run(settings_for(data_dir, host=host, port=port), s3=s3)


@click.command()
@data_dir
def worker(data_dir: Path | None) -> None:
    """Chỉ chạy tiến trình nền; chạy bao nhiêu bản, trên bao nhiêu máy cũng được."""
    from workflow_app.cli import running
    from workflow_app.cli.assembly import serving
    from workflow_app.cli.refusals import NotReady

    settings = settings_for(data_dir)
    if settings.embedded_database:
        raise NotReady(
            "Tiến trình nền riêng cần DATABASE_URL. Không có thì workflow-app run đã làm việc này."
        )
    running.log_to_stderr()
    with (
        running.ended_by_signals(),
        serving(settings, upgrade=False) as installation,
        running.working(installation.addresses.app, concurrency=settings.worker_concurrency),
    ):
        say("Tiến trình nền đang chạy. Ctrl-C để dừng.")
        running.wait_for_signal()


@click.command()
@click.option("--reset", is_flag=True, help="Xóa dữ liệu thực hành cũ và làm lại từ đầu.")
@click.option("--host", help="Địa chỉ lắng nghe; mặc định 127.0.0.1.")
@click.option("--port", type=int, help="Cổng; mặc định 8000.")
@data_dir
def demo(reset: bool, host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Chạy với dữ liệu thực hành: Khối 04 An Giang, Cụm 3 Sóc Trăng, người và việc ở mỗi bước."""
    from workflow_app.cli.practice import clear, prepare, settings_for_demo

    settings = settings_for_demo(settings_for(data_dir, host=host, port=port), given=data_dir)
    if reset:
        clear(settings)
    _run(settings, s3=False, prepare=prepare, practice=True)


def _run(
    settings: "Settings",
    *,
    s3: bool,
    prepare: "Callable[[Installation], None] | None" = None,
    practice: bool = False,
) -> None:
    from workflow_app.cli import running
    from workflow_app.cli.assembly import address, serving

    running.log_to_stderr()
    with ExitStack() as stack:
        stack.enter_context(running.ended_by_signals())
        listener = stack.enter_context(running.listen(settings.host, settings.port))
        say("Đang khởi động …")
        installation = stack.enter_context(serving(settings, s3=s3))
        if prepare is not None:
            prepare(installation)
        from workflow_app.cli.application import web_application

        app = web_application(settings, practice=practice)
        stack.enter_context(
            running.working(installation.addresses.app, concurrency=settings.worker_concurrency)
        )
        say(f"Giao Ước đang chạy tại {address(settings)} (dữ liệu: {settings.data_dir}). Ctrl-C để dừng.")
        _tell_first_start(settings)
        running.serve(app, listener, settings)


def _tell_first_start(settings: "Settings") -> None:
    """On an empty installation: where the first administrator begins, and the code that proves who he is."""
    from workflow_app.cli.assembly import address
    from workflow_app.core.database import reading
    from workflow_app.organisations.beginning import is_empty, setup_code

    with reading() as session:
        empty = is_empty(session)
    if empty:
        code = setup_code(settings.signing_key())
        say(f"Chưa có tài khoản nào. Mở {address(settings)}/setup và nhập mã cài đặt {code}.")
