"""What the application may ask of a store of immutable objects."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a database row must remember in order to read an object back and to know that it is the same.

    sha256: 64 lower-case hex digits. size: bytes.
    """

    key: str
    sha256: str
    size: int


class ObjectStore(Protocol):
    """Bytes in, bytes out; keys are made from the content and are never overwritten with other content.

    A store may be used by many threads at once. Every method raises StorageUnavailable when the store
    cannot serve, and InvalidKey, before anything is touched, for a text that is no key.
    """

    def put(self, data: bytes, *, kind: str) -> StoredObject:
        """Store the bytes durably; afterwards `get` with the answer returns them.

        kind: `docx`, or `folder/extension` such as `uploads/pdf`.
        A repeat, also at the same moment from elsewhere, is a success that changes nothing; an object
        found torn or changed under the key is written again.
        """

    def get(self, key: str, *, sha256: str, size: int) -> bytes:
        """The bytes, compared with the SHA-256 and the size that the caller's own record holds.

        Raises ObjectMissing, ObjectCorrupt.
        """

    def exists(self, key: str) -> bool:
        """Whether something is stored under the key; its bytes are not read."""

    def stat(self, key: str) -> StoredObject:
        """The object as the store describes it, unread: the size found and the SHA-256 of the key.

        Raises ObjectMissing.
        """

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that starts with the prefix, in ASCII order; things that are no objects are left out."""

    def sweep(self, older_than: timedelta) -> int:
        """Remove what interrupted puts left behind longer ago than that; never an object. How many."""

    def check(self) -> None:
        """Cheap probe: returns when the store would accept a put, else raises StorageUnavailable."""

    def retain(self, key: str, until: datetime) -> bool:
        """Ask the store itself to refuse deletion of the object until then (aware time, never shortened).

        False when this store has no object lock. Raises ObjectMissing.
        """


def require_aware(until: datetime) -> None:
    """Raises ValueError for a naive time: whose midnight it means would be a guess."""
    if until.tzinfo is None:
        raise ValueError("until needs a time zone")
