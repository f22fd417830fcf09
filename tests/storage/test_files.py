"""What a folder adds to the contract: durability, disk trouble, what others may put into it."""

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import FileStore, ObjectMissing, StorageUnavailable, key_for
from tests.storage.conftest import FileBench

NOBODY = 65534
DATA = b"Giao uoc" * 2000
HOUR = timedelta(hours=1)


def files_below(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if not path.is_dir()]


def failing(code: int) -> Callable[..., int]:
    def call(*_: object, **__: object) -> int:
        raise OSError(code, os.strerror(code))

    return call


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Root may do everything, so a test of rights has to stop being root for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_only_the_owner_can_read_what_is_stored(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        FileStore(tmp_path / "a" / "b").put(DATA, kind="docx")
    finally:
        os.umask(old)
    for path in (tmp_path / "a").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_bytes_are_synced_before_they_get_a_name_and_the_folders_after(
    file_bench: FileBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts: list[str] = []
    fsync, link = os.fsync, os.link

    def note_sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        acts.append(f"sync {'file' if path.is_file() else path.relative_to(file_bench.root)}")
        fsync(descriptor)

    def note_link(source: Path, target: Path) -> None:
        acts.append("name")
        link(source, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "link", note_link)
    key = file_bench.store.put(DATA, kind="docx").key
    folders = [f"sync docs/{key.split('/')[1]}", "sync docs", "sync ."]
    assert acts == ["sync file", "name", *folders]
    acts.clear()
    file_bench.store.put(DATA, kind="docx")  # the first writer could have died before its last syncs
    assert acts == folders


@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS], ids=errno.errorcode.get
)
@pytest.mark.parametrize("call", ["write", "fsync", "open"])
def test_disk_trouble_leaves_nothing_behind(
    file_bench: FileBench, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(os, call, failing(code))
        with pytest.raises(StorageUnavailable, match=os.strerror(code)) as refused:
            file_bench.store.put(DATA, kind="docx")
    assert refused.value.key == key_for(DATA, kind="docx")
    assert files_below(file_bench.root) == []
    file_bench.store.put(DATA, kind="docx")


def test_a_disk_that_fills_up_in_the_middle_leaves_nothing_behind(
    file_bench: FileBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    left = [5000]

    def into_little_room(descriptor: int, data: memoryview) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = write(descriptor, data[: left[0]])
        left[0] -= done
        return done

    with monkeypatch.context() as full:
        full.setattr(os, "write", into_little_room)
        with pytest.raises(StorageUnavailable):
            file_bench.store.put(DATA, kind="docx")
    assert left == [0]
    assert files_below(file_bench.root) == []


def test_a_limit_of_the_operating_system_in_the_middle_leaves_nothing_behind(file_bench: FileBench) -> None:
    """The kernel itself refuses the write: a full disk needs rights that a test does not have."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limit[1]))
    try:
        with pytest.raises(StorageUnavailable, match=os.strerror(errno.EFBIG)):
            file_bench.store.put(DATA, kind="docx")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert files_below(file_bench.root) == []


def test_a_check_finds_a_disk_that_takes_nothing(
    file_bench: FileBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", failing(errno.ENOSPC))
    with pytest.raises(StorageUnavailable):
        file_bench.store.check()
    assert files_below(file_bench.root) == []


def test_a_folder_without_rights_is_unavailable_and_not_empty(file_bench: FileBench) -> None:
    stored = file_bench.store.put(DATA, kind="docx")
    file_bench.root.chmod(0o000)
    try:
        with as_ordinary_user():
            for act in (
                lambda: file_bench.store.put(b"other", kind="docx"),
                lambda: file_bench.store.get(stored.key, sha256=stored.sha256, size=stored.size),
                lambda: file_bench.store.exists(stored.key),
                lambda: list(file_bench.store.keys()),
                lambda: file_bench.store.sweep(HOUR),
                file_bench.store.check,
            ):
                with pytest.raises(StorageUnavailable):
                    act()
    finally:
        file_bench.root.chmod(0o700)
    assert file_bench.store.exists(stored.key)


def test_a_folder_that_has_gone_is_a_lost_disk_and_not_an_empty_store(file_bench: FileBench) -> None:
    stored = file_bench.store.put(DATA, kind="docx")
    file_bench.root.rename(file_bench.root.with_name("unmounted"))
    for act in (
        lambda: file_bench.store.put(DATA, kind="docx"),
        lambda: file_bench.store.get(stored.key, sha256=stored.sha256, size=stored.size),
        lambda: file_bench.store.exists(stored.key),
        lambda: list(file_bench.store.keys()),
        lambda: file_bench.store.sweep(HOUR),
        file_bench.store.check,
    ):
        with pytest.raises(StorageUnavailable, match="has gone"):
            act()


def test_a_file_cannot_be_opened_as_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StorageUnavailable):
            FileStore(path)


def test_a_writer_killed_before_the_name_is_given_leaves_no_object_and_is_swept(
    file_bench: FileBench,
) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from storage import FileStore\n"
        "os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "FileStore(Path(sys.argv[1])).put(b'Giao uoc' * 2000, kind='docx')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, file_bench.root], cwd=Path(__file__).parents[2], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert len(files_below(file_bench.root)) == 1
    assert list(file_bench.store.keys()) == []
    assert not file_bench.store.exists(key_for(DATA, kind="docx"))
    assert file_bench.store.sweep(HOUR) == 0  # it could belong to a writer who is still at work
    assert file_bench.store.sweep(timedelta(seconds=-1)) == 1
    assert files_below(file_bench.root) == []


def test_a_sweep_goes_by_age(file_bench: FileBench) -> None:
    file_bench.store.check()
    old, young = (file_bench.root / ".tmp" / name for name in ("old", "young"))
    stored = file_bench.store.put(DATA, kind="docx")
    long_ago = datetime.now(UTC).timestamp() - 7200
    for path in (old, young, file_bench.root / stored.key):
        path.touch()
        if path is not young:
            os.utime(path, (long_ago, long_ago))
    assert file_bench.store.sweep(HOUR) == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert file_bench.store.exists(stored.key)


def test_a_file_system_without_hard_links_serves_too(
    file_bench: FileBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    stored = file_bench.store.put(DATA, kind="docx")
    assert file_bench.store.put(DATA, kind="docx") == stored
    assert file_bench.store.get(stored.key, sha256=stored.sha256, size=stored.size) == DATA
    assert files_below(file_bench.root) == [file_bench.root / stored.key]


def test_a_symbolic_link_is_not_followed_out_of_the_store(file_bench: FileBench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(DATA)
    key = key_for(DATA, kind="docx")
    path = file_bench.root / key
    path.parent.mkdir(parents=True)
    path.symlink_to(outside)
    with pytest.raises(ObjectMissing):
        file_bench.store.get(key, sha256=key.split("/")[2].removesuffix(".docx"), size=len(DATA))
    assert not file_bench.store.exists(key)
    assert list(file_bench.store.keys()) == []
    stored = file_bench.store.put(DATA[:-1], kind="pdf")
    (file_bench.root / stored.key).unlink()
    (file_bench.root / stored.key).symlink_to(outside)
    file_bench.store.put(DATA[:-1], kind="pdf")  # takes the place of the link and leaves its target alone
    assert file_bench.store.get(stored.key, sha256=stored.sha256, size=stored.size) == DATA[:-1]
    assert outside.read_bytes() == DATA


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_no_object_and_nobody_waits_for_it(
    file_bench: FileBench, make: Callable[[Path], None]
) -> None:
    key = key_for(DATA, kind="docx")
    path = file_bench.root / key
    path.parent.mkdir(parents=True)
    make(path)
    with pytest.raises(ObjectMissing):
        file_bench.store.get(key, sha256=key.split("/")[2].removesuffix(".docx"), size=len(DATA))
    assert not file_bench.store.exists(key)
    assert list(file_bench.store.keys()) == []


def test_a_folder_cannot_lock_objects(file_bench: FileBench) -> None:
    stored = file_bench.store.put(DATA, kind="docx")
    assert file_bench.store.retain(stored.key, datetime.now(UTC) + HOUR) is False
