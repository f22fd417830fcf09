"""What each part does when its PostgreSQL dies or is restarted; one rule at a time."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.faults import application, children, workers
from tests.faults.product import Product
from workflow_app.core import jobs
from workflow_app.core.database import reading, transaction
from workflow_app.core.embedded import Addresses
from workflow_app.core.errors import Unavailable
from workflow_app.core.jobs import conninfo
from workflow_app.core.postgres import Postgres, PostgresFailed


def test_the_application_does_not_outlive_its_embedded_database(product: Product) -> None:
    """It may end, for its supervisor to start it again, or bring the database back; it may not just stand there."""
    product.be_up()
    product.kill_postgres()
    assert holds(lambda: not product.alive or product.ready(), seconds=8)


@pytest.fixture
def victim(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL of its own, to be killed."""
    server = Postgres(folder / "postgres", durable=False).start()
    yield server
    server.stop()


def kill(server: Postgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    time.sleep(0.2)
    server.stop()


@pytest.fixture
def name() -> Iterator[str]:
    """A job of this test."""
    yield (name := "tests.lost_database")
    jobs._functions.pop(name, None)


def test_a_worker_goes_on_when_its_database_was_restarted(data: Path) -> None:
    product = Product(data, external=True)
    try:
        product.be_up()
        product.kill_postgres()
        product.be_up()
        assert product.starts == 1, "the application itself has never ended"
        assert holds(lambda: worker_is_there(data), seconds=8)
    finally:
        product.end()


def worker_is_there(folder: Path) -> bool:
    """Whether a worker has reported to the queue within the last seconds."""
    addresses = json.loads((folder / "addresses").read_text())
    query = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '15 seconds'"
    with psycopg.connect(conninfo(addresses["owner"])) as connection:
        row = connection.execute(query).fetchone()
        return row is not None and row[0] > 0


def test_a_job_that_met_the_database_away_is_tried_again(
    committed: None, addresses: Addresses, name: str
) -> None:
    tries: list[int] = []

    @jobs.job(name)
    def meets_it_away() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("database error (connection)")  # what `transaction` makes of a lost connection

    with transaction() as session:
        jobs.defer(session, name)
    workers.run_worker(addresses.app, until=lambda: len(tries) > 1, seconds=8)
    assert len(tries) == 2
    assert workers.queued(name) == []


def test_reading_on_a_connection_that_died_ends_with_a_named_refusal(
    bound: sa.Engine, owner_engine: sa.Engine
) -> None:
    with suppress(Unavailable), reading() as session:
        backend = session.scalar(sa.text("SELECT pg_backend_pid()"))
        with owner_engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        time.sleep(0.2)


def test_after_a_kill_no_second_server_starts_beside_sessions_of_the_first(victim: Postgres) -> None:
    """A session in the middle of a long statement does not notice that its postmaster died."""
    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(conninfo(victim.url()), autocommit=True))
        connection.execute("CREATE TABLE written (n int)")
        orphan = connection.info.backend_pid
        busy = threading.Thread(target=write_for_ever, args=(connection,))
        busy.start()
        time.sleep(0.5)
        kill(victim)
        try:
            with pytest.raises(PostgresFailed, match="still in use"):
                victim.start(seconds=10)
            assert Path(f"/proc/{orphan}").exists()
        finally:
            os.kill(orphan, signal.SIGKILL)
            busy.join(10)
            victim.stop()
    assert holds(lambda: starts(victim), seconds=10)
    with psycopg.connect(conninfo(victim.url())) as connection:
        assert connection.execute("SELECT count(*) FROM written").fetchone() == (0,), (
            "its statement never ended"
        )


def write_for_ever(connection: "psycopg.Connection[tuple[int]]") -> None:
    with suppress(psycopg.OperationalError):
        connection.execute(
            "DO $$ BEGIN FOR i IN 1..2000000000 LOOP INSERT INTO written VALUES (i); END LOOP; END $$"
        )


def starts(server: Postgres) -> bool:
    try:
        server.start()
    except PostgresFailed:
        server.stop()
        return False
    return True


def test_a_process_id_that_was_given_away_again_keeps_no_server_from_starting(victim: Postgres) -> None:
    """After a reboot, and in a container at each start, the dead server's id may be anybody's."""
    kill(victim)
    with subprocess.Popen(["sleep", "60"], **victim._identity) as somebody:
        for lock in (victim.data / "postmaster.pid", victim.socket / ".s.PGSQL.5432.lock"):
            lines = lock.read_text().splitlines()
            lock.write_text("\n".join([str(somebody.pid), *lines[1:]]) + "\n")
        try:
            assert starts(victim)
        finally:
            somebody.kill()


@pytest.mark.parametrize("durable", [True, False], ids=["as delivered", "without waiting for the disk"])
def test_what_was_acknowledged_outlives_the_kill_of_every_process_of_the_server(
    data: Path, folder: Path, durable: bool
) -> None:
    """The control: the same kill with synchronous_commit off loses acts that people were told are done."""
    log = folder / "acknowledged.log"
    children.run(application.acknowledge_and_die, data, durable, log=log)
    children.run(application.count_acknowledged, data, log=log)
    told = json.loads((data / "acknowledged").read_text())
    assert told["acknowledged"] == 3
    assert (told["found"] == 3) is durable, told


def holds(look: Callable[[], bool], *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return found
