"""Figures beside the promised ones: a table for people, one line of JSON for scripts."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure. promised: what design and README promise, empty when nothing is."""

    name: str
    measured: str
    promised: str = ""


_figures: list[Figure] = []


def note(name: str, measured: object, promised: str = "") -> None:
    _figures.append(Figure(name, str(measured), promised))


def spread(values: Sequence[float], unit: str = "ms") -> str:
    """Median with the middle of the field: "4.1 ms (p10 3.8, p90 5.0)"."""
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 10], ordered[len(ordered) * 9 // 10]
    return f"{statistics.median(ordered):.2f} {unit} (p10 {low:.2f}, p90 {high:.2f})"


def render() -> str:
    if not _figures:
        return ""
    wide = max(len(figure.name) for figure in _figures)
    rows = [f"{figure.name:<{wide}}  {figure.measured:<44}  {figure.promised}" for figure in _figures]
    head = f"{'figure':<{wide}}  {'measured':<44}  promised"
    data = json.dumps([asdict(figure) for figure in _figures], ensure_ascii=False)
    return "\n".join(["", head, "-" * len(head), *rows, "", f"JSON {data}"])
