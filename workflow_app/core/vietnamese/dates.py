"""Dates and times as people in Vietnam read and type them.

Inside the product a moment is an aware UTC datetime and a day is a date. A datetime where a date is
expected is refused: after 17:00 UTC its date is no longer the date in Vietnam.
"""

import calendar
import re
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from workflow_app.core.vietnamese.numbers import quoted
from workflow_app.core.vietnamese.text import fold

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_WEEKDAY_LABELS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")

_WEEKDAY_PREFIX = re.compile(r"^(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|t[2-7]|cn)\b[ ,]*")
_SEPARATOR = r" ?[/\-. ] ?"
_DAY_FIRST = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{4}}|\d{{2}})", re.ASCII)
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})", re.ASCII)
_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})", re.ASCII)
_WITHOUT_YEAR = re.compile(rf"\d{{1,2}}{_SEPARATOR}\d{{1,2}}", re.ASCII)

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_PIVOT = 70  # two-digit years: 69 is 2069, 70 is 1970, as POSIX strptime reads them


def official_date(day: date) -> str:
    """The date in an official document: "ngày 05 tháng 01 năm 2020", "ngày 29 tháng 6 năm 2019".

    Source: Decree 30/2020/NĐ-CP, Annex I: days below 10 and months 1 and 2 take a leading zero.
    """
    return f"ngày {_day(day)} tháng {_month(day)} năm {day.year:04d}"


def short_date(day: date) -> str:
    """dd/mm/yyyy, always ten characters: "01/03/2019". For tables, files and form fields."""
    return f"{_plain(day).day:02d}/{day.month:02d}/{day.year:04d}"


def decree_date(day: date) -> str:
    """The date in running text, with zeros as in official documents: "01/3/2019", "05/01/2020"."""
    return f"{_day(day)}/{_month(day)}/{day.year:04d}"


def weekday_name(day: date) -> str:
    """ "thứ Hai" to "thứ Bảy", "Chủ nhật"; capitals as Decree 30/2020, Annex II has them."""
    return _WEEKDAYS[_plain(day).weekday()]


def weekday_label(day: date) -> str:
    """ "T2" to "T7", "CN": for calendars and day strips."""
    return _WEEKDAY_LABELS[_plain(day).weekday()]


def weekday_date(day: date) -> str:
    """ "thứ Sáu 08/3/2019"."""
    return f"{weekday_name(day)} {decree_date(day)}"


def local(moment: datetime) -> datetime:
    """The moment on the clock of Vietnam (Asia/Ho_Chi_Minh). Raises ValueError for a naive datetime."""
    if moment.utcoffset() is None:
        raise ValueError(f"a moment needs a time zone: {moment.isoformat()}")
    return moment.astimezone(VIETNAM)


def local_date(moment: datetime) -> date:
    """The date in Vietnam at this moment. Raises ValueError for a naive datetime."""
    return local(moment).date()


def date_time(moment: datetime) -> str:
    """ "thứ Sáu 01/3/2019, 16:40", Vietnam time. Raises ValueError for a naive datetime."""
    there = local(moment)
    return f"{weekday_date(there.date())}, {there:%H:%M}"


def iso_local(moment: datetime) -> str:
    """ISO 8601 to the second with the offset of Vietnam: "2019-03-01T16:40:00+07:00".

    Decree 30/2020/NĐ-CP asks for this form at digital signatures. Raises ValueError for a naive datetime.
    """
    return local(moment).isoformat(timespec="seconds")


def start_of_day(day: date) -> datetime:
    """The first moment of a day in Vietnam, as aware UTC (17:00 of the day before)."""
    return datetime.combine(_plain(day), time.min, tzinfo=VIETNAM).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The last microsecond of a day in Vietnam, as aware UTC: a deadline "đến hết ngày" (16:59:59.999999)."""
    return datetime.combine(_plain(day), time.max, tzinfo=VIETNAM).astimezone(UTC)


def parse_date(text: str) -> date:
    """The day a person typed, day before month: "1/3/27", "01-03-2027", "1 3 2027", "2027-03-01".

    Also "ngày 01 tháng 3 năm 2027" and a weekday before it, which is not checked. Two-digit years are
    1970 to 2069; four-digit years 1900 to 2100.
    Raises ValueError with a Vietnamese sentence that can be shown as it is; it ends in "Nhập lại ngày"
    or an example, so a form can add which date is meant.
    """
    typed = _WEEKDAY_PREFIX.sub("", fold(text))
    if not typed:
        raise ValueError("Nhập ngày, tháng, năm, ví dụ 15/3/2027")
    if found := _YEAR_FIRST.fullmatch(typed):
        return _checked(found[3], found[2], found[1])
    if found := _DAY_FIRST.fullmatch(typed) or _IN_WORDS.fullmatch(typed):
        return _checked(found[1], found[2], found[3])
    if _WITHOUT_YEAR.fullmatch(typed):
        raise ValueError(f"Thiếu năm. Nhập đủ ngày, tháng, năm, ví dụ {typed.replace(' ', '/')}/2027")
    raise ValueError(f"Nhập ngày, tháng, năm bằng số, ví dụ 15/3/2027. Bạn đã gõ “{quoted(text)}”")


def _checked(day: str, month: str, year: str) -> date:
    d, m, y = int(day), int(month), int(year)
    if len(year) == 2:
        y += 2000 if y < _PIVOT else 1900
    if not _FIRST_YEAR <= y <= _LAST_YEAR:
        raise ValueError(f"Năm phải từ {_FIRST_YEAR} đến {_LAST_YEAR}. Nhập lại ngày")
    if not 1 <= m <= 12:
        raise ValueError(f"Không có tháng {m}. Nhập ngày trước, tháng sau, ví dụ 15/3/{y}")
    if not 1 <= d <= calendar.monthrange(y, m)[1]:
        raise ValueError(f"Tháng {m} năm {y} không có ngày {d}. Nhập lại ngày")
    return date(y, m, d)


def _plain(day: date) -> date:
    if isinstance(day, datetime):
        raise TypeError(f"a date is needed, not the datetime {day.isoformat()}: use local_date()")
    return day


def _day(day: date) -> str:
    return f"{_plain(day).day:02d}"


def _month(day: date) -> str:
    return f"{day.month:02d}" if day.month <= 2 else str(day.month)
