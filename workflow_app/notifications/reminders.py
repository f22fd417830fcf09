"""The ready sentence of the button "Chép lời nhắc", to paste into Zalo or a message."""

from datetime import date

from workflow_app.core import vietnamese
from workflow_app.core.working_days import Urgency, WorkingCalendar


def reminder_text(
    *,
    to: str,
    task: str,
    due: date | None,
    link: str,
    today: date,
    calendar: WorkingCalendar,
    sender: str = "",
) -> str:
    """A polite reminder in one paragraph.

    to: the unit, e.g. "CĐCS Sở Nội vụ". task: verb and object, e.g. "Ký giao ước thi đua năm 2019".
    link: the full address of the task.
    """
    verb = task[:1].lower() + task[1:]
    text = f"Kính gửi {to}: xin nhắc việc {verb}, {_deadline(due, today, calendar)}. Mở tại: {link}"
    return f"{text}. {sender} trân trọng." if sender else f"{text}. Trân trọng."


def _deadline(due: date | None, today: date, calendar: WorkingCalendar) -> str:
    wording = calendar.due_wording(today, due)
    if due is None:
        return "đề nghị đơn vị thực hiện sớm"
    day = vietnamese.weekday_date(due)
    if wording.urgency is Urgency.OVERDUE:
        return f"hạn là {day}, {wording.text[:1].lower()}{wording.text[1:]}"
    return f"{wording.text[:1].lower()}{wording.text[1:]}, đến hết {day}"
