"""From an address to a store."""

import socket
import threading
from pathlib import Path

import pytest

from storage import FileStore, InvalidStoreUrl, S3Store, StorageUnavailable, open_store

SECRET = "do-not-tell"


def test_a_file_address_opens_a_folder(tmp_path: Path) -> None:
    store = open_store((tmp_path / "dữ liệu 2019").as_uri())
    assert isinstance(store, FileStore)
    stored = store.put(b"x", kind="docx")
    assert (tmp_path / "dữ liệu 2019" / stored.key).read_bytes() == b"x"


def test_an_s3_address_opens_a_bucket_without_speaking_to_it() -> None:
    url = "s3://127.0.0.1:1/documents?secure=0&region=vn-1&seconds=0.5"
    store = open_store(url, access_key="key", secret_key=SECRET)
    assert isinstance(store, S3Store)
    with pytest.raises(StorageUnavailable):
        store.check()


@pytest.mark.parametrize(("query", "first"), [("", b"\x16"), ("?secure=1", b"\x16"), ("?secure=0", b"H")])
def test_s3_is_spoken_over_tls_unless_the_address_says_otherwise(query: str, first: bytes) -> None:
    heard: list[bytes] = []

    def listen_once(door: socket.socket) -> None:
        with door.accept()[0] as line:
            heard.append(line.recv(1))  # 0x16: a TLS handshake; H: the word HEAD

    with socket.create_server(("127.0.0.1", 0)) as door:
        listener = threading.Thread(target=listen_once, args=[door])
        listener.start()
        url = f"s3://127.0.0.1:{door.getsockname()[1]}/documents{query}"
        with pytest.raises(StorageUnavailable):
            open_store(
                f"{url}{'&' if query else '?'}seconds=0.3", access_key="key", secret_key=SECRET
            ).check()
        listener.join(5)
    assert heard == [first]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/var/lib/objects",
        "file://",
        "file:objects",
        "file://server/objects",
        "file:///objects%00",
        "http://127.0.0.1/documents",
        "s3://127.0.0.1:9000",
        "s3:///documents",
        "s3://127.0.0.1:9000/a",
        "s3://127.0.0.1:9000/documents/deeper",
        "s3://127.0.0.1:port/documents",
        f"s3://key:{SECRET}@127.0.0.1:9000/documents",
        "s3://127.0.0.1:9000/documents?secure=no",
        "s3://127.0.0.1:9000/documents?secure",
        "s3://127.0.0.1:9000/documents?tls=0",
        "s3://127.0.0.1:9000/documents?seconds=0",
        "s3://127.0.0.1:9000/documents?seconds=nan",
        "s3://127.0.0.1:9000/documents?seconds=inf",
        "s3://[::1/documents",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_secrets(url: str) -> None:
    with pytest.raises(InvalidStoreUrl) as refused:
        open_store(url, access_key="key", secret_key=SECRET)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("keys", [(None, None), ("key", None), ("", SECRET)])
def test_a_bucket_is_not_opened_without_both_keys(keys: tuple[str | None, str | None]) -> None:
    with pytest.raises(InvalidStoreUrl, match="access key"):
        open_store("s3://127.0.0.1:9000/documents", access_key=keys[0], secret_key=keys[1])
