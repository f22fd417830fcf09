"""The deploy check: what SpiffWorkflow would ignore in silence, get wrong, or stop at is refused here.

Every finding names the element and says in Vietnamese and English what to mend. A diagram that passes has
also been walked through at random with stub answers, stored and restored at every step.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator

from workflow_app.engine import dry_walk
from workflow_app.engine.catalogue import Catalogue
from workflow_app.engine.compiled import Compiled, compile_diagram
from workflow_app.engine.errors import DiagramRefused, DiagramUnreadable, Finding
from workflow_app.engine.lint_rules import FIRST, RULES
from workflow_app.engine.lint_rules.view import View
from workflow_app.engine.reading import read

__all__ = ["Catalogue", "DiagramRefused", "Finding", "check"]

_KEPT = 256  # answers in memory
_passed: dict[tuple[str, str, int], Compiled] = {}


def check(xml: bytes, *, known: Catalogue, walks: int = dry_walk.WALKS) -> Compiled:
    """The compiled diagram, fit for use. walks: how many random walks are tried at most, 0 for none.

    Raises DiagramRefused with every finding of the first stage that has any: reading, basic order, rules,
    parsing, dry walk. The same question is answered from memory.
    """
    question = (hashlib.sha256(xml).hexdigest(), repr(known), walks)
    if question not in _passed:
        if len(_passed) >= _KEPT:
            _passed.clear()
        _passed[question] = _check(xml, known, walks)
    return _passed[question]


def _check(xml: bytes, known: Catalogue, walks: int) -> Compiled:
    try:
        view = View(read(xml), known)
        for rule in FIRST:
            _stop(rule(view))
        _stop(_all(RULES, view))
        compiled = compile_diagram(xml)
    except DiagramUnreadable as error:
        raise DiagramRefused([Finding("unreadable", "", error.vi, str(error))]) from error
    _stop(dry_walk.findings(view, compiled, walks=walks))
    return compiled


def _all(rules: Iterable[Callable[[View], Iterator[Finding]]], view: View) -> Iterator[Finding]:
    for rule in rules:
        yield from rule(view)


def _stop(found: Iterable[Finding]) -> None:
    findings = list(dict.fromkeys(found))  # one fault seen by two uses is one finding
    if findings:
        raise DiagramRefused(findings)
