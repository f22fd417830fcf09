"""The score sheet (bảng điểm) of a pledge as it is read: groups with their points, criteria numbered below them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflow_app.core.vietnamese import format_number, roman


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line. number: "II" of a group, "2.1" of a criterion. key: of the criterion, "" for a group."""

    number: str
    text: str
    points: str
    how: str
    key: str

    @property
    def is_group(self) -> bool:
        return not self.key


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """rows: every group that has criteria, each followed by them. total: of all points, as people write it."""

    rows: tuple[SheetRow, ...]
    total: str


def score_sheet(text: Mapping[str, Any]) -> ScoreSheet:
    """The score sheet in a stored text of a pledge; without rows when the bloc has none of its own."""
    criteria: Sequence[Mapping[str, Any]] = text["score_sheet"]
    rows: list[SheetRow] = []
    for number, group in enumerate(text["contents"], start=1):
        rows += _group(number, group["title"], [each for each in criteria if each["group"] == number])
    return ScoreSheet(tuple(rows), format_number(_sum(criteria)))


def _group(number: int, title: str, criteria: Sequence[Mapping[str, Any]]) -> Iterator[SheetRow]:
    if criteria:
        yield SheetRow(roman(number), title, format_number(_sum(criteria)), "", "")
    for place, each in enumerate(criteria, start=1):
        points = format_number(Decimal(each["max_points"]))
        yield SheetRow(f"{number}.{place}", each["text"], points, each["how"], each["key"])


def _sum(criteria: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(each["max_points"]) for each in criteria), Decimal(0))
