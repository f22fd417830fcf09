"""The same job in the hands of two workers at the same moment."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from tests.faults import children, workers
from tests.faults.test_killed_worker import ONCE
from tests.processes.pledges.world import World
from workflow_app.core import clock, jobs
from workflow_app.core.database import transaction
from workflow_app.core.embedded import Addresses
from workflow_app.engine import operations, worker


def test_two_threads_with_the_same_job_have_one_effect(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = workers.go_to_freezing(world)
    runs = run_at_once(task_id, monkeypatch)
    jobs.run_until_idle()
    assert runs == 2, "both have done the work"
    assert workers.effects() == ONCE
    assert workers.faults() == {}


def test_two_processes_with_the_same_job_have_one_effect(
    world: World, addresses: Addresses, store_root: Path, folder: Path
) -> None:
    task_id = workers.go_to_freezing(world)
    with transaction() as session:
        jobs.defer(session, workers.RUN, task_id=str(task_id))
    both = [
        children.start(
            workers.work_beside_another,
            addresses.app,
            store_root,
            clock.now(),
            folder,
            me,
            log=folder / f"worker-{me}.log",
        )
        for me in range(2)
    ]
    for child in both:
        child.join(60)
    ended = [child.exitcode for child in both]
    for child in both:
        children.kill(child)
    assert ended == [0, 0], [children.tail(folder / f"worker-{me}.log") for me in range(2)]
    assert len(list(folder.glob("worked-*"))) == 2, "both have done the work"
    assert workers.effects() == ONCE
    assert workers.faults() == {}


def test_without_the_look_at_the_row_only_the_documents_own_state_stops_the_second_run(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The control: the finishing transaction does not look again whether the task is still open."""
    task_id = workers.go_to_freezing(world)
    monkeypatch.setattr(worker, "_may_run", lambda instance, task: True)
    run_at_once(task_id, monkeypatch)
    assert "document_wrong_state" in caplog.text, "it came as far as freezing the text again"
    assert workers.effects() == ONCE


def run_at_once(task_id: UUID, monkeypatch: pytest.MonkeyPatch) -> int:
    """Two workers, each in its thread, which have both done the work before one of them finishes."""
    both = threading.Barrier(2)
    runs: Counter[str] = Counter()

    def meet() -> None:
        runs["work"] += 1
        both.wait(20)

    monkeypatch.setitem(
        operations._operations, workers.FREEZE, workers.after_work(operations.get(workers.FREEZE), meet)
    )
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: jobs.run(workers.RUN, {"task_id": str(task_id)}), range(2)))
    return runs["work"]
