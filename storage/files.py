"""Objects as files: written aside, synced, linked into place, the folders synced."""

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from storage.errors import ObjectCorrupt, ObjectMissing, StorageUnavailable
from storage.keys import check_prefix, is_key, key_for, sha256_in, verified
from storage.protocol import StoredObject, require_aware

_TEMPORARY = ".tmp"  # no folder of a key starts with a dot
_DEPTH = 2  # folders above a file: docs/ab/
_ABSENT = {errno.ENOENT, errno.ELOOP}  # ELOOP: O_NOFOLLOW met a symbolic link, which no put has made
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}  # FAT, some network file systems


class FileStore:
    """Objects in a folder of this machine: files 0600, folders 0700.

    The folder has to be a local file system or one with honest fsync; several processes may share it.
    """

    def __init__(self, root: Path) -> None:
        """Make the folder when it is not there. Raises StorageUnavailable when that is impossible."""
        self._root = root.absolute()
        with _named("open the store"):
            _make_folder(self._root)

    def put(self, data: bytes, *, kind: str) -> StoredObject:
        key = key_for(data, kind=kind)
        stored = StoredObject(key, sha256_in(key), len(data))
        with _named("put", key):
            self._require_root()
            if not self._holds(stored):
                self._write(stored, data)
            # Also after a repeat: another writer may have linked the file, or made a folder, unsynced yet.
            _sync_folders(self._path(key).parent, self._root)
        return stored

    def get(self, key: str, *, sha256: str, size: int) -> bytes:
        sha256_in(key)
        with _named("get", key):
            return verified(self._read(key, size), key=key, sha256=sha256, size=size)

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except ObjectMissing:
            return False
        return True

    def stat(self, key: str) -> StoredObject:
        sha256 = sha256_in(key)
        with _named("stat", key), self._absence_of(key):
            found = os.lstat(self._path(key))
        if not stat.S_ISREG(found.st_mode):
            raise ObjectMissing(f"{key} is not a file", key=key)
        return StoredObject(key, sha256, found.st_size)

    def keys(self, prefix: str = "") -> Iterator[str]:
        check_prefix(prefix)
        with _named("list the store"):
            yield from self._walk("", prefix)

    def sweep(self, older_than: timedelta) -> int:
        limit = time.time() - older_than.total_seconds()
        removed = 0
        with _named("sweep the store"):
            self._require_root()
            for path in (self._root / _TEMPORARY).glob("*"):
                with suppress(FileNotFoundError):  # its writer has just finished
                    if path.lstat().st_mtime < limit:
                        path.unlink()
                        removed += 1
        return removed

    def check(self) -> None:
        with _named("write to the store"):
            self._require_root()
            self._write_aside(bytes(4096)).unlink()

    def retain(self, key: str, until: datetime) -> bool:
        """Always False: an ordinary file system cannot refuse its owner."""
        require_aware(until)
        self.stat(key)
        return False

    def _path(self, key: str) -> Path:
        return self._root / key

    def _require_root(self) -> None:
        """A folder that has gone is a disk that has gone, not an empty store."""
        if not self._root.is_dir():
            raise StorageUnavailable(f"the folder of the store has gone: {self._root}")

    def _holds(self, stored: StoredObject) -> bool:
        try:
            data = self._read(stored.key, stored.size)
            verified(data, key=stored.key, sha256=stored.sha256, size=stored.size)
        except (ObjectMissing, ObjectCorrupt):
            return False
        return True

    def _write(self, stored: StoredObject, data: bytes) -> None:
        path = self._path(stored.key)
        aside = self._write_aside(data)
        try:
            _make_folder(path.parent)
            if not _link(aside, path) and not self._holds(stored):
                aside.replace(path)  # torn or changed: the right bytes take its place in one step
        finally:
            aside.unlink(missing_ok=True)

    def _write_aside(self, data: bytes) -> Path:
        """A synced temporary file in the store's own file system; nothing is left when that fails."""
        folder = self._root / _TEMPORARY
        _make_folder(folder)
        path = folder / f"{os.getpid()}-{secrets.token_hex(8)}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            try:
                _write_all(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)  # may itself report a full disk (quotas, network file systems)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _read(self, key: str, size: int) -> bytes:
        with self._absence_of(key):
            # O_NONBLOCK: a named pipe somebody put there must not make the reader wait for ever.
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise ObjectMissing(f"{key} is not a file", key=key)
            if found.st_size != size:
                raise ObjectCorrupt(f"{key} holds {found.st_size} bytes, {size} were stored", key=key)
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(size)
        finally:
            os.close(descriptor)

    @contextmanager
    def _absence_of(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _ABSENT:
                raise
            self._require_root()
            raise ObjectMissing(f"no object {key}", key=key) from error

    def _walk(self, parent: str, prefix: str) -> Iterator[str]:
        self._require_root()
        with os.scandir(self._root / parent) as entries:
            # The slash belongs to a folder's name: only then is the order of the walk the order of the keys.
            found = [
                (f"{parent}{entry.name}{_ending(entry)}", entry.is_file(follow_symlinks=False))
                for entry in entries
            ]
        for name, is_file in sorted(found):
            if is_file and is_key(name) and name.startswith(prefix):
                yield name
            elif name.endswith("/") and name.count("/") <= _DEPTH and _may_hold(name, prefix):
                yield from self._walk(name, prefix)


def _ending(entry: os.DirEntry[str]) -> str:
    return "/" if entry.is_dir(follow_symlinks=False) else ""


def _may_hold(folder: str, prefix: str) -> bool:
    return not folder.startswith(".") and (folder.startswith(prefix) or prefix.startswith(folder))


@contextmanager
def _named(act: str, key: str | None = None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"{act} {key}" if key else act
        raise StorageUnavailable(f"cannot {what}: {error.strerror or error}", key=key) from error


def _make_folder(path: Path) -> None:
    # Path.mkdir(parents=True) would give the parents the default mode, open to the whole machine.
    try:
        path.mkdir(mode=0o700)
    except FileNotFoundError:
        _make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        if not path.is_dir():
            raise


def _link(source: Path, target: Path) -> bool:
    """Give the file its name; False when the name is taken. Nothing is ever overwritten."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Without hard links: whoever wins this race has the same bytes, or bytes that _write repairs.
        if target.exists():
            return False
        source.replace(target)
    return True


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folders(lowest: Path, highest: Path) -> None:
    """Make the names durable, from the file's folder up to the store's own."""
    for folder in (lowest, *lowest.parents):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if folder == highest:
            return
