"""kill -9 of a worker at each point of one job: it is done a second time, and has one effect."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from storage import FileStore
from tests.faults import children, points, workers
from tests.faults.workers import Effects
from tests.processes.pledges.world import World
from workflow_app.cli import content
from workflow_app.core import clock, jobs
from workflow_app.core.embedded import Addresses
from workflow_app.processes.pledges.handlers import making

ONCE = Effects(frozen=1, numbers=[1], events=1)
NOT_YET = Effects(frozen=0, numbers=[1], events=0)


def kill_worker_at(point: str, addresses: Addresses, store_root: Path, folder: Path) -> None:
    """A worker of its own takes the waiting job and dies at the point."""
    points.set_trap(folder, point)
    log = folder / "worker.log"
    child = children.start(workers.work, addresses.app, store_root, clock.now(), folder, log=log)
    stands = points.sprung(folder, seconds=40)
    children.kill(child)
    assert stands, f"nobody came to the point: {children.tail(log)}"


@pytest.mark.parametrize(
    ("point", "left"),
    [
        (points.BYTES_ASIDE, NOT_YET),
        (points.AFTER_WORK, NOT_YET),
        (points.WORK_WRITTEN, NOT_YET),
        (points.WORK_COMMITTED, ONCE),
    ],
    ids=["bytes-aside", "after-work", "rows-written", "committed"],
)
def test_a_job_whose_worker_was_killed_has_one_effect(
    world: World, addresses: Addresses, store_root: Path, folder: Path, point: str, left: Effects
) -> None:
    workers.go_to_freezing(world)
    store = FileStore(store_root)
    before = set(store.keys())
    kill_worker_at(point, addresses, store_root, folder)
    kept = set(store.keys())
    assert workers.effects() == left
    assert workers.bring_back_lost_jobs() == 1
    jobs.run_until_idle()
    assert workers.effects() == ONCE
    assert workers.faults() == {}
    made = set(store.keys()) - before
    assert len(made) == 1, "the second run has made the same bytes"
    assert (kept - before == made) is (point != points.BYTES_ASIDE)


def test_with_other_bytes_in_the_second_run_an_object_is_left_without_a_row(
    world: World, addresses: Addresses, store_root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: rendering that takes its own time of day instead of the job's."""
    workers.go_to_freezing(world)
    store = FileStore(store_root)
    before = set(store.keys())
    kill_worker_at(points.AFTER_WORK, addresses, store_root, folder)
    workers.bring_back_lost_jobs()
    make = making.make
    monkeypatch.setattr(
        making, "make", lambda key, data, *, at: make(key, data, at=at + timedelta(minutes=1))
    )
    jobs.run_until_idle()
    assert len(set(store.keys()) - before) == 2


def test_what_a_killed_writer_left_aside_is_no_object_and_can_be_swept(
    world: World, addresses: Addresses, store_root: Path, folder: Path
) -> None:
    workers.go_to_freezing(world)
    store = FileStore(store_root)
    kill_worker_at(points.BYTES_ASIDE, addresses, store_root, folder)
    (aside,) = (store_root / ".tmp").iterdir()
    assert aside.stat().st_size > 0
    assert store.sweep(timedelta(minutes=5)) == 0, "its writer may still be at work"
    assert store.sweep(timedelta(0)) == 1


def test_the_product_sweeps_what_killed_writers_left(world: World, store_root: Path) -> None:
    """Every job that comes by itself has come once; a file of two days ago has gone."""
    aside = store_root / ".tmp" / "4711-0123456789abcdef"
    aside.parent.mkdir(exist_ok=True)
    aside.write_bytes(b"half a document")
    long_ago = time.time() - timedelta(days=2).total_seconds()
    os.utime(aside, (long_ago, long_ago))
    content.register()  # as every start of the product does
    try:
        for name in jobs._periodic:
            jobs.run(name, {})
        assert not aside.exists()
    finally:
        aside.unlink(missing_ok=True)
