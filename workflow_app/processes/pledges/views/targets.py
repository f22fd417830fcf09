"""Targets in words, and what the units registered for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from workflow_app.processes.pledges.models import Pledge, PledgeUnit
from workflow_app.processes.pledges.rules import (
    Comparator,
    TargetKind,
    is_registrable,
    value_in_words,
)


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target: number, sentence, planned value in words, who must reach it, until when."""

    key: str
    number: int
    sentence: str
    condition: str
    words: str
    scope: str
    due: date | None
    measure: str
    registrable: bool


@dataclass(frozen=True, slots=True)
class Registration:
    """What one unit registered: a value in words for each registrable target, "" for none."""

    unit: str
    values: tuple[str, ...]
    titles: tuple[str, ...]
    works: tuple[str, ...]


def in_words(target: Mapping[str, Any]) -> str:
    """ "ít nhất 02 đoàn viên" of a target in a stored text; its kind where it has no number."""
    kind, value = TargetKind(target["kind"]), target["value"]
    number = None if value is None else Decimal(value)
    return value_in_words(kind, Comparator(target["comparator"]), number, target["measure"]) or kind.vi


def target_rows(pledge: Pledge) -> list[TargetRow]:
    """The targets of a pledge in their order; they must be loaded."""
    return [
        TargetRow(
            key=target.key,
            number=target.position,
            sentence=target.sentence,
            condition=target.condition,
            words=value_in_words(target.kind, target.comparator, target.value, target.measure)
            or target.kind.vi,
            scope=target.scope.vi,
            due=target.due,
            measure=_measure(target.kind, target.measure),
            registrable=is_registrable(target.kind, target.scope),
        )
        for target in pledge.targets
    ]


def registrations(pledge: Pledge, rows: Sequence[TargetRow]) -> list[Registration]:
    """What the units registered, those that registered nothing left out."""
    wanted = [row for row in rows if row.registrable]
    return [_registration(unit, wanted, pledge) for unit in pledge.units if _has_any(unit)]


def _registration(unit: PledgeUnit, wanted: Sequence[TargetRow], pledge: Pledge) -> Registration:
    targets = {target.key: target for target in pledge.targets}
    values = []
    for row in wanted:
        given = unit.registered_values.get(row.key)
        target = targets[row.key]
        words = (
            value_in_words(target.kind, Comparator.EXACTLY, Decimal(given), target.measure) if given else ""
        )
        values.append(words)
    return Registration(unit.short_name, tuple(values), tuple(unit.titles), tuple(unit.works))


def _has_any(unit: PledgeUnit) -> bool:
    return bool(unit.registered_values or unit.titles or unit.works)


def _measure(kind: TargetKind, measure: str) -> str:
    if kind in {TargetKind.PERCENT_OF_UNITS, TargetKind.PERCENT_OF_PEOPLE}:
        return "%"
    return "đồng" if kind is TargetKind.MONEY else measure
