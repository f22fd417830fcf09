"""One event, one byte form."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.audit.canonical import NotCanonical, canonical, leaf_of, parse

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = text.map(lambda name: unicodedata.normalize("NFC", name))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(names, values, max_size=6)


@given(objects)
def test_the_bytes_can_be_read_back_and_made_again(value: dict[str, Any]) -> None:
    body = canonical(value)
    assert canonical(json.loads(body)) == body
    assert canonical(parse(body)) == body


@given(objects)
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(st.dictionaries(st.sampled_from(["tên", "đơn vị", "Khối"]), text))
def test_decomposed_text_gives_the_same_bytes(value: dict[str, str]) -> None:
    taken_apart = {unicodedata.normalize("NFD", k): unicodedata.normalize("NFD", v) for k, v in value.items()}
    assert canonical(taken_apart) == canonical(value)


def test_the_published_example_of_key_order() -> None:
    # RFC 8785, 3.2.3, with a last letter that NFC leaves alone: in UTF-16 the emoji stands before it.
    given = {"\u20ac": 1, "\r": 2, "\uffe8": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert [*json.loads(canonical(given)).values()] == [2, 4, 6, 7, 1, 5, 3]


def test_control_characters_are_escaped_as_the_standard_says() -> None:
    assert canonical({"a": '\x0f\n"\\/é\u20ac'}) == '{"a":"\\u000f\\n\\"\\\\/é€"}'.encode()


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.5},
        {"a": float("nan")},
        {"a": 2**53},
        {"a": b"x"},
        {"a": {1: 2}},
        {"a": "\ud800"},
        {"a": {1, 2}},
    ],
)
def test_what_has_no_single_form_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_two_spellings_of_one_key_are_refused() -> None:
    with pytest.raises(NotCanonical, match="same text"):
        canonical({"\u00e9": 1, "e\u0301": 2})


@pytest.mark.parametrize(
    "body", [b'{"b":1,"a":2}', b'{"a": 1}', b"[]", b"{", b'{"a":1.0}', '{"a":"e\u0301"}'.encode()]
)
def test_bytes_in_another_form_are_not_read(body: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse(body)


def test_a_leaf_is_no_plain_hash() -> None:
    # RFC 9162, 2.1.1: the empty leaf; the zero byte keeps leaves and inner nodes apart.
    assert leaf_of(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
