"""Everything that the page of a dossier rests on, read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from workflow_app.core.vietnamese import decree_date, local_date
from workflow_app.documents.models import Document, DocumentState
from workflow_app.engine.models import HumanTask, ProcessDefinition, ProcessInstance, TaskStatus
from workflow_app.organisations.roles import role_name
from workflow_app.organisations.trees import units_at
from workflow_app.organisations.types import Actor
from workflow_app.processes.dossiers.models import Dossier
from workflow_app.processes.dossiers.service.access import dossier_of
from workflow_app.processes.dossiers.service.brought import version_of
from workflow_app.processes.dossiers.views.filled import Filled, filled_parts

PAPER_STATES: dict[DocumentState, tuple[str, str, str]] = {
    DocumentState.DRAFT: ("Dự thảo", "", "pen"),
    DocumentState.FROZEN: ("Đang ký", "now", "pen"),
    DocumentState.ISSUED: ("Đã ban hành", "done", "check"),
    DocumentState.WITHDRAWN: ("Đã thu hồi", "stop", "x"),
    DocumentState.REPLACED: ("Đã thay thế", "soon", "replace"),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A dossier with what stands around it."""

    dossier: Dossier
    definition: ProcessDefinition
    filled: Sequence[Filled]
    tasks: Sequence[HumanTask]
    documents: Sequence[Document]
    reason: str
    incidents: int


def load(session: Session, dossier_id: UUID, actor: Actor) -> Loaded:
    """Raises DossierUnknown for an unknown and for a foreign dossier."""
    dossier = dossier_of(session, dossier_id, actor)
    instance = session.get(ProcessInstance, dossier.instance_id) if dossier.instance_id else None
    return Loaded(
        dossier=dossier,
        definition=session.get_one(ProcessDefinition, version_of(session, dossier)),
        filled=filled_parts(session, dossier),
        tasks=_tasks(session, dossier),
        documents=_documents(session, dossier),
        reason=(instance.reason or "") if instance else "",
        incidents=instance.open_incidents if instance else 0,
    )


def waiting(session: Session, loaded: Loaded, on: Any) -> list[dict[str, str]]:
    """Who has to do what: the task, the office, since when."""
    ids = frozenset(task.unit_id for task in loaded.tasks)
    units = units_at(session, ids, on) if ids else {}
    return [
        {
            "act": task.act or task.name,
            "who": " ".join(filter(None, [role_name(task.role), getattr(units.get(task.unit_id), "short_name", "")])),
            "since": decree_date(local_date(task.created_at)),
        }
        for task in loaded.tasks
    ]  # fmt: skip


def _tasks(session: Session, dossier: Dossier) -> Sequence[HumanTask]:
    query = (
        select(HumanTask)
        .where(HumanTask.instance_id == dossier.instance_id, HumanTask.status == TaskStatus.OPEN)
        .order_by(HumanTask.order_at, HumanTask.id)
    )
    return session.scalars(query).all()


def _documents(session: Session, dossier: Dossier) -> Sequence[Document]:
    query = (
        select(Document)
        .where(Document.owner_type == "dossier", Document.owner_id == dossier.id)
        .options(selectinload(Document.versions), selectinload(Document.register_entry))
        .order_by(Document.created_at, Document.id)
    )
    return session.scalars(query).all()
