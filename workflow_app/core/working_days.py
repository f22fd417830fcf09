"""Deadlines in working days, the only count that people at the union are shown.

Saturday and Sunday are free, and so are the days off of the calendar; a make-up day is a Saturday or Sunday
on which offices work in exchange for a day between two holidays. Which days these are is announced year by
year: they are data (`data/holidays.toml` to begin with, the federation's own table afterwards).
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from workflow_app.core.vietnamese.dates import weekday_label

_ONE_DAY = timedelta(days=1)
_FURTHEST = 10_000  # working days, about 40 years: a larger step is a mistake, not a deadline
_MOST_CELLS = 31
_SATURDAY = 5
_KEYS = {"complete", "open", "off", "works"}


class CalendarDataError(ValueError):
    """The table of holidays contradicts itself or lacks something; the message names the entry."""


@dataclass(frozen=True)
class CalendarDay:
    """One announced exception (ngày nghỉ lễ, ngày làm bù), with the document that announced it."""

    day: date
    name: str
    source: str
    works: bool
    """False for a day off, True for a Saturday or Sunday on which offices work."""


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days count (lịch làm việc).

    A year outside complete_years is counted with what is known: weekends and the days given for it.
    Raises CalendarDataError when a day is both off and worked.
    """

    days_off: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()
    complete_years: frozenset[int] = frozenset()
    """Years whose holidays were all announced when the data was entered."""

    def __post_init__(self) -> None:
        if both := self.days_off & self.make_up_days:
            raise CalendarDataError(f"both off and worked: {', '.join(map(str, sorted(both)))}")

    @classmethod
    def of(cls, days: Iterable[CalendarDay], complete_years: Iterable[int] = ()) -> "WorkingCalendar":
        known = tuple(days)
        return cls(
            days_off=frozenset(entry.day for entry in known if not entry.works),
            make_up_days=frozenset(entry.day for entry in known if entry.works),
            complete_years=frozenset(complete_years),
        )

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on this day. Raises TypeError for a datetime (whose date is the UTC one)."""
        _refuse_datetime(day)
        return day in self.make_up_days or (day.weekday() < _SATURDAY and day not in self.days_off)

    def next_working_day(self, day: date) -> date:
        """The day itself when offices work, otherwise the first later one that they do."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def add_working_days(self, day: date, count: int) -> date:
        """The count-th working day after the day, before it for a negative count; the day itself for 0.

        The day itself is never counted, so a period of 5 working days that opens on Friday ends on the
        Friday after. Raises ValueError beyond 10.000 working days.
        """
        _refuse_datetime(day)
        if abs(count) > _FURTHEST:
            raise ValueError(f"{count} working days are out of range")
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after start up to and including end; negative when end is before start.

        Adds up: between(a, b) + between(b, c) == between(a, c). Its cost does not depend on the distance.
        """
        _refuse_datetime(start)
        _refuse_datetime(end)
        if end < start:
            return -self.working_days_between(end, start)
        weekdays = _weekdays_up_to(end) - _weekdays_up_to(start)
        lost = sum(start < day <= end and day.weekday() < _SATURDAY for day in self.days_off)
        gained = sum(start < day <= end and day.weekday() >= _SATURDAY for day in self.make_up_days)
        return weekdays - lost + gained

    def due_wording(self, today: date, due: date | None, soon: int = 3) -> "DueWording":
        """How near a deadline is, for people. The deadline day itself still counts as in time.

        soon: so many working days or fewer are "soon". A deadline on a free day stays where it is; the
        wording then says that no working day is left.
        """
        if due is None:
            return DueWording("Không có hạn", Urgency.NONE, None)
        left = self.working_days_between(today, due)
        if due < today:
            late = f"Quá {-left} ngày làm việc" if left else "Đã quá hạn"
            return DueWording(late, Urgency.OVERDUE, left)
        if due == today:
            return DueWording("Hôm nay là hạn", Urgency.TODAY, 0)
        text = f"Còn {left} ngày làm việc" if left else "Hạn trong ngày nghỉ"
        return DueWording(text, Urgency.SOON if left <= soon else Urgency.LATER, left)

    def strip(self, today: date, due: date | None, cells: int = 7) -> list["DayCell"]:
        """The working-day strip: consecutive calendar days from today, 7 cells unless told otherwise.

        It begins at the deadline instead when that was missed a few days ago and both fit. A deadline
        further away than the cells is not in it. Raises ValueError for less than 1 or more than 31 cells.
        """
        if not 1 <= cells <= _MOST_CELLS:
            raise ValueError(f"a strip has 1 to {_MOST_CELLS} cells, not {cells}")
        first = due if due and today - cells * _ONE_DAY < due < today else today
        days = (first + index * _ONE_DAY for index in range(cells))
        return [
            DayCell(
                date=day,
                label=weekday_label(day),
                is_off=not self.is_working_day(day),
                is_today=day == today,
                is_due=day == due,
            )
            for day in days
        ]


class Urgency(StrEnum):
    """Groups of the worklist, most urgent first."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"
    NONE = "none"


@dataclass(frozen=True)
class DueWording:
    """A deadline in words; days is the count of working days left, negative when late, None without one."""

    text: str
    urgency: Urgency
    days: int | None


@dataclass(frozen=True)
class DayCell:
    """One cell of the working-day strip; label is "T2" to "T7" or "CN"."""

    date: date
    label: str
    is_off: bool
    is_today: bool
    is_due: bool


def load_calendar(path: Path | None = None) -> WorkingCalendar:
    """The calendar of a holiday file, of the one that comes with the product when path is None.

    Raises CalendarDataError (which entry, what is wrong), OSError, tomllib.TOMLDecodeError.
    """
    years = _read(path)
    complete = (year for year, table in years.items() if table.get("complete") is True)
    return WorkingCalendar.of(_days_of(years), complete)


def read_calendar_days(path: Path | None = None) -> tuple[CalendarDay, ...]:
    """The entries of a holiday file by date, for filling the federation's table. Errors as load_calendar."""
    return tuple(sorted(_days_of(_read(path)), key=lambda entry: entry.day))


def read_open_points(path: Path | None = None) -> dict[int, str]:
    """What a holiday file says is still to be settled, by year. Errors as load_calendar."""
    return {year: str(table["open"]) for year, table in _read(path).items() if table.get("open")}


def _read(path: Path | None) -> dict[int, Mapping[str, Any]]:
    source = path or resources.files("workflow_app.core").joinpath("data", "holidays.toml")
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    for year, table in tables.items():
        if not (year.isdecimal() and isinstance(table, dict) and table.keys() <= _KEYS):
            raise CalendarDataError(f"[{year}]: a year with complete, off and works is expected")
    return {int(year): table for year, table in tables.items()}


def _days_of(years: Mapping[int, Mapping[str, Any]]) -> list[CalendarDay]:
    days: dict[date, CalendarDay] = {}
    for year, table in years.items():
        for key in ("off", "works"):
            for entry in table.get(key, []):
                for day in _entry_days(year, entry, works=key == "works"):
                    if day.day in days:
                        raise CalendarDataError(f"[{year}] {day.day}: named twice")
                    days[day.day] = day
    return list(days.values())


def _entry_days(year: int, entry: Mapping[str, Any], *, works: bool) -> list[CalendarDay]:
    """The days of one line: {date = …} or {from = …, to = …}, with name and source."""
    first = entry.get("date", entry.get("from"))
    last = entry.get("to", first)
    where = f"[{year}] {first}"
    if type(first) is not date or type(last) is not date or not first <= last:
        raise CalendarDataError(f"{where}: date, or from and to in this order, are needed")
    if first.year != year or last.year != year:
        raise CalendarDataError(f"{where}: belongs to another year")
    if not entry.get("name") or not entry.get("source"):
        raise CalendarDataError(f"{where}: needs a name and a source")
    days = [first + index * _ONE_DAY for index in range((last - first).days + 1)]
    if works and any(day.weekday() < _SATURDAY for day in days):
        raise CalendarDataError(f"{where}: only a Saturday or Sunday can be made up on")
    return [CalendarDay(day, str(entry["name"]), str(entry["source"]), works) for day in days]


def _weekdays_up_to(day: date) -> int:
    """Mondays to Fridays from 1 January of year 1, a Monday, up to and including the day."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)


def _refuse_datetime(day: date) -> None:
    if isinstance(day, datetime):
        raise TypeError(f"a date is needed, not the datetime {day.isoformat()}: use local_date()")
