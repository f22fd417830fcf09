"""What a real S3 server adds to the contract: the bucket, versions, object lock, credentials."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from minio import Minio
from minio.error import S3Error

from storage import ObjectMissing, S3Store, SeaweedServer, StorageUnavailable
from tests.storage.conftest import BUCKET, S3Bench

pytestmark = pytest.mark.s3

DATA = "Quyết định số 12/QĐ-LĐLĐ".encode()
DAY = timedelta(days=1)


@pytest.fixture
def fresh(weed: SeaweedServer, client: Minio) -> Iterator[tuple[S3Store, str]]:
    """A store whose bucket does not exist yet, and the name of that bucket."""
    bucket = f"fresh-{time.time_ns()}"
    store = weed.store(bucket, seconds=30)
    yield store, bucket
    store.close()
    if client.bucket_exists(bucket):
        for found in client.list_objects(bucket, recursive=True, include_version=True):
            client.remove_object(bucket, str(found.object_name), version_id=found.version_id)
        client.remove_bucket(bucket)


def test_a_new_bucket_keeps_versions_and_can_lock_objects(fresh: tuple[S3Store, str], client: Minio) -> None:
    store, bucket = fresh
    store.check()
    assert client.get_bucket_versioning(bucket).status == "Enabled"
    client.get_object_lock_config(bucket)  # raises for a bucket without object lock


def test_reading_from_a_new_bucket_finds_nothing(fresh: tuple[S3Store, str]) -> None:
    store, _ = fresh
    assert list(store.keys()) == []


def test_a_bucket_that_disappears_is_an_outage_and_is_not_made_again(
    fresh: tuple[S3Store, str], client: Minio
) -> None:
    store, bucket = fresh
    store.check()
    client.remove_bucket(bucket)
    key = f"docs/ab/ab{'0' * 62}.docx"
    for act in (
        lambda: store.put(DATA, kind="docx"),
        lambda: store.get(key, sha256=f"ab{'0' * 62}", size=1),
        lambda: store.exists(key),
        lambda: store.stat(key),
        lambda: list(store.keys()),
        lambda: store.retain(key, datetime.now(UTC) + DAY),
        store.check,
    ):
        with pytest.raises(StorageUnavailable):
            act()
    assert not client.bucket_exists(bucket)


def test_two_stores_that_make_the_bucket_at_once_both_succeed(
    fresh: tuple[S3Store, str], weed: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, bucket = fresh
    exists = Minio.bucket_exists
    other = weed.store(bucket)

    def look_and_be_overtaken(client: Minio, name: str) -> bool:
        found = exists(client, name)
        monkeypatch.setattr(Minio, "bucket_exists", exists)
        other.check()
        return found

    monkeypatch.setattr(Minio, "bucket_exists", look_and_be_overtaken)
    stored = store.put(DATA, kind="docx")
    assert other.get(stored.key, sha256=stored.sha256, size=stored.size) == DATA
    other.close()


def test_a_retained_object_cannot_be_deleted_by_anybody(s3_bench: S3Bench) -> None:
    stored = s3_bench.store.put(DATA, kind=s3_bench.kind)
    assert s3_bench.store.retain(stored.key, datetime.now(UTC) + DAY) is True
    version = s3_bench.client.stat_object(BUCKET, stored.key).version_id
    with pytest.raises(S3Error, match="AccessDenied"):
        s3_bench.client.remove_object(BUCKET, stored.key, version_id=version)
    assert s3_bench.store.get(stored.key, sha256=stored.sha256, size=stored.size) == DATA


def test_an_object_that_is_not_retained_can_be_deleted(s3_bench: S3Bench) -> None:
    """The control of the test above."""
    stored = s3_bench.store.put(DATA, kind=s3_bench.kind)
    version = s3_bench.client.stat_object(BUCKET, stored.key).version_id
    s3_bench.client.remove_object(BUCKET, stored.key, version_id=version)
    assert not s3_bench.store.exists(stored.key)


def test_the_time_of_retention_only_grows(s3_bench: S3Bench) -> None:
    stored = s3_bench.store.put(DATA, kind=s3_bench.kind)
    start = datetime.now(UTC).replace(microsecond=0)
    for days, held in ((2, 2), (1, 2), (2, 2), (3, 3)):
        assert s3_bench.store.retain(stored.key, start + days * DAY) is True
        retention = s3_bench.client.get_object_retention(BUCKET, stored.key)
        assert retention is not None
        assert (retention.mode, retention.retain_until_date) == ("COMPLIANCE", start + held * DAY)


def test_a_bucket_made_without_lock_serves_but_retains_nothing(
    fresh: tuple[S3Store, str], client: Minio
) -> None:
    store, bucket = fresh
    client.make_bucket(bucket)
    stored = store.put(DATA, kind="docx")
    assert store.get(stored.key, sha256=stored.sha256, size=stored.size) == DATA
    assert store.retain(stored.key, datetime.now(UTC) + DAY) is False
    with pytest.raises(ObjectMissing):
        store.retain(f"docs/ab/ab{'0' * 62}.docx", datetime.now(UTC) + DAY)


def test_the_bytes_before_a_repair_stay_as_a_version(s3_bench: S3Bench) -> None:
    stored = s3_bench.store.put(DATA, kind=s3_bench.kind)
    s3_bench.overwrite(stored.key, b"forged")
    s3_bench.store.put(DATA, kind=s3_bench.kind)
    assert len(s3_bench.history(stored.key)) == 3


@pytest.mark.parametrize("pair", [("access", None), (None, "secret-that-is-wrong")])
def test_refused_credentials_make_the_store_unavailable_and_are_not_told(
    weed: SeaweedServer, pair: tuple[str | None, str | None]
) -> None:
    access, secret = pair[0] or weed.access_key, pair[1] or weed.secret_key
    store = S3Store(weed.endpoint, BUCKET, access_key=access, secret_key=secret, secure=False)
    for act in (
        lambda: store.put(DATA, kind="docx"),
        lambda: store.exists(f"docs/ab/ab{'0' * 62}.docx"),
        lambda: list(store.keys()),
        store.check,
    ):
        with pytest.raises(StorageUnavailable, match="the server answers") as refused:
            act()
        assert secret not in str(refused.value)
    store.close()


@pytest.mark.parametrize("bucket", ["", "ab", "Docs", "docs/x", "../docs", "-docs"])
def test_a_name_that_no_bucket_has_is_refused_at_once(bucket: str) -> None:
    with pytest.raises(ValueError, match="bucket"):
        S3Store("127.0.0.1:1", bucket, access_key="a", secret_key="b")


@pytest.mark.slow
def test_a_list_goes_on_after_the_first_thousand(fresh: tuple[S3Store, str]) -> None:
    store, _ = fresh
    with ThreadPoolExecutor(8) as threads:
        put = threads.map(lambda number: store.put(str(number).encode(), kind="docx").key, range(1100))
        assert sorted(put) == list(store.keys())
