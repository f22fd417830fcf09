"""What the filters of Word templates print."""

import pytest

from workflow_app.documents import filters
from workflow_app.documents.filters import FilterMisused


@pytest.mark.parametrize(
    ("text", "sign", "expected"),
    [
        ("Đóng đoàn phí", ".", "Đóng đoàn phí."),
        ("Đóng đoàn phí. ", ".", "Đóng đoàn phí."),
        ("Đóng đoàn phí;", ".", "Đóng đoàn phí."),
        ("Đóng đoàn phí.", ";", "Đóng đoàn phí;"),
        ("và các hoạt động khác…", ".", "và các hoạt động khác…"),
        ("và các hoạt động khác...", ";", "và các hoạt động khác...;"),
        ("Có đúng không?", ".", "Có đúng không?"),
        ("Nội dung:", ":", "Nội dung:"),
        ("", ".", "."),
    ],
)
def test_a_sentence_ends_in_one_sign_whatever_was_typed(text: str, sign: str, expected: str) -> None:
    assert filters.ended(text, sign) == expected


def test_dates_and_times_read_as_in_official_documents() -> None:
    assert filters.official_date("2020-01-05") == "ngày 05 tháng 01 năm 2020"
    assert filters.official_date("2019-06-29") == "ngày 29 tháng 6 năm 2019"
    assert filters.time_of_day("2019-03-01T07:05:00+00:00") == "14 giờ 05 phút, ngày 01 tháng 3 năm 2019"
    assert filters.short_date("") == ""


@pytest.mark.parametrize("wrong", ["01/03/2019", "2019-13-01", "hôm nay"])
def test_a_date_that_is_none_is_an_error(wrong: str) -> None:
    with pytest.raises(FilterMisused):
        filters.official_date(wrong)


def test_a_time_without_zone_is_an_error() -> None:
    with pytest.raises(FilterMisused):
        filters.time_of_day("2019-03-01T14:00:00")


def test_shares_have_one_decimal_half_up() -> None:
    assert (filters.percent(13, 14), filters.percent(13, 13), filters.percent(1, 2)) == (
        "92,9%",
        "100%",
        "50%",
    )
    assert filters.percent(3, 2) == "150%"
    with pytest.raises(FilterMisused):
        filters.percent(1, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Liên đoàn Lao động tỉnh An Giang", "LIÊN ĐOÀN LAO ĐỘNG TỈNH\u00a0AN\u00a0GIANG"),
        ("Công đoàn cơ sở Bảo hiểm xã hội tỉnh", "CÔNG ĐOÀN CƠ SỞ BẢO HIỂM XÃ HỘI\u00a0TỈNH"),
        ("CĐCS Sở Nông nghiệp và Phát triển nông thôn", "CĐCS SỞ NÔNG NGHIỆP VÀ PHÁT TRIỂN NÔNG\u00a0THÔN"),
        ("Tỉnh đoàn", "TỈNH\u00a0ĐOÀN"),
        ("Hội", "HỘI"),
        ("", ""),
    ],
)
def test_capitals_keep_together_what_belongs_together(name: str, expected: str) -> None:
    assert filters.capitals(name) == expected


@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("count", range(17))
def test_a_grid_holds_every_item_once_in_full_rows(count: int, columns: int) -> None:
    rows = filters.grid(list(range(1, count + 1)), columns)
    assert all(len(row) == columns for row in rows)
    assert [item for row in rows for item in row if item != ""] == list(range(1, count + 1))
    assert filters.but_last(rows) + filters.only_last(rows) == rows


def test_points_follow_the_vietnamese_alphabet() -> None:
    assert [filters.letter(n) for n in range(1, 8)] == ["a", "b", "c", "d", "đ", "e", "g"]
