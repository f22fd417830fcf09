"""A line between the product and its PostgreSQL that breaks at a COMMIT: before it arrives, or before its answer."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # the simple query as psycopg sends it
_CHUNK = 65536
_FILE = ".s.PGSQL.5432"

SENT_BUT_LOST = "the COMMIT never arrives"
DONE_BUT_UNHEARD = "the COMMIT is done, its answer is lost"


class BreakingLine:
    """A socket folder in front of the server's own. cut: what happens to the next COMMIT, None for nothing."""

    def __init__(self, url: str, folder: Path) -> None:
        self._target = str(Path(str(sa.make_url(url).query["host"])) / _FILE)
        self.url = (
            sa.make_url(url).update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
        )
        self.cut: str | None = None
        self.cuts = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / _FILE))
        self._listener.listen(64)
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for end in (self._listener, *self._ends):
            end.close()

    def _run(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]  # a bound method
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            self._ends += [client, server]
            line = _Line(client, server)
            self._run(self._requests, line)
            self._run(self._answers, line)

    def _requests(self, line: "_Line") -> None:
        with suppress(OSError):
            while data := line.client.recv(_CHUNK):
                if self.cut is not None and data.endswith(_COMMIT):
                    fault, self.cut = self.cut, None
                    self.cuts += 1
                    if fault == SENT_BUT_LOST:
                        break
                    line.deaf = True
                line.server.sendall(data)
        line.break_off()

    def _answers(self, line: "_Line") -> None:
        with suppress(OSError):
            while data := line.server.recv(_CHUNK):
                if line.deaf:
                    break
                line.client.sendall(data)
        line.break_off()


class _Line:
    """deaf: the next answer of the server is not passed on, and ends the line."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server, self.deaf = client, server, False

    def break_off(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
