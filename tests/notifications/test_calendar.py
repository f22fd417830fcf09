"""The calendar feed and the reminder to copy."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from workflow_app.core.errors import NotFound
from workflow_app.core.working_days import load_calendar
from workflow_app.notifications import calendar
from workflow_app.notifications.calendar import Deadline, as_icalendar
from workflow_app.notifications.reminders import reminder_text
from workflow_app.organisations.service import add_person

AT = datetime(2019, 3, 1, 5, tzinfo=UTC)
DEADLINE = Deadline(
    "task-1",
    date(2019, 3, 8),
    "Ký giao ước; năm 2019, Khối 04",
    "Dòng 1\nDòng 2\\",
    "https://giaouoc.example/viec/1",
)


def _unfold(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_deadline_is_an_all_day_entry_with_an_alarm() -> None:
    lines = _unfold(as_icalendar([DEADLINE], name="Việc của tôi", at=AT, host="giaouoc.example"))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for line in (
        "UID:task-1@giaouoc.example",
        "DTSTAMP:20190301T050000Z",
        "DTSTART;VALUE=DATE:20190308",
        "DTEND;VALUE=DATE:20190309",
        "SUMMARY:Ký giao ước\\; năm 2019\\, Khối 04",
        "DESCRIPTION:Dòng 1\\nDòng 2\\\\",
        "URL:https://giaouoc.example/viec/1",
        "TRIGGER:-PT16H",
    ):
        assert line in lines


def test_the_alarm_of_the_day_itself_rings_at_eight() -> None:
    entry = Deadline("t", date(2019, 3, 8), "Ký", remind_days=0)
    assert "TRIGGER:PT8H" in _unfold(as_icalendar([entry], name="x", at=AT, host="h"))
    silent = Deadline("t", date(2019, 3, 8), "Ký", remind_days=None)
    assert "VALARM" not in as_icalendar([silent], name="x", at=AT, host="h")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400))
def test_no_line_is_longer_than_75_octets_and_nothing_is_lost(text: str) -> None:
    made = as_icalendar([Deadline("t", date(2019, 3, 8), text)], name="x", at=AT, host="h")
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))
    summary = next(line for line in _unfold(made) if line.startswith("SUMMARY:"))
    plain = summary.removeprefix("SUMMARY:").replace("\\\\", "\0").replace("\\;", ";").replace("\\,", ",")
    assert plain.replace("\0", "\\") == text


def test_a_line_end_in_a_text_cannot_add_a_line() -> None:
    evil = Deadline("t", date(2019, 3, 8), "Ký\r\nATTACH:http://evil.example")
    lines = _unfold(as_icalendar([evil], name="x", at=AT, host="h"))
    assert not any(line.startswith("ATTACH") for line in lines)


def test_a_new_address_ends_the_old_one(session: Session) -> None:
    person = add_person(session, full_name="Trần Quốc Bảo").id
    first = calendar.make_feed(session, person, at=AT)
    assert calendar.feed_owner(session, first) == person
    second = calendar.make_feed(session, person, at=AT)
    assert calendar.feed_owner(session, second) == person
    with pytest.raises(NotFound):
        calendar.feed_owner(session, first)
    calendar.withdraw_feed(session, person)
    with pytest.raises(NotFound):
        calendar.feed_owner(session, second)


@pytest.mark.parametrize(
    ("today", "due", "words"),
    [
        (date(2019, 3, 5), date(2019, 3, 8), "còn 3 ngày làm việc, đến hết thứ Sáu 08/3/2019"),
        (date(2019, 3, 8), date(2019, 3, 8), "hôm nay là hạn, đến hết thứ Sáu 08/3/2019"),
        (date(2019, 3, 11), date(2019, 3, 8), "hạn là thứ Sáu 08/3/2019, quá 1 ngày làm việc"),
        (date(2019, 3, 5), None, "đề nghị đơn vị thực hiện sớm"),
    ],
)
def test_a_reminder_says_what_until_when_and_where(today: date, due: date | None, words: str) -> None:
    text = reminder_text(
        to="CĐCS Sở Nội vụ",
        task="Ký giao ước thi đua năm 2019",
        due=due,
        link="https://giaouoc.example/viec/1",
        today=today,
        calendar=load_calendar(),
        sender="Khối trưởng",
    )
    assert text == (
        f"Kính gửi CĐCS Sở Nội vụ: xin nhắc việc ký giao ước thi đua năm 2019, {words}."
        " Mở tại: https://giaouoc.example/viec/1. Khối trưởng trân trọng."
    )
