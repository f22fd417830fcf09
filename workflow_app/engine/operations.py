"""What the machine does in a process: the registry of service operations.

A diagram names an operation; the program has it or the diagram is refused. `work` runs outside any
transaction and may run more than once; `finish` runs inside the transaction that moves the process on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.engine.catalogue import OperationSpec
from workflow_app.engine.refusals import OperationUnknown
from workflow_app.organisations.types import Scope

FAN_OUT = "fan_out"  # what a parallel multi-instance call activity becomes; the engine's own
SPAWN_ATTEMPTS, SPAWN_BACKOFF = 5, 2.0  # as the default of an operation
LONGEST_WAIT = 3600.0  # seconds between two attempts: an operator looks at least as often


@dataclass(frozen=True, slots=True)
class OperationJob:
    """One attempt at one service task.

    params: what the diagram hands over. data: the process data, ids and decisions.
    at: when the process reached the task; the same for all attempts, so that they make the same bytes.
    attempt: 1 for the first; the id of the task is the same for all attempts, use it as idempotency key.
    """

    task_id: UUID
    instance_id: UUID
    element: str
    params: Mapping[str, Any]
    scope: Scope
    business_type: str
    business_id: UUID
    at: datetime
    attempt: int
    data: Mapping[str, Any]


class BusinessFault(Exception):
    """The work was done and its outcome is a known fault: the diagram's boundary error event takes over.

    code: the error code in the diagram. It is never retried; where no event catches it, an incident opens.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Work(Protocol):
    """Makes what the task is for; idempotent; returns JSON values that `finish` needs."""

    def __call__(self, job: OperationJob) -> Mapping[str, Any]: ...


class Finish(Protocol):
    """Writes the domain rows; returns ids and decisions for the process."""

    def __call__(
        self, session: Session, job: OperationJob, result: Mapping[str, Any]
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Operation:
    """A registered operation.

    retries: how many failures become an incident, at least 1.
    backoff: seconds after the first failure, see `wait_of`.
    spec: what the deploy check has to know: names of results, values to decide on, codes of faults.
    """

    name: str
    work: Work
    finish: Finish | None
    retries: int
    backoff: float
    spec: OperationSpec


_operations: dict[str, Operation] = {}
_T = TypeVar("_T", bound=Callable[..., Any])


def operation(
    name: str, *, retries: int = 5, backoff: float = 2.0, spec: OperationSpec | None = None
) -> Callable[[_T], _T]:
    """Registers a function as `work`, or a class without arguments that has `work` and perhaps `finish`."""
    if retries < 1 or backoff < 0:
        raise ValueError(f"operation {name}: retries from 1, backoff from 0")

    def register(target: _T) -> _T:
        if name in _operations or name == FAN_OUT:
            raise ValueError(f"operation {name} is registered twice")
        made = target() if isinstance(target, type) else target
        work = cast("Work", getattr(made, "work", made))
        finish = getattr(made, "finish", None)
        _operations[name] = Operation(name, work, finish, retries, backoff, spec or OperationSpec())
        return target

    return register


def forget(name: str) -> None:
    """Takes an operation back: for tests."""
    _operations.pop(name, None)


def get(name: str) -> Operation:
    """Raises OperationUnknown: the diagram was deployed by another version of the program."""
    found = _operations.get(name)
    if found is None:
        raise OperationUnknown(f"service operation {name} is not registered")
    return found


def attempts_of(name: str) -> int:
    """How many attempts the operation has before an incident; one that the program lacks has one."""
    if name == FAN_OUT:
        return SPAWN_ATTEMPTS
    return _operations[name].retries if name in _operations else 1


def wait_of(name: str, failed: int) -> float:
    """Seconds until the next attempt after the `failed`-th failure: doubled each time, up to an hour."""
    first = SPAWN_BACKOFF if name == FAN_OUT else get(name).backoff
    return float(min(first * 2 ** min(failed - 1, 20), LONGEST_WAIT))


def catalogue() -> dict[str, OperationSpec]:
    """What a diagram may call: for the deploy check."""
    return {name: found.spec for name, found in _operations.items()}
