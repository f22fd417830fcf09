"""What a checked form schema says: fields, their kinds, the decision and what each choice asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a field asks for; each has one control on the page."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    UNIT = "unit"
    PERSON = "person"
    ROWS = "rows"


LARGEST = 10**15  # of a number; a larger one is not exact in JSON
NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PERCENT})
KIND_WORDS: Mapping[Kind, str] = {
    Kind.TEXT: "Một dòng chữ",
    Kind.LONG_TEXT: "Nhiều dòng chữ",
    Kind.NUMBER: "Số",
    Kind.MONEY: "Số tiền",
    Kind.PERCENT: "Tỷ lệ phần trăm",
    Kind.DATE: "Ngày",
    Kind.CHOICE: "Chọn một",
    Kind.YES_NO: "Có hoặc không",
    Kind.UNIT: "Đơn vị",
    Kind.PERSON: "Người",
    Kind.ROWS: "Danh sách nhiều dòng",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: its code, its words, what happens then, the fields it asks for."""

    code: str
    title: str
    note: str = ""
    requires: tuple[str, ...] = ()
    danger: bool = False


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field. low, high: of a number its value, of a text its length, of a list its rows; None = no bound.

    whole: a number without decimals. outcome: its value becomes a variable of the process.
    """

    name: str
    kind: Kind
    title: str
    description: str = ""
    required: bool = False
    low: float | None = None
    high: float | None = None
    whole: bool = False
    must_agree: bool = False
    options: tuple[Option, ...] = ()
    decision: bool = False
    outcome: bool = False
    fields: tuple["FieldSchema", ...] = ()
    example: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FormSchema:
    """One form (biểu mẫu) as it was brought; source: the JSON itself, kept with the version of its diagram.

    act: the name under which a delegation covers the task; "approve" also asks for a second pair of eyes.
    """

    key: str
    title: str
    description: str
    act: str
    fields: tuple[FieldSchema, ...]
    source: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def decision(self) -> FieldSchema | None:
        """The field whose choices are the buttons of the page."""
        return next((each for each in self.fields if each.decision), None)

    def field_named(self, name: str) -> FieldSchema | None:
        return next((each for each in self.fields if each.name == name), None)

    def outcome_fields(self) -> Iterator[FieldSchema]:
        """The fields whose values become variables of the process."""
        return (each for each in self.fields if each.outcome or each.decision)
