"""The web server and the worker of one process: started together, ended together, nothing left behind."""

import logging
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from apiflask import APIFlask
from waitress import create_server

from workflow_app.core.jobs import Worker
from workflow_app.core.settings import Settings

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


def serve(app: APIFlask, listener: socket.socket, settings: Settings) -> None:
    """Answers requests in this thread until a signal comes; the requests at work are answered first."""
    # Its queue warnings repeat what the access times tell; errors stay.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app,
        sockets=[listener],
        threads=settings.threads,
        ident=None,  # no version in the answers
        channel_timeout=120,
        max_request_body_size=26 * 1024 * 1024,  # bytes: one upload of 25 MiB with its form around it
        clear_untrusted_proxy_headers=settings.base_url is None,
    )
    try:
        server.run()
    finally:
        server.close()


def wait_for_signal() -> None:
    """Blocks the main thread; the handler of `ended_by_signals` gets it out."""
    threading.Event().wait()
