"""Starting the product for a measurement, and reading what its processes used."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import urllib3
from sqlalchemy import select

from tests.benchmarks.client import Browser
from tests.benchmarks.server import PASSWORD
from tests.processes.pledges.world import World
from workflow_app.core import database
from workflow_app.core.database import reading
from workflow_app.engine.models import HumanTask, ProcessInstance, TaskStatus

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Running:
    base: str
    root: Path
    world: World
    pid: int
    postgres: int

    def browser(self, username: str) -> Browser:
        return Browser(self.base).login(username, PASSWORD)

    def wait_for(self, element: str, count: int, *, seconds: float = 60) -> dict[UUID | None, UUID]:
        """Open tasks of one element by unit, as soon as the worker has made so many."""
        end = time.monotonic() + seconds
        query = (
            select(ProcessInstance.unit_id, HumanTask.id)
            .join(HumanTask, HumanTask.instance_id == ProcessInstance.id)
            .where(HumanTask.element == element, HumanTask.status == TaskStatus.OPEN)
        )
        while time.monotonic() < end:
            with reading() as session:
                found = {row[0]: row[1] for row in session.execute(query)}
            if len(found) >= count:
                return found
            time.sleep(0.1)
        raise TimeoutError(f"{element}: {len(found)} of {count} tasks")

    def cpu_seconds(self, pid: int | None = None) -> float:
        """User and system time of a process; of all PostgreSQL processes without one."""
        pids = [pid] if pid else [self.postgres, *_children(self.postgres)]
        return sum(_cpu(each) for each in pids)


@contextmanager
def product(units: int) -> Iterator[Running]:
    """The product on a fresh world of `units` units, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="giao-uoc-bench-") as folder:
        root, port = Path(folder) / "data", _free_port()
        Path(folder).chmod(0o755)
        root.mkdir(mode=0o755)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.server", root, str(port), str(units)]
        )
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_until_up(base, process)
            facts = json.loads((root / "world.json").read_text())
            database.bind(facts["app"])
            people = {name: UUID(person) for name, person in facts["people"].items()}
            world = World(UUID(int=0), UUID(facts["bloc"]), [UUID(unit) for unit in facts["units"]], people)
            yield Running(base, root, world, process.pid, facts["postgres"])
        finally:
            database.unbind()
            process.terminate()
            process.wait(30)


def resident_mb(pid: int) -> float:
    """Proportional set size in MB: shared pages are counted once among those who share them."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


def _wait_until_up(base: str, process: "subprocess.Popen[bytes]", seconds: float = 120) -> None:
    pool, end = urllib3.PoolManager(retries=False, timeout=2), time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"server ended with {process.returncode}")
        try:
            if pool.request("GET", base + "/healthz").status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
    raise TimeoutError("server is not up")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    # Fields 14 and 15 of stat(5), and those of children that were waited for.
    return sum(int(fields[index]) for index in (11, 12, 13, 14)) / TICKS


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
