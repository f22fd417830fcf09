"""Network acts that end in time, whatever the other side does.

A socket timeout alone does not do that: it starts anew with every byte, so a server that sends one byte
a second holds a reader for hours. A deadline shuts the socket of its act down when the time is over.
Looking up a host name is bounded only by the resolver of the system; an address or a name in the hosts
file needs none.
"""

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

_active = threading.local()
_A_HAIR = 0.05  # seconds


class Deadline:
    """So many seconds for everything that this thread does over a BoundedPool inside the `with` block."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.expired = False

    def __enter__(self) -> Self:
        self._outer: Deadline | None = getattr(_active, "deadline", None)
        _active.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _active.deadline = self._outer
        self.release()

    @staticmethod
    def current() -> "Deadline | None":
        return getattr(_active, "deadline", None)

    def left(self) -> float:
        """Seconds, never zero: zero would mean "do not wait" to one library and "for ever" to another."""
        return max(self._end - time.monotonic(), 0.001)

    @property
    def is_over(self) -> bool:
        """Whether it was the time that ended the act: the socket's own time-out may come first by a hair."""
        return self.expired or self._end - time.monotonic() < _A_HAIR

    def watch(self, sock: socket.socket) -> None:
        """Shut this socket down when the time is over, at once when it is over already."""
        with self._guard:
            self._socket = sock
            if self.expired:
                _shut(sock)

    def release(self) -> None:
        """The answer is read: the connection may serve another thread now, so it is no longer ours to cut."""
        with self._guard:
            self._socket = None

    def _cut(self) -> None:
        with self._guard:
            self.expired = True
            if self._socket is not None:
                _shut(self._socket)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed by now
        # The plain shutdown also for TLS: SSLSocket's own would pull its state from under the reader.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _watch(connection: HTTPConnection) -> None:
    deadline = Deadline.current()
    if deadline is not None and connection.sock is not None:
        deadline.watch(connection.sock)


class _PlainConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _watch(self)

    def putrequest(self, *args: Any, **options: Any) -> None:
        _watch(self)  # a connection out of the pool is connected already
        super().putrequest(*args, **options)


class _TlsConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _watch(self)

    def putrequest(self, *args: Any, **options: Any) -> None:
        _watch(self)
        super().putrequest(*args, **options)


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class BoundedPool(urllib3.PoolManager):
    """Connections whose requests obey the thread's Deadline, or have one of their own.

    Neither retries nor follows redirections: the caller decides what may be repeated.
    """

    def __init__(self, seconds: float, *, connections: int = 32) -> None:
        super().__init__(num_pools=2, maxsize=connections, retries=False)
        self.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
        self._seconds = seconds

    def urlopen(  # type: ignore[override]  # the parent's overloads say the same
        self, method: str, url: str, redirect: bool = True, **options: Any
    ) -> urllib3.BaseHTTPResponse:
        deadline = Deadline.current()
        if deadline is None:
            with Deadline(self._seconds):
                return self.urlopen(method, url, redirect, **options)
        options["timeout"] = urllib3.Timeout(total=deadline.left())
        response = super().urlopen(method, url, redirect, **options)
        if options.get("preload_content", True):
            deadline.release()
        return response
