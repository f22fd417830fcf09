from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.core.working_days import CalendarDataError, Urgency, WorkingCalendar, load_calendar

TUESDAY = date(2019, 3, 5)  # the day of the worklist in the visual reference
PLAIN = WorkingCalendar()
VIETNAM = load_calendar()

NEAR = st.dates(date(2018, 1, 1), date(2020, 12, 31))
CALENDARS = st.builds(
    lambda off, made_up: WorkingCalendar(frozenset(off - made_up), frozenset(made_up)),
    st.sets(NEAR, max_size=40),
    st.sets(NEAR, max_size=10),
)


def slow_count(calendar, start, end):
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(calendar.is_working_day(day) for day in days)


def test_weekends_and_days_off_are_free_and_make_up_days_are_not():
    calendar = WorkingCalendar(frozenset({date(2019, 4, 29)}), frozenset({date(2019, 5, 4)}))
    assert not calendar.is_working_day(date(2019, 4, 29))
    assert calendar.is_working_day(date(2019, 5, 4))
    assert not calendar.is_working_day(date(2019, 5, 5))
    assert calendar.is_working_day(date(2019, 5, 6))


def test_a_day_cannot_be_off_and_worked():
    with pytest.raises(CalendarDataError, match="2019-05-04"):
        WorkingCalendar(frozenset({date(2019, 5, 4)}), frozenset({date(2019, 5, 4)}))


def test_five_working_days_from_a_friday_end_on_the_next_friday():
    friday = date(2019, 3, 1)
    assert PLAIN.add_working_days(friday, 5) == date(2019, 3, 8)
    assert PLAIN.add_working_days(date(2019, 3, 8), -5) == friday
    assert PLAIN.add_working_days(date(2019, 3, 2), 1) == date(2019, 3, 4)
    assert PLAIN.add_working_days(date(2019, 3, 2), 0) == date(2019, 3, 2)


def test_the_next_working_day_skips_what_is_free():
    assert PLAIN.next_working_day(date(2019, 3, 2)) == date(2019, 3, 4)
    assert PLAIN.next_working_day(TUESDAY) == TUESDAY
    assert VIETNAM.next_working_day(date(2020, 1, 23)) == date(2020, 1, 30)


def test_a_deadline_over_tet_2020_moves_by_the_holiday():
    assert VIETNAM.add_working_days(date(2020, 1, 22), 1) == date(2020, 1, 30)
    assert VIETNAM.working_days_between(date(2020, 1, 20), date(2020, 2, 3)) == 5


@given(CALENDARS, NEAR, st.integers(-60, 60))
def test_more_working_days_never_end_earlier(calendar, day, count):
    later = calendar.add_working_days(day, count + 1)
    assert calendar.add_working_days(day, count) < later
    assert calendar.add_working_days(day, count) <= calendar.add_working_days(day + timedelta(days=1), count)


@given(CALENDARS, NEAR, st.integers(1, 60))
def test_adding_and_counting_agree(calendar, day, count):
    end = calendar.add_working_days(day, count)
    assert calendar.is_working_day(end)
    assert calendar.working_days_between(day, end) == count


@given(CALENDARS, NEAR, NEAR, NEAR)
def test_counts_add_up_over_any_third_day(calendar, a, b, c):
    between = calendar.working_days_between
    assert between(a, b) + between(b, c) == between(a, c)


@given(CALENDARS, NEAR, NEAR)
def test_the_quick_count_equals_counting_day_by_day(calendar, a, b):
    start, end = sorted((a, b))
    assert calendar.working_days_between(start, end) == slow_count(calendar, start, end)
    assert calendar.working_days_between(end, start) == -slow_count(calendar, start, end)


def test_the_widest_span_is_counted_at_once():
    assert PLAIN.working_days_between(date.min, date.max) == (date.max - date.min).days // 7 * 5 + 4


def test_an_absurd_step_and_a_moment_are_refused():
    with pytest.raises(ValueError, match="out of range"):
        PLAIN.add_working_days(TUESDAY, 10_001)
    moment = datetime(2019, 3, 5, tzinfo=UTC)
    for act in (
        PLAIN.is_working_day,
        lambda day: PLAIN.add_working_days(day, 0),
        lambda day: PLAIN.working_days_between(TUESDAY, day),
    ):
        with pytest.raises(TypeError, match="local_date"):
            act(moment)


@pytest.mark.parametrize(
    ("due", "text", "urgency", "days"),
    [
        (date(2019, 3, 4), "Quá 1 ngày làm việc", Urgency.OVERDUE, -1),
        (date(2019, 3, 1), "Quá 2 ngày làm việc", Urgency.OVERDUE, -2),
        (TUESDAY, "Hôm nay là hạn", Urgency.TODAY, 0),
        (date(2019, 3, 6), "Còn 1 ngày làm việc", Urgency.SOON, 1),
        (date(2019, 3, 8), "Còn 3 ngày làm việc", Urgency.SOON, 3),
        (date(2019, 3, 10), "Còn 3 ngày làm việc", Urgency.SOON, 3),
        (date(2019, 3, 11), "Còn 4 ngày làm việc", Urgency.LATER, 4),
        (date(2019, 3, 12), "Còn 5 ngày làm việc", Urgency.LATER, 5),
        (date(2019, 3, 15), "Còn 8 ngày làm việc", Urgency.LATER, 8),
        (None, "Không có hạn", Urgency.NONE, None),
    ],
)
def test_a_deadline_is_said_in_working_days(due, text, urgency, days):
    wording = VIETNAM.due_wording(TUESDAY, due)
    assert (wording.text, wording.urgency, wording.days) == (text, urgency, days)


def test_a_count_of_zero_is_never_shown():
    friday, saturday, sunday = date(2019, 3, 8), date(2019, 3, 9), date(2019, 3, 10)
    assert VIETNAM.due_wording(friday, sunday).text == "Hạn trong ngày nghỉ"
    assert VIETNAM.due_wording(friday, sunday).urgency is Urgency.SOON
    assert VIETNAM.due_wording(saturday, friday).text == "Đã quá hạn"
    assert VIETNAM.due_wording(saturday, friday).urgency is Urgency.OVERDUE


def test_how_many_days_are_soon_is_a_setting():
    assert VIETNAM.due_wording(TUESDAY, date(2019, 3, 12), soon=5).urgency is Urgency.SOON
    assert VIETNAM.due_wording(TUESDAY, date(2019, 3, 8), soon=2).urgency is Urgency.LATER


@given(CALENDARS, NEAR, NEAR)
def test_the_group_of_a_deadline_follows_its_place_before_or_after_today(calendar, today, due):
    wording = calendar.due_wording(today, due)
    assert (wording.urgency is Urgency.OVERDUE) == (due < today)
    assert (wording.urgency is Urgency.TODAY) == (due == today)
    assert " 0 " not in wording.text
    assert "-" not in wording.text


def marks(cells):
    def words(cell):
        signs = {"today": cell.is_today, "due": cell.is_due, "off": cell.is_off}
        return (word for word, shown in signs.items() if shown)

    return [(cell.label, cell.date.day, *words(cell)) for cell in cells]


def test_the_strip_shows_today_free_days_and_the_deadline():
    assert marks(VIETNAM.strip(TUESDAY, date(2019, 3, 8))) == [
        ("T3", 5, "today"), ("T4", 6), ("T5", 7), ("T6", 8, "due"), ("T7", 9, "off"), ("CN", 10, "off"), ("T2", 11),
    ]  # fmt: skip


def test_the_strip_begins_at_a_deadline_missed_a_few_days_ago():
    friday = date(2019, 3, 1)
    assert marks(VIETNAM.strip(TUESDAY, friday, cells=5)) == [
        ("T6", 1, "due"), ("T7", 2, "off"), ("CN", 3, "off"), ("T2", 4), ("T3", 5, "today"),
    ]  # fmt: skip
    assert VIETNAM.strip(TUESDAY, friday, cells=4)[0].is_today
    assert VIETNAM.strip(TUESDAY, None)[0].is_today


def test_a_holiday_is_hatched_in_the_strip_and_a_make_up_saturday_is_not():
    off = {cell.date.day for cell in VIETNAM.strip(date(2019, 4, 29), None) if cell.is_off}
    assert off == {29, 30, 1, 5}


@pytest.mark.parametrize("cells", [0, -1, 32])
def test_a_strip_of_absurd_length_is_refused(cells):
    with pytest.raises(ValueError, match="1 to 31"):
        VIETNAM.strip(TUESDAY, None, cells=cells)
