"""The web server and the worker of one process: started together, ended together, nothing left behind."""

import logging
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from waitress import create_server

from workflow_app.core.jobs import Worker
from workflow_app.core.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_CONNECTIONS = 4000  # a province of 600 unions on the evening of a deadline, six connections a browser
_OWN_FILES = 200  # descriptors that the process needs besides: database, store, logs
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def log_to_stderr() -> None:
    """Warnings and errors, one line each with UTC time; whoever runs the service keeps the stream."""
    form = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, datefmt="%Y-%m-%dT%H:%M:%S")
    logging.Formatter.converter = time.gmtime


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Inside, the first signal to end raises SystemExit in the main thread; further ones are ignored.

    So a second Ctrl-C does not interrupt the orderly end and leave a database server behind.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(0)

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """Takes the port before anything else is started. Raises OSError when it is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


@contextmanager
def working(url: str, *, concurrency: int) -> Iterator[Worker]:
    """A worker thread; at the end its running jobs are let to finish."""
    worker = Worker(url, concurrency=concurrency)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def serve(app: "WSGIApplication", listener: socket.socket, settings: Settings) -> None:
    """Answers requests in this thread until a signal comes; the requests at work are answered first."""
    # Its queue warnings repeat what the access times tell; errors stay.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app,
        sockets=[listener],
        threads=settings.threads,
        ident=None,  # no version in the answers
        # An idle connection costs a descriptor, no thread. With the usual limit of 100 twenty browsers of six
        # connections each would lock everybody else out until theirs time out.
        connection_limit=_room_for(_CONNECTIONS),
        asyncore_use_poll=True,  # select(2) ends at descriptor 1023
        channel_timeout=30,
        max_request_body_size=26 * 1024 * 1024,  # bytes: one upload of 25 MiB with its form around it
        clear_untrusted_proxy_headers=settings.base_url is None,
    )
    try:
        server.run()
    finally:
        server.close()


def _room_for(connections: int) -> int:
    """Raises this process's limit of open files as far as it may; returns the connections that fit then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OWN_FILES
    if soft < wanted:
        soft = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(connections, soft - _OWN_FILES)


def wait_for_signal() -> None:
    """Blocks the main thread; the handler of `ended_by_signals` gets it out."""
    threading.Event().wait()
