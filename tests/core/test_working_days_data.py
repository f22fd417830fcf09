"""The holiday file that comes with the product, and what its loader refuses."""

import math
import tomllib
from datetime import date, timedelta

import pytest

from workflow_app.core.working_days import CalendarDataError, load_calendar, read_calendar_days

VIETNAM = load_calendar()


def new_moon(k):
    """Date in Vietnam of the k-th new moon after 1 January 1900 (Meeus, Astronomical Formulae, 1982)."""
    t = k / 1236.85
    rad = math.radians
    jd = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2
    jd += 0.00033 * math.sin(rad(166.56 + 132.87 * t))
    sun = rad(359.2242 + 29.10535608 * k)
    moon = rad(306.0253 + 385.81691806 * k + 0.0107306 * t**2)
    node = rad(21.2964 + 390.67050646 * k)
    jd += (0.1734 - 0.000393 * t) * math.sin(sun) + 0.0021 * math.sin(2 * sun)
    jd += -0.4068 * math.sin(moon) + 0.0161 * math.sin(2 * moon) - 0.0051 * math.sin(sun + moon)
    jd += -0.0074 * math.sin(sun - moon) + 0.0104 * math.sin(2 * node)
    julian_day = math.floor(jd + 0.5 + 7 / 24)
    return date.fromordinal(julian_day - 1721425)


def tet(year):
    """Mùng 1: the second new moon after the month with the winter solstice, and its number.

    True for years without a leap month between the solstice and the third month, as all those in the file.
    """
    k = math.floor((date(year - 1, 12, 22) - date(1900, 1, 1)).days / 29.530588853) + 2
    while new_moon(k) > date(year - 1, 12, 21):
        k -= 1
    return new_moon(k + 2), k + 2


@pytest.mark.parametrize("year", [2019, 2020, 2025, 2026, 2027])
def test_tet_and_the_day_of_the_hung_kings_agree_with_the_moon(year):
    first, k = tet(year)
    assert any(f"mùng 1 là {first:%d/%m}" in entry.name for entry in read_calendar_days())
    assert not any(VIETNAM.is_working_day(first + timedelta(days=n)) for n in range(-1, 4))
    hung_kings = new_moon(k + 2) + timedelta(days=9)  # 10/3 of the lunar calendar
    day_off = (
        hung_kings if hung_kings.weekday() < 5 else hung_kings + timedelta(days=7 - hung_kings.weekday())
    )
    assert not VIETNAM.is_working_day(day_off)


@pytest.mark.parametrize("year", [2019, 2020, 2025, 2026, 2027])
def test_the_holidays_with_a_fixed_date_are_free(year):
    for month, day in [(1, 1), (4, 30), (5, 1), (9, 2)]:
        assert not VIETNAM.is_working_day(date(year, month, day))


@pytest.mark.parametrize("year", [2019, 2020, 2025])
def test_a_complete_year_has_its_legal_number_of_free_weekdays(year):
    """10 until 2020, 11 since 2021 (Quốc khánh has two days), one more for each swapped day."""
    off = [day for day in VIETNAM.days_off if day.year == year and day.weekday() < 5]
    # The day that the make-up Saturday of 05/01/2019 stands for lies in 2018.
    swapped = [day for day in VIETNAM.make_up_days if day.year == year and day != date(2019, 1, 5)]
    assert len(off) - len(swapped) == (10 if year <= 2020 else 11)


def test_years_that_were_not_all_announced_say_so():
    assert VIETNAM.complete_years == {2019, 2020, 2025}
    assert VIETNAM.is_working_day(date(2024, 4, 30)), "a year that is not in the file counts weekends only"


def test_swapped_saturdays_are_worked():
    assert VIETNAM.make_up_days == {
        date(2019, 1, 5), date(2019, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22),
    }  # fmt: skip
    assert all(VIETNAM.is_working_day(day) for day in VIETNAM.make_up_days)


def test_every_entry_names_its_source_and_the_list_is_by_date():
    entries = read_calendar_days()
    assert [entry.day for entry in entries] == sorted(entry.day for entry in entries)
    assert all(len(entry.source) > 10 and len(entry.name) > 5 for entry in entries)


NAMED = 'name = "x", source = "y"'


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (f"off = [{{ date = 2018-01-01, {NAMED} }}]", "another year"),
        (f"off = [{{ from = 2019-12-31, to = 2020-01-01, {NAMED} }}]", "another year"),
        (f"off = [{{ from = 2019-02-10, to = 2019-02-02, {NAMED} }}]", "in this order"),
        (f"off = [{{ {NAMED} }}]", "are needed"),
        (f'off = [{{ date = "2019-01-01", {NAMED} }}]', "are needed"),
        (f"off = [{{ date = 2019-01-01T00:00:00Z, {NAMED} }}]", "are needed"),
        ('off = [{ date = 2019-01-01, name = "x" }]', "needs a name and a source"),
        ('off = [{ date = 2019-01-01, source = "y" }]', "needs a name and a source"),
        (f"off = [{{ date = 2019-01-01, {NAMED} }}, {{ date = 2019-01-01, {NAMED} }}]", "named twice"),
        (
            f"off = [{{ date = 2019-05-04, {NAMED} }}]\nworks = [{{ date = 2019-05-04, {NAMED} }}]",
            "named twice",
        ),
        (f"works = [{{ date = 2019-05-03, {NAMED} }}]", "only a Saturday or Sunday"),
        ("holidays = []", "is expected"),
    ],
)
def test_a_faulty_file_is_refused_and_the_entry_is_named(tmp_path, line, fault):
    path = tmp_path / "holidays.toml"
    path.write_text(f"[2019]\n{line}\n", encoding="utf-8")
    with pytest.raises(CalendarDataError, match=rf"\[2019\].*{fault}"):
        load_calendar(path)


def test_a_file_of_the_office_replaces_the_one_of_the_product(tmp_path):
    path = tmp_path / "holidays.toml"
    path.write_text(f"[2027]\ncomplete = true\noff = [{{ date = 2027-09-03, {NAMED} }}]\n", encoding="utf-8")
    calendar = load_calendar(path)
    assert calendar.complete_years == {2027}
    assert calendar.days_off == {date(2027, 9, 3)}


def test_a_file_that_is_no_toml_is_refused(tmp_path):
    path = tmp_path / "holidays.toml"
    path.write_text("2019: x", encoding="utf-8")
    with pytest.raises(tomllib.TOMLDecodeError):
        load_calendar(path)
