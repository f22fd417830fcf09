from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.core.vietnamese import format_money, format_number, format_percent, parse_number, quoted

EXACT = st.decimals(min_value=-(10**15), max_value=10**15, places=4) | st.integers(-(10**30), 10**30)


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        (60408000, None, "60.408.000"),
        (0, None, "0"),
        (999, None, "999"),
        (-1000, None, "-1.000"),
        (Decimal("1234.5"), None, "1.234,5"),
        (Decimal("9.50"), None, "9,5"),
        (Decimal("1E+5"), None, "100.000"),
        (Decimal("100"), None, "100"),
        (Decimal("9.5"), 2, "9,50"),
        (Decimal("2.345"), 2, "2,35"),
        (Decimal("0.5"), 0, "1"),
        (Decimal("-0.004"), 2, "0,00"),
        (Decimal("-0"), None, "0"),
        (Decimal("999999.995"), 2, "1.000.000,00"),
        (12, 1, "12,0"),
    ],
)
def test_a_number_is_written_the_vietnamese_way(value, places, written):
    assert format_number(value, places) == written


def test_money_and_percent_carry_their_sign():
    assert format_money(60408000) == "60.408.000đ"
    assert format_money(Decimal("1499.5")) == "1.500đ"
    assert format_percent(Decimal("115.94")) == "115,94%"
    assert format_percent(100) == "100%"
    assert format_percent(Decimal("66.666"), places=1) == "66,7%"


def test_a_float_is_refused_because_scores_are_exact():
    with pytest.raises(TypeError, match="float"):
        format_number(9.7)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "1E-999999"])
def test_what_is_no_ordinary_number_is_not_written(value):
    with pytest.raises(ValueError, match="số"):
        format_number(Decimal(value))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1.234,5", "1234.5"),
        ("60 408 000", "60408000"),
        ("60\u00a0408\u202f000,25", "60408000.25"),
        ("60.408.000đ", "60408000"),
        ("60.408.000 đồng", "60408000"),
        ("60.408.000 VNĐ", "60408000"),
        ("1.500 ₫", "1500"),
        ("115,94%", "115.94"),
        ("100 %", "100"),
        ("04", "4"),
        ("0", "0"),
        ("-3", "-3"),
        ("\u22123,5", "-3.5"),
        ("+7", "7"),
        ("-0", "0"),
        ("1.234", "1234"),
        ("1,234", "1.234"),
        ("1.5", "1.5"),
        ("12.5000", "12.5"),
        ("0.125", "0.125"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1234,5", "1234.5"),
        ("１２３", "123"),
        (" 5\u200b ", "5"),
    ],
)
def test_a_typed_number_is_understood(typed, number):
    assert parse_number(typed) == Decimal(number)


@pytest.mark.parametrize(
    "typed",
    [
        "hai",
        "1.23.456",
        "1.234.56",
        "12 34",
        "1 2",
        "60 408.000",
        "1,2,3",
        "1.234,567.8",
        "1.2345,6",
        "5,",
        ",5",
        "--5",
        "- -5",
        "5-",
        "1e5",
        "1_000",
        "0x10",
        "NaN",
        "inf",
        "٣",
        "1/2",
        "5 người",
        "01.234,5",
        "1" * 500,
        "1." * 5000,
    ],
)
def test_what_has_no_single_reading_is_refused_in_words(typed):
    with pytest.raises(ValueError, match="Nhập bằng chữ số") as refusal:
        parse_number(typed)
    assert len(str(refusal.value)) < 120
    assert quoted(typed) in str(refusal.value)


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "đ", "%"])
def test_an_empty_field_is_asked_for_a_number(typed):
    with pytest.raises(ValueError, match="Nhập một số"):
        parse_number(typed)


def test_a_number_too_long_to_be_meant_is_refused():
    with pytest.raises(ValueError, match="dài quá"):
        parse_number("1" * 61)


@given(EXACT)
def test_what_is_written_is_read_back_exactly(value):
    assert parse_number(format_number(value)) == value
    assert parse_number(format_percent(value)) == value


@given(st.integers(-(10**20), 10**20))
def test_money_is_read_back_exactly(amount):
    assert parse_number(format_money(amount)) == amount


@given(st.text(st.sampled_from("0123456789.,- %đ\u00a0"), max_size=12) | st.text(max_size=12))
def test_any_input_gives_a_number_or_a_sentence(typed):
    try:
        number = parse_number(typed)
    except ValueError as refusal:
        sentence = str(refusal)
    else:
        sentence = "Nhập được" if parse_number(format_number(number)) == number else ""
    assert sentence.startswith(("Nhập", "Nội dung", "Số này"))


def test_a_quote_is_short_and_harmless():
    assert quoted("x" * 41) == "x" * 39 + "…"
    assert quoted("x" * 40) == "x" * 40
    assert quoted("a\u202e\nb") == "a b"
