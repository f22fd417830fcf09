import doctest
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.core.vietnamese import list_letter, roman, spell, two_digits

DIGIT_WORDS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4,
    "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
}  # fmt: skip


def read(words):
    """The value of a number in words, by the meaning of each word: independent of how spell() works."""
    total, group = 0, 0
    for word in words.split():
        if word in DIGIT_WORDS:
            group += DIGIT_WORDS[word]
        elif word == "mười":
            group += 10
        elif word == "mươi":
            group += group % 10 * 9
        elif word == "trăm":
            group *= 100
        elif word in {"nghìn", "triệu"}:
            total += group * (1000 if word == "nghìn" else 1_000_000)
            group = 0
        else:
            assert word == "linh"
    return total + group


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (25, "hai mươi lăm"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (105, "một trăm linh năm"),
        (111, "một trăm mười một"),
        (555, "năm trăm năm mươi lăm"),
        (1000, "một nghìn"),
        (1001, "một nghìn không trăm linh một"),
        (1010, "một nghìn không trăm mười"),
        (2019, "hai nghìn không trăm mười chín"),
        (21021, "hai mươi mốt nghìn không trăm hai mươi mốt"),
        (1_000_005, "một triệu không trăm linh năm"),
        (60_408_000, "sáu mươi triệu bốn trăm linh tám nghìn"),
        (
            999_999_999,
            "chín trăm chín mươi chín triệu chín trăm chín mươi chín nghìn chín trăm chín mươi chín",
        ),
    ],
)
def test_a_number_is_spelled_as_taught_at_school(number, words):
    assert spell(number) == words


@given(st.integers(0, 999_999_999) | st.integers(0, 2000))
def test_every_number_in_words_can_be_read_back(number):
    assert read(spell(number)) == number


@pytest.mark.parametrize("number", [-1, 1_000_000_000])
def test_a_number_outside_the_range_is_not_spelled(number):
    with pytest.raises(ValueError, match="spelled"):
        spell(number)


def test_small_counts_take_a_zero():
    assert [two_digits(count) for count in (0, 4, 9, 10, 100, 1250)] == [
        "00",
        "04",
        "09",
        "10",
        "100",
        "1.250",
    ]
    with pytest.raises(ValueError, match="negative"):
        two_digits(-1)


def test_points_are_lettered_in_vietnamese_order():
    assert "".join(list_letter(index) for index in range(23)) == "abcdđeghiklmnopqrstuvxy"
    for index in (-1, 23):
        with pytest.raises(ValueError, match="list letters"):
            list_letter(index)


@pytest.mark.parametrize(
    ("number", "numeral"),
    [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (1994, "MCMXCIV"), (3999, "MMMCMXCIX")],
)
def test_roman_numerals(number, numeral):
    assert roman(number) == numeral


def test_roman_numerals_are_all_different_and_bounded():
    assert len({roman(number) for number in range(1, 4000)}) == 3999
    for number in (0, 4000):
        with pytest.raises(ValueError, match="Roman"):
            roman(number)


@pytest.mark.parametrize("name", ["text", "sorting", "counting"])
def test_the_examples_in_the_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(f"workflow_app.core.vietnamese.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
