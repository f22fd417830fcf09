import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.core.vietnamese import (
    date_time,
    decree_date,
    end_of_day,
    iso_local,
    local,
    local_date,
    official_date,
    parse_date,
    short_date,
    start_of_day,
    weekday_date,
    weekday_label,
    weekday_name,
)

DAYS = st.dates(date(1980, 1, 1), date(2100, 12, 31))
SIGNED = datetime(2019, 3, 1, 9, 40, 7, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "official", "decree"),
    [
        (date(2020, 1, 5), "ngày 05 tháng 01 năm 2020", "05/01/2020"),
        (date(2019, 6, 29), "ngày 29 tháng 6 năm 2019", "29/6/2019"),
        (date(2019, 2, 27), "ngày 27 tháng 02 năm 2019", "27/02/2019"),
        (date(2019, 3, 1), "ngày 01 tháng 3 năm 2019", "01/3/2019"),
        (date(2019, 12, 10), "ngày 10 tháng 12 năm 2019", "10/12/2019"),
    ],
)
def test_official_dates_take_a_zero_for_days_below_ten_and_the_first_two_months(day, official, decree):
    assert official_date(day) == official
    assert decree_date(day) == decree


def test_short_dates_always_have_ten_characters():
    assert short_date(date(2019, 3, 1)) == "01/03/2019"


def test_weekdays_are_named():
    week = [date(2019, 3, 4) + timedelta(days=n) for n in range(7)]
    names = ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"]
    assert [weekday_name(day) for day in week] == names
    assert [weekday_label(day) for day in week] == ["T2", "T3", "T4", "T5", "T6", "T7", "CN"]
    assert weekday_date(date(2019, 3, 8)) == "thứ Sáu 08/3/2019"


def test_a_moment_is_shown_on_the_clock_of_vietnam():
    assert date_time(SIGNED) == "thứ Sáu 01/3/2019, 16:40"
    assert iso_local(SIGNED) == "2019-03-01T16:40:07+07:00"
    assert local(SIGNED) == SIGNED
    assert local(SIGNED).hour == 16
    tokyo = SIGNED.astimezone(timezone(timedelta(hours=9)))
    assert iso_local(tokyo) == iso_local(SIGNED)


def test_the_evening_in_utc_is_the_next_day_in_vietnam():
    assert local_date(datetime(2019, 3, 1, 16, 59, tzinfo=UTC)) == date(2019, 3, 1)
    assert local_date(datetime(2019, 3, 1, 17, 0, tzinfo=UTC)) == date(2019, 3, 2)


@pytest.mark.parametrize("shown", [local, local_date, date_time, iso_local])
def test_a_moment_without_time_zone_is_refused(shown):
    with pytest.raises(ValueError, match="time zone"):
        shown(datetime(2019, 3, 1, 9, 40))  # noqa: DTZ001 - the naive datetime is the fault under test


@pytest.mark.parametrize(
    "shown", [official_date, short_date, decree_date, weekday_name, weekday_label, end_of_day]
)
def test_a_moment_where_a_day_belongs_is_refused(shown):
    with pytest.raises(TypeError, match="local_date"):
        shown(SIGNED)


def test_a_deadline_lasts_to_the_end_of_the_day_in_vietnam():
    assert start_of_day(date(2019, 3, 8)) == datetime(2019, 3, 7, 17, 0, tzinfo=UTC)
    assert end_of_day(date(2019, 3, 8)) == datetime(2019, 3, 8, 16, 59, 59, 999999, tzinfo=UTC)
    assert end_of_day(date(2019, 3, 8)).tzinfo is UTC


@given(DAYS)
def test_the_days_follow_each_other_without_gap(day):
    assert local_date(start_of_day(day)) == local_date(end_of_day(day)) == day
    if day < date(2100, 12, 31):
        assert start_of_day(day + timedelta(days=1)) - end_of_day(day) == timedelta(microseconds=1)


@pytest.mark.parametrize(
    "typed",
    [
        "1/3/27", "01-03-2027", "1 3 2027", "2027-03-01", "1.3.2027", " 01 / 03 / 2027 ", "1 - 3 - 27", "１/３/２０２７",
        "ngày 01 tháng 3 năm 2027", "Ngày 1 tháng 03 năm 2027", "1 tháng 3 năm 2027", "thứ Hai 01/3/2027",
        "Thứ 2, 1/3/2027", "T2 1/3/2027", "2027/3/1", "1/3/2027\u200b", "nga\u0300y 1 tha\u0301ng 3 na\u0306m 2027",
    ],
)  # fmt: skip
def test_a_typed_date_is_understood(typed):
    assert parse_date(typed) == date(2027, 3, 1)


def test_two_digit_years_reach_from_1970_to_2069():
    assert parse_date("1/3/69") == date(2069, 3, 1)
    assert parse_date("1/3/70") == date(1970, 3, 1)
    assert parse_date("1/3/00") == date(2000, 3, 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("31/2/2020", "Tháng 2 năm 2020 không có ngày 31. Nhập lại ngày"),
        ("29/2/2019", "Tháng 2 năm 2019 không có ngày 29. Nhập lại ngày"),
        ("0/1/2020", "Tháng 1 năm 2020 không có ngày 0. Nhập lại ngày"),
        ("3/15/2027", "Không có tháng 15. Nhập ngày trước, tháng sau, ví dụ 15/3/2027"),
        ("1/0/2027", "Không có tháng 0. Nhập ngày trước, tháng sau, ví dụ 15/3/2027"),
        ("1/3/1027", "Năm phải từ 1900 đến 2100. Nhập lại ngày"),
        ("1/3", "Thiếu năm. Nhập đủ ngày, tháng, năm, ví dụ 1/3/2027"),
        ("1 3", "Thiếu năm. Nhập đủ ngày, tháng, năm, ví dụ 1/3/2027"),
        ("", "Nhập ngày, tháng, năm, ví dụ 15/3/2027"),
        ("mai", "Nhập ngày, tháng, năm bằng số, ví dụ 15/3/2027. Bạn đã gõ “mai”"),
        ("1/3/027", "Nhập ngày, tháng, năm bằng số, ví dụ 15/3/2027. Bạn đã gõ “1/3/027”"),
        ("01032027", "Nhập ngày, tháng, năm bằng số, ví dụ 15/3/2027. Bạn đã gõ “01032027”"),
        ("-1/3/2027", "Nhập ngày, tháng, năm bằng số, ví dụ 15/3/2027. Bạn đã gõ “-1/3/2027”"),
    ],
)
def test_a_wrong_date_is_refused_with_what_to_mend(typed, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse_date(typed)


@given(DAYS)
def test_every_way_a_date_is_shown_can_be_typed_back(day):
    for shown in (official_date, short_date, decree_date, weekday_date, date.isoformat):
        assert parse_date(shown(day)) == day


@given(st.text(st.sampled_from("0123456789/-. "), max_size=11) | st.text(max_size=20))
def test_any_input_gives_a_date_or_a_sentence(typed):
    try:
        day = parse_date(typed)
    except ValueError as refusal:
        sentence = str(refusal)
    else:
        sentence = "Nhập được" if 1900 <= day.year <= 2100 else ""
    assert sentence.startswith(("Nhập", "Thiếu", "Tháng", "Không", "Năm", "Nội dung"))
