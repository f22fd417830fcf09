"""What every store promises, on a folder and on a real S3 server alike."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import InvalidKey, ObjectCorrupt, ObjectMissing, StoredObject
from tests.storage.conftest import Bench

VIETNAMESE = "Bản giao ước thi đua năm 2019 – Khối thi đua 04 – Đỗ Thị Ước ký, ướt mực".encode()
ABSENT = StoredObject(f"docs/ab/ab{'0' * 62}.docx", f"ab{'0' * 62}", 3)
NEVER_A_KEY = [
    "",
    "/",
    "docs",
    "../../etc/passwd",
    "docs/../../../etc/passwd",
    f"docs/../docs/ab/ab{'0' * 62}.docx",
    f"/docs/ab/ab{'0' * 62}.docx",
    f"docs/ab//ab{'0' * 62}.docx",
    f"docs/cd/ab{'0' * 62}.docx",
    f"docs/ab/ab{'0' * 62}",
    f"docs/ab/ab{'0' * 61}.docx",
    f"docs/ab/ab{'0' * 62}.docx\n",
    f"docs/ab/ab{'0' * 62}.docx\0",
    f"docs/ab/AB{'0' * 62}.docx",
    f"docs\\ab\\ab{'0' * 62}.docx",
    f"docs/ab/ab{'0' * 61}０.docx",
    f"đocs/ab/ab{'0' * 62}.docx",
    f".tmp/ab/ab{'0' * 62}.docx",
    f"docs/ab/ab{'0' * 62}.docx?versionId=1",
    f"docs/ab/ab{'0' * 62}.docx/",
]


def read(bench: Bench, stored: StoredObject) -> bytes:
    return bench.store.get(stored.key, sha256=stored.sha256, size=stored.size)


@pytest.mark.parametrize(
    "data", [b"", b"\0", VIETNAMESE, b"\r\n\x1a\xff" * 999], ids=["empty", "nul", "vi", "bin"]
)
def test_what_was_put_is_read_back(bench: Bench, data: bytes) -> None:
    stored = bench.store.put(data, kind=bench.kind)
    assert read(bench, stored) == data
    assert stored.size == len(data)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=3000))
def test_any_bytes_are_read_back(bench: Bench, data: bytes) -> None:
    assert read(bench, bench.store.put(data, kind=bench.kind)) == data


def test_twenty_megabytes_are_read_back(bench: Bench) -> None:
    data = hashlib.shake_256(b"scan").digest(20 * 1024 * 1024)
    stored = bench.store.put(data, kind=bench.kind)
    assert bench.store.put(data, kind=bench.kind) == stored
    assert read(bench, stored) == data


def test_the_key_is_made_from_the_content(bench: Bench) -> None:
    digest = hashlib.sha256(VIETNAMESE).hexdigest()
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    assert stored == StoredObject(f"{bench.folder}/{digest[:2]}/{digest}.docx", digest, len(VIETNAMESE))


def test_a_repeated_put_changes_nothing(bench: Bench) -> None:
    first = bench.store.put(VIETNAMESE, kind=bench.kind)
    before = bench.history(first.key)
    assert bench.store.put(VIETNAMESE, kind=bench.kind) == first
    assert bench.history(first.key) == before
    assert len(before) == 1


def test_the_same_content_put_at_the_same_moment_is_written_once(bench: Bench) -> None:
    racers = 4  # SeaweedFS lets those who race for one key in one by one, up to a second apart
    together = Barrier(racers)

    def put(_: int) -> StoredObject:
        together.wait(10)
        return bench.store.put(VIETNAMESE, kind=bench.kind)

    with ThreadPoolExecutor(racers) as threads:
        answers = set(threads.map(put, range(racers)))
    assert len(answers) == 1
    stored = answers.pop()
    assert read(bench, stored) == VIETNAMESE
    assert len(bench.history(stored.key)) == 1


def test_different_content_put_at_the_same_moment_does_not_mix(bench: Bench) -> None:
    contents = [bytes([number]) * 30_000 for number in range(24)]
    with ThreadPoolExecutor(12) as threads:
        stored = list(threads.map(lambda data: bench.store.put(data, kind=bench.kind), contents))
    assert [read(bench, one) for one in stored] == contents
    assert sorted(bench.store.keys(bench.folder)) == sorted(one.key for one in stored)


@pytest.mark.parametrize("at", [0, len(VIETNAMESE) // 2, len(VIETNAMESE) - 1])
def test_a_flipped_bit_is_found(bench: Bench, at: int) -> None:
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    harmed = bytearray(VIETNAMESE)
    harmed[at] ^= 1
    bench.overwrite(stored.key, bytes(harmed))
    with pytest.raises(ObjectCorrupt, match="SHA-256") as found:
        read(bench, stored)
    assert found.value.key == stored.key


@pytest.mark.parametrize(
    "harmed", [b"", VIETNAMESE[:-1], VIETNAMESE + b"\0"], ids=["empty", "torn", "longer"]
)
def test_an_object_of_another_size_is_found(bench: Bench, harmed: bytes) -> None:
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    bench.overwrite(stored.key, harmed)
    with pytest.raises(ObjectCorrupt, match=f"{len(harmed)} bytes, {len(VIETNAMESE)} were stored"):
        read(bench, stored)
    assert bench.store.stat(stored.key).size == len(harmed)


@pytest.mark.parametrize(
    "harmed", [b"", VIETNAMESE[:-1], VIETNAMESE[:-1] + b"?"], ids=["empty", "torn", "changed"]
)
def test_putting_the_original_bytes_again_repairs_an_object(bench: Bench, harmed: bytes) -> None:
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    bench.overwrite(stored.key, harmed)
    assert bench.store.put(VIETNAMESE, kind=bench.kind) == stored
    assert read(bench, stored) == VIETNAMESE


def test_an_object_that_is_not_there_is_missing(bench: Bench) -> None:
    bench.store.put(VIETNAMESE, kind=bench.kind)
    with pytest.raises(ObjectMissing) as refused:
        read(bench, ABSENT)
    assert refused.value.key == ABSENT.key
    with pytest.raises(ObjectMissing):
        bench.store.stat(ABSENT.key)
    assert not bench.store.exists(ABSENT.key)


def test_an_object_that_somebody_removed_is_missing_until_it_is_put_again(bench: Bench) -> None:
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    bench.remove(stored.key)
    with pytest.raises(ObjectMissing):
        read(bench, stored)
    bench.store.put(VIETNAMESE, kind=bench.kind)
    assert read(bench, stored) == VIETNAMESE


def test_bytes_that_are_not_what_the_record_says_are_refused(bench: Bench) -> None:
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    with pytest.raises(ObjectCorrupt):
        bench.store.get(stored.key, sha256="0" * 64, size=stored.size)
    with pytest.raises(ObjectCorrupt):
        bench.store.get(stored.key, sha256=stored.sha256, size=stored.size + 1)


@pytest.mark.parametrize("key", NEVER_A_KEY, ids=ascii)
def test_a_text_that_is_no_key_is_refused_by_every_method(bench: Bench, key: str) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    for act in (
        lambda: bench.store.get(key, sha256="0" * 64, size=3),
        lambda: bench.store.exists(key),
        lambda: bench.store.stat(key),
        lambda: bench.store.retain(key, later),
    ):
        with pytest.raises(InvalidKey):
            act()


@pytest.mark.parametrize(
    "kind",
    ["", ".", "..", "../x", "/docx", "docs/", "docs/a/b", "DOCX", "đơn", "docx\n", "a" * 9, ".tmp/docx"],
)
def test_a_text_that_is_no_kind_is_refused(bench: Bench, kind: str) -> None:
    with pytest.raises(InvalidKey):
        bench.store.put(b"x", kind=kind)


def test_keys_come_in_order_and_by_prefix(bench: Bench) -> None:
    folder = bench.folder
    kinds = [f"{folder}/docx", f"{folder}/pdf", f"{folder}-2/docx"]
    keys = sorted(bench.store.put(bytes([n]), kind=kind).key for n in range(9) for kind in kinds)
    assert list(filter(lambda key: key.startswith(folder), bench.store.keys())) == keys
    assert list(bench.store.keys(folder)) == keys
    assert list(bench.store.keys(f"{folder}/")) == [key for key in keys if key.startswith(f"{folder}/")]
    for length in (len(folder) + 3, len(folder) + 6, len(keys[0])):
        assert keys[0] in list(bench.store.keys(keys[0][:length]))
        assert all(key.startswith(keys[0][:length]) for key in bench.store.keys(keys[0][:length]))
    assert list(bench.store.keys(f"{folder}zzz")) == []


def test_things_that_are_no_objects_are_not_listed(bench: Bench) -> None:
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    bench.overwrite(f"{bench.folder}/readme.txt", b"not ours")
    bench.overwrite(f"{bench.folder}/ab/deeper/than/a-key.docx", b"not ours")
    assert list(bench.store.keys(bench.folder)) == [stored.key]


@pytest.mark.parametrize("prefix", ["../", "/etc", "docs/../..", "đ", "Docs"])
def test_a_prefix_that_no_key_has_is_refused(bench: Bench, prefix: str) -> None:
    with pytest.raises(InvalidKey):
        list(bench.store.keys(prefix))


def test_a_sweep_never_removes_an_object(bench: Bench) -> None:
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    bench.store.sweep(timedelta(0))
    bench.store.sweep(timedelta(days=-1))
    assert read(bench, stored) == VIETNAMESE


def test_a_store_that_serves_passes_the_check_and_lists_nothing_new(bench: Bench) -> None:
    bench.store.check()
    assert list(bench.store.keys(bench.folder)) == []


def test_a_time_without_a_zone_cannot_be_retained_until(bench: Bench) -> None:
    stored = bench.store.put(VIETNAMESE, kind=bench.kind)
    with pytest.raises(ValueError, match="time zone"):
        bench.store.retain(stored.key, datetime(2030, 1, 1))  # noqa: DTZ001  # the mistake that is tested


def test_what_is_not_there_cannot_be_retained(bench: Bench) -> None:
    bench.store.put(VIETNAMESE, kind=bench.kind)
    with pytest.raises(ObjectMissing):
        bench.store.retain(ABSENT.key, datetime.now(UTC) + timedelta(days=1))
