"""Background jobs: deferred inside the caller's transaction, run by a worker (Procrastinate).

A job carries ids only. Business truth is never in the queue: whoever runs a job twice
finds at its row that the work is done.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import procrastinate
from psycopg import Connection
from sqlalchemy import CursorResult, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from storage.errors import StorageUnavailable
from workflow_app.core import clock, database
from workflow_app.core.errors import Unavailable

logger = logging.getLogger(__name__)

JobFunction = Callable[..., None]

_functions: dict[str, JobFunction] = {}
_periodic: dict[str, str] = {}

# An App without tasks: it only writes rows. The worker's App is bound to an asynchronous
# connector, and deferring through that one from a synchronous session fails.
_deferrer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def job(name: str, *, cron: str | None = None) -> Callable[[JobFunction], JobFunction]:
    """Registers a function as a job.

    name: `package.verb`, stored in the queue and never renamed.
    cron: six fields (seconds last) for a periodic one; it is called without arguments.
    """

    def register(function: JobFunction) -> JobFunction:
        if name in _functions:
            raise ValueError(f"job {name} is registered twice")
        _functions[name] = function
        if cron:
            _periodic[name] = cron
        return function

    return register


def defer(
    session: Session,
    name: str,
    *,
    lock: str | None = None,
    queue: str = "default",
    at: datetime | None = None,
    **arguments: Any,
) -> None:
    """Queues a job in the session's own transaction: both are committed, or neither.

    lock: jobs with the same lock run one after another. at: not before this instant.
    arguments: JSON values, ids only.
    """
    raw = cast("Connection[Any]", session.connection().connection.driver_connection)
    task = _deferrer.configure_task(name, queue=queue, lock=lock, schedule_at=at, connection=raw)
    task.defer(**arguments)


def run(name: str, arguments: dict[str, Any]) -> None:
    """Runs one registered job here and now."""
    _functions[name](**arguments)


def run_until_idle(*, queues: Collection[str] = ("default", "mail"), limit: int = 100_000) -> int:
    """Runs every job that is due, and those that they defer, in this thread; returns how many.

    queues: those that are looked at; slow work such as PDF has a queue of its own, to be asked for.
    Jobs with a later time wait for the clock, which a scenario moves. A failing job raises.
    """
    done = 0
    while done < limit and (found := _take_due(queues)) is not None:
        number, name, arguments = found
        run(name, arguments)
        _finish(number)
        done += 1
    return done


_TAKE = """
UPDATE procrastinate_jobs SET status = 'doing', attempts = attempts + 1
WHERE id = (
    SELECT id FROM procrastinate_jobs
    WHERE status = 'todo' AND queue_name = ANY(%(queues)s) AND (scheduled_at IS NULL OR scheduled_at <= %(now)s)
    ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, task_name, args
"""


def _take_due(queues: Collection[str]) -> tuple[int, str, dict[str, Any]] | None:
    with database.engine().begin() as connection:
        row = connection.exec_driver_sql(_TAKE, {"now": clock.now(), "queues": list(queues)}).first()
    return None if row is None else (row[0], row[1], row[2])


def _finish(number: int) -> None:
    with database.engine().begin() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE id = %(id)s", {"id": number})


# A failed job that is queued again is no longer failed: only what everybody has given up is old.
_FORGET = """
DELETE FROM procrastinate_jobs j WHERE j.status IN ('failed', 'cancelled', 'aborted', 'succeeded') AND NOT EXISTS (
    SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= :before)
"""


def forget_failed(session: Session, *, before: datetime) -> int:
    """Deletes jobs that ended before that and were kept to be looked at; returns how many.

    before: against the database's own clock, which stamps what happens to a job.
    """
    return cast("CursorResult[Any]", session.execute(text(_FORGET), {"before": before})).rowcount


class Worker:
    """The worker: a thread of `workflow-app run`, or the whole of `workflow-app worker`.

    concurrency: how many jobs at once, each in a thread of its own.
    """

    def __init__(self, url: str, *, concurrency: int = 2, poll_seconds: float = 1.0) -> None:
        self._app = _application(url, concurrency)
        self._concurrency = concurrency
        self._poll = poll_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
        self._ready = threading.Event()
        self._stopping = False

    def start(self) -> None:
        """Starts the thread and returns when the loop runs."""
        self._thread.start()
        self._ready.wait(10)

    def run(self) -> None:
        """Works until `stop`; blocks."""
        asyncio.run(self._main())

    def stop(self, *, seconds: float = 10) -> None:
        """Lets the running jobs end, then returns; what did not end is taken up again later."""
        self._stopping = True
        if self._loop is not None and self._task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
        if self._thread.is_alive():
            self._thread.join(seconds)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._ready.set()
        with suppress(asyncio.CancelledError):  # from `stop`
            while not self._stopping:
                # Procrastinate's worker ends without an error when its listener loses the database.
                with suppress(OSError, procrastinate.exceptions.ConnectorException):
                    await self._work()
                logger.warning("worker lost the database, trying again")
                await asyncio.sleep(1)

    async def _work(self) -> None:
        async with self._app.open_async():
            await self._app.run_worker_async(
                concurrency=self._concurrency,
                install_signal_handlers=False,
                # A retried or scheduled job sends no NOTIFY: it waits for the next look.
                fetch_job_polling_interval=self._poll,
                delete_jobs="successful",
                shutdown_graceful_timeout=8,
            )


class _AgainLater(procrastinate.BaseRetryStrategy):
    """A job that met the database or the object store away is tried again until they are back.

    After 2, 4, 8 … seconds, five minutes at most. Anything else fails: repeating would not help.
    """

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        if not isinstance(exception, (Unavailable, StorageUnavailable)):
            return None
        return procrastinate.RetryDecision(retry_in={"seconds": min(300, 2 ** (job.attempts + 1))})


def _application(url: str, concurrency: int) -> procrastinate.App:
    connector = procrastinate.PsycopgConnector(
        conninfo=conninfo(url), min_size=1, max_size=concurrency + 3, kwargs={"application_name": "worker"}
    )
    app = procrastinate.App(connector=connector)
    for name, function in _functions.items():
        task = app.task(name=name, pass_context=False, retry=_AgainLater())(_guarded(name, function))
        if name in _periodic:
            app.periodic(cron=_periodic[name])(task)
    app.periodic(cron="* * * * * */10")(app.task(name="core.return_stalled_jobs")(_stalled_returner(app)))
    return app


def _guarded(name: str, function: JobFunction) -> JobFunction:
    def call(timestamp: int | None = None, **arguments: Any) -> None:
        logger.debug("job %s", name)
        function(**arguments)

    return call


def _stalled_returner(app: procrastinate.App) -> Callable[[int], Any]:
    async def return_stalled(timestamp: int) -> None:
        # Nothing else brings back the jobs of a worker that was killed.
        for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=30):
            await app.job_manager.retry_job(stalled)

    return return_stalled


def conninfo(url: str) -> str:
    """The libpq form of an SQLAlchemy address."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
