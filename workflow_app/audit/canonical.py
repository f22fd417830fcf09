"""The one byte form of an event: JSON after RFC 8785 (JCS), strings in NFC, no fractions.

The bytes are stored and hashed as they are made. PostgreSQL's jsonb would not do: the text it
prints is not specified to stay the same.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

_LARGEST = 2**53 - 1  # beyond this a JavaScript reader of an export sees another number


class NotCanonical(ValueError):
    """A value that has no single byte form: a programmer's mistake, never a person's."""


def canonical(value: Mapping[str, Any]) -> bytes:
    """UTF-8 bytes of a JSON object: keys sorted by UTF-16 units, no spaces, text in NFC.

    Allowed are None, bool, int up to 2**53 - 1, str, lists and objects of these.
    Raises NotCanonical for anything else, for lone surrogates and for keys that are equal in NFC.
    """
    text = json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("text with a lone surrogate has no bytes") from error


def parse(body: bytes) -> dict[str, Any]:
    """The object in canonical bytes; raises NotCanonical when they are not what `canonical` would make."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise NotCanonical("not JSON") from error
    if not isinstance(value, dict) or canonical(value) != body:
        raise NotCanonical("not in canonical form")
    return value


def leaf_of(body: bytes) -> bytes:
    """SHA-256 of a zero byte and the body: a leaf of an RFC 9162 Merkle tree, 32 bytes."""
    return hashlib.sha256(b"\0" + body).digest()


def _ordered(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise NotCanonical(f"{value} is too large for JSON")
        return int(value)
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, Mapping):
        return _ordered_object(value)
    raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _ordered_object(value: Mapping[Any, Any]) -> dict[str, Any]:
    if not all(isinstance(key, str) for key in value):
        raise NotCanonical("keys must be text")
    composed = {unicodedata.normalize("NFC", key): _ordered(item) for key, item in value.items()}
    if len(composed) != len(value):
        raise NotCanonical("two keys are the same text")
    # surrogatepass: a lone surrogate is refused once, by canonical().
    return dict(sorted(composed.items(), key=lambda pair: pair[0].encode("utf-16-be", "surrogatepass")))
