"""The command line: `workflow-app`, also `python -m workflow_app`.

Nothing heavy is imported here: a command's module is loaded when the command is used, so that
`--help` answers at once.
"""

import importlib
from typing import Any

import click

# name: where the command is, and what the list of commands says about it
_COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("serving:run", "Chạy ứng dụng: trang web và tiến trình nền."),
    "worker": ("serving:worker", "Chỉ chạy tiến trình nền."),
    "demo": ("serving:demo", "Chạy với dữ liệu thực hành: An Giang, Sóc Trăng."),
    "scenario": ("scenarios:scenario", "Diễn lại trọn một câu chuyện, có kiểm tra."),
    "process": ("processes:process", "Quy trình (BPMN): kiểm tra, triển khai, xem."),
    "template": ("templates:template", "Mẫu văn bản Word: dựng, kiểm tra."),
    "document": ("files:document", "Văn bản: kiểm tra một tệp."),
    "audit": ("record:audit", "Nhật ký: kiểm tra, xuất."),
    "doctor": ("doctor:doctor", "Khám cài đặt và dữ liệu."),
    "db": ("database:db", "Cơ sở dữ liệu: nâng cấp."),
    "user": ("users:user", "Tài khoản: thêm, mật khẩu, mã PIN, danh sách."),
}


class _Program(click.Group):
    """Loads a command when it is used, and turns what stops it into one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(f"workflow_app.cli.commands.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Các lệnh"):
            formatter.write_dl([(name, words) for name, (_, words) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _expected() as error:
            from workflow_app.cli.refusals import sentence

            words = sentence(error)
            if words is None:
                raise
            raise _Stopped(words) from error


class _Stopped(click.ClickException):
    """One sentence on the error stream, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(self.format_message(), err=True)


def _expected() -> tuple[type[Exception], ...]:
    # Asked only when something was raised: the packages that define these errors are heavy.
    from workflow_app.cli.refusals import EXPECTED

    return EXPECTED


@click.command(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="workflow-app", message="Giao Ước %(version)s")
def main() -> None:
    """Giao Ước: duyệt và ban hành văn bản thi đua của công đoàn."""
