"""The disk of the object store is full: the paper waits, nothing is half done, and it goes on when there is space."""

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from storage import FileStore, StorageUnavailable
from tests.faults import workers
from tests.faults.test_killed_worker import NOT_YET, ONCE
from tests.faults.test_store_away import INCIDENT, exhaust, the_incident
from tests.processes.pledges.world import World
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock, jobs
from workflow_app.core.database import transaction
from workflow_app.documents import objects
from workflow_app.engine import worker

SMALL = 4096  # bytes: less than any paper


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """What this process writes ends there with an error, as on a full disk; the database's server is another one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_paper_waits_for_space_and_is_made_once(
    world: World, store_root: Path, february: clock.ScriptedClock
) -> None:
    task_id = workers.go_to_freezing(world)
    before = everything_in(store_root)
    with no_file_larger_than(SMALL):
        with pytest.raises(StorageUnavailable):
            objects.store().put(bytes(2 * SMALL), kind="docs/docx")
        exhaust(february)
    assert everything_in(store_root) == before, "no half file, none aside"
    assert the_incident() == task_id
    assert workers.effects() == NOT_YET
    assert workers.faults(but=INCIDENT) == {}
    with transaction() as session:
        worker.retry(session, task_id, by=ActorRef(world.people["officer"]), at=clock.now())
    jobs.run_until_idle()
    assert workers.effects() == ONCE
    assert workers.faults() == {}


def test_a_write_that_trusts_the_disk_leaves_half_a_file(tmp_path: Path) -> None:
    """The control: the same limit met by the plain write of a file under its final name."""
    with no_file_larger_than(SMALL), suppress(OSError):
        (tmp_path / "paper.docx").write_bytes(bytes(2 * SMALL))
    assert (tmp_path / "paper.docx").stat().st_size == SMALL


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system; the limit of the test above is the same in small")
    path = tmp_path / "tiny"
    path.mkdir()
    options = ["-t", "tmpfs", "-o", "size=256k", "tmpfs", str(path)]
    made = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    yield path
    subprocess.run(["umount", path], check=True)


def test_a_full_file_system_is_named_and_keeps_what_it_had(tiny: Path) -> None:
    store = FileStore(tiny / "objects")
    kept = store.put(b"a paper from before", kind="docs/docx")
    full = tiny / "others"
    with suppress(OSError), full.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    before = everything_in(tiny / "objects")
    with pytest.raises(StorageUnavailable):
        store.put(bytes(64 * 1024), kind="docs/docx")
    assert everything_in(tiny / "objects") == before
    assert store.get(kept.key, sha256=kept.sha256, size=kept.size) == b"a paper from before"
    full.unlink()
    assert store.put(bytes(64 * 1024), kind="docs/docx").size == 64 * 1024


def everything_in(root: Path) -> dict[str, int]:
    """Every file with its size, those set aside included."""
    return {str(path.relative_to(root)): path.stat().st_size for path in root.rglob("*") if path.is_file()}
