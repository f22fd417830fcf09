"""`process migrate`: tried first, done with a reason, refused with the elements that stand in the way."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.cli import program
from tests.engine.runtime import LEADER, approval, complete, deploy, fresh, start, the_task
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.embedded import Addresses

RENAMED = approval(name="Bản 2").replace("Soạn dự thảo".encode(), "Viết dự thảo".encode())
OTHER_FORM = approval(name="Bản 3").replace(b'"draft_form"', b'"conclude_form"')


@pytest.fixture
def running(committed: None, noon: ScriptedClock) -> UUID:
    with database.transaction() as session:
        deploy(session, approval())
        instance_id = start(session, "approval").id
        complete(session, the_task(session, instance_id), by=LEADER)
        deploy(session, OTHER_FORM, RENAMED)
    return instance_id


def test_a_dry_run_changes_nothing_and_the_act_needs_a_reason(
    running: UUID, addresses: Addresses, folder: Path
) -> None:
    def migrate(*arguments: str) -> "tuple[int, str]":
        environment = {"DATABASE_URL": addresses.app, "DATABASE_OWNER_URL": addresses.owner}
        data = ("--data-dir", str(folder / "data"))
        done = program.run("process", "migrate", str(running), *arguments, *data, environment=environment)
        return done.returncode, done.stdout + done.stderr

    code, said = migrate("--to", "2", "--dry-run")
    assert (code, "draft: Bước «Soạn dự thảo» đã làm xong" in said, "behind_changed" in said) == (
        1,
        True,
        True,
    )
    code, said = migrate("--to", "2", "--reason", "x")
    assert (code != 0, "migration_unsafe" in said, "«Soạn dự thảo»" in said) == (True, True, True)
    with database.reading() as session:
        first = fresh(session, running).definition_id
    code, said = migrate("--to", "3", "--dry-run")
    assert (code, "Chuyển được" in said) == (0, True), said
    code, said = migrate("--to", "3")
    assert (code != 0, "reason_missing" in said) == (True, True), said
    with database.reading() as session:
        assert fresh(session, running).definition_id == first
    code, said = migrate("--to", "3", "--reason", "Đổi tên bước")
    assert (code, "phiên bản 3" in said) == (0, True), said
    with database.reading() as session:
        assert fresh(session, running).definition_id != first
    assert "definition_unknown" in migrate("--to", "9", "--reason", "x")[1]
