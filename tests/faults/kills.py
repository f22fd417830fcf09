"""When to kill during a story: at random moments, and at points where it matters most."""

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults import points

SOON, LATER = (
    (0.0, 0.12),
    (0.12, 0.9),
)  # seconds after an act is sent: while it is done, while the worker works


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen after which act. moments: seconds after sending. at_points: a named point."""

    moments: Mapping[int, float]
    at_points: Mapping[int, str]

    @classmethod
    def of(
        cls, seed: int, *, acts: Sequence[int], moments: int, at_points: Mapping[int, str] | None = None
    ) -> "Plan":
        """Random moments after different ones of the acts; the same seed, the same plan."""
        chance = random.Random(seed)  # noqa: S311 - moments, not secrets
        fixed = dict(at_points or {})
        chosen = chance.sample([act for act in acts if act not in fixed], moments)
        spans = [SOON if number % 2 else LATER for number in range(moments)]
        return cls({act: chance.uniform(*span) for act, span in zip(chosen, spans, strict=True)}, fixed)

    def __len__(self) -> int:
        return len(self.moments) + len(self.at_points)


@contextmanager
def carried_out(plan: Plan, kill: Callable[[], None], folder: Path) -> Iterator[Callable[[int], None]]:
    """Gives what a driver calls before each act; at the end every kill has happened, or the test fails."""
    killers: list[threading.Thread] = []
    missed: list[str] = []

    def at_point(point: str) -> None:
        if points.sprung(folder):
            kill()
            points.release(folder)
        else:
            missed.append(point)

    def before(act: int) -> None:
        if act in plan.moments:
            killers.append(threading.Timer(plan.moments[act], kill))
        elif act in plan.at_points:
            points.set_trap(folder, plan.at_points[act])
            killers.append(threading.Thread(target=at_point, args=(plan.at_points[act],)))
        else:
            return
        killers[-1].start()

    yield before
    for killer in killers:
        killer.join()
    assert not missed, f"nobody came to {missed}"
    assert len(killers) == len(plan)
