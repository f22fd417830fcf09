"""`process migrate`: tried first, done with a reason, refused with the elements that stand in the way."""

from collections.abc import Callable
from contextlib import nullcontext
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from tests.engine.runtime import KNOWN, LEADER, approval, complete, deploy, fresh, start, the_task
from workflow_app.cli import assembly, main
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.processes import deployment

RENAMED = approval(name="Bản 3").replace("Soạn dự thảo".encode(), "Viết dự thảo".encode())
OTHER_FORM = approval(name="Bản 2").replace(b'"draft_form"', b'"conclude_form"')

Migrate = Callable[..., Result]


@pytest.fixture
def running(committed: None, noon: ScriptedClock) -> UUID:
    """A dossier on version 1 whose draft is written; version 2 changes that step, version 3 only its name."""
    with database.transaction() as session:
        deploy(session, approval())
        instance_id = start(session, "approval").id
        complete(session, the_task(session, instance_id), by=LEADER)
        deploy(session, OTHER_FORM, RENAMED)
    return instance_id


@pytest.fixture
def migrate(running: UUID, monkeypatch: pytest.MonkeyPatch) -> Migrate:
    # The database is bound already: it is that of the tests, not one in a data folder.
    monkeypatch.setattr(assembly, "visiting", nullcontext)
    monkeypatch.setattr(deployment, "catalogue", lambda: KNOWN)
    return lambda *arguments: CliRunner().invoke(main, ["process", "migrate", str(running), *arguments])


def version_of(instance_id: UUID) -> UUID:
    with database.reading() as session:
        return fresh(session, instance_id).definition_id


def test_what_stands_in_the_way_is_named(running: UUID, migrate: Migrate) -> None:
    first = version_of(running)
    tried = migrate("--to", "2", "--dry-run")
    assert tried.exit_code == 1
    assert "draft: Bước «Soạn dự thảo» đã làm xong" in tried.output
    assert "behind_changed" in tried.output
    refused = migrate("--to", "2", "--reason", "x")
    assert refused.exit_code == 2
    assert "«Soạn dự thảo»" in refused.output
    assert "migration_unsafe" in refused.output
    assert "definition_unknown" in migrate("--to", "9", "--reason", "x").output
    assert version_of(running) == first


def test_a_dry_run_changes_nothing_and_the_act_needs_a_reason(running: UUID, migrate: Migrate) -> None:
    first = version_of(running)
    tried = migrate("--to", "3", "--dry-run")
    assert (tried.exit_code, "Chuyển được" in tried.output) == (0, True)
    without = migrate("--to", "3")
    assert (without.exit_code, "reason_missing" in without.output) == (2, True)
    assert version_of(running) == first
    done = migrate("--to", "3", "--reason", "Đổi tên bước")
    assert (done.exit_code, "phiên bản 3" in done.output) == (0, True)
    assert version_of(running) != first
