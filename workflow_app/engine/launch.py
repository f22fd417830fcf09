"""New instances: made in memory first, then stored together, one or two hundred at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.core.ids import new_id
from workflow_app.engine import ending, journal, projection
from workflow_app.engine.journal import By
from workflow_app.engine.machine import Compiled, Machine
from workflow_app.engine.models import HumanTask, InstanceStatus, ProcessDefinition, ProcessInstance
from workflow_app.organisations.types import Scope

ENGINE = f"spiffworkflow {version('SpiffWorkflow')}"  # what wrote a state: kept with it for later upgrades


@dataclass(frozen=True, slots=True)
class Launch:
    """An instance that has run to its first stops and is not stored yet."""

    instance: ProcessInstance
    machine: Machine
    step: projection.Plan


@dataclass(frozen=True, slots=True)
class Origin:
    """The fan-out that starts a child; run: 1, or more when the item's child is opened again."""

    parent: ProcessInstance
    task_id: UUID
    element: str
    item_key: str
    run: int = 1


@dataclass(frozen=True, slots=True)
class Business:
    """The domain row that an instance moves, and how people call it."""

    type: str
    id: UUID
    title: str


def prepare(
    definition: ProcessDefinition,
    diagram: Compiled,
    *,
    scope: Scope,
    business: Business,
    data: Mapping[str, Any],
    by: By,
    at: datetime,
    origin: Origin | None = None,
) -> Launch:
    """Runs a new instance to its first stops; nothing is written.

    Raises OutcomeRefused for data that may not enter a process, Stalled, UnknownRole.
    """
    machine = Machine.start(diagram, dict(data))
    instance = _instance(definition, scope, business, origin, by, at)
    live = projection.Live(instance, machine, projection.Picture.nothing())
    step = projection.plan(live, at)
    instance.state = step.state
    if machine.completed:
        ending.complete(instance, machine, at=at)
    return Launch(instance, machine, step)


def store(session: Session, launches: Sequence[Launch], *, by: By, at: datetime) -> Sequence[HumanTask]:
    """Stores new instances with the rows of what they wait for; returns their human tasks."""
    session.add_all([launch.instance for launch in launches])
    session.flush()
    rows = projection.Rows([], [], [])
    for launch in launches:
        rows += launch.step.rows
    tasks = projection.insert_rows(session, rows)
    for launch in launches:
        _announce(session, launch, by, at)
    session.flush()
    return tasks


def _announce(session: Session, launch: Launch, by: By, at: datetime) -> None:
    instance = launch.instance
    details: dict[str, Any] = {"definition_id": str(instance.definition_id), "run": instance.run}
    if instance.parent_id is not None:
        details |= {"parent_id": str(instance.parent_id), "element": instance.parent_element or ""}
    journal.record(session, instance, "instance.started", by=by, at=at, **details)
    projection.send(session, instance, launch.step.said, at)
    if launch.machine.completed:
        ending.announce(session, instance, launch.machine.data(), by=by, at=at)


def _instance(
    definition: ProcessDefinition,
    scope: Scope,
    business: Business,
    origin: Origin | None,
    by: By,
    at: datetime,
) -> ProcessInstance:
    identity = new_id()
    return ProcessInstance(
        id=identity,
        definition_id=definition.id,
        process_key=definition.key,
        business_type=business.type,
        business_id=business.id,
        title=business.title,
        federation_id=scope.federation_id,
        bloc_id=scope.bloc_id,
        year=scope.year,
        unit_id=scope.unit_id,
        leader_unit_id=scope.leader_unit_id,
        deputy_unit_id=scope.deputy_unit_id,
        root_id=origin.parent.root_id if origin else identity,
        parent_id=origin.parent.id if origin else None,
        parent_task_id=origin.task_id if origin else None,
        parent_element=origin.element if origin else None,
        item_key=origin.item_key if origin else None,
        run=origin.run if origin else 1,
        rev=1,
        engine=ENGINE,
        status=InstanceStatus.RUNNING,
        open_incidents=0,
        open_children=0,
        started_by=journal.person(by),
        started_at=at,
    )
