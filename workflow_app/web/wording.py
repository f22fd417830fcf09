"""Deadlines, times and numbers as the pages say them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from flask import Flask
from flask_babel import gettext as _

from workflow_app.core import clock, vietnamese
from workflow_app.core.working_days import DayCell, Urgency, WorkingCalendar
from workflow_app.web.translations import language

_TONES = {
    Urgency.OVERDUE: ("stop", "warn"),
    Urgency.TODAY: ("soon", "clock"),
    Urgency.SOON: ("soon", "clock"),
    Urgency.LATER: ("", "cal"),
    Urgency.NONE: ("", "ring"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline in words: text "Còn 3 ngày làm việc", date "thứ Sáu 08/3/2019", tone and icon of its tag."""

    text: str
    urgency: Urgency
    tone: str
    icon: str
    date: str
    days: int | None

    @property
    def sentence(self) -> str:
        """Both in one line: "Còn 3 ngày làm việc, đến hết thứ Sáu 08/3/2019"."""
        if not self.date:
            return self.text
        if self.urgency is Urgency.OVERDUE:
            return str(_("%(text)s, hạn là %(date)s", text=self.text, date=self.date))
        return str(_("%(text)s, đến hết %(date)s", text=self.text, date=self.date))


def due(calendar: WorkingCalendar, at: datetime | None, *, now: datetime | None = None) -> Due:
    """How near a deadline is; a deadline with an hour that has passed today is over."""
    moment = now or clock.now()
    today, day = vietnamese.local_date(moment), vietnamese.local_date(at) if at else None
    words = calendar.due_wording(today, day)
    urgency = words.urgency
    if at is not None and at < moment and urgency is Urgency.TODAY:
        urgency = Urgency.OVERDUE
    tone, icon = _TONES[urgency]
    return Due(_left(urgency, words.days), urgency, tone, icon, weekday(day) if day else "", words.days)


def _left(urgency: Urgency, days: int | None) -> str:
    """How many working days are left or lost; in Vietnamese the words of `core.working_days`."""
    match urgency:
        case Urgency.NONE:
            text = _("Không có hạn")
        case Urgency.TODAY:
            text = _("Hôm nay là hạn")
        case Urgency.OVERDUE:
            text = _("Quá %(count)s ngày làm việc", count=-days) if days else _("Đã quá hạn")
        case _:
            text = _("Còn %(count)s ngày làm việc", count=days) if days else _("Hạn trong ngày nghỉ")
    return str(text)


def weekday(value: date) -> str:
    """ "thứ Sáu 08/3/2019"; in English "Friday 8 March 2019"."""
    if language() == "en":
        return format_date(value, "EEEE d MMMM y", locale="en")
    return vietnamese.weekday_date(value)


def strip(calendar: WorkingCalendar, at: datetime, *, now: datetime | None = None) -> list[dict[str, object]]:
    """The working-day strip of a deadline, for the macro; empty when it lies further ahead than it has cells."""
    today, day = vietnamese.local_date(now or clock.now()), vietnamese.local_date(at)
    cells = calendar.strip(today, day)
    return [_cell(cell) for cell in cells] if any(cell.is_due for cell in cells) else []


def since(calendar: WorkingCalendar, at: datetime) -> str:
    """ "từ hôm nay", "chờ 2 ngày làm việc": how long something has waited."""
    days = calendar.working_days_between(vietnamese.local_date(at), clock.today())
    return str(_("chờ %(count)s ngày làm việc", count=days) if days > 0 else _("từ hôm nay"))


def waited(calendar: WorkingCalendar, at: datetime) -> str:
    """ "từ hôm nay", "từ 27/02/2019 · chờ 2 ngày làm việc": since when and how long."""
    if vietnamese.local_date(at) == clock.today():
        return str(_("từ hôm nay"))
    return " · ".join([_("từ %(date)s", date=day(at)), since(calendar, at)])


def day(value: date | datetime | None) -> str:
    """ "01/3/2019" of a day or of a moment in Viet Nam; empty for none."""
    if value is None:
        return ""
    local = vietnamese.local_date(value) if isinstance(value, datetime) else value
    return format_date(local, "d MMM y", locale="en") if language() == "en" else vietnamese.decree_date(local)


def iso_day(value: str) -> str:
    """As `day`, of a day written "2019-03-01"; empty stays empty."""
    return day(date.fromisoformat(value)) if value else ""


def at(value: datetime | None) -> str:
    """ "thứ Sáu 01/3/2019, 16:40"; empty for none."""
    if value is None:
        return ""
    there = vietnamese.local(value)
    return f"{weekday(there.date())}, {there:%H:%M}"


def size(count: int) -> str:
    """A file's size: "1,2 MB", "340 kB"."""
    if count >= 1_000_000:
        return f"{vietnamese.format_number(Decimal(count // 100_000) / 10)} MB"
    return f"{max(1, round(count / 1000))} kB"


def short_hash(value: str) -> str:
    """The first eight characters of a digest in two groups, as people compare them: "7C1A 09FE"."""
    return f"{value[:4]} {value[4:8]}".upper()


_SPELT = ("Không", "Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười")


def count_word(count: int) -> str:
    """ "Năm" for 5; digits above ten, and in English."""
    return _SPELT[count] if 0 <= count < len(_SPELT) and language() == "vi" else str(count)


def register(app: Flask) -> None:
    """Filters for templates: `{{ moment|at }}`, `{{ moment|day }}`."""
    app.jinja_env.filters.update(at=at, day=day, iso_day=iso_day, filesize=size, short_hash=short_hash)


def _cell(cell: DayCell) -> dict[str, object]:
    return {
        "weekday": cell.label,
        "day": f"{cell.date.day:02d}",
        "today": cell.is_today,
        "off": cell.is_off,
        "due": cell.is_due,
    }
