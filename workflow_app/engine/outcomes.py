"""What may enter a process: JSON values with harmless names, ids and decisions, never documents."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from workflow_app.engine.errors import OutcomeRefused

MAX_DEPTH = 8
MAX_VALUES = 5_000  # 200 units with a handful of facts each
MAX_TEXT = 2_000  # characters of one text: ids and decisions are short
_INT64 = 2**63


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values in NFC and copied, ready to be process data.

    Top-level names must be usable in an expression. Raises OutcomeRefused for `typename` (it would brick
    the stored state), names starting with `__` or `_sys`, anything that is not JSON, at any depth.
    """
    cleaned = _Cleaner().mapping(values, 0)
    for name in cleaned:
        # Expressions see NFKC names (Python folds identifiers), so a key that differs would never match.
        if not name.isidentifier() or unicodedata.normalize("NFKC", name) != name or name.startswith("_"):
            raise _refused(name, "a variable name has letters, digits and _, and starts with a letter")
    return cleaned


class _Cleaner:
    def __init__(self) -> None:
        self._left = MAX_VALUES

    def mapping(self, values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        cleaned: dict[str, Any] = {}
        for key, value in values.items():
            name = self._name(key)
            if name in cleaned:
                raise _refused(name, "two keys are the same in NFC")
            cleaned[name] = self.value(value, depth + 1)
        return cleaned

    def value(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise OutcomeRefused("too many or too deeply nested values")
        if value is None or type(value) is bool:
            return value
        if type(value) is int and -_INT64 <= value < _INT64:
            return value
        if type(value) is float and math.isfinite(value):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        if isinstance(value, list | tuple):
            return [self.value(item, depth + 1) for item in value]
        raise OutcomeRefused(f"{type(value).__name__} is not a JSON value")

    def _name(self, key: Any) -> str:
        if not isinstance(key, str):
            raise OutcomeRefused(f"key of type {type(key).__name__}; keys are text")
        name = self._text(key)
        if name == "typename" or name.startswith(("__", "_sys")) or not name:
            raise _refused(name, "this name is reserved")
        return name

    def _text(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            raise OutcomeRefused(f"text of {len(text)} characters; process data hold ids and decisions only")
        if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise OutcomeRefused("text with NUL or a lone surrogate")
        return str(unicodedata.normalize("NFC", text))


def _refused(name: str, why: str) -> OutcomeRefused:
    return OutcomeRefused(
        f"key {name[:40]!r}: {why}", vi=f"Trường «{name[:40]}» có tên không được phép dùng."
    )
