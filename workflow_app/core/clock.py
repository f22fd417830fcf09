"""The one clock: aware UTC inside, Asia/Ho_Chi_Minh for people.

Everything asks `now()`; a test or a scenario puts its own clock in its place, so that
a deadline can be reached without waiting and a story replays to the same bytes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Anything that tells the time as an aware UTC instant."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ScriptedClock:
    """A clock that stands still until it is moved; shared by all threads."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._at = _aware(start)

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def set(self, at: datetime) -> None:
        """Moves to an aware instant; going back is allowed, stories do not need it."""
        with self._lock:
            self._at = _aware(at)

    def advance(self, *, seconds: float) -> None:
        with self._lock:
            self._at += timedelta(seconds=seconds)


_clock: Clock = SystemClock()


def now() -> datetime:
    """The current instant, aware, UTC."""
    return _clock.now()


def today() -> date:
    """The calendar day in Viet Nam."""
    return now().astimezone(HANOI).date()


def local(at: datetime) -> datetime:
    """An aware instant as people in Viet Nam read it."""
    return _aware(at).astimezone(HANOI)


@contextmanager
def use(clock: Clock) -> Iterator[Clock]:
    """Puts another clock in place for a while: tests and scenarios only."""
    global _clock  # noqa: PLW0603 - one clock for all threads is the point
    before, _clock = _clock, clock
    try:
        yield clock
    finally:
        _clock = before


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a naive time has no meaning here; give an aware one")
    return at.astimezone(UTC)
