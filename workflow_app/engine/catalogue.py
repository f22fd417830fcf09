"""What a diagram may refer to: forms, operations, roles, other processes, messages. The caller collects it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FormSpec:
    """A form of a human task.

    outcomes: names of the variables its completion sets. choices: for the decisions among them every value
    the form can give; the dry walk tries them all, and a comparison with any other value is refused.
    """

    outcomes: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """An operation of a service task.

    results: names in the mapping it returns. choices: as in FormSpec, for names the diagram decides on.
    faults: codes of its business failures.
    """

    results: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    faults: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything known at deploy time.

    processes: keys that may be called. messages: name -> names in its payload. calls: process -> processes
    it calls, of the diagrams already in use; it finds circles through other diagrams. inputs: process ->
    variables it must be started with; where it is known, a call that leaves one out is refused.
    """

    forms: Mapping[str, FormSpec] = field(default_factory=dict)
    operations: Mapping[str, OperationSpec] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()
    messages: Mapping[str, frozenset[str]] = field(default_factory=dict)
    calls: Mapping[str, frozenset[str]] = field(default_factory=dict)
    inputs: Mapping[str, frozenset[str]] = field(default_factory=dict)
