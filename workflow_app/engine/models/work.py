"""What an instance waits for: people, the machine, time, news; and what went wrong with it."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.core.database import Base, UtcTime, enum_column
from workflow_app.core.ids import new_id
from workflow_app.engine.models.states import IncidentKind, ServiceStatus, TaskStatus


class HumanTask(Base):
    """What a person in an office has to do; the id is the engine's own task id.

    order_at: the place in a list, soonest first: the deadline, else the soft one, else long after creation.
    outcome: ids and decisions handed to the process, never texts.
    """

    __tablename__ = "human_task"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"), index=True)
    element: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    unit_id: Mapped[UUID]
    form_key: Mapped[str]
    act: Mapped[str | None]
    status: Mapped[TaskStatus] = enum_column(TaskStatus, default=TaskStatus.OPEN)
    assignee_id: Mapped[UUID | None]
    claimed_at: Mapped[UtcTime | None]
    due_at: Mapped[UtcTime | None]
    soft_due_at: Mapped[UtcTime | None]
    order_at: Mapped[UtcTime]
    created_at: Mapped[UtcTime]
    ended_at: Mapped[UtcTime | None]
    completed_by: Mapped[UUID | None]
    seat_id: Mapped[UUID | None]
    outcome: Mapped[dict[str, Any] | None]

    __table_args__ = (
        CheckConstraint("(status IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(status = 'completed') = (completed_by IS NOT NULL)", name="completed_by_someone"),
        CheckConstraint("(assignee_id IS NULL) = (claimed_at IS NULL)", name="claimed"),
        Index(
            "ix_human_task_open_pair",
            "role",
            "unit_id",
            "order_at",
            "id",
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_human_task_assignee",
            "assignee_id",
            "order_at",
            "id",
            postgresql_where=text("status = 'open' AND assignee_id IS NOT NULL"),
        ),
        Index(
            "ix_human_task_done_by",
            "completed_by",
            text("ended_at DESC"),
            text("id DESC"),
            postgresql_where=text("status = 'completed'"),
        ),
    )


class ServiceTask(Base):
    """What the machine has to do; a job carries only its id, the truth is here.

    attempts: how often a worker took it up since it was queued or an operator tried again; counted before the
    work, so that a task that kills its worker ends as an incident too. error: no personal data.
    next_at: not before this instant.
    """

    __tablename__ = "service_task"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"), index=True)
    element: Mapped[str]
    operation: Mapped[str]
    params: Mapped[dict[str, Any]]
    status: Mapped[ServiceStatus] = enum_column(ServiceStatus, default=ServiceStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[UtcTime]
    error: Mapped[str | None]
    created_at: Mapped[UtcTime]
    ended_at: Mapped[UtcTime | None]

    __table_args__ = (
        CheckConstraint("(status IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
        Index("ix_service_task_queued", "next_at", postgresql_where=text("status = 'queued'")),
    )


class Timer(Base):
    """When an instance has to be woken. blocked: it belongs to a suspended instance or has an incident."""

    __tablename__ = "timer"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"), index=True)
    element: Mapped[str]
    due_at: Mapped[UtcTime]
    blocked: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_timer_due", "due_at", postgresql_where=text("NOT blocked")),)


class Message(Base):
    """News for an instance, delivered by a job that locks the receiver alone, in order of id.

    dedupe_key: the same news is stored once. held: an incident waits for an operator.
    """

    __tablename__ = "message"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[UtcTime]
    delivered_at: Mapped[UtcTime | None]
    held: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index(
            "ix_message_waiting",
            "instance_id",
            "id",
            postgresql_where=text("delivered_at IS NULL AND NOT held"),
        ),
    )


class Incident(Base):
    """Something that cannot go on without an operator; open until resolved, then kept.

    subject_id: the human task, service task, timer or message it is about. times: how often it was met.
    error: class, code and ids; no personal data.
    """

    __tablename__ = "incident"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"), index=True)
    kind: Mapped[IncidentKind] = enum_column(IncidentKind)
    subject_id: Mapped[UUID]
    element: Mapped[str | None]
    error: Mapped[str]
    times: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[UtcTime]
    last_at: Mapped[UtcTime]
    resolved_at: Mapped[UtcTime | None]
    resolved_by: Mapped[UUID | None]
    resolution: Mapped[str | None]

    __table_args__ = (
        Index(
            "uq_incident_open_subject",
            "subject_id",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
        Index("ix_incident_open", "opened_at", "id", postgresql_where=text("resolved_at IS NULL")),
        CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name="resolved_how"),
    )
