"""The practice room of `workflow-app demo`: a data folder of its own, made once, never anybody's real data."""

import shutil
from pathlib import Path

from workflow_app.cli.assembly import POSTGRES_FOLDER, Installation
from workflow_app.cli.options import columns, say
from workflow_app.cli.refusals import NotReady
from workflow_app.core import clock
from workflow_app.core.settings import Settings
from workflow_app.scenarios import open_work
from workflow_app.scenarios.practice import accounts, an_giang, soc_trang
from workflow_app.scenarios.practice.plans import FederationPlan

MARK = "practice-data"  # holds "making" or "ready"; without it a folder is not ours to clear

_SHOWN = ("chuyenvien", "phochutich", "vanthu", "quantri", "quytrinh", "kiemsoat")


def settings_for_demo(settings: Settings, *, given: Path | None) -> Settings:
    """The same settings on the practice folder; a practice room that was not finished is cleared.

    Raises NotReady when it would touch a configured database or store, or somebody's real data.
    """
    if settings.database_url is not None or settings.store is not None:
        raise NotReady(
            "demo chỉ dùng dữ liệu riêng của nó. Bỏ DATABASE_URL và WORKFLOW_APP_STORE rồi chạy lại."
        )
    folder = settings.data_dir if given else settings.data_dir / "demo"
    room = settings.model_copy(update={"data_dir": folder, "smtp_host": None})
    if (folder / POSTGRES_FOLDER).exists() and not (folder / MARK).exists():
        raise NotReady(f"{folder} có dữ liệu thật, demo không dùng được. Chọn thư mục khác.")
    if _mark(folder) == "making":
        clear(room)
    return room


def clear(settings: Settings) -> None:
    """Removes the practice room; a folder without our mark is never touched."""
    folder = settings.data_dir
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise NotReady(f"{folder} không phải dữ liệu thực hành, không xóa.")
    if (folder / MARK).exists():
        (folder / MARK).write_text("making")  # a half cleared room is not taken for a whole one
        for path in folder.iterdir():
            if path.name != MARK:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def prepare(installation: Installation) -> None:
    """Makes the practice data unless they are there, and prints who can sign in."""
    folder = installation.settings.data_dir
    secrets = accounts.secrets_of(installation.settings.signing_key())
    if _mark(folder) != "ready":
        say("Đang làm dữ liệu thực hành:")
        (folder / MARK).write_text("making")
        open_work.make(secrets, today=clock.today(), tell=say)
        (folder / MARK).write_text("ready")
    _print_accounts(secrets)


def _mark(folder: Path) -> str:
    mark = folder / MARK
    return mark.read_text() if mark.exists() else ""


def _print_accounts(secrets: accounts.Secrets) -> None:
    say(f"\nMật khẩu chung của mọi tài khoản thực hành: {secrets.password}")
    say(f"Mã PIN để ký: {secrets.pin}\n")
    columns([("TÊN ĐĂNG NHẬP", "NGƯỜI", "CHỨC VỤ"), *_rows(an_giang.PLAN), *_rows(soc_trang.PLAN)])
    say("Mọi đơn vị khác: chutich.<đơn vị>, phochutich.<đơn vị>; danh sách đủ: workflow-app user list\n")


def _rows(plan: FederationPlan) -> list[tuple[str, ...]]:
    word = "Khối" if plan.bloc.name.startswith("Khối") else "Cụm"
    rows: list[tuple[str, ...]] = [
        (f"chutich.{union.slug}", union.chair.full_name, f"Chủ tịch {union.name}{duty}")
        for union, duty in (
            (plan.bloc.leader, f" ({word} trưởng)"),
            (plan.bloc.deputy, f" ({word} phó)"),
            (plan.bloc.unions[2], ""),
        )
    ]
    for officer in plan.officers:
        if officer.username in _SHOWN:
            rows.append(
                (f"{officer.username}.{plan.slug}", officer.person.full_name, _office(officer.office, plan))
            )
    return rows


_OFFICES = {
    "federation_officer": "Chuyên viên",
    "federation_vice_chair": "Phó Chủ tịch",
    "records_clerk": "Văn thư",
    "administrator": "Quản trị hệ thống",
    "process_author": "Người soạn quy trình",
    "auditor": "Người kiểm soát nhật ký",
}


def _office(code: str, plan: FederationPlan) -> str:
    return f"{_OFFICES[code]} {plan.body.short_name}"
