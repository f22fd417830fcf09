"""The filters a Word template may use: everything else is refused at the gate.

Data hold ISO dates and plain numbers; how they read in an official document is decided here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from workflow_app.core.vietnamese import decree_date, format_number, format_percent, list_letter, roman
from workflow_app.core.vietnamese import local as vietnam_time
from workflow_app.core.vietnamese import official_date as written_date
from workflow_app.core.vietnamese import two_digits as padded

_BLANK_DATE = "ngày ..... tháng ..... năm ....."
# "XÃ HỘI", "TỈNH ĐOÀN", "HUYỆN ỦY" name no place.
_PLACE = re.compile(r"(?<= )(?:TỈNH|THÀNH PHỐ|XÃ|PHƯỜNG|ĐẶC KHU|HUYỆN|QUẬN|THỊ XÃ) (?!HỘI|ĐOÀN|ỦY|UỶ)[^,]*$")
_ONE_LINE = 22  # letters at 13 points bold that fit a third of the page
_END_SIGNS = ".;,: "


class FilterMisused(ValueError):
    """A filter got a value it cannot print; the message names the filter."""


def upper(text: str) -> str:
    """Capitals, for names in mastheads and signature blocks."""
    return _text(text, "upper").upper()


def capitals(name: str) -> str:
    """Capitals that break well in a narrow column: "TỈNH AN GIANG" and the last two words stay together.

    The spaces inside are then no-break spaces; comparisons treat them as plain ones.
    """
    name = upper(name)
    place = _PLACE.search(name)
    start = (
        place.start()
        if place and len(name) - place.start() <= _ONE_LINE
        else name.rfind(" ", 0, name.rfind(" ")) + 1
    )
    return name[:start] + name[start:].replace(" ", "\u00a0") if len(name) - start <= _ONE_LINE else name


def official_date(day: str) -> str:
    """ "2019-03-01" as "ngày 01 tháng 3 năm 2019"; "" as dots to be filled in by hand."""
    return written_date(_date(day, "official_date")) if day else _BLANK_DATE


def short_date(day: str) -> str:
    """ "2019-03-01" as "01/3/2019"; "" stays empty."""
    return decree_date(_date(day, "day")) if day else ""


def time_of_day(moment: str) -> str:
    """ "2019-03-01T14:00:00+07:00" as "14 giờ 00 phút, ngày 01 tháng 3 năm 2019", Vietnam time."""
    try:
        there = vietnam_time(datetime.fromisoformat(_text(moment, "time_of_day")))
    except ValueError as error:
        raise FilterMisused(f"time_of_day: not an ISO time with a zone: {moment!r}") from error
    return f"{there:%H} giờ {there:%M} phút, {written_date(there.date())}"


def two_digits(count: int) -> str:
    """4 as "04", as counts are written in official text."""
    return padded(_count(count, "two_digits"))


def roman_number(count: int) -> str:
    return roman(_count(count, "roman"))


def letter(position: int) -> str:
    """1 as "a", 5 as "đ": the letter of a point, counted from 1 as loop.index is."""
    return list_letter(_count(position, "letter") - 1)


def number(value: float | Decimal) -> str:
    """ "1.250,5": a point between thousands, a comma before decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise FilterMisused("number: the value is no number")
    return format_number(Decimal(str(value)))


def percent(part: int, whole: int) -> str:
    """13 of 14 as "92,9%", one decimal, half up; raises FilterMisused for a whole of zero."""
    if not _count(whole, "percent"):
        raise FilterMisused("percent: the whole is zero")
    share = Decimal(_count(part, "percent")) * 100 / Decimal(whole)
    return format_percent(share.quantize(Decimal("0.1"), ROUND_HALF_UP).normalize())


def ended(text: str, sign: str) -> str:
    """The text with that sign at its end in place of the one a person may have typed.

    A question mark, an exclamation mark and dots that mean "and so on" stay.
    """
    bare = _text(text, "ended").rstrip()
    if bare.endswith(("?", "!", "…", "...")):
        return bare if sign in {".", ""} else f"{bare}{sign}"
    return f"{bare.rstrip(_END_SIGNS)}{sign}"


def lines(texts: Sequence[str]) -> str:
    """Each text on a line of its own."""
    return "\n".join(_text(text, "lines") for text in texts)


def pairs(rows: Sequence[Mapping[str, Any]], name: str, value: str) -> str:
    """ "Chỉ tiêu 3: 02 đoàn viên" on a line for each row."""
    return "\n".join(f"{row[name]}: {row[value]}" for row in rows)


def grid(items: Sequence[Any], columns: int) -> list[list[Any]]:
    """Rows of so many items; a last row with one item in three columns has it in the middle."""
    if columns not in {1, 2, 3, 4}:
        raise FilterMisused("grid: 1 to 4 columns")
    rows = [list(items[start : start + columns]) for start in range(0, len(items), columns)]
    if columns == 3 and rows and len(rows[-1]) == 1:
        rows[-1].insert(0, "")
    return [row + [""] * (columns - len(row)) for row in rows]


def but_last(items: Sequence[Any]) -> list[Any]:
    """All but the last item."""
    return list(items[:-1])


def only_last(items: Sequence[Any]) -> list[Any]:
    """The last item alone, in a list: for a row that must stay with what follows it."""
    return list(items[-1:])


def length(items: Sequence[Any] | Mapping[str, Any]) -> int:
    if not isinstance(items, str | list | dict):
        raise FilterMisused("length: the value has none")
    return len(items)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise FilterMisused(f"{name}: the value is no text")
    return value


def _count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise FilterMisused(f"{name}: the value is no whole number")
    return value


def _date(value: object, name: str) -> date:
    try:
        return date.fromisoformat(_text(value, name))
    except ValueError as error:
        raise FilterMisused(f"{name}: not an ISO date: {value!r}") from error


FILTERS: dict[str, Callable[..., Any]] = {
    "upper": upper,
    "capitals": capitals,
    "official_date": official_date,
    "day": short_date,
    "time_of_day": time_of_day,
    "two_digits": two_digits,
    "roman": roman_number,
    "letter": letter,
    "number": number,
    "percent": percent,
    "ended": ended,
    "lines": lines,
    "pairs": pairs,
    "grid": grid,
    "but_last": but_last,
    "only_last": only_last,
    "length": length,
}
