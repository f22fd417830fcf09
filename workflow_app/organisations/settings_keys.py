"""Which dated settings exist: type, unit, Vietnamese label, the default we begin with.

Defaults are believed, not seen in a source; they are stored as "cần xác nhận" until an
administrator confirms them. Nothing in the code falls back to them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from workflow_app.core.errors import FieldError, Invalid


class SettingUnit(StrEnum):
    """What a number counts."""

    NONE = ""
    WORKING_DAYS = "ngày làm việc"
    DAYS = "ngày"
    HOUR = "giờ Việt Nam"
    ROUNDS = "vòng"
    SHARE = "phần của tổng số đơn vị"


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of values.

    check: returns the sentence that says how to mend a stored value, or None.
    read: makes the value that `setting` answers from the stored one, for a day.
    options: (stored value, label) where one of a few is chosen.
    """

    name: str
    check: Callable[[Any], str | None]
    read: Callable[[Any, date], Any]
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SettingKey:
    """common: read for the whole installation only, so that a value of one unit would have no effect."""

    key: str
    vi: str
    shape: Shape
    default: Any
    unit: SettingUnit = SettingUnit.NONE
    note: str = ""
    common: bool = False

    def validate(self, value: Any) -> None:
        """Raises Invalid with one sentence."""
        if (sentence := self.shape.check(value)) is not None:
            raise Invalid([FieldError("value", f"{self.vi}: {sentence}")], f"setting {self.key} refused")


def whole(low: int, high: int) -> Shape:
    """An integer within a range; answered as int."""

    def check(value: Any) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return None if fits else f"hãy nhập một số nguyên từ {low} đến {high}."

    return Shape("whole", check, _as_stored)


def choice(options: Mapping[str, str]) -> Shape:
    """One of some codes; options: code -> Vietnamese label. Answered as str."""

    def check(value: Any) -> str | None:
        return None if value in options else f"hãy chọn một trong: {', '.join(options.values())}."

    return Shape("choice", check, _as_stored, tuple(options.items()))


def _as_stored(value: Any, on: date) -> Any:
    return value


def _check_share(value: Any) -> str | None:
    try:
        fits = isinstance(value, str) and 0 < Fraction(value) <= 1
    except (ValueError, ZeroDivisionError):
        fits = False
    return None if fits else "hãy nhập một phân số lớn hơn 0, không quá 1, ví dụ 2/3."


def _read_share(value: Any, on: date) -> Fraction:
    return Fraction(value)


def _check_flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "hãy chọn Có hoặc Không."


def _check_days(value: Any) -> str | None:
    fits = isinstance(value, list) and all(type(days) is int and 0 <= days <= 60 for days in value)
    return None if fits else "hãy nhập các số ngày từ 0 đến 60, ví dụ 7, 3, 0."


def _check_help(value: Any) -> str | None:
    fits = isinstance(value, dict) and value.keys() == {"office", "phone", "hours"}
    fits = fits and all(isinstance(text, str) and text.strip() for text in value.values())
    return None if fits else "hãy nhập tên văn phòng, số điện thoại và giờ làm việc."


def _check_symbols(value: Any) -> str | None:
    fits = isinstance(value, dict) and bool(value)
    fits = fits and all(isinstance(text, str) and text.count("{number}") == 1 for text in value.values())
    return None if fits else "mỗi mẫu ký hiệu cần đúng một chỗ {number}, ví dụ {number}/KH-{symbol}."


def _check_bases(value: Any) -> str | None:
    try:
        fits = isinstance(value, dict) and all(
            _basis_fits(basis) for bases in value.values() for basis in bases
        )
    except (TypeError, ValueError, KeyError):
        fits = False
    return None if fits else "mỗi căn cứ cần nội dung và ngày có hiệu lực (từ, đến) viết dạng 2024-01-01."


def _basis_fits(basis: Mapping[str, Any]) -> bool:
    since, until = date.fromisoformat(basis["from"]), basis.get("to")
    return bool(basis["text"].strip()) and (until is None or since < date.fromisoformat(until))


def _read_bases(value: Any, on: date) -> dict[str, list[str]]:
    """{document kind: texts in force on the day, in the order given}."""
    today = on.isoformat()
    return {
        kind: [b["text"] for b in bases if b["from"] <= today and (b.get("to") is None or today < b["to"])]
        for kind, bases in value.items()
    }


def _check_calendar(value: Any) -> str | None:
    try:
        fits = isinstance(value["complete"], bool) and all(_day_fits(entry) for entry in value["days"])
    except (TypeError, ValueError, KeyError):
        fits = False
    return None if fits else "mỗi ngày cần ngày (2019-04-30), tên, nguồn, và nghỉ hay làm bù."


def _day_fits(entry: Mapping[str, Any]) -> bool:
    date.fromisoformat(entry["day"])
    return bool(entry["name"]) and bool(entry["source"]) and isinstance(entry["works"], bool)


SHARE = Shape("share", _check_share, _read_share)  # stored "2/3", answered as Fraction
FLAG = Shape("flag", _check_flag, _as_stored)
DAYS = Shape("days", _check_days, _as_stored)  # days before a deadline
HELP = Shape("help", _check_help, _as_stored)
SYMBOLS = Shape("symbols", _check_symbols, _as_stored)  # {document kind: pattern}
LEGAL_BASES = Shape("legal_bases", _check_bases, _read_bases)
CALENDAR = Shape("calendar", _check_calendar, _as_stored)  # one calendar year
