"""Worker processes on the database of the test run, and what a test asks about their work."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from storage import FileStore
from tests.faults import points
from tests.faults.judge import numbers
from tests.processes.pledges.way import go_to_approval
from tests.processes.pledges.world import World
from workflow_app.audit.models import AuditEvent
from workflow_app.cli import content
from workflow_app.cli.health import invariants
from workflow_app.cli.health.findings import Level
from workflow_app.core import clock, database, jobs
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.database import reading
from workflow_app.core.ids import new_id
from workflow_app.documents import objects
from workflow_app.documents.models import DocumentVersion, RegisterEntry, VersionState
from workflow_app.engine import operations
from workflow_app.engine.models import ServiceTask
from workflow_app.engine.operations import Operation, Work
from workflow_app.processes.completion import complete_task

RUN = "engine.run_service_task"
FREEZE = "pledge.freeze"


def work(url: str, store_root: Path, at: datetime, folder: Path) -> None:
    """Works the queue empty, and stands still where a trap is set; runs in a child."""
    points.watch(folder)
    with clock.use(ScriptedClock(at)):
        _bind(url, store_root)
        jobs.run_until_idle()


def work_beside_another(url: str, store_root: Path, at: datetime, folder: Path, me: int) -> None:
    """As `work`, but ends no work before the other worker has done the same work; runs in a child."""

    def done_by_both() -> None:
        (folder / f"worked-{me}").touch()
        end = time.monotonic() + 20
        while len(list(folder.glob("worked-*"))) < 2 and time.monotonic() < end:
            time.sleep(0.01)

    with clock.use(ScriptedClock(at)):
        _bind(url, store_root)
        operations._operations[FREEZE] = after_work(operations.get(FREEZE), done_by_both)
        jobs.run_until_idle()


def after_work(operation: Operation, then: Callable[[], object]) -> Operation:
    """The operation, with something that happens between its work and its finish."""
    real: Work = operation.work

    def worked(job: operations.OperationJob) -> object:
        result = real(job)
        then()
        return result

    return replace(operation, work=worked)


def go_to_freezing(world: World) -> UUID:
    """The federation has approved, the number is taken, the job that freezes the text waits; its service task."""
    world.open()
    go_to_approval(world)
    complete_task(
        world.actor("standing"), world.task("approve"), {"verdict": "approve"}, op_id=new_id(), at=clock.now()
    )
    jobs.run_until_idle(limit=1)
    with reading() as session:
        return session.scalars(
            sa.select(ServiceTask.id).where(ServiceTask.operation == FREEZE, ServiceTask.status == "queued")
        ).one()


def run_worker(url: str, *, until: Callable[[], bool], seconds: float = 20) -> bool:
    """The product's own worker in a thread, until something holds; whether it came to hold in time."""
    worker = jobs.Worker(url, concurrency=2, poll_seconds=0.2)
    worker.start()
    end = time.monotonic() + seconds
    try:
        while not until() and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        worker.stop()
    return until()


def queued(name: str) -> list[tuple[str, int]]:
    """The jobs of this name that are not done: their state, and how often they were tried."""
    query = sa.text(
        "SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name = :name ORDER BY id"
    )
    with reading() as session:
        return [(status, attempts) for status, attempts in session.execute(query, {"name": name})]


def bring_back_lost_jobs() -> int:
    """What the product does half a minute after a worker's last heartbeat; how many jobs it were."""
    with database.engine().begin() as connection:
        return connection.exec_driver_sql(
            "UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'"
        ).rowcount


@dataclass(frozen=True, slots=True)
class Effects:
    """What freezing has brought about. frozen: versions of the text; events: in the record."""

    frozen: int
    numbers: list[int]
    events: int


def effects() -> Effects:
    with reading() as session:
        states = session.scalars(sa.select(DocumentVersion.state)).all()
        taken = session.scalars(sa.select(RegisterEntry.number).order_by(RegisterEntry.number)).all()
        done = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == "service_task.completed")
        ).all()
        return Effects(
            sum(state is VersionState.FROZEN for state in states),
            list(taken),
            sum(event.details["operation"] == FREEZE for event in done),
        )


def faults(*, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """What `doctor --strict` would say about the data now; but: codes that the test expects."""
    with reading() as session:
        look = invariants.Look(session, objects.store(), deep=True)
        found = {each.code: each.detail for each in invariants.check_all(look) if each.level is not Level.OK}
        if gaps := numbers(session):
            found["numbers"] = "; ".join(gaps)
    return {code: detail for code, detail in found.items() if code not in but}


def _bind(url: str, store_root: Path) -> None:
    database.bind(url, pool_size=4)
    objects.bind(FileStore(store_root))
    content.register()
