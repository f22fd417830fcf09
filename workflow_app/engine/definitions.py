"""Diagrams with versions: deploy, bring into force, retire; running instances stay on theirs."""

import hashlib
import threading
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from workflow_app.audit.service import record as record_event
from workflow_app.engine.catalogue import Catalogue
from workflow_app.engine.journal import By, actor_of, person
from workflow_app.engine.lint import check
from workflow_app.engine.machine import Compiled, compile_diagram
from workflow_app.engine.models import DefinitionStatus, ProcessDefinition
from workflow_app.engine.refusals import DefinitionNotActive, DefinitionUnknown

__all__ = ["Catalogue", "activate", "active", "check", "compiled", "deploy", "retire", "versions"]

# XML is immutable, so what was compiled from it is valid for as long as the process lives.
_compiled: dict[UUID, Compiled] = {}
_compiling = threading.Lock()


def deploy(
    session: Session, xml: bytes, *, by: By, at: datetime, known: Catalogue, activate: bool = True
) -> ProcessDefinition:
    """Stores a checked diagram as a new version; the same bytes give the same row again.

    activate: bring it into force at once; False leaves a draft that somebody else may bring into force.
    Raises DiagramRefused with every finding.
    """
    diagram = check(xml, known=known)
    sha256 = hashlib.sha256(xml).hexdigest()
    # Two deployments of one key at the same moment would both find the same highest version.
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"deploy {diagram.key}"}
    )
    found = session.scalars(select(ProcessDefinition).where(ProcessDefinition.sha256 == sha256)).one_or_none()
    if found is None:
        found = _new_version(session, diagram, xml, sha256, by, at)
        _record(session, found, "definition.deployed", by, at)
    if activate:
        _bring_into_force(session, found, by, at)
    return found


def activate(session: Session, definition_id: UUID, *, by: By, at: datetime) -> ProcessDefinition:
    """Brings a draft or an earlier version into force; the one before is retired, its instances run on."""
    definition = _locked(session, definition_id)
    _bring_into_force(session, definition, by, at)
    return definition


def retire(session: Session, definition_id: UUID, *, by: By, at: datetime) -> ProcessDefinition:
    """Takes the version in force out of it: no new instance starts, running ones go on.

    Raises DefinitionUnknown, DefinitionNotActive.
    """
    definition = _locked(session, definition_id)
    if definition.status != DefinitionStatus.ACTIVE:
        raise DefinitionNotActive(f"definition {definition_id} is {definition.status}")
    _retire(definition, at)
    session.flush()
    _record(session, definition, "definition.retired", by, at)
    return definition


def active(session: Session, key: str) -> ProcessDefinition:
    """The version in force; raises DefinitionUnknown."""
    query = select(ProcessDefinition).where(
        ProcessDefinition.key == key, ProcessDefinition.status == DefinitionStatus.ACTIVE
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise DefinitionUnknown(f"no active definition {key}")
    return found


def versions(session: Session, key: str | None = None) -> list[ProcessDefinition]:
    """All versions of one diagram, or of all diagrams: by key, newest first, without their XML."""
    query = select(ProcessDefinition).order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
    return list(session.scalars(query.where(ProcessDefinition.key == key) if key else query))


def compiled(session: Session, definition_id: UUID) -> Compiled:
    """What runs for a version; no query when it is in this process already. Raises DefinitionUnknown."""
    found = _compiled.get(definition_id)
    if found is not None:
        return found
    xml = session.scalar(select(ProcessDefinition.xml).where(ProcessDefinition.id == definition_id))
    if xml is None:
        raise DefinitionUnknown(f"no definition {definition_id}")
    with _compiling:  # one thread compiles; the others would only do the same again
        if definition_id not in _compiled:
            _compiled[definition_id] = compile_diagram(xml)
    return _compiled[definition_id]


def _new_version(
    session: Session, diagram: Compiled, xml: bytes, sha256: str, by: By, at: datetime
) -> ProcessDefinition:
    query = select(func.coalesce(func.max(ProcessDefinition.version), 0))
    highest: int = session.scalars(query.where(ProcessDefinition.key == diagram.key)).one()
    definition = ProcessDefinition(
        key=diagram.key,
        version=highest + 1,
        name=diagram.name,
        sha256=sha256,
        xml=xml,
        deployed_by=person(by),
        deployed_at=at,
    )
    session.add(definition)
    session.flush()
    return definition


def _bring_into_force(session: Session, definition: ProcessDefinition, by: By, at: datetime) -> None:
    if definition.status == DefinitionStatus.ACTIVE:
        return
    before = session.scalars(
        select(ProcessDefinition)
        .where(ProcessDefinition.key == definition.key, ProcessDefinition.status == DefinitionStatus.ACTIVE)
        .with_for_update()
    ).one_or_none()
    if before is not None:
        _retire(before, at)
        session.flush()  # at most one is active: the old one goes first
    definition.status = DefinitionStatus.ACTIVE
    definition.activated_by, definition.activated_at, definition.retired_at = person(by), at, None
    session.flush()
    _record(session, definition, "definition.activated", by, at)


def _retire(definition: ProcessDefinition, at: datetime) -> None:
    definition.status = DefinitionStatus.RETIRED
    definition.retired_at = at


def _locked(session: Session, definition_id: UUID) -> ProcessDefinition:
    query = select(ProcessDefinition).where(ProcessDefinition.id == definition_id).with_for_update()
    found = session.scalars(query).one_or_none()
    if found is None:
        raise DefinitionUnknown(f"no definition {definition_id}")
    return found


def _record(session: Session, definition: ProcessDefinition, action: str, by: By, at: datetime) -> None:
    record_event(
        session,
        action=action,
        actor=actor_of(by),
        at=at,
        object_type="process_definition",
        object_id=definition.id,
        details={"key": definition.key, "version": definition.version, "sha256": definition.sha256},
    )
