"""The object store is down, slow, or tears what goes through: people work on, papers follow, nothing is half done."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from storage import S3Store
from tests.faults import workers
from tests.processes.pledges import texts
from tests.processes.pledges.way import go_to_comments, sign
from tests.processes.pledges.world import World
from tests.web.house import PASSWORD, Browser
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.core.embedded import Addresses
from workflow_app.core.settings import load
from workflow_app.documents import conversions, objects, pdf
from workflow_app.documents.models import DocumentVersion
from workflow_app.engine import worker
from workflow_app.engine.models import Incident, ServiceStatus, ServiceTask
from workflow_app.organisations.accounts import set_password
from workflow_app.processes.pledges.models import CommentState, PledgeState, SignState
from workflow_app.web.app import create_app

INCIDENT = frozenset({"incidents"})


@contextmanager
def away() -> Iterator[None]:
    """Nobody listens where the store should be."""
    before = objects.store()
    nowhere = S3Store("127.0.0.1:1", "giao-uoc", access_key="k", secret_key="s", secure=False, seconds=0.3)
    objects.bind(nowhere)
    try:
        yield
    finally:
        nowhere.close()
        objects.bind(before)


def exhaust(scripted: clock.ScriptedClock) -> None:
    """Lets every attempt of the waiting jobs pass, however long apart."""
    for _ in range(12):
        jobs.run_until_idle()
        scripted.advance(seconds=60)


def versions() -> list[tuple[int, str]]:
    with reading() as session:
        query = sa.select(DocumentVersion.number, DocumentVersion.file_sha256).order_by(
            DocumentVersion.number
        )
        return [(number, sha256) for number, sha256 in session.execute(query)]


def test_people_go_on_while_the_store_is_away_and_the_papers_follow(
    world: World, february: clock.ScriptedClock
) -> None:
    world.open()
    go_to_comments(world)
    before = versions()
    with away():
        for number, unit_id in enumerate(world.unit_ids, start=1):
            world.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
        assert [unit.comment_state for unit in world.pledge().units] == [CommentState.AGREED] * 2
        changed = {**texts.text(), "closing": "Giao ước có hiệu lực từ ngày ban hành"}
        world.complete("chair1", "consolidate", {**changed, "decision": "submit"})
        assert world.pledge().state is PledgeState.APPROVING, "the act itself needs no store"
        exhaust(february)
    assert versions() == before, "nothing half done"
    task_id = the_incident()
    assert workers.faults(but=INCIDENT) == {}
    with transaction() as session:
        worker.retry(session, task_id, by=ActorRef(world.people["officer"]), at=clock.now())
    jobs.run_until_idle()
    assert len(versions()) == len(before) + 1
    assert world.task("approve")
    assert workers.faults() == {}


def the_incident() -> UUID:
    """The only service task that gave up, after all its attempts."""
    with reading() as session:
        (task,) = session.scalars(sa.select(ServiceTask).where(ServiceTask.status == ServiceStatus.INCIDENT))
        (incident,) = session.scalars(sa.select(Incident).where(Incident.resolved_at.is_(None)))
        assert (incident.subject_id, task.attempts) == (task.id, 5)
        assert "StorageUnavailable" in incident.error
        return task.id


def test_a_store_that_comes_back_in_time_needs_no_operator(
    world: World, february: clock.ScriptedClock
) -> None:
    world.open()
    go_to_comments(world)
    for number, unit_id in enumerate(world.unit_ids, start=1):
        world.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
    with away():
        world.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})
        february.advance(seconds=60)
        jobs.run_until_idle()
    exhaust(february)
    assert world.task("approve")
    assert workers.faults() == {}


def test_everybody_signs_while_the_store_is_away(signing: World) -> None:
    with away():
        sign(signing, 1)
        sign(signing, 2)
    assert [unit.sign_state for unit in signing.pledge().units] == [SignState.SIGNED] * 2
    assert signing.task("witness")


def test_a_paper_that_cannot_be_fetched_is_a_sentence_and_the_rest_answers(
    world: World, tmp_path: Path
) -> None:
    world.open()
    go_to_comments(world)
    with transaction() as session:
        set_password(session, world.people["chair1"], password=PASSWORD, at=clock.now())
    browser = Browser(create_app(load(data_dir=tmp_path / "app")))
    browser.sign_in("chutich1")
    paper = f"/documents/{world.pledge().document_id}/1.docx"
    assert browser.get(paper).status_code == 200
    with away():
        assert browser.get(paper).status_code == 503
        assert "Kho văn bản chưa trả lời. Chưa có gì thay đổi, hãy thử lại sau ít phút." in browser.page
        assert browser.get("/").status_code == 200
        asked = browser.get(f"/tasks/{world.task('comment', world.unit_ids[0])}")
        assert asked.status_code == 200, "the unit can still say its word"
        assert browser.get("/readyz").status_code == 200


def test_a_pdf_is_made_after_all_when_the_store_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch, addresses: Addresses
) -> None:
    """The queue's own worker, because its retries are what is asked about."""
    workers.go_to_freezing(world)
    jobs.run_until_idle()
    monkeypatch.setattr(pdf, "available", lambda: True)
    monkeypatch.setattr(conversions.pdf, "convert", lambda docx: b"%PDF-1.7 " + docx[:20])
    with away():
        met = workers.run_worker(addresses.app, until=lambda: tried_and_let_go(conversions.MAKE))
    assert met, "the store was away when it was tried"
    workers.run_worker(addresses.app, until=lambda: not workers.queued(conversions.MAKE), seconds=12)
    with reading() as session:
        assert session.scalars(
            sa.select(DocumentVersion.pdf_sha256).where(DocumentVersion.frozen_at.is_not(None))
        ).one()
    assert workers.faults() == {}


def tried_and_let_go(name: str) -> bool:
    return any(attempts and status != "doing" for status, attempts in workers.queued(name))
