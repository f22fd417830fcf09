"""Faults between the product and its object store that come and go by chance."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.storage.faults import Answer, CutAnswer, Fault, Line, Trickle, http

_SLOW_DOWN = http("503 Slow Down", "<Error><Code>SlowDown</Code></Error>", Content_Type="application/xml")


@dataclass
class TornRequest(Fault):
    """The request breaks off after so many bytes: the server gets half an object."""

    after: int
    _sent: dict[int, int] = field(default_factory=dict, init=False)

    def request(self, line: Line, data: bytes) -> None:
        sent = self._sent.get(id(line), 0)
        self._sent[id(line)] = sent + len(data)
        line.to_server(data[: max(0, self.after - sent)])
        if sent + len(data) > self.after:
            line.cut()


CALM = Fault()
_METHODS = (b"PUT ", b"GET ", b"HEAD ")
_FAULTS: list[tuple[str, Callable[[], Fault]]] = [
    ("half a request", lambda: TornRequest(after=2000)),
    ("answer lost", lambda: CutAnswer(after=0)),
    ("half an answer", lambda: CutAnswer(after=900)),
    ("slow", lambda: Trickle(pause=0.05)),
    ("500", lambda: Answer(http("500 Internal Server Error"))),
    ("503", lambda: Answer(_SLOW_DOWN)),
]


class Storm(Fault):
    """Something with every second request: torn requests, cut and slow answers, errors. The same seed, the same."""

    def __init__(self, seed: int) -> None:
        self.happened: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 - faults, not secrets
        self._next = itertools.cycle(self._chance.sample(_FAULTS, len(_FAULTS)))
        self._chosen: dict[int, Fault] = {}

    def request(self, line: Line, data: bytes) -> None:
        if data.startswith(_METHODS):
            self._chosen[id(line)] = self._any()
        self._chosen[id(line)].request(line, data)

    def answer(self, line: Line, data: bytes) -> None:
        self._chosen.get(id(line), CALM).answer(line, data)

    def _any(self) -> Fault:
        if self._chance.random() < 0.5:
            return CALM
        name, make = next(self._next)
        self.happened[name] += 1
        return make()
