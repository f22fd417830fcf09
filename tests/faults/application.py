"""The product in a process that may be killed, and what is done to its data folder while it rests.

Every function here runs in a child of its own (see `children`). The clock is the machine's, moved to
where the file `clock` of the data folder says, so that deadlines of weeks fall due in seconds.
"""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import procrastinate
import psycopg
from sqlalchemy.orm import Session

from tests.faults import points
from tests.processes.pledges.world import SINCE, World, found
from workflow_app.api import mount
from workflow_app.audit import service as audit
from workflow_app.cli import running
from workflow_app.cli.assembly import Installation, serving
from workflow_app.core import clock, database, jobs
from workflow_app.core.database import transaction
from workflow_app.core.embedded import prepare
from workflow_app.core.ids import new_id
from workflow_app.core.jobs import conninfo
from workflow_app.core.postgres import Postgres
from workflow_app.core.settings import Settings, load
from workflow_app.documents import pdf
from workflow_app.organisations import service as organisations
from workflow_app.organisations.tokens import issue_token
from workflow_app.web.app import create_app

BEGINS = datetime(2019, 2, 11, 1, tzinfo=UTC)  # 08:00 in Viet Nam, the first working day after Tết
UNITS = 4


class MovedClock:
    """The machine's clock, so many seconds away; the file may be rewritten while it runs."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text()))

    def set(self, at: datetime) -> None:
        """Moves to an aware instant, in one step for those who read meanwhile."""
        aside = self._file.with_suffix(".new")
        aside.write_text(str((at - datetime.now(UTC)).total_seconds()))
        aside.replace(self._file)


def settings_of(folder: Path, port: int = 8000) -> Settings:
    """With the database that somebody else keeps running, where there is one."""
    kept, others = folder / "addresses", {}
    if kept.exists():
        found = json.loads(kept.read_text())
        others = {"DATABASE_URL": found["app"], "DATABASE_OWNER_URL": found["owner"]}
    return load(data_dir=folder, host="127.0.0.1", port=port, threads=8, **others)


@contextmanager
def assembled(folder: Path, *, port: int = 8000) -> Iterator[Installation]:
    """The installation on its own clock, without LibreOffice, which takes seconds for each paper."""
    pdf.available = lambda: False
    with clock.use(MovedClock(folder)), serving(settings_of(folder, port)) as installation:
        yield installation


def keep_database(folder: Path, durable: bool) -> None:
    """PostgreSQL in somebody else's hands: ends when its server does."""
    kept = folder / "addresses"
    kept.unlink(missing_ok=True)
    server = Postgres(folder / "postgres", durable=durable).start()
    try:
        addresses = prepare(server)
        let_a_minute_pass(addresses.owner)
        kept.write_text(json.dumps(asdict(addresses)))
        while server.pid is not None:
            time.sleep(0.02)
    finally:
        kept.unlink(missing_ok=True)
        server.stop()


def make(folder: Path) -> None:
    """A federation with a bloc of UNITS units, a token for everybody, in a fresh data folder."""
    MovedClock(folder).set(BEGINS)
    with assembled(folder), transaction() as session:
        world = found(session, units=UNITS)
        world.people["other"] = _second_of_the_committee(session, world)
        tokens = {
            who: issue_token(
                session, person, name="kiểm thử", scopes=("read", "write"), days=300, at=clock.now()
            )[1]
            for who, person in world.people.items()
        }
        told = {
            "bloc_id": str(world.bloc_id),
            "unit_ids": [str(unit_id) for unit_id in world.unit_ids],
            "people": {who: str(person) for who, person in world.people.items()},
            "tokens": tokens,
        }
    (folder / "world.json").write_text(json.dumps(told))


def _second_of_the_committee(session: Session, world: World) -> UUID:
    """One more who may approve and witness."""
    person = organisations.add_person(session, full_name="Lương Thị Hồng Vân")
    organisations.appoint(
        session,
        person_id=person.id,
        unit_id=world.federation_id,
        office_code="standing_member",
        valid_from=SINCE,
    )
    organisations.open_account(session, person.id, username="thuongvu", at=clock.now())
    return person.id


def serve(folder: Path, port: int) -> None:
    """Web and worker in one process, put together as `workflow-app run` does it, with the API mounted."""
    with ExitStack() as stack:
        stack.enter_context(running.ended_by_signals())
        settings = settings_of(folder, port)
        listener = stack.enter_context(running.listen(settings.host, settings.port))
        installation = stack.enter_context(assembled(folder, port=port))
        points.watch(folder)
        app = create_app(settings, mounts=[mount])
        let_a_minute_pass(installation.addresses.owner)
        stack.enter_context(running.working(installation.addresses.app, concurrency=2))
        running.serve(app, listener, settings)


def acknowledge_and_die(folder: Path, durable: bool) -> None:
    """Three acts, each answered, and at the same moment every process of the server is killed."""
    server = Postgres(folder / "postgres", durable=durable).start()
    addresses = prepare(server)
    with psycopg.connect(conninfo(addresses.owner), autocommit=True) as connection:
        # Without it the background writer would save what is older than 0.2 s, and the kill would need luck.
        connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CHECKPOINT")
        pids = [server.pid, *_server_processes(connection)]
    time.sleep(0.5)
    database.bind(addresses.app)
    op_ids = [uuid4() for _ in range(3)]
    with clock.use(MovedClock(folder)):
        for op_id in op_ids:
            with transaction() as session:
                audit.record(
                    session,
                    action="person.added",
                    actor=audit.SYSTEM,
                    at=clock.now(),
                    object_type="person",
                    object_id=new_id(),
                    op_id=op_id,
                )
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    (folder / "acknowledged").write_text(json.dumps([str(op_id) for op_id in op_ids]))
    database.unbind()
    server.stop()


def _server_processes(connection: "psycopg.Connection[tuple[int]]") -> list[int]:
    """The postmaster's own helpers, the writers above all."""
    rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend'")
    return [pid for (pid,) in rows]


def count_acknowledged(folder: Path) -> None:
    """How many of the acknowledged acts the server still has."""
    op_ids = json.loads((folder / "acknowledged").read_text())
    server = Postgres(folder / "postgres").start()
    with psycopg.connect(conninfo(prepare(server).owner)) as connection:
        query = "SELECT count(*) FROM audit_event WHERE op_id = ANY(%s::uuid[])"
        (found,) = connection.execute(query, [op_ids]).fetchone() or (0,)
    (folder / "acknowledged").write_text(json.dumps({"acknowledged": len(op_ids), "found": found}))
    server.stop()


def let_a_minute_pass(owner_url: str) -> None:
    """What the queue would go through meanwhile: the dead workers' heartbeats grow old, their jobs come back."""
    with psycopg.connect(conninfo(owner_url)) as connection:
        connection.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '31 seconds'"
        )
    asyncio.run(_return_stalled_jobs(owner_url))


async def _return_stalled_jobs(owner_url: str) -> None:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo(owner_url)))
    async with app.open_async():
        await jobs._stalled_returner(app)(0)  # what the product itself does every ten seconds
