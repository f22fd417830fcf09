"""user: accounts, for the first administrator and for emergencies; daily work is on the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_app.cli.options import columns, data_dir, say, settings_for

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_USERNAME = click.argument("username")


@click.group()
def user() -> None:
    """Tài khoản: thêm, mật khẩu, mã PIN, danh sách."""


@user.command()
@_USERNAME
@click.option("--name", required=True, help="Họ và tên.")
@click.option("--unit", required=True, help="Mã đơn vị giữ chức vụ.")
@click.option("--office", default="administrator", show_default=True, help="Mã chức vụ.")
@click.option("--new-unit", help="Tên đơn vị, khi đơn vị chưa có: dùng cho lần cài đặt đầu tiên.")
@click.option("--place", default="", help="Địa danh ghi trên văn bản của đơn vị mới.")
@data_dir
def add(
    username: str, name: str, unit: str, office: str, new_unit: str | None, place: str, data_dir: Path | None
) -> None:
    """Thêm người và tài khoản; mật khẩu được hỏi, không nhận trên dòng lệnh."""
    from workflow_app.cli import people

    password = _ask("Mật khẩu")
    with _changing(data_dir) as session:
        if new_unit:
            people.found_federation(session, code=unit, name=new_unit, place=place)
        people.add(session, username=username, name=name, unit_code=unit, office=office, password=password)
    say(f"Đã mở tài khoản {username}.")


@user.command()
@_USERNAME
@data_dir
def password(username: str, data_dir: Path | None) -> None:
    """Đặt lại mật khẩu; mọi phiên đăng nhập của người này kết thúc."""
    from workflow_app.cli import people

    chosen = _ask("Mật khẩu mới")
    with _changing(data_dir) as session:
        people.set_password(session, username, chosen)
    say("Đã đặt lại mật khẩu.")


@user.command()
@_USERNAME
@data_dir
def pin(username: str, data_dir: Path | None) -> None:
    """Đặt mã PIN ký, và mở khóa mã PIN đã bị khóa."""
    from workflow_app.cli import people

    chosen = _ask("Mã PIN mới")
    with _changing(data_dir) as session:
        people.set_pin(session, username, chosen)
    say("Đã đặt mã PIN.")


@user.command("list")
@data_dir
def list_(data_dir: Path | None) -> None:
    """Mọi tài khoản, với chức vụ hôm nay."""
    from workflow_app.cli import people
    from workflow_app.cli.assembly import visiting
    from workflow_app.core.database import reading

    with visiting(settings_for(data_dir)), reading() as session:
        rows = people.listed(session)
    columns([("TÊN ĐĂNG NHẬP", "HỌ VÀ TÊN", "CHỨC VỤ", "TRẠNG THÁI"), *rows])


def _ask(words: str) -> str:
    answer: str = click.prompt(words, hide_input=True, confirmation_prompt="Nhập lại")
    return answer


@contextmanager
def _changing(data_dir: Path | None) -> "Iterator[Session]":
    from workflow_app.cli.assembly import visiting
    from workflow_app.core.database import transaction

    with visiting(settings_for(data_dir)), transaction() as session:
        yield session
