"""What a machine shows of itself: plain values, no SpiffWorkflow type among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReadyTask:
    """A human task that can be completed now.

    lane: role code. due, soft_due: aware UTC, read from the process data at this moment, None when unset.
    """

    id: UUID
    element: str
    name: str
    lane: str | None
    form: str | None
    act: str | None
    due: datetime | None
    soft_due: datetime | None


@dataclass(frozen=True, slots=True)
class StartedService:
    """A service task whose operation is to be done outside.

    params: evaluated when the element was reached, and kept. A call activity has operation "fan_out" and
    params `process` (key), `items` (list, may be empty: complete it at once; [None] for a call activity
    without multi-instance marker), `item` (variable of the child that holds its item, None if none) and
    `inputs` (name -> value that every child gets besides).
    """

    id: UUID
    element: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WaitingTimer:
    """A timer that waits; due_at is aware UTC. attached_to: element a boundary timer sits on."""

    id: UUID
    element: str
    due_at: datetime
    attached_to: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """An element that waits for a message of this name."""

    id: UUID
    element: str
    name: str


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message the instance has thrown; it is for others, or for this instance in a later step."""

    name: str
    payload: Mapping[str, Any]


class MarkState(StrEnum):
    ACTIVE = "active"  # a person or the system is at it
    WAITING = "waiting"  # a timer or message is awaited
    DONE = "done"
    CANCELLED = "cancelled"  # was begun and never finished


@dataclass(frozen=True, slots=True)
class Mark:
    """State of one element for the diagram. count: how often it was completed."""

    state: MarkState
    count: int
