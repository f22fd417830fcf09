"""A TCP proxy on the loopback that harms the connections through it: between a client and its real server.

    with FaultProxy("127.0.0.1:8333") as proxy:
        proxy.fault = CutAnswer(after=100)

A fault that is set acts at once, also on connections that are open already; `Fault()` harms nothing.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

_CHUNK = 65536


class Line:
    """One connection of a client, and ours to the server for it."""

    def __init__(self, client: socket.socket, server: socket.socket, closing: threading.Event) -> None:
        self.client, self.server, self._closing = client, server, closing
        self.deaf = False  # what the client still sends is read and thrown away

    def to_server(self, data: bytes) -> None:
        self.server.sendall(data)

    def to_client(self, data: bytes) -> None:
        self.client.sendall(data)

    def wait(self, seconds: float | None = None) -> None:
        """Until then, or until the proxy ends."""
        self._closing.wait(seconds)

    def cut(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Fault:
    """Passes everything on."""

    def request(self, line: Line, data: bytes) -> None:
        line.to_server(data)

    def answer(self, line: Line, data: bytes) -> None:
        line.to_client(data)


class NeverAnswer(Fault):
    """Takes every request and says nothing."""

    def request(self, line: Line, data: bytes) -> None:
        pass


class StopReading(Fault):
    """Reads a little of the request and then no more, so that the sender's buffers fill up."""

    def request(self, line: Line, data: bytes) -> None:
        line.wait()


@dataclass
class Trickle(Fault):
    """The answer comes byte by byte. pause: seconds after each."""

    pause: float

    def answer(self, line: Line, data: bytes) -> None:
        for at in range(len(data)):
            line.to_client(data[at : at + 1])
            line.wait(self.pause)


@dataclass
class _Counted(Fault):
    """Happens so many times, then no more; None: always."""

    times: int | None = field(default=None, kw_only=True)
    _guard: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def happens(self) -> bool:
        with self._guard:
            if self.times is None:
                return True
            self.times -= 1
            return self.times >= 0


@dataclass
class CutAnswer(_Counted):
    """The connection breaks after so many bytes of an answer; 0: the request arrives, its answer is lost."""

    after: int = 0

    def answer(self, line: Line, data: bytes) -> None:
        if self.happens():
            line.to_client(data[: self.after])
            line.cut()
        else:
            line.to_client(data)


@dataclass
class Answer(_Counted):
    """This answer instead of the server's, to requests whose first bytes contain `to`."""

    text: str
    to: bytes = b""

    def request(self, line: Line, data: bytes) -> None:
        if self.to in data and self.happens():
            line.deaf = True
            line.to_client(self.text.encode())
            line.client.shutdown(socket.SHUT_WR)
        else:
            line.to_server(data)


def http(status: str, body: str = "", **headers: str) -> str:
    """An HTTP answer after which the connection ends. Underscores in header names become hyphens."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body])


class FaultProxy:
    def __init__(self, target: str) -> None:
        """target: `host:port` of the real server."""
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self.fault = Fault()
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: list[Line] = []
        self._threads: list[threading.Thread] = []

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for line in list(self._lines):
            line.cut()
        for thread in list(self._threads):
            thread.join(10)
        self._listener.close()
        for line in self._lines:
            line.client.close()
            line.server.close()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            line = Line(client, server, self._closing)
            self._lines.append(line)
            self._start(partial(self._pump, line.client, line, "request"))
            self._start(partial(self._pump, line.server, line, "answer"))

    def _pump(self, source: socket.socket, line: Line, direction: str) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if not (line.deaf and source is line.client):
                    getattr(self.fault, direction)(line, data)
        if not (line.deaf and source is line.server):  # a deaf line lives until its client hangs up
            line.cut()
