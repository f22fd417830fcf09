"""Expressions of a diagram: a small whitelist, evaluated by us, never by Python.

Names (Vietnamese ones too), numbers, texts, comparisons, and/or/not, in, + - * / %, subscripts, a few
functions, `x if a else b` and one `for` inside all(...), any(...), sum(...), min(...), max(...).
No attribute, no power, no lambda, no keyword, no text formatting: nothing to climb on, nothing to blow up.
"""

import ast
import operator
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workflow_app.engine.errors import ExpressionFailed, ExpressionRefused, VariableMissing

MAX_LENGTH = 500  # characters
MAX_NODES = 200  # also bounds the recursion of the evaluator
MAX_ROUNDS = 10_000  # items one evaluation may walk through
_DIGITS = 15  # round(1, -10**9) would compute 10**10**9
_TOO_BIG = 1e18  # beyond it no sum or count of ours is real

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, group: item in group,
    ast.NotIn: lambda item, group: item not in group,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def _round(number: float, digits: int = 0) -> float:
    if abs(digits) > _DIGITS:
        raise ValueError("too many digits")
    return round(number, digits) if digits else round(number)


def _sum(numbers: Any) -> float:
    total: float = 0
    for number in numbers:
        total = _number(total + _number(number))
    return total


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "len": len,
    "max": max,
    "min": min,
    "round": _round,
    "sum": _sum,
}
_STRUCTURE = (
    ast.Expression,
    ast.Name,
    ast.Load,
    ast.Store,
    ast.Compare,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.USub,
    ast.BinOp,
    ast.Subscript,
    ast.List,
    ast.Tuple,
    ast.IfExp,
    ast.comprehension,
    *_ARITHMETIC,
    *_COMPARISONS,
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A permitted expression. names: the variables it reads, sorted."""

    text: str
    names: tuple[str, ...]
    body: ast.expr

    @property
    def literal(self) -> Any:
        """The value when the expression is one constant such as "P7D", otherwise None."""
        return self.body.value if isinstance(self.body, ast.Constant) else None


def parse(text: str) -> Expression:
    """Checks an expression and keeps it parsed; the same text is parsed once per process.

    Text and names are compared in NFC. Raises ExpressionRefused, whose message names what is not allowed.
    """
    return _parse(unicodedata.normalize("NFC", text).strip())


def evaluate(text: str, data: Mapping[str, Any]) -> Any:
    """Value of an expression over flat data.

    Raises ExpressionRefused for what may not be written, ExpressionFailed when the data do not fit:
    an unknown name (VariableMissing), a missing key, text compared with a number, division by zero, more than 10,000 items.
    """
    expression = parse(text)
    try:
        return _Evaluation(data).value(expression.body)
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        missing = isinstance(error, LookupError)
        raise ExpressionFailed(
            f"{expression.text!r}: {type(error).__name__}: {error}", missing=missing
        ) from error


@lru_cache(maxsize=4096)
def _parse(text: str) -> Expression:
    if not text:
        raise _refused(text, "empty")
    if len(text) > MAX_LENGTH:
        raise _refused(text[:40], f"longer than {MAX_LENGTH} characters")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(text, "not an expression") from error
    bound = _check(tree, text)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in functions and node.id not in bound
    }
    return Expression(text, tuple(sorted(names)), tree.body)


def _check(tree: ast.Expression, text: str) -> frozenset[str]:
    """Refuses every node that is not on the list; returns the names bound by a `for`."""
    bound: set[str] = set()
    for count, node in enumerate(ast.walk(tree)):
        if count > MAX_NODES:
            raise _refused(text, f"more than {MAX_NODES} parts")
        match node:
            case ast.Constant(value=value):
                _check_constant(value, text)
            case ast.Name(id=name) if name.startswith("_"):
                raise _refused(text, f"name {name}")
            case ast.Call():
                _check_call(node, text)
            case ast.GeneratorExp(generators=generators):
                bound.add(_check_loop(generators, node.elt, text))
            case _ if not isinstance(node, _STRUCTURE):
                raise _refused(text, type(node).__name__)
    return frozenset(bound)


def _check_constant(value: object, text: str) -> None:
    if not (value is None or isinstance(value, bool | int | float | str)):
        raise _refused(text, type(value).__name__)
    if isinstance(value, int | float) and not abs(value) <= _TOO_BIG:
        raise _refused(text, "number too large")


def _check_call(node: ast.Call, text: str) -> None:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        raise _refused(text, "call")
    if node.keywords or not node.args or any(isinstance(arg, ast.Starred) for arg in node.args):
        raise _refused(text, f"arguments of {node.func.id}")


def _check_loop(generators: list[ast.comprehension], element: ast.expr, text: str) -> str:
    loop = generators[0]
    parts = [element, loop.iter, *loop.ifs]
    nested = any(isinstance(inner, ast.GeneratorExp) for part in parts for inner in ast.walk(part))
    if len(generators) > 1 or loop.is_async or nested or not isinstance(loop.target, ast.Name):
        raise _refused(text, "more than one for")
    return loop.target.id


def _refused(text: str, what: str) -> ExpressionRefused:
    return ExpressionRefused(
        f"{text!r}: {what}",
        vi=f"Biểu thức «{text[:80]}» không được phép dùng ({what}). "
        "Chỉ dùng tên biến, số, chữ trong ngoặc kép, so sánh, and/or/not, in.",
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number is needed")
    if not abs(value) <= _TOO_BIG:
        raise OverflowError("number too large")
    return value


class _Evaluation:
    """One evaluation; counts the items it walks through."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._rounds = 0

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._lookup(name)
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp(op=op, values=values):
                return self._join(isinstance(op, ast.And), values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.UnaryOp(operand=operand):
                return -_number(self.value(operand))
            case ast.BinOp():
                return self._calculate(node)
            case _:
                return self._composite(node)

    def _composite(self, node: ast.expr) -> Any:
        match node:
            case ast.Subscript(value=group, slice=key):
                return self.value(group)[self.value(key)]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test) else orelse)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [self.value(part) for part in parts]
            case ast.Call(func=ast.Name(id=name), args=args):
                return FUNCTIONS[name](*[self.value(arg) for arg in args])
            case ast.GeneratorExp():
                return self._walk(node)
        raise ExpressionRefused(type(node).__name__)

    def _lookup(self, name: str) -> Any:
        if name not in self._data:
            raise VariableMissing(f"no variable {name}", name=name)
        return self._data[name]

    def _compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.value(comparator)
            if not _COMPARISONS[type(op)](left, right):
                return False
            left = right
        return True

    def _join(self, every: bool, values: list[ast.expr]) -> Any:
        value: Any = every
        for part in values:
            value = self.value(part)
            if bool(value) != every:
                return value
        return value

    def _calculate(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            return left + right
        return _number(_ARITHMETIC[type(node.op)](_number(left), _number(right)))

    def _walk(self, node: ast.GeneratorExp) -> Iterator[Any]:
        loop = node.generators[0]
        name = loop.target.id  # type: ignore[attr-defined]  # _check_loop lets only a plain name through
        outer = self._data
        for item in self.value(loop.iter):
            self._rounds += 1
            if self._rounds > MAX_ROUNDS:
                raise ValueError(f"more than {MAX_ROUNDS} items")
            self._data = {**outer, name: item}
            try:
                if all(self.value(condition) for condition in loop.ifs):
                    yield self.value(node.elt)
            finally:
                self._data = outer
