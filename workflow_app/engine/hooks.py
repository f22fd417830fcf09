"""What a process adds to the engine's own acts, inside the same transaction."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.engine.models import ProcessInstance


@dataclass(frozen=True, slots=True)
class InstanceEnd:
    """One instance has ended, completed or cancelled (`instance.status` says which); at: aware UTC.

    data: the process data at the end, ids and decisions; empty when it was cancelled.
    """

    instance: ProcessInstance
    data: Mapping[str, Any]
    by: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A message that an instance has thrown; payload: ids and decisions. key: the same for the same message."""

    instance: ProcessInstance
    name: str
    payload: Mapping[str, Any]
    key: str
    at: datetime


SaidHook = Callable[[Session, Said], None]
InstanceEndHook = Callable[[Session, InstanceEnd], None]

_on_said: dict[str, SaidHook] = {}
_on_end: dict[str, list[InstanceEndHook]] = defaultdict(list)


def on_instance_end(business_type: str, hook: InstanceEndHook) -> None:
    """Calls `hook` when an instance for that kind of domain row ends, children included.

    It runs before the commit: what it raises undoes the act. Registering the same function twice has no effect.
    """
    if hook not in _on_end[business_type]:
        _on_end[business_type].append(hook)


def forget_instance_end(business_type: str, hook: InstanceEndHook) -> None:
    """Takes a hook back: for tests."""
    _on_end[business_type].remove(hook)


def instance_ended(session: Session, end: InstanceEnd) -> None:
    """Tells everybody who asked."""
    for hook in _on_end.get(end.instance.business_type, ()):
        hook(session, end)


def on_message(name: str, hook: SaidHook) -> None:
    """Gives the messages of this name to `hook`, in the transaction of the step that throws them.

    Without a hook a message goes to the instance that started the thrower. Raises ValueError for a second hook.
    """
    if _on_said.setdefault(name, hook) is not hook:
        raise ValueError(f"message {name} has a hook already")


def forget_message(name: str) -> None:
    """Takes a hook back: for tests."""
    _on_said.pop(name, None)


def hears(name: str) -> bool:
    """Whether a hook takes messages of this name."""
    return name in _on_said


def message_said(session: Session, said: Said) -> None:
    """Gives a message to its hook."""
    _on_said[said.name](session, said)
