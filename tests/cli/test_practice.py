"""The practice room is made once, cleared only when it is ours, and never somebody's real data."""

import re
import signal
from pathlib import Path

import pytest

from tests.cli import program
from tests.cli.test_serving import get, processes_of, running
from workflow_app.cli.practice import MARK, clear, settings_for_demo
from workflow_app.cli.refusals import NotReady
from workflow_app.core.settings import Settings, load


@pytest.fixture
def room(tmp_path: Path) -> Settings:
    return load(data_dir=tmp_path / "room")


def test_the_practice_room_lies_beside_the_real_data(room: Settings) -> None:
    assert settings_for_demo(room, given=None).data_dir == room.data_dir / "demo"
    assert settings_for_demo(room, given=room.data_dir).data_dir == room.data_dir


def test_real_data_are_neither_used_nor_cleared(room: Settings) -> None:
    (room.data_dir / "postgres").mkdir(parents=True)
    for attempt in (lambda: settings_for_demo(room, given=room.data_dir), lambda: clear(room)):
        with pytest.raises(NotReady):
            attempt()
    assert (room.data_dir / "postgres").exists()


@pytest.mark.parametrize("setting", ["DATABASE_URL", "WORKFLOW_APP_STORE"])
def test_a_configured_database_or_store_is_never_practised_on(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, {"DATABASE_URL": "postgresql://a/b"}.get(setting, "file:///somewhere"))
    with pytest.raises(NotReady, match="DATABASE_URL"):
        settings_for_demo(load(data_dir=tmp_path), given=tmp_path)


def test_a_room_that_was_not_finished_is_made_anew(room: Settings) -> None:
    (room.data_dir / "postgres").mkdir(parents=True)
    (room.data_dir / MARK).write_text("making")
    settings_for_demo(room, given=room.data_dir)
    assert [path.name for path in room.data_dir.iterdir()] == [MARK]


def test_a_finished_room_is_kept(room: Settings) -> None:
    (room.data_dir / "postgres").mkdir(parents=True)
    (room.data_dir / MARK).write_text("ready")
    settings_for_demo(room, given=room.data_dir)
    assert (room.data_dir / "postgres").exists()


def test_practice_letters_stay_in_the_room(room: Settings) -> None:
    real = room.model_copy(update={"smtp_host": "mail.example", "mail_from": "a@b.vn"})
    assert settings_for_demo(real, given=None).smtp_host is None


@pytest.mark.slow
def test_the_demonstration_prints_who_can_sign_in_and_starts_again_as_it_was(folder: Path) -> None:
    with running(folder, word="demo") as (process, port):
        assert get(port, "/login") == 200
        process.send_signal(signal.SIGTERM)
        said = process.communicate()[0]
    secrets = re.search(r"thực hành: (\S+)\nMã PIN để ký: (\d{6})\n", said)
    assert secrets
    assert re.search(r"\nchutich\.sotttt +Nguyễn Thị Minh An +Chủ tịch CĐCS Sở Thông tin", said)
    assert processes_of(folder) == []
    with running(folder, word="demo") as (process, _):
        process.send_signal(signal.SIGTERM)
        again = process.communicate()[0]
    assert secrets[0] in again
    assert "Đang làm dữ liệu" not in again
    listed = program.run("user", "list", "--data-dir", str(folder / "data"))
    assert len(listed.stdout.splitlines()) > 100
