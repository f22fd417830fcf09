"""What the API answers: plain models, from which the OpenAPI description is made."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Read from attributes of rows."""

    model_config = ConfigDict(from_attributes=True)


class TaskRow(Shape):
    """A human task in the list of work."""

    id: UUID
    name: str
    act: str | None
    title: str = Field(description="Hồ sơ của việc này")
    process_key: str
    element: str
    role: str
    unit_id: UUID
    form_key: str
    assignee_id: UUID | None
    due_at: datetime | None
    soft_due_at: datetime | None
    created_at: datetime
    instance_id: UUID
    business_id: UUID


class TaskPage(Shape):
    """One page; `next` is the cursor of the following one."""

    items: list[TaskRow]
    next: str | None = None


class TaskDetail(Shape):
    """A task with the JSON Schema of the form that completes it."""

    id: UUID
    name: str
    act: str | None
    role: str
    unit_id: UUID
    form_key: str
    due_at: datetime | None
    soft_due_at: datetime | None
    instance_id: UUID
    process_key: str
    business_id: UUID
    form: dict[str, Any] = Field(description="JSON Schema của biểu mẫu")


class Completion(BaseModel):
    """The filled form. op_id: made by the caller; a repeat with the same one has one effect."""

    model_config = ConfigDict(extra="forbid")

    op_id: UUID
    values: dict[str, Any]


class Completed(Shape):
    """What was done; `repeated` when the same operation had been done before."""

    task_id: UUID
    instance_id: UUID
    said: str
    repeated: bool


class Mark(Shape):
    """One reached element of the diagram."""

    state: str
    count: int


class Instance(Shape):
    """A process instance."""

    id: UUID
    process_key: str
    title: str
    status: str
    business_type: str
    business_id: UUID
    federation_id: UUID
    bloc_id: UUID | None
    year: int | None
    unit_id: UUID | None
    parent_id: UUID | None
    rev: int
    open_children: int
    open_incidents: int
    started_at: datetime
    ended_at: datetime | None
    elements: dict[str, Mark] = {}


class IncidentRow(Shape):
    """Something that an instance cannot go on without; `error` holds codes and ids, no personal data."""

    id: UUID
    instance_id: UUID
    kind: str
    element: str | None
    error: str
    times: int
    opened_at: datetime
    last_at: datetime


class IncidentList(Shape):
    """Open incidents, oldest first, at most 100."""

    items: list[IncidentRow]


class Reason(BaseModel):
    """Why; it stays in the record."""

    reason: str = Field(max_length=2000)


class MigrationFinding(BaseModel):
    """One element that stands in the way of another version."""

    code: str
    element: str
    detail: str


class MigrationPreview(BaseModel):
    """The dry run: safe, or what stands in the way."""

    safe: bool
    findings: list[MigrationFinding]


class Event(Shape):
    """One event of the record."""

    id: int
    at: datetime
    action: str
    actor_id: UUID
    unit_id: UUID | None
    on_behalf_of: UUID | None
    object_type: str
    object_id: UUID
    instance_id: UUID | None
    stream_seq: int | None
    doc_sha256: str | None
    details: dict[str, Any]


class EventPage(Shape):
    """One page of the record; `next` is the key of the following one."""

    items: list[Event]
    next: int | None = None


class Version(Shape):
    """One version of a document."""

    number: int
    state: str
    content_id: str
    file_sha256: str
    size: int
    created_at: datetime
    frozen_at: datetime | None


class DocumentDetail(Shape):
    """A document with its versions, oldest first."""

    id: UUID
    kind: str
    title: str
    state: str
    number: str | None
    dated: date | None
    issued_at: datetime | None
    owner_type: str
    owner_id: UUID
    versions: list[Version]
