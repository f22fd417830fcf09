"""The answer of one look."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

_SHOWN = 5  # of a long list of faults: enough to begin with


class Level(StrEnum):
    """FAULT: something is wrong. WARNING: works, but somebody should look."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """code: stable, for scripts; "I6" is the sixth invariant. title, detail: Vietnamese."""

    code: str
    title: str
    level: Level
    detail: str


def verdict(
    code: str, title: str, faults: Collection[str], *, looked_at: str = "", level: Level = Level.FAULT
) -> Finding:
    """OK without faults, else `level` with the first few of them; looked_at: what was there to look at."""
    if not faults:
        return Finding(code, title, Level.OK, looked_at)
    shown = "; ".join(sorted(faults)[:_SHOWN])
    more = f"; và {len(faults) - _SHOWN} lỗi khác" if len(faults) > _SHOWN else ""
    return Finding(code, title, level, shown + more)
