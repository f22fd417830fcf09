"""Days, times and lists as the pages of a pledge say them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from workflow_app.core import vietnamese
from workflow_app.core.working_days import Urgency, WorkingCalendar

TONES = {Urgency.OVERDUE: "stop", Urgency.TODAY: "soon", Urgency.SOON: "soon"}
_SPELT = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")


def near_day(moment: datetime | date) -> str:
    """ "04/3": a day within the year of the page."""
    day = vietnamese.local_date(moment) if isinstance(moment, datetime) else moment
    return vietnamese.decree_date(day)[:-5]


def near_time(moment: datetime) -> str:
    """ "04/3, 08:40"."""
    return f"{near_day(moment)}, {vietnamese.local(moment):%H:%M}"


def count_word(count: int, *, capital: bool = False) -> str:
    """ "hai" for 2; digits above ten."""
    word = _SPELT[count] if 0 <= count < len(_SPELT) else str(count)
    return word[:1].upper() + word[1:] if capital else word


def listed(names: Sequence[str], *, most: int = 3) -> str:
    """ "A, B và C"; "A, B, C và 5 đơn vị khác"."""
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} và {len(names) - most} đơn vị khác"
    return " và ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def lowered(sentence: str) -> str:
    """With a small first letter, to go on within a sentence."""
    return sentence[:1].lower() + sentence[1:]


def left(calendar: WorkingCalendar, today: date, due: date | None) -> dict[str, Any]:
    """A deadline for a tag and a sentence: text, date, tone, days."""
    words = calendar.due_wording(today, due)
    return {
        "text": words.text,
        "date": vietnamese.weekday_date(due) if due else "",
        "tone": TONES.get(words.urgency, ""),
        "late": words.urgency is Urgency.OVERDUE,
        "days": words.days,
    }


def strip(calendar: WorkingCalendar, today: date, due: date | None) -> list[dict[str, Any]]:
    """The working-day strip for the macro; empty when the deadline lies outside it."""
    cells = calendar.strip(today, due)
    if due is None or not any(cell.is_due for cell in cells):
        return []
    return [
        {
            "weekday": cell.label,
            "day": f"{cell.date.day:02d}",
            "today": cell.is_today,
            "off": cell.is_off,
            "due": cell.is_due,
        }
        for cell in cells
    ]


def short_names(names: Sequence[str]) -> list[str]:
    """The names without the abbreviation that all of them begin with: "CĐCS Sở Nội vụ" -> "Sở Nội vụ"."""
    first = {name.split(" ")[0] for name in names}
    shared = len(names) > 1 and len(first) == 1 and next(iter(first)).isupper()
    if shared and all(" " in name for name in names):
        return [name.partition(" ")[2] for name in names]
    return list(names)
