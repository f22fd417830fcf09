import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.core.vietnamese import person_sort_key, sort_key, sorted_by_name

LETTERS = list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
WORDS = st.lists(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5), min_size=1, max_size=3)
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # ngang huyền hỏi ngã sắc nặng


def spelled(words):
    return " ".join("".join(word) for word in words)


def positions(words):
    return [[LETTERS.index(letter) for letter in word] for word in words]


def test_single_letters_come_in_the_order_of_the_alphabet():
    keys = [sort_key(letter) for letter in LETTERS]
    assert all(before < after for before, after in pairwise(keys))


@given(WORDS, WORDS)
def test_words_without_tones_compare_letter_by_letter_and_word_by_word(one, other):
    assert (sort_key(spelled(one)) < sort_key(spelled(other))) == (positions(one) < positions(other))


@pytest.mark.parametrize("letter", ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"])
def test_the_six_tones_come_in_the_schoolbook_order(letter):
    keys = [sort_key(unicodedata.normalize("NFC", letter + tone)) for tone in TONES]
    assert all(before < after for before, after in pairwise(keys))


@given(WORDS, WORDS, st.sampled_from(TONES), st.sampled_from(TONES))
def test_a_tone_decides_only_between_equal_letters(one, other, tone, other_tone):
    if positions(one) < positions(other):
        assert sort_key(spelled(one) + tone) < sort_key(spelled(other) + other_tone)


@pytest.mark.parametrize(
    "in_order",
    [
        ["An Bình", "An Giang", "Anh", "Ân Thi", "Bạc Liêu", "Cà Mau", "Dầu Tiếng", "Đà Nẵng", "Đắk Lắk"],
        ["ma", "mà", "mả", "mã", "má", "mạ", "mã a"],
        ["Quận 2", "Quận 03", "Quận 11", "Quận Ba Đình"],
        ["02/KH-LĐLĐ", "10/KH-LĐLĐ", "140/KH-LĐLĐ"],
        ["khối", "Khối", "khối 1"],
        ["", "a"],
        ["u", "ủy", "ư", "v"],
        ["z", "ж"],
    ],
)
def test_known_lists_come_in_order(in_order):
    backwards = in_order[::-1]  # sorting is stable: equal keys must not look like order
    assert sorted(backwards, key=sort_key) == in_order


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà", "hòa"), ("Uỷ ban", "Ủy  ban"), ("A-B", "A B"), ("Ðà", "Đà"), ("k\u200bý", "ký")],
)
def test_spellings_that_nobody_can_tell_apart_are_equal(one, other):
    assert sort_key(one) == sort_key(other)


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_a_key_is_ascii_without_controls_and_the_same_for_both_normal_forms(text):
    key = sort_key(text)
    assert key.isascii()
    assert key.isprintable()
    assert sort_key(unicodedata.normalize("NFD", text)) == key
    assert sort_key(unicodedata.normalize("NFC", text)) == key


def test_the_form_of_a_key_is_kept_because_keys_are_stored():
    assert sort_key("Đỗ Ân 04") == "d2o2-a3n-0014 3-0-0 101"
    assert person_sort_key("Nguyễn Thị Minh An") == "a1n 0 ngu1ye2n 3 thi-minh 5-0 1 1 1001"


@given(st.integers(0, 10**130), st.integers(0, 10**98))
def test_numbers_inside_a_text_compare_by_value(one, other):
    if one < 10**99:
        assert (sort_key(f"Khối {one}") < sort_key(f"Khối {other}")) == (one < other)
    else:
        assert sort_key(f"Khối {one}") > sort_key(f"Khối {other}")


def test_people_are_ordered_by_given_then_family_then_middle_name():
    in_order = [
        "Trần Văn An",
        "Lê Thị Ân",
        "Hà",
        "Đỗ Thu Hà",
        "Lê Minh Hà",
        "Lê Thị Thu Hà",
        "Lý Hà",
        "Lê An Hạ",
        "Vũ Ỷ",
    ]
    assert sorted_by_name(reversed(in_order)) == in_order


def test_a_capital_decides_last_among_people():
    assert sorted_by_name(["Lê AN", "Lê An", "Bùi AN"]) == ["Bùi AN", "Lê An", "Lê AN"]


def test_items_are_sorted_by_the_name_they_hold():
    people = [(1, "Nguyễn Văn Đức"), (2, "Nguyễn Văn Dũng")]
    assert sorted_by_name(people, lambda person: person[1]) == [people[1], people[0]]


@pytest.mark.parametrize("name", ["", "   ", "\0", "\u200b", "🎉", "An"])
def test_odd_names_still_have_a_key(name):
    assert person_sort_key(name).isascii()


@given(WORDS, WORDS)
def test_the_given_name_rules_over_the_rest(one, other):
    given, other_given = positions(one)[-1], positions(other)[-1]
    if given < other_given:
        assert person_sort_key(spelled(one)) < person_sort_key(spelled(other))
