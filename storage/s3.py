"""Objects in a bucket of any S3 server, through the `minio` client, each act within a bounded time."""

import base64
import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPException
from typing import TypeVar
from xml.etree.ElementTree import ParseError

from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED
from minio.error import MinioException, S3Error, ServerError
from minio.retention import Retention
from minio.versioningconfig import VersioningConfig
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as NoAnswer

from storage.deadline import BoundedPool, Deadline
from storage.errors import ObjectCorrupt, ObjectMissing, StorageUnavailable
from storage.keys import check_prefix, is_key, key_for, sha256_in, verified
from storage.protocol import StoredObject, require_aware

T = TypeVar("T")

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_QUERY = re.compile(r"\?[^\s'\"]*")
_CONTENT_TYPE = "application/octet-stream"
_PAUSES = (0.05, 0.2, 0.75)  # seconds before the further tries: a server that restarts is back in one
_SIGNED_FOR = timedelta(minutes=15)  # the difference of clocks that S3 servers accept in other requests, too
# A write at the same moment, an object that is there, a server that knows no conditions.
_CONDITION_UNMET = {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.NOT_IMPLEMENTED}
_ABSENT = {"NoSuchKey", "NoSuchVersion"}
_NO_LOCK = {
    "InvalidRequest",  # the bucket was made without object lock
    "InvalidBucketState",
    "MethodNotAllowed",
    "NotImplemented",
    "ObjectLockConfigurationNotFoundError",
}
# What the client library may throw at us; ValueError: a body that is not text, a header that is not a number.
FOREIGN = (MinioException, HTTPError, HTTPException, OSError, ParseError, ValueError)


class _WithoutSignature(logging.Filter):
    """Takes the query off the addresses that the client library warns of: a signed one is a key for minutes."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?…", record.getMessage()), ()
        return True


for _talker in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_talker).addFilter(_WithoutSignature())


class S3Store:
    """One bucket. A put is conditional (`If-None-Match: *`): an object is never replaced by other content.

    The bucket is made at the first use when it is not there, with versions and object lock where the
    server has them. A bucket that disappears later is an outage: it is not made again behind the back of
    those who look for their documents. A process that forks makes its store after the fork.
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        *,
        access_key: str,
        secret_key: str,
        secure: bool = True,
        region: str = "us-east-1",
        seconds: float = 5.0,
    ) -> None:
        """endpoint: `host:port`. seconds: the longest that one put, get, stat, or page of a list may take.

        The server is not spoken to yet. Raises ValueError for an endpoint or a bucket name that cannot be.
        """
        if not _BUCKET.fullmatch(bucket):
            raise ValueError(f"not a bucket name: {bucket[:80]!a}")
        self._bucket = bucket
        self._seconds = seconds
        self._http = BoundedPool(seconds)
        # Without a region the client would ask the server for it before its first request.
        self._client = Minio(
            endpoint, access_key, secret_key, secure=secure, region=region, http_client=self._http
        )
        self._prepared = False

    def put(self, data: bytes, *, kind: str) -> StoredObject:
        key = key_for(data, kind=kind)
        stored = StoredObject(key, sha256_in(key), len(data))

        def act() -> StoredObject:
            self._prepare()
            if not self._send(stored, data, only_if_new=True) and not self._holds(stored):
                self._send(stored, data, only_if_new=False)
            return stored

        return self._within("put", key, act)

    def get(self, key: str, *, sha256: str, size: int) -> bytes:
        sha256_in(key)
        data = self._within("get", key, lambda: self._read(key, size))
        return verified(data, key=key, sha256=sha256, size=size)

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except ObjectMissing:
            return False
        return True

    def stat(self, key: str) -> StoredObject:
        sha256 = sha256_in(key)
        return StoredObject(key, sha256, self._within("stat", key, lambda: self._size(key)))

    def keys(self, prefix: str = "") -> Iterator[str]:
        check_prefix(prefix)
        self._within("list", None, self._prepare)
        entries = iter(self._client.list_objects(self._bucket, prefix=prefix, recursive=True))
        while True:
            try:
                name = next(entries).object_name
            except StopIteration:
                return
            except FOREIGN as error:
                raise _named("list", None, error) from error
            if name is not None and is_key(name):
                yield name

    def sweep(self, older_than: timedelta) -> int:
        """Always 0: an object is sent in one request, which the server keeps whole or not at all."""
        return 0

    def check(self) -> None:
        def act() -> None:
            self._prepare()
            if not self._client.bucket_exists(self._bucket):
                raise StorageUnavailable(f"the bucket {self._bucket} has gone")

        self._within("check", None, act)

    def retain(self, key: str, until: datetime) -> bool:
        """Object lock in COMPLIANCE mode: nobody can shorten it, the server's administrator included."""
        require_aware(until)
        sha256_in(key)
        return self._within("retain", key, lambda: self._retain(key, until.astimezone(UTC)))

    def close(self) -> None:
        """Close the idle connections. The store may be used again."""
        self._http.clear()

    def _prepare(self) -> None:
        if self._prepared:
            return
        if not self._client.bucket_exists(self._bucket):
            self._make_bucket()
        self._prepared = True

    def _make_bucket(self) -> None:
        try:
            self._client.make_bucket(self._bucket, object_lock=True)
        except S3Error as error:
            if _may_pass(error) or error.response.status == HTTPStatus.FORBIDDEN:
                raise
            if not self._client.bucket_exists(self._bucket):  # else somebody was faster
                self._make_plain_bucket()

    def _make_plain_bucket(self) -> None:
        self._client.make_bucket(self._bucket)
        with suppress(S3Error):  # a server that knows neither locks nor versions still stores
            self._client.set_bucket_versioning(self._bucket, VersioningConfig(ENABLED))

    def _send(self, stored: StoredObject, data: bytes, *, only_if_new: bool) -> bool:
        """True when the server has taken the bytes, False when it says that something is there already."""
        md5 = hashlib.md5(data, usedforsecurity=False)  # what S3 compares on arrival
        headers = {"Content-MD5": base64.b64encode(md5.digest()).decode(), "Content-Type": _CONTENT_TYPE}
        if only_if_new:
            # The client's own put would send this as x-amz-meta-if-none-match, and overwrite.
            headers["If-None-Match"] = "*"
        url = self._client.get_presigned_url("PUT", self._bucket, stored.key, expires=_SIGNED_FOR)
        answer = self._http.urlopen("PUT", url, body=data, headers=headers)
        if only_if_new and answer.status in _CONDITION_UNMET:
            return False
        if answer.status != HTTPStatus.OK:
            raise ServerError(f"the server answers {answer.status} to a put", answer.status)
        if answer.headers.get("ETag", "").strip('"') != md5.hexdigest():
            self._confirm(stored)
        return True

    def _confirm(self, stored: StoredObject) -> None:
        """An ETag is usually the MD5; where it is not (encryption), the size has to do."""
        try:
            found = self._size(stored.key)
        except ObjectMissing:
            found = None
        if found != stored.size:
            raise StorageUnavailable(f"the server took {stored.key} and does not hold it", key=stored.key)

    def _holds(self, stored: StoredObject) -> bool:
        try:
            data = self._read(stored.key, stored.size)
            verified(data, key=stored.key, sha256=stored.sha256, size=stored.size)
        except (ObjectMissing, ObjectCorrupt):
            return False
        return True

    def _read(self, key: str, size: int) -> bytes:
        with self._absence_of(key):
            response = self._client.get_object(self._bucket, key)
        try:
            announced = response.headers.get("Content-Length", str(size))
            if announced != str(size):
                raise ObjectCorrupt(f"{key} holds {announced} bytes, {size} were stored", key=key)
            return response.read(size + 1)  # one more, to see an object that goes on
        finally:
            response.close()
            response.release_conn()

    def _size(self, key: str) -> int:
        with self._absence_of(key):
            return int(self._client.stat_object(self._bucket, key).size or 0)

    def _retain(self, key: str, until: datetime) -> bool:
        try:
            with self._absence_of(key):
                self._client.set_object_retention(self._bucket, key, Retention(COMPLIANCE, until))
        except S3Error as error:
            if error.code in _NO_LOCK:
                self._size(key)  # a server without locks has not looked for the object
                return False
            if error.code != "AccessDenied" or not self._is_retained(key, until):
                raise
        return True

    def _is_retained(self, key: str, until: datetime) -> bool:
        """Whether it is kept that long, or longer, already: the server refuses to shorten the time."""
        held = self._client.get_object_retention(self._bucket, key)
        return held is not None and held.mode == COMPLIANCE and held.retain_until_date >= until

    @contextmanager
    def _absence_of(self, key: str) -> Iterator[None]:
        try:
            yield
        except S3Error as error:
            if error.code not in _ABSENT:
                raise
            # The answer to a HEAD has no text: the client calls a missing bucket a missing key.
            if not self._client.bucket_exists(self._bucket):
                raise StorageUnavailable(f"the bucket {self._bucket} is not there", key=key) from error
            raise ObjectMissing(f"no object {key}", key=key) from error

    def _within(self, act: str, key: str | None, work: Callable[[], T]) -> T:
        with Deadline(self._seconds) as deadline:
            for pause in _PAUSES:
                try:
                    return work()
                except FOREIGN as error:
                    if not _may_pass(error) or deadline.left() <= pause:
                        raise _named(act, key, error, late=deadline.is_over) from error
                time.sleep(pause)
            try:
                return work()
            except FOREIGN as error:
                raise _named(act, key, error, late=deadline.is_over) from error


def _may_pass(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, S3Error):
        status = error.response.status
    elif isinstance(error, ServerError):
        status = error.status_code
    else:
        return True
    return status == HTTPStatus.TOO_MANY_REQUESTS or (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
    )


def _named(act: str, key: str | None, error: BaseException, *, late: bool = False) -> StorageUnavailable:
    if isinstance(error, S3Error):
        reason = f"the server answers {error.code}"
    elif isinstance(error, NewConnectionError):  # to its library a kind of time-out
        reason = "there is no connection to the server"
    elif late or isinstance(error, NoAnswer):
        reason = "the server does not answer in time"
    else:
        reason = type(error).__name__  # not its text, which may hold a signed address
    return StorageUnavailable(f"cannot {act} {key or 'objects'}: {reason}", key=key)
