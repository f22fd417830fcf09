"""The whole application in threads of the test process: web, worker, the test's PostgreSQL, a clock that moves."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import waitress
from argon2 import PasswordHasher
from flask import Flask
from waitress import wasyncore

import hatch_build
from workflow_app.api import mount
from workflow_app.core import clock, database, jobs
from workflow_app.core.settings import load
from workflow_app.documents import pdf
from workflow_app.organisations import passwords
from workflow_app.web.app import create_app, warm_up
from workflow_app.web.limits import limiter

BEGINS = datetime(2019, 2, 11, 1, tzinfo=UTC)  # Monday 08:00 in Viet Nam, the first working day after Tết
_QUIET_S = 60  # a busy machine takes this long over the documents of one step

_WAITING = """
SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name IN ('default', 'mail')
AND (scheduled_at IS NULL OR scheduled_at <= now())
"""
_TABLES = """
SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'procrastinate_workers')
"""


class MovedClock:
    """The machine's clock, moved into the year of the articles; it goes on by itself."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def set(self, at: datetime) -> None:
        """Moves to an aware instant; sessions that were begun long before it are over."""
        self._shift: timedelta = at - datetime.now(UTC)

    def advance(self, **delta: float) -> None:
        self._shift += timedelta(**delta)


@dataclass
class Product:
    """A running installation. address: `http://127.0.0.1:…`."""

    app: Flask
    address: str
    clock: MovedClock
    owner: sa.Engine
    store: Path

    def settle(self) -> None:
        """Waits until the worker has nothing more to do; PDF, on a queue of its own, is not waited for."""
        until = time.monotonic() + _QUIET_S
        while time.monotonic() < until:
            with database.engine().connect() as connection:
                if connection.exec_driver_sql(_WAITING).scalar() == 0:
                    return
            time.sleep(0.05)
        pytest.fail(f"the worker is still at it after {_QUIET_S} s")

    def clear(self) -> None:
        """Empties the tables; the worker stays, so its own row stays."""
        self.settle()
        with self.owner.begin() as connection:
            # The audit log refuses to be emptied; a test database may, with its triggers asleep.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            tables = connection.exec_driver_sql(_TABLES).scalar()
            connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")

    def forget_visits(self) -> None:
        """All people of a test come from one address: the brake on floods counts each test anew."""
        limiter.reset()
        self.clock.set(BEGINS)


@contextmanager
def running(url: str, owner: sa.Engine, folder: Path) -> Iterator[Product]:
    """The product on a bound database; its data folder is `folder`."""
    hatch_build.build_assets()
    moved = MovedClock(BEGINS)
    with ExitStack() as stack:
        stack.enter_context(clock.use(moved))
        # A hash of full strength takes 0.1 s, and people sign in dozens of times.
        stack.enter_context(passwords.using(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
        # LibreOffice takes seconds for each paper and both cores; the PDF path has tests of its own.
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(pdf, "available", lambda: False)
        app = create_app(load(data_dir=folder), mounts=[mount])
        warm_up(app)
        worker = jobs.Worker(url, poll_seconds=0.2)
        worker.start()
        stack.callback(worker.stop)
        address = stack.enter_context(_serving(app))
        yield Product(app, address, moved, owner, folder / "objects")


@contextmanager
def _serving(app: Flask) -> Iterator[str]:
    """The address at which Waitress answers for the application, in a thread that ends with the block."""
    channels: dict[int, Any] = {}
    server = waitress.create_server(app, map=channels, host="127.0.0.1", port=0, threads=8, ident=None)
    over = threading.Event()

    def answer() -> None:
        while not over.is_set():
            wasyncore.loop(timeout=0.1, map=channels, count=1)

    thread = threading.Thread(target=answer, name="web")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        over.set()
        thread.join()
        server.task_dispatcher.shutdown()
        wasyncore.close_all(channels)
