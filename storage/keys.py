"""Keys are made from content: `docs/ab/<sha256>.docx`, `ab` being the first two digits of the SHA-256.

A key is plain lower-case ASCII, so it is the same in a file system, an URL and a database, and it can
neither leave the store's folder nor name a temporary file.
"""

import hashlib
import re

from storage.errors import InvalidKey, ObjectCorrupt

DEFAULT_FOLDER = "docs"

_FOLDER = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NAME = re.compile(r"([0-9a-f]{64})\.[a-z0-9]{1,8}")
_KIND = re.compile(rf"(?:({_FOLDER.pattern})/)?([a-z0-9]{{1,8}})")
_PREFIX = re.compile(r"[a-z0-9/.-]*")


def key_for(data: bytes, *, kind: str) -> str:
    """The key of these bytes.

    kind: `docx` (folder `docs`) or `folder/extension`, such as `uploads/pdf`. The same bytes under two
    kinds are two objects.
    Raises InvalidKey for any other kind.
    """
    match = _KIND.fullmatch(kind)
    if match is None:
        raise InvalidKey(f"not a kind of object: {kind!a}")
    digest = hashlib.sha256(data).hexdigest()
    return f"{match[1] or DEFAULT_FOLDER}/{digest[:2]}/{digest}.{match[2]}"


def sha256_in(key: str) -> str:
    """The SHA-256 (64 lower-case hex digits) that the key promises. Raises InvalidKey."""
    folder, _, rest = key.partition("/")
    shard, _, name = rest.partition("/")
    match = _NAME.fullmatch(name)
    if match is None or not _FOLDER.fullmatch(folder) or match[1][:2] != shard:
        raise InvalidKey(f"not a key: {key[:200]!a}", key=key)
    return match[1]


def is_key(text: str) -> bool:
    try:
        sha256_in(text)
    except InvalidKey:
        return False
    return True


def check_prefix(prefix: str) -> str:
    """The prefix itself. Raises InvalidKey when no key could ever start so."""
    if not _PREFIX.fullmatch(prefix) or ".." in prefix or prefix.startswith("/"):
        raise InvalidKey(f"not the beginning of a key: {prefix[:200]!a}")
    return prefix


def verified(data: bytes, *, key: str, sha256: str, size: int) -> bytes:
    """The same bytes, once they are known to be the expected ones. Raises ObjectCorrupt."""
    if len(data) != size:
        raise ObjectCorrupt(f"{key} holds {len(data)} bytes, {size} were stored", key=key)
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ObjectCorrupt(f"{key} has SHA-256 {found}, {sha256} was stored", key=key)
    return data
