"""Rows of a form beside what they are about: one for each part, remark, target or unit, filled or not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place in the form, and value and errors of its cells."""

    rows: str
    number: int
    cells: Mapping[str, Mapping[str, Any]]

    def name(self, cell: str) -> str:
        """Name of the control, also its id: "points-3-text"."""
        return f"{self.rows}-{self.number}-{cell}"

    def value(self, cell: str) -> Any:
        return self.cells.get(cell, {}).get("value", "")

    def errors(self, cell: str) -> list[str]:
        return list(self.cells.get(cell, {}).get("errors", ()))

    @property
    def typed(self) -> bool:
        """Whether something stands in it that a person should see again."""
        return any(
            cell.get("errors") or cell.get("value") not in ("", False, None) for cell in self.cells.values()
        )


def by_name(fields: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The drawn fields of a form by name, those of groups included."""
    found: dict[str, Mapping[str, Any]] = {}
    for field in fields:
        found[field["name"]] = field
        found |= by_name(field.get("fields", ()))
    return found


def row_for(
    fields: Iterable[Mapping[str, Any]], rows: str, key: str, wanted: Sequence[str]
) -> dict[str, Row]:
    """For each wanted key its row; one that nobody filled gets the next free number.

    The numbers of filled rows stay as they were sent, because errors are named after them.
    """
    lines = by_name(fields).get(rows, {}).get("lines", [])
    filled = {}
    for number, line in enumerate(lines):
        cells = by_leaf(line)
        filled[str(cells[key]["value"])] = Row(
            rows, number, {name: cell for name, cell in cells.items() if name != key}
        )
    free = len(lines)
    for each in wanted:
        if each not in filled:
            filled[each], free = Row(rows, free, {}), free + 1
    return filled


def by_leaf(line: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The cells of one row by the last part of their names."""
    return {field["name"].rpartition("-")[2]: field for field in line}


def label_of(field: Mapping[str, Any]) -> str:
    """What the chosen option of a field is called."""
    return next((str(option[1]) for option in field["options"] if option[0] == field["value"]), "")


def measured(target: Mapping[str, Mapping[str, Any]]) -> str:
    """ "số lượng, ít nhất 2 đoàn viên, từng đơn vị": how a target's row is measured, as it is typed now."""
    value = target["value"]["value"]
    words = (label_of(target["comparator"]), value, target["measure"]["value"]) if value else ()
    parts = (label_of(target["kind"]), " ".join(filter(None, words)), label_of(target["scope"]))
    return ", ".join(filter(None, [*parts, target["condition"]["value"]]))


def any_errors(cells: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether something in a row is to be mended."""
    return any(cell.get("errors") for cell in cells.values())
