"""The running product as its users and its supervisor see it: an address, a process to start again."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults import application, children

PATIENCE = 60  # seconds until something that should come about counts as lost
STARTS = 8  # of a product that ends by itself each time, until we give up


class NoAnswer(Exception):
    """Nobody knows whether the act was done: the connection broke, or the product says that it is away."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any


class Product:
    """Who needs an answer next starts again what was killed.

    folder: its data. external: the database is kept by another process, as in production, and only that
    is started again when it was killed. durable: of that database.
    """

    def __init__(self, folder: Path, *, external: bool = False, durable: bool = True) -> None:
        self.folder = folder
        self.external = external
        self.starts = 0
        self.kills = 0
        self._durable = durable
        self._port = _free_port()
        self._child: BaseProcess | None = None
        self._database: BaseProcess | None = None
        self._guard = threading.RLock()
        self._one_killer = threading.Lock()

    @property
    def log(self) -> Path:
        return self.folder / "product.log"

    @cached_property
    def world(self) -> dict[str, Any]:
        """Who is who, as `application.make` left it."""
        return json.loads((self.folder / "world.json").read_text())

    @property
    def alive(self) -> bool:
        with self._guard:
            return self._child is not None and self._child.is_alive()

    @property
    def postmaster(self) -> int | None:
        """The process id of its PostgreSQL, None while there is none."""
        try:
            pid = int((self.folder / "postgres/pg/postmaster.pid").read_text().split()[0])
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return None if state == "Z" else pid

    def kill(self) -> None:
        """SIGKILL to the application process, whatever it does at this moment, its start included."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.end_application():
                self.kills += 1
                return
            time.sleep(0.02)

    def kill_postgres(self) -> None:
        """SIGKILL to the postmaster, as soon as the product is ready; its sessions end when they notice."""
        with self._one_killer:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                if self.ready() and (pid := self.postmaster) is not None:
                    os.kill(pid, signal.SIGKILL)
                    self.kills += 1
                    time.sleep(0.3)  # until the last session has noticed
                    return
                time.sleep(0.05)

    def end_application(self) -> bool:
        """What a watchdog does to an application that is not ready; False when there was none."""
        with self._guard:
            if self._child is None:
                return False
            children.kill(self._child)
            self._child = None
            return True

    def stop(self) -> None:
        """SIGTERM to the application, and wait for its orderly end; the database of others stays."""
        with self._guard:
            if self._child is None:
                return
            self._child.terminate()
            self._child.join(PATIENCE)
            code = self._child.exitcode
            self._child.close()
            self._child = None
            assert code == 0, f"exit code {code}: {children.tail(self.log)}"

    def end(self) -> None:
        """Everything, at once: the end of a test."""
        self.end_application()
        if self._database is not None:
            children.kill(self._database)  # its PostgreSQL ends with it

    def ready(self) -> bool:
        try:
            return self.ask("GET", "/readyz").status == 200
        except NoAnswer:
            return False

    def be_up(self) -> None:
        """What a supervisor does: a product that ended is started, until it is ready."""
        end = time.monotonic() + PATIENCE
        ended = 0
        while time.monotonic() < end and ended < STARTS:
            with self._guard:
                ended += self._start_what_is_missing()
            if self.ready():
                return
            time.sleep(0.05)
        raise AssertionError(f"the product does not come up: {children.tail(self.log)}")

    def ask(self, method: str, path: str, *, who: str | None = None, body: Any = None) -> Answer:
        """One request, sent once. Raises NoAnswer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        headers = {"Content-Type": "application/json"}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.world['tokens'][who]}"
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(type(error).__name__) from error
        finally:
            connection.close()
        if answer.status == 503 and path != "/readyz":
            raise NoAnswer("503")
        if answer.status == 500 and self.postmaster is None:
            raise NoAnswer("500")  # that it is no 503 with a sentence is the subject of a test of its own
        assert answer.status < 500 or path == "/readyz", f"{answer.status} {path}: {children.tail(self.log)}"
        return Answer(answer.status, json.loads(text))

    def person(self, who: str) -> UUID:
        return UUID(self.world["people"][who])

    def _start_what_is_missing(self) -> bool:
        if self.external and (self._database is None or not self._database.is_alive()):
            self._keep_database()
        if self._child is not None and self._child.is_alive():
            return False
        if self._child is not None:
            self._child.close()
        # Where nobody takes the dead server off the process table its lock would hold: a test of its own.
        if not self.external and self.postmaster is None:
            (self.folder / "postgres/run/.s.PGSQL.5432.lock").unlink(missing_ok=True)
        self._child = children.start(application.serve, self.folder, self._port, log=self.log)
        self.starts += 1
        return True

    def _keep_database(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database = children.start(
            application.keep_database, self.folder, self._durable, log=self.folder / "database.log"
        )
        end = time.monotonic() + PATIENCE
        while not (self.folder / "addresses").exists() and self._database.is_alive():
            assert time.monotonic() < end, children.tail(self.folder / "database.log")
            time.sleep(0.02)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
