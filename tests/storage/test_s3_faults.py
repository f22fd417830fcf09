"""Faults between us and the S3 server: always a named error, always in time, never a wrong answer."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import urllib3

from storage import ObjectCorrupt, ObjectStore, S3Store, SeaweedServer, StorageUnavailable, StoredObject
from tests.storage.conftest import BUCKET, S3Bench
from tests.storage.faults import (
    Answer,
    CutAnswer,
    Fault,
    FaultProxy,
    Line,
    NeverAnswer,
    StopReading,
    Trickle,
    http,
)

pytestmark = pytest.mark.s3

SECONDS = 0.4  # what the stores of this file may take
GRACE = 1.5  # for a busy machine
DATA = b"Giao uoc thi dua " * 60_000  # 1 MB: more than the buffers of a connection on the way back
ABSENT = f"docs/ab/ab{'0' * 62}.docx"


@contextmanager
def in_time() -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SECONDS + GRACE


@pytest.fixture
def proxy(weed: SeaweedServer) -> Iterator[FaultProxy]:
    with FaultProxy(weed.endpoint) as proxy:
        yield proxy


def behind(proxy: FaultProxy, weed: SeaweedServer, seconds: float) -> S3Store:
    """A store that has already been used."""
    store = S3Store(
        proxy.endpoint,
        BUCKET,
        access_key=weed.access_key,
        secret_key=weed.secret_key,
        secure=False,
        seconds=seconds,
    )
    for _ in range(20):  # a busy machine may need longer than this store waits
        with suppress(StorageUnavailable):
            store.check()
            break
    return store


@pytest.fixture
def store(proxy: FaultProxy, weed: SeaweedServer) -> Iterator[S3Store]:
    store = behind(proxy, weed, SECONDS)
    yield store
    store.close()


@pytest.fixture
def patient_store(proxy: FaultProxy, weed: SeaweedServer) -> Iterator[S3Store]:
    """For what succeeds in the end, on a busy machine too."""
    store = behind(proxy, weed, 20)
    yield store
    store.close()


@pytest.fixture
def stored(s3_bench: S3Bench) -> StoredObject:
    return s3_bench.store.put(DATA, kind=s3_bench.kind)


def acts_on(store: ObjectStore, stored: StoredObject) -> list[Callable[[], object]]:
    return [
        lambda: store.put(b"new", kind=f"{stored.key.partition('/')[0]}/pdf"),
        lambda: store.get(stored.key, sha256=stored.sha256, size=stored.size),
        lambda: store.exists(stored.key),
        store.check,
        lambda: list(store.keys("docs")),
    ]


NAMES = ["put", "get", "exists", "check", "keys"]
ACTS = pytest.mark.parametrize("act", range(5), ids=NAMES)
MAIN_ACTS_FIRST = pytest.mark.parametrize(
    "act", [0, 1, *(pytest.param(act, marks=pytest.mark.slow) for act in (2, 3, 4))], ids=NAMES
)
REPEATED_ACTS = pytest.mark.parametrize("act", range(4), ids=NAMES[:4])  # who lists starts again himself


@MAIN_ACTS_FIRST
@pytest.mark.parametrize(
    "fault",
    [
        NeverAnswer(),
        Trickle(pause=0.1),
        CutAnswer(),
        Answer(http("500 Internal Server Error")),
        Answer(http("503 Slow Down", "<Error><Code>SlowDown</Code></Error>", Content_Type="application/xml")),
        Answer(http("502 Bad Gateway", "<html>bad gateway</html>", Content_Type="text/html")),
        Answer(http("301 Moved Permanently", Location="http://127.0.0.1:9/")),
        Answer(http("403 Forbidden", "<broken", Content_Type="application/xml")),
        Answer("SSH-2.0-OpenSSH_9.2\r\n"),
        Answer("\xff\xfe\0"),
    ],
    ids=["silent", "trickle", "cut", "500", "503", "502", "301", "broken xml", "not http", "garbage"],
)
def test_a_fault_is_named_in_time(
    store: S3Store, proxy: FaultProxy, stored: StoredObject, fault: Fault, act: int
) -> None:
    proxy.fault = fault
    with in_time(), pytest.raises(StorageUnavailable):
        acts_on(store, stored)[act]()


@MAIN_ACTS_FIRST
def test_a_store_serves_again_when_the_fault_is_over(
    patient_store: S3Store, proxy: FaultProxy, stored: StoredObject, act: int
) -> None:
    proxy.fault = CutAnswer()
    with pytest.raises(StorageUnavailable):
        acts_on(patient_store, stored)[act]()
    proxy.fault = Fault()
    acts_on(patient_store, stored)[act]()


@REPEATED_ACTS
@pytest.mark.parametrize(
    "fault",
    [lambda: CutAnswer(times=1), lambda: Answer(http("503 Slow Down"), times=2)],
    ids=["one cut", "busy twice"],
)
def test_a_short_fault_is_not_noticed(
    patient_store: S3Store, proxy: FaultProxy, stored: StoredObject, fault: Callable[[], Fault], act: int
) -> None:
    proxy.fault = fault()
    acts_on(patient_store, stored)[act]()


@ACTS
def test_a_closed_port_is_named_in_time(weed: SeaweedServer, stored: StoredObject, act: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        endpoint = f"127.0.0.1:{door.getsockname()[1]}"
    store = S3Store(endpoint, BUCKET, access_key="a", secret_key="b" * 8, secure=False, seconds=SECONDS)
    with in_time(), pytest.raises(StorageUnavailable, match="no connection"):
        acts_on(store, stored)[act]()


@ACTS
def test_a_server_that_never_accepts_is_named_in_time(stored: StoredObject, act: int) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as door, socket.socket() as first:
        first.connect(door.getsockname())  # the queue is full now: the next connection gets no answer
        endpoint = f"127.0.0.1:{door.getsockname()[1]}"
        store = S3Store(endpoint, BUCKET, access_key="a", secret_key="b" * 8, secure=False, seconds=SECONDS)
        with in_time(), pytest.raises(StorageUnavailable, match="in time"):
            acts_on(store, stored)[act]()


def test_a_name_that_nobody_knows_makes_the_store_unavailable() -> None:
    store = S3Store("no-such-host.invalid:80", BUCKET, access_key="a", secret_key="b" * 8, secure=False)
    with pytest.raises(StorageUnavailable):
        store.check()


def test_a_server_without_tls_is_named_in_time(weed: SeaweedServer, stored: StoredObject) -> None:
    store = S3Store(weed.endpoint, BUCKET, access_key="a", secret_key="b" * 8, secure=True, seconds=SECONDS)
    with in_time(), pytest.raises(StorageUnavailable):
        store.check()


def test_a_server_that_stops_reading_in_the_middle_of_a_put_is_named_in_time(
    store: S3Store, proxy: FaultProxy, s3_bench: S3Bench
) -> None:
    proxy.fault = StopReading()
    with in_time(), pytest.raises(StorageUnavailable, match="in time"):
        store.put(bytes(20 * 1024 * 1024), kind=s3_bench.kind)


@pytest.mark.parametrize("after", [1, 200, 1000, len(DATA) // 2])
def test_an_answer_cut_in_the_middle_is_no_corrupt_object(
    store: S3Store, proxy: FaultProxy, stored: StoredObject, after: int
) -> None:
    proxy.fault = CutAnswer(after=after)
    with in_time(), pytest.raises(StorageUnavailable):
        store.get(stored.key, sha256=stored.sha256, size=stored.size)


def test_an_object_of_another_size_is_refused_before_it_is_read(
    store: S3Store, proxy: FaultProxy, stored: StoredObject
) -> None:
    proxy.fault = Answer("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\nand so on")
    with pytest.raises(ObjectCorrupt, match="10000000000 bytes"):
        store.get(stored.key, sha256=stored.sha256, size=stored.size)


def test_a_trickle_outlasts_a_plain_socket_timeout(proxy: FaultProxy) -> None:
    """The control: why there is a deadline beside the timeout of the HTTP library."""
    proxy.fault = Trickle(pause=0.002)
    start = time.monotonic()
    with urllib3.PoolManager(timeout=0.1, retries=False) as pool:
        assert pool.request("GET", f"http://{proxy.endpoint}/").status == 403
    assert time.monotonic() - start > 0.4


def test_a_put_whose_answer_is_lost_succeeds_and_is_written_once(
    patient_store: S3Store, proxy: FaultProxy, s3_bench: S3Bench
) -> None:
    proxy.fault = CutAnswer(times=1)
    stored = patient_store.put(DATA, kind=s3_bench.kind)
    assert len(s3_bench.history(stored.key)) == 1
    assert s3_bench.store.get(stored.key, sha256=stored.sha256, size=stored.size) == DATA


def test_a_put_that_ended_unknown_may_be_repeated(
    patient_store: S3Store, proxy: FaultProxy, s3_bench: S3Bench
) -> None:
    proxy.fault = CutAnswer()
    with pytest.raises(StorageUnavailable) as refused:
        patient_store.put(DATA, kind=s3_bench.kind)
    assert refused.value.key is not None
    proxy.fault = Fault()
    stored = patient_store.put(DATA, kind=s3_bench.kind)
    assert stored.key == refused.value.key
    assert len(s3_bench.history(stored.key)) == 1


def test_a_server_that_acknowledges_and_stores_nothing_is_found_out(
    patient_store: S3Store, proxy: FaultProxy, s3_bench: S3Bench
) -> None:
    proxy.fault = Answer(http("200 OK"), to=b"PUT ")
    with pytest.raises(StorageUnavailable, match="does not hold it"):
        patient_store.put(DATA, kind=s3_bench.kind)


@pytest.mark.parametrize("status", ["501 Not Implemented", "409 Conflict"])
def test_a_server_that_knows_no_conditions_stores_too(
    patient_store: S3Store, proxy: FaultProxy, s3_bench: S3Bench, status: str
) -> None:
    proxy.fault = Answer(http(status), to=b"If-None-Match: *")
    stored = patient_store.put(DATA, kind=s3_bench.kind)
    assert patient_store.put(DATA, kind=s3_bench.kind) == stored
    assert len(s3_bench.history(stored.key)) == 1


def test_a_body_harmed_on_the_way_is_refused_by_the_server(
    patient_store: S3Store, proxy: FaultProxy, s3_bench: S3Bench
) -> None:
    class Flip(Fault):
        def request(self, line: Line, data: bytes) -> None:
            line.to_server(data.replace(b"thi dua thi", b"thi dua chi"))

    proxy.fault = Flip()
    with in_time(), pytest.raises(StorageUnavailable):
        patient_store.put(b"thi dua thi dua" * 100, kind=s3_bench.kind)
    assert list(s3_bench.store.keys(s3_bench.folder)) == []


def test_no_secret_and_no_signed_address_is_told(
    store: S3Store, proxy: FaultProxy, weed: SeaweedServer, stored: StoredObject
) -> None:
    proxy.fault = CutAnswer()
    for act in acts_on(store, stored):
        with pytest.raises(StorageUnavailable) as refused:
            act()
        assert "X-Amz" not in str(refused.value)
        assert weed.secret_key not in str(refused.value)
