"""Both stores behind one fixture; the S3 server is a real one, started once."""

import io
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol

import pytest
from minio import Minio

from storage import FileStore, ObjectStore, S3Store, SeaweedServer, ServerNotInstalled

BUCKET = "contract"


class Bench(Protocol):
    """A store and a way to reach behind its back.

    kind: a kind whose folder no other test uses.
    """

    store: ObjectStore
    kind: str

    @property
    def folder(self) -> str: ...
    def overwrite(self, key: str, data: bytes) -> None: ...
    def remove(self, key: str) -> None: ...
    def history(self, key: str) -> list[str]:
        """One entry for each time that the object was written, as far as the store keeps that."""


@dataclass
class FileBench:
    store: FileStore
    kind: str
    root: Path

    @property
    def folder(self) -> str:
        return self.kind.partition("/")[0]

    def overwrite(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def remove(self, key: str) -> None:
        (self.root / key).unlink()

    def history(self, key: str) -> list[str]:
        found = (self.root / key).stat()
        return [f"{found.st_ino} {found.st_mtime_ns}"]


@dataclass
class S3Bench:
    store: S3Store
    kind: str
    client: Minio
    bucket: str

    @property
    def folder(self) -> str:
        return self.kind.partition("/")[0]

    def overwrite(self, key: str, data: bytes) -> None:
        self.client.put_object(self.bucket, key, io.BytesIO(data), len(data))

    def remove(self, key: str) -> None:
        self.client.remove_object(self.bucket, key)

    def history(self, key: str) -> list[str]:
        versions = self.client.list_objects(self.bucket, prefix=key, include_version=True)
        return [str(version.version_id) for version in versions]


def without_server(missing: ServerNotInstalled) -> NoReturn:
    """A skip that says what to install, or a failure where the S3 tests are required."""
    if "s3" in os.environ.get("WORKFLOW_APP_TEST_REQUIRE", "").split(","):
        pytest.fail(f"the S3 tests are required: {missing}")
    pytest.skip(str(missing))


@pytest.fixture(scope="session")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedServer]:
    server = SeaweedServer(tmp_path_factory.mktemp("weed"), durable=False)
    try:
        server.start()
    except ServerNotInstalled as missing:
        without_server(missing)
    yield server
    server.kill()


@pytest.fixture(scope="session")
def client(weed: SeaweedServer) -> Minio:
    """The bare client: what somebody could do with our credentials and without our store."""
    return Minio(weed.endpoint, weed.access_key, weed.secret_key, secure=False, region="us-east-1")


@pytest.fixture
def kind() -> str:
    return f"t{secrets.token_hex(6)}/docx"


@pytest.fixture
def file_bench(tmp_path: Path, kind: str) -> FileBench:
    root = tmp_path / "objects"
    return FileBench(FileStore(root), kind, root)


@pytest.fixture
def s3_bench(weed: SeaweedServer, client: Minio, kind: str) -> Iterator[S3Bench]:
    store = weed.store(BUCKET, seconds=60)  # how long is the subject of other tests
    yield S3Bench(store, kind, client, BUCKET)
    store.close()


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.s3)])
def bench(request: pytest.FixtureRequest) -> Bench:
    chosen: Bench = request.getfixturevalue(f"{request.param}_bench")
    return chosen
