import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.core.vietnamese import clean_line, clean_text, fold, matches, nfc, search_words

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)  # surrogates and controls too
VIETNAMESE = st.text(
    "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯàảãáạằẳẵắặầẩẫấậềểễếệồổỗốộờởỡớợừửữứựỳỷỹýỵ ", max_size=30
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Giao ước thi đua", "giao uoc thi dua"),
        ("ĐOÀN VIÊN ƯU TÚ", "doan vien uu tu"),
        ("Ễ Ữ Ợ Ặ Ẫ ỵ", "e u o a a y"),
        ("  hai\tdòng\r\nmột  ", "hai dong mot"),
        ("Nguyễn\u00a0Văn\u2003An", "nguyen van an"),
        ("03/BB-BCH", "03/bb-bch"),
        ("Ðà Nẵng", "da nang"),  # eth
        ("Ɖà Nẵng", "da nang"),  # African D
        ("ký\u200b k\u00adết\u202e\ufeff", "ky ket"),
        ("ﬁle Ｄ１", "file d1"),
        ("", ""),
        ("\u3164\u2800", ""),
    ],
)
def test_the_search_form_has_no_marks_case_or_invisible_signs(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("old", "new"), [("hoà", "hòa"), ("uỷ", "ủy"), ("thuý", "thúy"), ("HOÀ", "HÒA"), ("khoẻ", "khỏe")]
)
def test_both_tone_placements_are_found_by_each_other(old, new):
    assert old != new
    assert fold(old) == fold(new)
    assert matches(old, new)
    assert matches(new, old)


@given(VIETNAMESE)
def test_composed_and_decomposed_text_fold_alike(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(VIETNAMESE)
def test_folded_vietnamese_is_plain_small_ascii(text):
    assert fold(text).isascii()
    assert fold(text) == fold(text).lower()


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_folding_any_single_character_twice_changes_nothing():
    unstable = [hex(point) for point in range(0x30000) if fold(fold(chr(point))) != fold(chr(point))]
    assert unstable == []


@given(ANY_TEXT)
def test_a_folded_text_can_be_stored_in_the_database(text):
    folded = fold(text)
    assert "\0" not in folded
    folded.encode("utf-8")  # a lone surrogate would raise


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("uoc giao", "Giao ước thi đua năm 2019", True),
        ("GIAO ƯỚC", "giao uoc", True),
        ("bch", "Biên bản 03/BB-BCH", True),
        ("03/BB", "Biên bản 03/BB-BCH", True),
        ("ngu an", "Nguyễn Thị Minh An", True),
        ("an", "Lan, Hạnh", False),
        ("giao ước 2020", "Giao ước thi đua năm 2019", False),
        ("%", "tỷ lệ", True),
        ("", "bất kỳ", True),
        ("x", "", False),
    ],
)
def test_a_query_finds_the_beginnings_of_words_in_any_order(query, text, found):
    assert matches(query, text) is found


@given(st.lists(st.text("abdđêơư", min_size=1, max_size=6), max_size=6), st.randoms())
def test_the_order_of_the_words_of_a_query_does_not_matter(words, random):
    shuffled = random.sample(words, len(words))
    assert matches(" ".join(shuffled), " ".join(words))


@given(ANY_TEXT)
def test_search_words_need_no_escaping_in_a_pattern(text):
    assert all(word.isalnum() for word in search_words(text))
    assert len(set(search_words(text))) == len(search_words(text))


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  Nguyễn   Văn\tAn \n", "Nguyễn Văn An"),
        ("một\r\nhai\u2028ba", "một hai ba"),
        ("a\u0302n", "ân"),
        ("a\u200b\u0302n", "ân"),  # composed only after the zero-width space is gone
        ("\u202egpj.exe", "gpj.exe"),
        ("x\x01\x08\x1f\x7f\x9fy", "xy"),
        ("x\ud800\ufffe\U0001ffff\ufdd0y", "xy"),
        ("\u3164\u200b", ""),
        ("họp 🎉", "họp 🎉"),
    ],
)
def test_a_typed_line_is_made_safe(typed, line):
    assert clean_line(typed) == line


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("\n\n một\r\n\r\n  hai  \rba\n ", "một\n\n  hai\nba"),
        ("cột\tcột\u00a0x", "cột\tcột x"),
        ("a\x0bb\x0cc\x85d\u2029e", "a\nb\nc\nd\ne"),
        ("\u200b \n", ""),
    ],
)
def test_a_typed_text_keeps_its_lines(typed, text):
    assert clean_text(typed) == text


@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_a_nul_is_refused_in_words(clean):
    with pytest.raises(ValueError, match="ký tự rỗng"):
        clean("a\0b")


@given(ANY_TEXT.filter(lambda text: "\0" not in text))
def test_cleaned_input_is_stable_composed_and_legal_xml(text):
    for clean in (clean_line, clean_text):
        cleaned = clean(text)
        assert clean(cleaned) == cleaned == nfc(cleaned)
        assert not any(unicodedata.category(char) in {"Cf", "Cs", "Zl", "Zp"} for char in cleaned)
        assert all(char in "\t\n" or ord(char) >= 0x20 for char in cleaned)
    assert "\n" not in clean_line(text)
