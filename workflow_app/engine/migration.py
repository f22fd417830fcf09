"""A running instance goes over to another version of its diagram: where that is safe, after a dry run.

Safe means two things. Nothing that the instance has behind it and nothing it stands on has changed, and the way ahead
leads to an end: it is walked with stub answers from the very state in which the instance is.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow_app.engine import definitions, dry_walk, journal, projection
from workflow_app.engine.catalogue import Catalogue
from workflow_app.engine.errors import Finding
from workflow_app.engine.journal import By
from workflow_app.engine.lint_rules.view import View
from workflow_app.engine.locking import lock
from workflow_app.engine.machine import Machine
from workflow_app.engine.models import (
    ALIVE,
    DefinitionStatus,
    HumanTask,
    ProcessDefinition,
    ProcessInstance,
)
from workflow_app.engine.reading import read
from workflow_app.engine.refusals import (
    DefinitionUnknown,
    InstanceEnded,
    InstanceUnknown,
    MigrationPointless,
    MigrationUnsafe,
    ReasonMissing,
    VersionNotReleased,
)

_KEPT = 1_000  # answers in memory: the same state and version give the same answer
_known: OrderedDict[tuple[bytes, UUID], tuple[Finding, ...]] = OrderedDict()


def preview(
    session: Session, instance_id: UUID, to_definition: UUID, *, known: Catalogue
) -> Sequence[Finding]:
    """What keeps an instance from going over, nothing when it may; nothing is written.

    Raises InstanceUnknown, InstanceEnded, DefinitionUnknown, MigrationPointless, VersionNotReleased.
    """
    instance = session.get(ProcessInstance, instance_id)
    if instance is None:
        raise InstanceUnknown(f"no instance {instance_id}")
    return _findings(session, instance, _target(session, instance, to_definition), known)


def migrate(
    session: Session,
    instance_id: UUID,
    to_definition: UUID,
    *,
    reason: str,
    by: By,
    at: datetime,
    known: Catalogue,
) -> ProcessInstance:
    """Puts an instance on another version; tasks, claims, deadlines and running children stay as they are.

    Raises MigrationUnsafe with the elements that stand in the way, ReasonMissing, and as `preview`.
    """
    if not reason.strip():
        raise ReasonMissing("empty reason")
    instance = lock(session, instance_id)
    target = _target(session, instance, to_definition)
    if found := _findings(session, instance, target, known):
        raise MigrationUnsafe(instance_id, found)
    before = session.get_one(ProcessDefinition, instance.definition_id)
    live = projection.load(session, instance)
    live.machine = live.machine.on(definitions.compiled(session, target.id))
    instance.definition_id = target.id
    step = projection.plan(live, at)
    projection.write(session, live, step, by=by, at=at)
    _rename(session, live.before, step.after)
    versions: dict[str, Any] = {"from_version": before.version, "to_version": target.version}
    journal.record(session, instance, "instance.migrated", by=by, at=at, reason=reason, **versions)
    session.flush()
    return instance


def outdated(
    session: Session, definition: ProcessDefinition, *, federation_id: UUID | None = None
) -> Sequence[ProcessInstance]:
    """Running and suspended instances of the same diagram on earlier versions, oldest first."""
    query = (
        select(ProcessInstance)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
        .where(
            ProcessDefinition.key == definition.key,
            ProcessDefinition.version < definition.version,
            ProcessInstance.status.in_(ALIVE),
        )
        .order_by(ProcessInstance.started_at, ProcessInstance.id)
    )
    if federation_id is not None:
        query = query.where(ProcessInstance.federation_id == federation_id)
    return session.scalars(query).all()


def version(session: Session, instance_id: UUID, number: int) -> ProcessDefinition:
    """The version of this number of an instance's diagram; raises InstanceUnknown, DefinitionUnknown."""
    instance = session.get(ProcessInstance, instance_id)
    if instance is None:
        raise InstanceUnknown(f"no instance {instance_id}")
    query = select(ProcessDefinition).where(
        ProcessDefinition.key == instance.process_key, ProcessDefinition.version == number
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise DefinitionUnknown(f"no version {number} of {instance.process_key}", vi=_NO_VERSION % number)
    return found


_NO_VERSION = "Sơ đồ của hồ sơ này không có phiên bản %s."


def _target(session: Session, instance: ProcessInstance, to_definition: UUID) -> ProcessDefinition:
    if not instance.alive:
        raise InstanceEnded(f"instance {instance.id} is {instance.status}", ended_at=instance.ended_at)
    target = session.get(ProcessDefinition, to_definition)
    if target is None or target.key != instance.process_key:
        raise DefinitionUnknown(
            f"definition {to_definition} is none of {instance.process_key}",
            vi="Phiên bản này không thuộc sơ đồ của hồ sơ.",
        )
    if target.id == instance.definition_id:
        raise MigrationPointless(f"instance {instance.id} is on definition {to_definition}")
    if target.status == DefinitionStatus.DRAFT:
        raise VersionNotReleased(f"definition {to_definition} is a draft")
    return target


def _findings(
    session: Session, instance: ProcessInstance, target: ProcessDefinition, known: Catalogue
) -> tuple[Finding, ...]:
    question = (hashlib.sha256(instance.state).digest(), target.id)
    if question not in _known:
        _known[question] = tuple(_look(session, instance, target, known))
        if len(_known) > _KEPT:
            _known.popitem(last=False)
    return _known[question]


def _look(
    session: Session, instance: ProcessInstance, target: ProcessDefinition, known: Catalogue
) -> list[Finding]:
    machine = projection.load(session, instance).machine
    compiled = definitions.compiled(session, target.id)
    if found := machine.obstacles(compiled):
        return found
    state = machine.on(compiled).dump()
    view = View(read(target.xml), known)
    return list(dry_walk.findings_ahead(view, compiled, lambda: Machine.load(compiled, state)))


def _rename(session: Session, before: projection.Picture, after: projection.Picture) -> None:
    """Open tasks are called as the new version calls them."""
    for key, task in after.human.items():
        if (task.name, task.act) != (before.human[key].name, before.human[key].act):
            values = {"name": task.name, "act": task.act}
            session.execute(update(HumanTask).where(HumanTask.id == key).values(values))
