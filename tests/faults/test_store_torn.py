"""A real S3 server behind a line that tears, cuts and dawdles, from the first draft to the issued copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import FileStore, S3Store, SeaweedServer, StorageUnavailable
from tests.faults import workers
from tests.faults.storm import Storm
from tests.processes.pledges import texts
from tests.processes.pledges.way import CONFERENCE, sign
from tests.processes.pledges.world import World
from tests.storage.faults import CutAnswer, FaultProxy
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.documents import objects, templates
from workflow_app.engine import worker
from workflow_app.engine.models import ServiceStatus, ServiceTask
from workflow_app.processes.pledges.models import PledgeState

pytestmark = pytest.mark.s3

BUCKET = "torn"
SECONDS = 1.0  # what one act on the store may take


@pytest.fixture
def proxy(weed: SeaweedServer, world: World, store_root: Path) -> Iterator[FaultProxy]:
    """The store of the world lies on the S3 server, behind the proxy."""
    direct, files = weed.store(BUCKET, seconds=30), FileStore(store_root)
    for key in files.keys():  # noqa: SIM118 - no mapping
        found = files.stat(key)
        folder, _, name = key.partition("/")
        kind = f"{folder}/{name.rpartition('.')[2]}"
        direct.put(files.get(key, sha256=found.sha256, size=found.size), kind=kind)
    with FaultProxy(weed.endpoint) as proxy:
        store = S3Store(
            proxy.endpoint,
            BUCKET,
            access_key=weed.access_key,
            secret_key=weed.secret_key,
            secure=False,
            seconds=SECONDS,
        )
        objects.bind(store)
        yield proxy
        objects.bind(None)
        store.close()
    direct.close()


def test_a_whole_pledge_through_a_line_that_tears_is_whole(
    world: World, proxy: FaultProxy, weed: SeaweedServer, february: clock.ScriptedClock
) -> None:
    proxy.fault = storm = Storm(20190304)
    world.open()
    world.complete("chair1", "draft", texts.text())
    work_off(world, february)
    for number, unit_id in enumerate(world.unit_ids, start=1):
        world.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
    world.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})
    work_off(world, february)
    world.complete("standing", "approve", {"verdict": "approve"})
    work_off(world, february)
    world.complete("chair1", "invite", texts.invitation())
    work_off(world, february)
    february.set(CONFERENCE)
    world.complete("chair1", "conference", texts.minutes(world.unit_ids))
    work_off(world, february)
    for number in (1, 2):
        sign(world, number)
    frozen = world.pledge().frozen_content_id or ""
    world.complete("standing", "witness", texts.witness(frozen))
    work_off(world, february)
    world.complete("clerk", "issue", {"recipients": "Ban Tuyên giáo"})
    work_off(world, february)
    assert world.pledge().state is PledgeState.ISSUED
    assert len(storm.happened) == 6, storm.happened
    direct = weed.store(BUCKET, seconds=30)
    objects.bind(direct)
    assert workers.faults() == {}
    direct.close()


def test_a_torn_answer_puts_no_signed_address_into_the_log(
    proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    objects.store().check()
    proxy.fault = CutAnswer(after=len("HTTP/1.1 200 OK\r\nAc"))
    with pytest.raises(StorageUnavailable):
        objects.store().put(b"half a header comes back", kind="docs/docx")
    assert "X-Amz-Signature" not in caplog.text


def work_off(world: World, scripted: clock.ScriptedClock) -> None:
    """Jobs and their retries; an operator retries what has given up."""
    templates._bytes.cache_clear()  # so that the store is read, too
    for _ in range(40):
        jobs.run_until_idle()
        with reading() as session:
            open_tasks = session.execute(
                sa.select(ServiceTask.id, ServiceTask.status).where(
                    ServiceTask.status.in_([ServiceStatus.QUEUED, ServiceStatus.INCIDENT])
                )
            ).all()
        if not open_tasks:
            return
        for task_id, status in open_tasks:
            if status is ServiceStatus.INCIDENT:
                with transaction() as session:
                    worker.retry(session, task_id, by=ActorRef(world.people["officer"]), at=clock.now())
        scripted.advance(seconds=35)
    raise AssertionError("the papers never come")
