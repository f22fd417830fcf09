"""The command line answers at once and says in one sentence what stops it."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli import program
from workflow_app.cli import main

HEAVY = ("sqlalchemy", "flask", "SpiffWorkflow", "docx", "psycopg", "pydantic")


def test_help_names_every_command_of_the_program() -> None:
    shown = program.run("--help")
    assert shown.returncode == 0
    for command in (
        "run",
        "worker",
        "demo",
        "scenario",
        "process",
        "template",
        "document",
        "audit",
        "doctor",
        "db",
        "user",
    ):
        assert f"\n  {command} " in shown.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom workflow_app.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=program.ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "worker",
        "demo",
        "scenario run",
        "process lint",
        "process deploy",
        "process list",
        "process show",
        "template build",
        "template check",
        "document verify",
        "audit verify",
        "audit export",
        "doctor",
        "db upgrade",
        "user add",
        "user password",
        "user pin",
        "user list",
    ],
)
def test_every_command_explains_itself(command: str) -> None:
    shown = CliRunner().invoke(main, [*command.split(), "--help"])
    assert shown.exit_code == 0
    assert "Usage:" in shown.output


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DATABASE_URL": "mysql://x"}, "phải là địa chỉ PostgreSQL"),
        ({"WORKFLOW_APP_PORT": "a"}, "WORKFLOW_APP_PORT"),
        ({"WORKFLOW_APP_SECRET_KEY_FILE": "/none"}, "không đọc được tệp"),
        ({"DATABASE_URL": "postgresql://nobody:secretword@127.0.0.1:9/none"}, "Cơ sở dữ liệu không trả lời"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(
    environment: dict[str, str], said: str, folder: Path
) -> None:
    stopped = program.run(
        "run", "--data-dir", str(folder), environment={"WORKFLOW_APP_PORT": "8765", **environment}
    )
    assert stopped.returncode == 2
    assert said in stopped.stderr
    assert len(stopped.stderr.strip().splitlines()) == 1
    assert "secretword" not in stopped.stderr + stopped.stdout


def test_a_command_without_data_says_what_to_do_and_makes_nothing(folder: Path) -> None:
    stopped = program.run("user", "list", "--data-dir", f"{folder}/none")
    assert stopped.returncode == 2
    assert "Chạy workflow-app run trước" in stopped.stderr


def test_a_worker_of_its_own_needs_a_server_to_work_on(folder: Path) -> None:
    stopped = program.run("worker", "--data-dir", str(folder))
    assert stopped.returncode == 2
    assert "DATABASE_URL" in stopped.stderr
