"""Plausible values for variables of a diagram, learned from how its expressions use them.

A path names a value: `decision`, `check['ok']`, `units[]['signed']` for what a loop over `units` reads.
"""

import ast
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflow_app.engine import expressions
from workflow_app.engine.errors import ExpressionRefused

_ITEMS = 3  # of a guessed list


class Guesses:
    """Guesses for one diagram. fixed, choices: values that are known already, by variable."""

    def __init__(
        self, sources: Iterable[str], *, fixed: Mapping[str, Any], choices: Mapping[str, Iterable[Any]]
    ) -> None:
        self._fixed = dict(fixed)
        self._constants: dict[str, list[Any]] = {}
        self._keys: dict[str, set[str]] = {}
        self._perhaps: dict[str, set[str]] = {}  # keys whose presence the diagram asks for
        self._lists: set[str] = set()
        for source in sources:
            self._learn(source)
        self._constants |= {name: list(values) for name, values in choices.items()}

    def value(self, path: str, rng: random.Random) -> Any:
        """A guess for one path; the same generator gives the same guess."""
        if path in self._fixed:
            return self._fixed[path]
        if path in self._keys or path in self._perhaps:
            return self.mapping(
                path, sorted(self._keys.get(path, set()) - self._perhaps.get(path, set())), rng
            )
        if path in self._lists:
            return [self._item(path, position, rng) for position in range(1, _ITEMS + 1)]
        # 0 and 1 are false and true, can be counted and compared, and differ from every text.
        return rng.choice(self._constants.get(path) or [0, 1])

    def mapping(self, path: str, keys: Iterable[str], rng: random.Random) -> dict[str, Any]:
        """A mapping with these keys, and by chance with those whose presence the diagram asks for."""
        perhaps = [key for key in sorted(self._perhaps.get(path, ())) if rng.random() < 0.5]
        return {key: self.value(f"{path}[{key!r}]", rng) for key in [*keys, *perhaps]}

    def children(self, variable: str, total: int, rng: random.Random) -> dict[str, Any]:
        """What a call activity may hand back about its children: counts by state and by outcome."""
        completed = rng.randint(0, total)
        path = f"{variable}['outcomes']"
        names = sorted(self._keys.get(path, set()) | self._perhaps.get(path, set()))
        named: dict[str, int] = {}
        for _ in range(completed if names else 0):
            name = rng.choice(names)
            named[name] = named.get(name, 0) + 1
        only = self._constants.get(f"{variable}['outcome']") or [None]
        outcome = rng.choice(only) if total == 1 else None
        counts = {"total": total, "completed": completed, "cancelled": total - completed}
        return {**counts, "outcomes": named, "outcome": outcome}

    def _item(self, path: str, position: int, rng: random.Random) -> Any:
        item = f"{path}[]"
        known = item in self._keys or item in self._perhaps or item in self._constants
        return self.value(item, rng) if known else position

    def _learn(self, source: str) -> None:
        try:
            body = expressions.parse(source).body
        except ExpressionRefused:
            return  # a finding of its own
        nodes = list(ast.walk(body))
        loops = [loop for node in nodes if isinstance(node, ast.GeneratorExp) for loop in node.generators]
        bound = {ast.unparse(loop.target): f"{_path(loop.iter, {})}[]" for loop in loops}
        self._lists |= {_path(loop.iter, {}) for loop in loops}
        for node in nodes:
            self._learn_from(node, lambda part: _path(part, bound))

    def _learn_from(self, node: ast.AST, path: Callable[[ast.expr], str]) -> None:
        match node:
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[group]):
                if isinstance(left, ast.Constant) and path(group):
                    self._perhaps.setdefault(path(group), set()).add(str(left.value))
                elif path(group):
                    self._lists.add(path(group))
                self._compared(path(left), group)
            case ast.Compare(left=left, comparators=[*others]):
                for part, other in zip([left, *others], [*others, left], strict=True):
                    self._compared(path(part), other)
                    self._compared(path(other), part)
            case ast.Subscript(value=group, slice=ast.Constant(value=str(key))) if path(group):
                self._keys.setdefault(path(group), set()).add(key)
            case ast.Call(func=ast.Name(id="len" | "sum" | "all" | "any" | "min" | "max"), args=[only]):
                self._lists.add(path(only))

    def _compared(self, path: str, other: ast.expr) -> None:
        constants = [other] if isinstance(other, ast.Constant) else getattr(other, "elts", [])
        values: list[Any] = [item.value for item in constants if isinstance(item, ast.Constant)]
        numbers = [value + step for value in values if type(value) is int for step in (-1, 1)]
        if path and values:
            self._constants.setdefault(path, []).extend([*values, *numbers])


def _path(part: ast.expr, bound: Mapping[str, str]) -> str:
    """Path of a name or of subscripts with constant keys, "" for anything else."""
    match part:
        case ast.Name(id=name):
            return bound.get(name, name)
        case ast.Subscript(value=group, slice=ast.Constant(value=str(key))):
            outer = _path(group, bound)
            return f"{outer}[{key!r}]" if outer else ""
    return ""
