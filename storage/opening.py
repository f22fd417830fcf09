"""From the address in the settings to a store."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from storage.errors import InvalidStoreUrl
from storage.files import FileStore
from storage.protocol import ObjectStore
from storage.s3 import S3Store

_SWITCH = {"0": False, "1": True}
_S3_FORM = "an S3 store is written s3://host:port/bucket, with ?secure=0 for plain http"
_LONGEST = 600  # seconds: ten minutes are no longer "bounded"


def open_store(url: str, *, access_key: str | None = None, secret_key: str | None = None) -> ObjectStore:
    """The store at an address.

    `file:///path` – a folder of this machine, made when it is not there;
    `s3://host:port/bucket` – with both keys; `?secure=0` for plain http, `region=...`, `seconds=...`
    (the longest that one act may take, 5 by default).
    Raises InvalidStoreUrl, and StorageUnavailable for a folder that cannot be made. An S3 server is not
    spoken to yet: `check()` does that.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidStoreUrl("the address of the store is no address") from error
    if parts.scheme == "file":
        return FileStore(_folder(parts))
    if parts.scheme == "s3":
        return _bucket(parts, access_key, secret_key)
    raise InvalidStoreUrl("the address of a store starts with file:/// or s3://")


def _folder(parts: SplitResult) -> Path:
    path = unquote(parts.path)
    if parts.netloc not in {"", "localhost"} or not path.startswith("/") or "\0" in path:
        raise InvalidStoreUrl("a folder is written file:///absolute/path")
    return Path(path)


def _bucket(parts: SplitResult, access_key: str | None, secret_key: str | None) -> S3Store:
    if "@" in parts.netloc:
        raise InvalidStoreUrl("credentials do not belong into the address of a store")
    if not parts.hostname:
        raise InvalidStoreUrl(_S3_FORM)
    if not access_key or not secret_key:
        raise InvalidStoreUrl("an S3 store needs an access key and a secret key")
    options = _options(parts.query)
    try:
        return S3Store(
            parts.netloc,
            parts.path.strip("/"),
            access_key=access_key,
            secret_key=secret_key,
            secure=_SWITCH[options.get("secure", "1")],
            region=options.get("region", "us-east-1"),
            seconds=_seconds(options.get("seconds", "5")),
        )
    except (ValueError, KeyError) as error:
        raise InvalidStoreUrl(_S3_FORM) from error


def _options(query: str) -> dict[str, str]:
    try:
        options = dict(parse_qsl(query, strict_parsing=bool(query)))
    except ValueError as error:
        raise InvalidStoreUrl("what follows the question mark is not name=value&name=value") from error
    if unknown := options.keys() - {"secure", "region", "seconds"}:
        raise InvalidStoreUrl(f"unknown in the address of a store: {', '.join(sorted(unknown))}")
    return options


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _LONGEST:
        raise ValueError(f"seconds must lie above 0 and up to {_LONGEST}")
    return seconds
