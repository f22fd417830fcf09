"""`run`: comes up, is looked into while it works, ends without leaving anything behind."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli import program

pytestmark = pytest.mark.slow


@contextmanager
def running(folder: Path, *more: str, word: str = "run") -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """The program at work on a free port; killed at the end if the test did not end it."""
    port = free_port()
    process = subprocess.Popen(
        program.command(word, "--data-dir", str(folder / "data"), "--port", str(port), *more),
        cwd=program.ROOT,
        env=program.clean(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until_it_answers(process, port)
        yield process, port
    finally:
        process.kill()
        if process.stdout is not None and not process.stdout.closed:
            process.communicate()


def wait_until_it_answers(process: "subprocess.Popen[str]", port: int) -> None:
    end = time.monotonic() + program.SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            if get(port, "/healthz") == 200:
                return
        time.sleep(0.1)
    process.kill()
    pytest.fail(f"it does not answer: {process.communicate()[0][-3000:]}")


def get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder, without those that are only ending."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in words:
                found.append(words)
    return found


def test_it_answers_and_ends_at_a_signal_leaving_no_process(folder: Path) -> None:
    with running(folder) as (process, port):
        assert get(port, "/readyz") == 200
        assert any("postgres" in words for words in processes_of(folder))
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)  # a second one does not interrupt the end
        assert process.wait(60) == 0
        assert processes_of(folder) == []


def test_nothing_is_left_after_it_was_killed_and_it_starts_again(folder: Path) -> None:
    with running(folder) as (process, _):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        end = time.monotonic() + 30
        while processes_of(folder) and time.monotonic() < end:
            time.sleep(0.1)
        assert processes_of(folder) == []
    with running(folder) as (process, port):
        assert get(port, "/readyz") == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_other_commands_look_into_the_running_installation(folder: Path) -> None:
    data = str(folder / "data")
    with running(folder):
        listed = program.run("process", "list", "--data-dir", data)
        assert listed.returncode == 0
        assert "pledge_signature" in listed.stdout
        assert (
            "Giao Ước đang chạy" in program.run("run", "--data-dir", data, "--port", str(free_port())).stderr
        )
        added = program.run(
            "user", "add", "quantri", "--name", "Lê Thị Bình", "--unit", "AG", "--new-unit", "LĐLĐ tỉnh An Giang",
            "--data-dir", data, given="ba con meo den ngu\nba con meo den ngu\n",
        )  # fmt: skip
        assert added.returncode == 0, added.stderr
        assert (
            "Quản trị hệ thống, LĐLĐ tỉnh An Giang" in program.run("user", "list", "--data-dir", data).stdout
        )
        examined = program.run("doctor", "--data-dir", data)
        assert examined.returncode == 0, examined.stdout


def test_a_port_that_is_taken_is_told_before_anything_is_started(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        stopped = program.run("run", "--data-dir", str(folder / "data"), "--port", port)
    assert stopped.returncode == 2
    assert "Chọn cổng khác" in stopped.stderr
    assert not (folder / "data").exists()


@pytest.mark.s3
def test_with_s3_the_documents_lie_on_the_server_and_later_commands_find_it(folder: Path) -> None:
    data = str(folder / "data")
    with running(folder, "--s3") as (process, _):
        examined = program.run("doctor", "--strict", "--json", "--data-dir", data)
        assert '"S3Store"' in examined.stdout
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert processes_of(folder) == []
    with running(folder):  # chosen once, it is the store of this installation
        assert '"S3Store"' in program.run("doctor", "--json", "--data-dir", data).stdout


def test_s3_is_refused_where_documents_lie_in_files_already(folder: Path) -> None:
    with running(folder) as (process, _):
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    stopped = program.run("run", "--s3", "--data-dir", str(folder / "data"), "--port", str(free_port()))
    assert stopped.returncode == 2
    assert "không chuyển sang S3 được" in stopped.stderr
