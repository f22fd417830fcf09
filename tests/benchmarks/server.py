"""The product as one process on a world of its own: `python -m tests.benchmarks.server ROOT PORT UNITS`.

Each answer carries what it cost: statements and commits on the connection pool, CPU of its thread.
"""

import json
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher

from tests.processes.pledges.world import World, found, install
from tests.support import schema
from workflow_app.api import mount
from workflow_app.cli import running
from workflow_app.core import clock, database, jobs
from workflow_app.core.database import transaction
from workflow_app.core.embedded import prepare
from workflow_app.core.postgres import Postgres
from workflow_app.core.settings import load
from workflow_app.organisations import passwords
from workflow_app.organisations.models.accounts import Account
from workflow_app.web.app import create_app, warm_up
from workflow_app.web.limits import limiter

PASSWORD = "tap-lam-giao-uoc-2019"


class Meter:
    """WSGI middleware that tells each request's cost in headers."""

    def __init__(self, app: Any, engine: sa.Engine) -> None:
        self._app, self._local = app, threading.local()
        sa.event.listen(engine, "before_cursor_execute", lambda *_: self._count("statements"))
        sa.event.listen(engine, "commit", lambda *_: self._count("commits"))

    def _count(self, what: str) -> None:
        setattr(self._local, what, getattr(self._local, what, 0) + 1)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self._local.statements = self._local.commits = 0
        began = time.thread_time()
        answer: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            answer[:] = [status, headers]
            return lambda _: None

        body = b"".join(self._app(environ, start))
        cost = (time.thread_time() - began) * 1000
        figures = {
            "Statements": self._local.statements,
            "Commits": self._local.commits,
            "Cpu-Ms": f"{cost:.3f}",
        }
        extra = [(f"X-Cost-{name}", str(value)) for name, value in figures.items()]
        start_response(answer[0], [*answer[1], *extra])
        return [body]


def seed(root: Path, units: int) -> World:
    """One bloc of `units` units with accounts that can log in; the clock stands in February 2019."""
    with passwords.using(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)), transaction() as session:
        install(session, root / "objects")
        world = found(session, units=units)
        for person_id in world.people.values():
            session.get_one(Account, person_id).password = passwords.hash_password(PASSWORD)
    return world


def main(root: Path, port: int, units: int) -> None:
    server = Postgres(root / "pg").start()
    addresses = prepare(server)
    schema.make(addresses.owner)
    engine = database.bind(addresses.app, pool_size=24)
    began = datetime.now(UTC) - datetime(2019, 2, 11, 1, tzinfo=UTC)
    with clock.use(_Shifted(began)):
        world = seed(root, units)
        settings = load(data_dir=root)
        app = create_app(settings, mounts=[mount])
        limiter.enabled = False  # every chair of the bloc comes from this one address
        warm_up(app)
        worker = jobs.Worker(addresses.app)
        worker.start()
        facts = {
            "people": {name: str(person) for name, person in world.people.items()},
            "bloc": str(world.bloc_id),
            "units": [str(unit) for unit in world.unit_ids],
            "postgres": server.pid,
            "app": addresses.app,
        }
        (root / "world.json").write_text(json.dumps(facts))
        with running.listen("127.0.0.1", port) as listener:
            running.serve(Meter(app, engine), listener, settings)


class _Shifted:
    """Real time that began in February 2019, when the bloc of the articles wrote its pledge."""

    def __init__(self, shift: timedelta) -> None:
        self._shift = shift

    def now(self) -> datetime:
        return datetime.now(UTC) - self._shift


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
