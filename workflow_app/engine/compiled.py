"""A diagram made ready to run: parsed and armed once per process, shared by all instances and threads."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.exceptions import SpiffWorkflowException

from workflow_app.engine import spiff
from workflow_app.engine.elements import B, Element, elements, listed, messages, process_of, properties, text
from workflow_app.engine.errors import DiagramUnreadable, StepFailed
from workflow_app.engine.executable import derive
from workflow_app.engine.reading import SPIFF, read

_KEPT = 256  # diagrams in memory; one takes 0.1 to 0.5 MB


@dataclass(frozen=True)
class Compiled:
    """A diagram ready to run.

    inputs: variables an instance must be started with. called: call activity -> key of the process it
    starts. messages: name of an awaited message -> variable for its payload, None when the payload's
    names become variables themselves. sha256: of the file, hex.
    """

    key: str
    name: str
    sha256: str
    elements: Mapping[str, Element]
    inputs: tuple[str, ...]
    called: Mapping[str, str]
    messages: Mapping[str, str | None]
    spec: Any = field(repr=False, compare=False)  # private to machine.py
    subspecs: Mapping[str, Any] = field(repr=False, compare=False)  # private to machine.py


_cache: OrderedDict[str, Compiled] = OrderedDict()
_lock = threading.Lock()


def compile_diagram(xml: bytes) -> Compiled:
    """The compiled diagram of a file; the same bytes are compiled once.

    Raises DiagramUnreadable when it cannot be read or parsed. Whether it is fit for use is for `lint.check`.
    """
    sha256 = hashlib.sha256(xml).hexdigest()
    with _lock:  # parsing is not thread-safe and takes a millisecond
        if sha256 in _cache:
            _cache.move_to_end(sha256)
        else:
            _cache[sha256] = _compile(xml, sha256)
            if len(_cache) > _KEPT:
                _cache.popitem(last=False)
        return _cache[sha256]


def _compile(xml: bytes, sha256: str) -> Compiled:
    root = read(xml)
    process = process_of(root)
    key = process.get("id", "")
    spec, subspecs = _specs(root, key)
    return Compiled(
        key=key,
        name=text(process.get("name")) or key,
        sha256=sha256,
        elements=MappingProxyType(elements(process)),
        inputs=listed(properties(process).get("inputs")),
        called=MappingProxyType(
            {call.get("id", ""): text(call.get("calledElement")) for call in process.iter(f"{B}callActivity")}
        ),
        messages=MappingProxyType(_awaited(root, process)),
        spec=spec,
        subspecs=subspecs,
    )


def _specs(root: etree._Element, key: str) -> tuple[Any, dict[str, Any]]:
    try:
        return spiff.specs(derive(root), key)
    except (
        ValidationException,
        SpiffWorkflowException,
        StepFailed,
        RecursionError,
        LookupError,
        TypeError,
    ) as error:
        # The parser lets KeyError and TypeError through where a reference or an attribute is missing.
        raise DiagramUnreadable(
            f"cannot be parsed: {error}", vi=f"Không chạy được sơ đồ này: {str(error)[:200]}"
        ) from error


def _awaited(root: etree._Element, process: etree._Element) -> dict[str, str | None]:
    names = messages(root)
    found: dict[str, str | None] = {}
    for kind in ("intermediateCatchEvent", "boundaryEvent", "receiveTask"):
        for node in process.iter(B + kind):
            definition = node.find(f"{B}messageEventDefinition")
            source = node if definition is None else definition
            if source.get("messageRef") in names:
                variable = text(source.findtext(f"{B}extensionElements/{{{SPIFF}}}messageVariable"))
                found[names[source.get("messageRef", "")]] = variable or None
    return found
