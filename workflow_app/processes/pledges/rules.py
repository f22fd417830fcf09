"""What decides in a pledge: pure rules over plain values, no database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from workflow_app.core.vietnamese import format_money, format_number, format_percent, two_digits


class TargetKind(StrEnum):
    """How the result of a target (chỉ tiêu) will be told, so that it can be compared with the plan."""

    PERCENT_OF_UNITS = "percent_of_units"
    PERCENT_OF_PEOPLE = "percent_of_people"
    COUNT = "count"
    GRADE = "grade"
    DONE = "done"
    EVENT = "event"
    MONEY = "money"

    @property
    def vi(self) -> str:
        """What people choose from, with an example."""
        return _KINDS[self]


class Comparator(StrEnum):
    """How the result must stand to the planned value."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    EXACTLY = "exactly"

    @property
    def vi(self) -> str:
        return {"at_least": "ít nhất", "more_than": "trên", "exactly": "đúng bằng"}[self.value]


class TargetScope(StrEnum):
    """Who must reach it: every unit for itself, or the bloc as a whole."""

    EACH_UNIT = "each_unit"
    BLOC = "bloc"

    @property
    def vi(self) -> str:
        return {"each_unit": "từng đơn vị", "bloc": "cả khối"}[self.value]


_KINDS = {
    TargetKind.PERCENT_OF_UNITS: "tỷ lệ đơn vị (%)",
    TargetKind.PERCENT_OF_PEOPLE: "tỷ lệ người (%)",
    TargetKind.COUNT: "số lượng",
    TargetKind.GRADE: "xếp loại",
    TargetKind.DONE: "thực hiện đầy đủ",
    TargetKind.EVENT: "tổ chức một hoạt động",
    TargetKind.MONEY: "số tiền (đồng)",
}


NUMERIC_KINDS = frozenset(
    {TargetKind.PERCENT_OF_UNITS, TargetKind.PERCENT_OF_PEOPLE, TargetKind.COUNT, TargetKind.MONEY}
)
PERCENT_KINDS = frozenset({TargetKind.PERCENT_OF_UNITS, TargetKind.PERCENT_OF_PEOPLE})
_WORDS = {Comparator.AT_LEAST: "ít nhất ", Comparator.MORE_THAN: "trên ", Comparator.EXACTLY: ""}
_SMALL = 10  # counts below ten are written with two digits in official text: "01 công trình"


class SigningOrder(StrEnum):
    """In which order the units sign; a setting, because no rule prescribes one."""

    ANY = "any"
    LEADER_FIRST = "leader_first"
    LISTED = "listed"


def value_in_words(kind: TargetKind, comparator: Comparator, value: Decimal | None, measure: str) -> str:
    """ "ít nhất 01 công trình", "100%", "trên 1.000.000.000đ"; empty for kinds without a number."""
    if value is None:
        return ""
    if kind in PERCENT_KINDS:
        text = format_percent(value)
    elif kind is TargetKind.MONEY:
        text = format_money(value)
    else:
        whole = value == value.to_integral_value()
        number = two_digits(int(value)) if whole and 0 <= value < _SMALL else format_number(value)
        text = f"{number} {measure}".rstrip()
    return _WORDS[comparator] + text


def target_fault(kind: TargetKind, value: Decimal | None, measure: str) -> str | None:
    """The sentence that says what is wrong with a target's value, or None."""
    if kind not in NUMERIC_KINDS:
        return (
            None
            if value is None
            else "Loại chỉ tiêu này không ghi con số. Xóa ô giá trị, hoặc chọn loại khác."
        )
    if value is None:
        return "Nhập giá trị bằng chữ số, ví dụ 1 hoặc 95."
    if value < 0:
        return "Giá trị không được âm."
    if kind in PERCENT_KINDS and value > 100:
        return "Tỷ lệ đơn vị, tỷ lệ người không quá 100."
    if kind is TargetKind.COUNT and not measure:
        return "Nhập đơn vị tính, ví dụ “đoàn viên”."
    return None


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether a conference may decide, and the sentence that its minutes carry."""

    present: int
    total: int
    needed: int

    @property
    def met(self) -> bool:
        return self.present >= self.needed

    @property
    def rate(self) -> Decimal:
        """Percent of the convened units that came, one decimal, half up."""
        return percent(self.present, self.total)


def quorum(present: int, total: int, share: Fraction) -> Quorum:
    """Units needed = share of all units, rounded up: 2/3 of 14 is 10."""
    return Quorum(present, total, _at_least(share, total))


def is_adopted(agree: int, present: int, share: Fraction) -> bool:
    """More than the share of the units present must agree: 1/2 of 12 needs 7 votes."""
    return Fraction(agree) > share * present


def percent(part: int, whole: int) -> Decimal:
    """Percent with one decimal, half up (5 up): 10 of 11 = 90,9."""
    if whole <= 0:
        return Decimal(0)
    # In whole numbers: Decimal division first would round twice.
    return Decimal((2000 * part + whole) // (2 * whole)) / 10


def blockers(
    order: SigningOrder, position: int, open_positions: Iterable[int], leader_position: int
) -> Sequence[int]:
    """Positions that must sign before this one may; empty = it is its turn."""
    waiting = sorted(other for other in open_positions if other != position)
    if order is SigningOrder.ANY:
        return []
    if order is SigningOrder.LEADER_FIRST:
        return [other for other in waiting if other == leader_position]
    return [other for other in waiting if other < position]


def _at_least(share: Fraction, total: int) -> int:
    exact = share * total
    return -(-exact.numerator // exact.denominator)
