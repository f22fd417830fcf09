"""Points in time and durations as a diagram or its data write them: ISO 8601 text.

A calendar day lasts until its last second in Asia/Ho_Chi_Minh. A time of day without an offset is
refused: it would mean another instant on another machine.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from workflow_app.core.clock import HANOI
from workflow_app.engine.errors import MomentRefused

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(?P<years>\d{1,2})Y)?(?:(?P<months>\d{1,3})M)?(?:(?P<weeks>\d{1,3})W)?(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,5})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)
_CYCLE = re.compile(r"R(?P<count>\d{1,3})/(?:(?P<start>[^/]+)/)?(?P<every>P[^/]+)")
MAX_CYCLES = 50


@dataclass(frozen=True, slots=True)
class Duration:
    """A span in calendar months plus an exact rest; a month keeps the day of the month where it can."""

    months: int
    rest: timedelta

    def after(self, start: datetime) -> datetime:
        """The instant this long after an aware start, UTC; days are counted in Viet Nam, which has no DST."""
        local = start.astimezone(HANOI)
        years, month = divmod(local.month - 1 + self.months, 12)
        year, month = local.year + years, month + 1
        day = min(local.day, calendar.monthrange(year, month)[1])
        return (local.replace(year=year, month=month, day=day) + self.rest).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A reminder: `count` times, the first at `start` or one span after arrival, then every `every`."""

    count: int
    start: datetime | None
    every: timedelta


def instant(value: object) -> datetime:
    """Aware UTC instant of an ISO day (its last second in Viet Nam) or an ISO time with an offset."""
    text = _text(value)
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59), HANOI).astimezone(UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise MomentRefused(f"{text!r} is no ISO date or time") from error
    if at.tzinfo is None:
        raise MomentRefused(f"{text!r} has no offset; write +07:00")
    return at.astimezone(UTC)


def duration(value: object) -> Duration:
    """Duration of an ISO text such as P10D, PT36H, P1M."""
    text = _text(value)
    match = _DURATION.fullmatch(text)
    if match is None:
        raise MomentRefused(f"{text!r} is no ISO duration such as P10D or PT36H")
    parts = {name: int(number or 0) for name, number in match.groupdict().items()}
    months = parts.pop("years") * 12 + parts.pop("months")
    return Duration(months, timedelta(**parts))


def cycle(value: object) -> Cycle:
    """Cycle of an ISO text such as R3/PT24H: counted, at most 50 times, of days or hours, never of months."""
    text = _text(value)
    match = _CYCLE.fullmatch(text)
    if match is None or not 1 <= int(match["count"]) <= MAX_CYCLES:
        raise MomentRefused(f"{text!r} is no counted cycle such as R3/PT24H (1 to {MAX_CYCLES} times)")
    every = duration(match["every"])
    if every.months or every.rest < timedelta(minutes=1):
        # SpiffWorkflow turns P3M into 90 fixed days; quarters come from the calendar of the year.
        raise MomentRefused(f"{text!r}: a cycle is made of days or hours, not of months or years")
    start = instant(match["start"]) if match["start"] else None
    return Cycle(int(match["count"]), start, every.rest)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 100:
        raise MomentRefused(f"a date or duration must be ISO text, not {type(value).__name__}")
    return value.strip()
