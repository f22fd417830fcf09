"""Variables and expressions: declared, permitted, compared with values that exist."""

import ast
import keyword
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workflow_app.engine import expressions
from workflow_app.engine.catalogue import FormSpec, OperationSpec
from workflow_app.engine.elements import S, listed, properties, text
from workflow_app.engine.errors import ExpressionRefused, Finding
from workflow_app.engine.executable import collection, item_name, result_variable
from workflow_app.engine.lint_rules.view import View


@dataclass(frozen=True, slots=True)
class Use:
    """One expression of a diagram and the element it stands at."""

    element: str
    text: str


def uses(view: View) -> Iterator[Use]:
    """Every expression except those of timers."""
    for flow in view.flows:
        if flow.condition:
            yield Use(flow.id, flow.condition)
    for key, node in view.nodes.items():
        operator = view.operator(key)
        if operator is not None:
            for parameter in operator.iter(f"{S}parameter"):
                yield Use(key, text(parameter.get("value")))
        for payload in node.iterfind(f".//{S}messagePayload"):
            yield Use(key, text(payload.text))
    for key, node in view.of_kind("callActivity"):
        yield Use(key, collection(node) or "[None]")
        for name in listed(properties(node).get("inputs")):
            yield Use(key, name)


def names(view: View) -> Iterator[Finding]:
    for key, name in _written(view):
        folded = unicodedata.normalize("NFKC", name)
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_") or folded != name:
            yield view.finding(
                "variable_name", key, f"tên biến «{name}» không hợp lệ. Tên gồm chữ, số, gạch dưới và bắt đầu bằng chữ.",
                f"{name} is no valid variable name. It has letters, digits, underscores and starts with a letter.",
            )  # fmt: skip
    for key, element in view.elements.items():
        for name in filter(None, (element.due, element.soft_due)):
            if name not in view.declared:
                yield _undeclared(view, key, name)


def permitted(view: View) -> Iterator[Finding]:
    for use in uses(view):
        yield from check(view, use)


def check(view: View, use: Use) -> Iterator[Finding]:
    """Findings of one expression: not permitted, or with an undeclared name."""
    try:
        parsed = expressions.parse(use.text)
    except ExpressionRefused as error:
        yield view.finding("expression", use.element, error.vi, f"expression not permitted: {error}")
        return
    for name in parsed.names:
        if name not in view.declared:
            yield _undeclared(view, use.element, name)


def choices(view: View) -> Iterator[Finding]:
    known = all_choices(view)
    for use in uses(view):
        for name, value in compared(use.text):
            if name in known and value not in known[name]:
                allowed = ", ".join(map(repr, known[name]))
                yield view.finding(
                    "choice_unknown", use.element, f"«{name}» không bao giờ là {value!r}. Giá trị có thể có: {allowed}.",
                    f"{name} is never {value!r}. It can be: {allowed}.",
                )  # fmt: skip


def all_choices(view: View) -> dict[str, tuple[Any, ...]]:
    """Variable -> every value that the forms and operations of the diagram can give it."""
    found: dict[str, list[Any]] = {}
    flat = [spec for key, spec in view.used_operations.items() if not view.result_of(key)]
    specs: list[FormSpec | OperationSpec] = [*view.used_forms.values(), *flat]
    for spec in specs:
        for name, values in spec.choices.items():
            found.setdefault(name, []).extend(values)
    # A name that something else sets, too, may have other values.
    loose = set(listed(properties(view.process).get("inputs")))
    for form in view.used_forms.values():
        loose |= form.outcomes - form.choices.keys()
    return {name: tuple(values) for name, values in found.items() if name not in loose}


def compared(source: str) -> Iterator[tuple[str, Any]]:
    """Names of an expression with the constants they are compared with by ==, !=, in, not in."""
    try:
        body = expressions.parse(source).body
    except ExpressionRefused:
        return
    for node in ast.walk(body):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and len(node.ops) == 1:
            other = node.comparators[0]
            if isinstance(node.ops[0], ast.Eq | ast.NotEq) and isinstance(other, ast.Constant):
                yield node.left.id, other.value
            elif isinstance(node.ops[0], ast.In | ast.NotIn) and isinstance(other, ast.List | ast.Tuple):
                yield from (
                    (node.left.id, item.value) for item in other.elts if isinstance(item, ast.Constant)
                )


def _written(view: View) -> Iterator[tuple[str, str]]:
    """Every place of the file that makes a variable."""
    yield from ((view.key, name) for name in listed(properties(view.process).get("inputs")))
    for key, _ in view.of_kind("serviceTask"):
        if name := view.result_of(key):
            yield key, name
    for key, node in view.of_kind("callActivity"):
        yield key, result_variable(node)
        if item := item_name(node):
            yield key, item
    for key, node in view.nodes.items():
        yield from ((key, text(name.text)) for name in node.iterfind(f".//{S}messageVariable"))


def _undeclared(view: View, key: str, name: str) -> Finding:
    return view.finding(
        "variable_undeclared", key,
        f"biến «{name}» chưa được khai báo. Hãy ghi vào thuộc tính inputs của quy trình, hoặc dùng biến do biểu mẫu "
        "hay thao tác đặt.",
        f"variable {name} is not declared. Add it to the property inputs of the process, or use one that a form or an "
        "operation sets.",
    )  # fmt: skip
