"""The rules of a pledge: values in words, quorum, votes, whose turn it is."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.processes.pledges.rules import (
    Comparator,
    SigningOrder,
    TargetKind,
    blockers,
    is_adopted,
    percent,
    quorum,
    target_fault,
    value_in_words,
)


@pytest.mark.parametrize(
    ("kind", "comparator", "value", "measure", "words"),
    [
        (TargetKind.COUNT, Comparator.AT_LEAST, "1", "công trình", "ít nhất 01 công trình"),
        (TargetKind.COUNT, Comparator.EXACTLY, "12", "buổi", "12 buổi"),
        (TargetKind.PERCENT_OF_UNITS, Comparator.EXACTLY, "100", "", "100%"),
        (TargetKind.PERCENT_OF_PEOPLE, Comparator.AT_LEAST, "95.5", "", "ít nhất 95,5%"),
        (TargetKind.MONEY, Comparator.MORE_THAN, "1000000000", "", "trên 1.000.000.000đ"),
    ],
)
def test_a_typed_value_reads_as_officials_write_it(
    kind: TargetKind, comparator: Comparator, value: str, measure: str, words: str
) -> None:
    assert value_in_words(kind, comparator, Decimal(value), measure) == words


def test_a_target_without_a_number_has_no_words() -> None:
    assert value_in_words(TargetKind.GRADE, Comparator.EXACTLY, None, "") == ""


@pytest.mark.parametrize(
    ("kind", "value", "measure", "faulty"),
    [
        (TargetKind.COUNT, "1", "đoàn viên", False),
        (TargetKind.COUNT, "1", "", True),
        (TargetKind.COUNT, None, "đoàn viên", True),
        (TargetKind.COUNT, "-1", "đoàn viên", True),
        (TargetKind.PERCENT_OF_UNITS, "100", "", False),
        (TargetKind.PERCENT_OF_UNITS, "101", "", True),
        (TargetKind.GRADE, None, "", False),
        (TargetKind.GRADE, "3", "", True),
    ],
)
def test_a_target_says_what_is_wrong_with_its_value(
    kind: TargetKind, value: str | None, measure: str, faulty: bool
) -> None:
    given_value = None if value is None else Decimal(value)
    assert (target_fault(kind, given_value, measure) is not None) is faulty


@pytest.mark.parametrize(("present", "met"), [(9, False), (10, True), (14, True)])
def test_two_thirds_of_fourteen_are_ten(present: int, met: bool) -> None:
    assert quorum(present, 14, Fraction(2, 3)).met is met


def test_attendance_is_told_with_one_decimal_half_up() -> None:
    assert percent(10, 11) == Decimal("90.9")
    assert percent(1, 16) == Decimal("6.3")
    assert percent(14, 14) == 100
    assert percent(0, 0) == 0


@pytest.mark.parametrize(("agree", "adopted"), [(6, False), (7, True), (12, True)])
def test_more_than_half_of_those_present_adopt(agree: int, adopted: bool) -> None:
    assert is_adopted(agree, 12, Fraction(1, 2)) is adopted


@given(present=st.integers(0, 200), total=st.integers(1, 200), share=st.fractions(0, 1))
def test_a_quorum_is_never_met_by_less_than_its_share(present: int, total: int, share: Fraction) -> None:
    assert quorum(present, total, share).met == (present >= share * total)


@given(st.integers(1, 16), st.sets(st.integers(1, 16)))
def test_without_an_order_nobody_waits(position: int, waiting: set[int]) -> None:
    assert blockers(SigningOrder.ANY, position, waiting, 1) == []


@given(st.integers(1, 16), st.sets(st.integers(1, 16)))
def test_the_leader_first_lets_everybody_sign_once_he_has(position: int, waiting: set[int]) -> None:
    first = blockers(SigningOrder.LEADER_FIRST, position, waiting, 1)
    assert bool(first) == (1 in waiting and position != 1)


@given(st.sets(st.integers(1, 16), min_size=1))
def test_the_listed_order_always_leaves_exactly_one_free(waiting: set[int]) -> None:
    free = [position for position in waiting if not blockers(SigningOrder.LISTED, position, waiting, 1)]
    assert free == [min(waiting)]
