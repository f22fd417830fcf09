"""The Jinja environment of Word templates: data in, text out, and nothing else.

A template comes from a person with Word. Stock Jinja lets it run any code of the process; the stock sandbox
still reads attributes, calls methods and can fill the memory. Here a template is a list of allowed node
types, values are plain data, and every loop and every text is counted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import escape

from workflow_app.documents.filters import FILTERS, FilterMisused

MAX_OUTPUT = 8 * 2**20  # letters of XML; the largest document of ours has a twentieth of that
MAX_STEPS = 200_000  # turns of all loops together
MAX_TEXT = 100_000  # letters of one value
_MAX_LOOPS = 4  # loops inside each other

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.For,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Add,
    nodes.Sub,
    nodes.Filter,
    nodes.Keyword,
)
_LOOP_WORDS = frozenset({"index", "index0", "first", "last", "length", "revindex"})
# What XML 1.0 cannot carry at all (section 2.2), escaped or not.
_NO_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n?")


class TemplateNotAllowed(SecurityError):
    """The template uses something outside the small language."""


class TooMuch(SecurityError):
    """Output, loops or a value beyond the bounds."""


_steps: ContextVar[list[int]] = ContextVar("steps")


class Sandbox(SandboxedEnvironment):
    """Parses, checks and renders the text parts of a Word template."""

    intercepted_binops = frozenset(["+", "-"])

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True, finalize=_printable)
        self.globals.clear()
        self.tests.clear()
        self.filters = {**FILTERS, "_counted": _counted}

    def compile_checked(self, source: str) -> Template:
        """Raises TemplateNotAllowed, or TemplateSyntaxError of Jinja."""
        tree = self.parse(source)
        check_language(tree)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
        return self.from_string(tree)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A key of a mapping, a place in a list, a word of `loop`; never an attribute."""
        if isinstance(obj, LoopContext):
            return (
                getattr(obj, argument) if argument in _LOOP_WORDS else self.undefined(obj=obj, name=argument)
            )
        if isinstance(obj, Undefined):
            return obj[argument]  # raises with the name that was missing first
        if isinstance(obj, Mapping) and isinstance(argument, str):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=argument)
        if isinstance(obj, list) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(value, int | Decimal) for value in (left, right)):
            raise TooMuch(f"only whole numbers can be added, not {type(left).__name__}")
        return left + right if operator == "+" else left - right


def check_language(tree: nodes.Template) -> None:
    """Raises TemplateNotAllowed for every node type that our templates do not need."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if not isinstance(node, _ALLOWED):
            raise TemplateNotAllowed(f"{type(node).__name__} is not allowed in a Word template")
        if isinstance(node, nodes.For):
            depth += 1
            if node.recursive or depth > _MAX_LOOPS or not isinstance(node.target, nodes.Name):
                raise TemplateNotAllowed("this kind of loop is not allowed in a Word template")
        if isinstance(node, nodes.Filter) and node.name.startswith("_"):
            raise TemplateNotAllowed(f"No filter named {node.name!r}.")
        name = getattr(node, "name", None) or getattr(node, "attr", None)
        if isinstance(node, nodes.Name | nodes.Getattr) and str(name).startswith("_"):
            raise TemplateNotAllowed(f"the name {name!r} is not allowed in a Word template")
        waiting += [(child, depth) for child in node.iter_child_nodes()]


def render(template: Template, data: Mapping[str, Any]) -> str:
    """The text. Raises TooMuch beyond the bounds, UndefinedError for a missing name, FilterMisused."""
    token = _steps.set([MAX_STEPS])
    try:
        return "".join(_bounded(template.generate(data)))
    finally:
        _steps.reset(token)


def _bounded(pieces: Iterable[str]) -> Iterator[str]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_OUTPUT:
            raise TooMuch("the document would be larger than any document of ours")
        yield piece


def _counted(items: Any) -> Iterator[Any]:
    if not isinstance(items, list):
        raise TooMuch(f"only lists can be looped over, not {type(items).__name__}")
    left = _steps.get()
    for item in items:
        left[0] -= 1
        if left[0] < 0:
            raise TooMuch("the loops of the template turn too often")
        yield item


def _printable(value: Any) -> Any:
    """What one `{{ }}` prints: escaped once, without the characters that XML cannot carry."""
    if isinstance(value, Undefined):
        return value  # its printing raises, with the name
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise FilterMisused(f"a value of type {type(value).__name__} cannot be printed as it is")
    text = printable_text(str(value))
    if len(text) > MAX_TEXT:
        raise TooMuch("one value is longer than any text of ours")
    return escape(text)


def printable_text(text: str) -> str:
    """The text as a document can carry it: one kind of line end, nothing that XML 1.0 forbids."""
    return _NO_XML.sub("", _LINE_END.sub("\n", text))
