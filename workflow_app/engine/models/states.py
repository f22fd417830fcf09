"""The states in which the engine's rows can be."""

from enum import StrEnum


class DefinitionStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class InstanceStatus(StrEnum):
    RUNNING = "running"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskStatus(StrEnum):
    """A suspended task is an open one of a suspended instance: it is in nobody's list."""

    OPEN = "open"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ServiceStatus(StrEnum):
    """QUEUED: a job exists or will; WAITING: a fan-out whose children are running."""

    QUEUED = "queued"
    WAITING = "waiting"
    COMPLETED = "completed"
    INCIDENT = "incident"
    CANCELLED = "cancelled"


class IncidentKind(StrEnum):
    """What could not go on by itself."""

    SERVICE_TASK = "service_task"
    HUMAN_TASK = "human_task"
    FAN_OUT = "fan_out"
    TIMER = "timer"
    MESSAGE = "message"


ALIVE = (InstanceStatus.RUNNING, InstanceStatus.SUSPENDED)
