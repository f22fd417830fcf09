"""What decides in a pledge: pure rules over plain values, no database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

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
_STEP = Decimal("0.5")  # score sheets of the unions give whole and half points
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


def is_registrable(kind: TargetKind, scope: TargetScope) -> bool:
    """Whether each unit promises a value of its own: targets with a number that each unit must reach."""
    return kind in NUMERIC_KINDS and scope is TargetScope.EACH_UNIT


def points_fault(points: Decimal) -> str | None:
    """What is wrong with the most points of a criterion, or None: more than 0, in steps of a half."""
    if points <= 0:
        return "Nhập điểm tối đa lớn hơn 0."
    return None if points % _STEP == 0 else "Điểm chia đến 0,5. Nhập ví dụ 2 hoặc 2,5."


def in_turn(units: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """Cross-monitoring as it is usually begun: each watches the next of the list, the last one the first."""
    return list(zip(units, [*units[1:], *units[:1]], strict=True)) if len(units) > 1 else []


def monitoring_fault(
    pairs: Sequence[tuple[UUID, UUID]], names: Mapping[UUID, str]
) -> tuple[int | None, str] | None:
    """What is wrong with pairs of (watches, is watched): the row or None for the whole list, and the sentence.

    names: of the pledge's units. Nobody watches anybody, or each unit watches exactly one other and is watched
    by exactly one: a unit left out would come to the year's end unchecked.
    """
    watching: set[UUID] = set()
    watched: set[UUID] = set()
    for row, pair in enumerate(pairs):
        if fault := _pair_fault(*pair, names, watching, watched):
            return row, fault
        watching.add(pair[0])
        watched.add(pair[1])
    if pairs and (left := [name for unit, name in names.items() if unit not in watching]):
        whom = "; ".join(left)
        return None, f"Chưa phân công: {whom}. Phân công đủ các đơn vị, hoặc để trống tất cả."
    return None


def sheet_fault(total: Decimal, wanted: int) -> str | None:
    """What is wrong with a score sheet, or None: it adds up to the total that the federation set."""
    if total == wanted:
        return None
    return f"Tổng điểm tối đa là {format_number(total)}, phải đúng {wanted}. Sửa điểm của các tiêu chí."


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


def _pair_fault(
    monitor: UUID,
    monitored: UUID,
    names: Mapping[UUID, str],
    watching: AbstractSet[UUID],
    watched: AbstractSet[UUID],
) -> str | None:
    if monitor not in names or monitored not in names:
        return "Chọn một đơn vị trong khối."
    if monitor == monitored:
        return f"{names[monitor]} không tự giám sát mình. Chọn đơn vị khác."
    if monitor in watching:
        return f"{names[monitor]} đã được phân công giám sát. Mỗi đơn vị giám sát một đơn vị."
    if monitored in watched:
        return f"{names[monitored]} đã có đơn vị giám sát. Chọn đơn vị chưa có."
    return None
