"""Taking in diagrams that people draw: a version is its drawing together with its forms and Word templates."""

import hashlib
import json
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.documents import template_changes
from workflow_app.documents.models import DocumentTemplate, TemplateStatus
from workflow_app.engine import definitions
from workflow_app.engine.catalogue import Catalogue
from workflow_app.engine.models import DefinitionStatus, ProcessDefinition
from workflow_app.engine.tasks import OpenTask
from workflow_app.processes.dossiers.errors import TemplateReturned
from workflow_app.processes.dossiers.handlers import acts
from workflow_app.processes.dossiers.handlers.checking import Checked, catalogue, check
from workflow_app.processes.dossiers.service import brought
from workflow_app.processes.process import Brought, Package, TaskKind

_STAMP = b"<?giao-uoc brought="


class Dossiers:
    """The host; see `processes.process.Host`."""

    def deploy(
        self, session: Session, package: Package, *, actor: ActorRef, at: datetime
    ) -> ProcessDefinition:
        """Raises DiagramUnreadable, DiagramRefused."""
        xml = _unstamped(package.xml)
        checked = check(session, Package(xml, package.forms, package.templates))
        pinned = self._templates(session, checked, actor, at)
        made = definitions.deploy(
            session, stamped(xml, checked), by=actor, at=at, known=checked.known, activate=False
        )
        if not brought.forms_of(session, made.id):
            brought.store(session, made.id, checked.forms, pinned)
            self._record(session, made, checked, actor, at)
        return made

    def activate(
        self, session: Session, definition: ProcessDefinition, *, actor: ActorRef, at: datetime
    ) -> None:
        """Raises TemplateReturned, TemplateSamePerson, TemplateRefused."""
        for template_id in brought.templates_of(session, definition.id).values():
            template = session.get_one(DocumentTemplate, template_id)
            if template.status is TemplateStatus.RETURNED:
                raise TemplateReturned(f"template {template_id} of definition {definition.id} was returned")
            if template.status is TemplateStatus.DRAFT:
                template_changes.activate(session, template_id, actor=actor, at=at)
        definitions.activate(session, definition.id, by=actor, at=at)

    def task_kind(self, session: Session, task: OpenTask) -> TaskKind | None:
        return acts.kind_of(session, task)

    def brought(self, session: Session, definition_id: UUID) -> Brought:
        forms = tuple(brought.forms_of(session, definition_id).values())
        return Brought(forms, brought.templates_of(session, definition_id))

    def known(self, session: Session, definition_id: UUID) -> Catalogue:
        return catalogue(tuple(brought.forms_of(session, definition_id).values()))

    def _templates(
        self, session: Session, checked: Checked, actor: ActorRef, at: datetime
    ) -> dict[str, UUID]:
        return {
            each.name: template_changes.submit(
                session,
                key=each.key,
                data=each.data,
                schema=each.schema,
                sample=each.sample,
                actor=actor,
                at=at,
            ).id
            for each in checked.templates
        }

    def _record(
        self, session: Session, made: ProcessDefinition, checked: Checked, actor: ActorRef, at: datetime
    ) -> None:
        audit.record(
            session,
            action="definition.forms_brought",
            actor=actor,
            at=at,
            object_type="process_definition",
            object_id=made.id,
            details={
                "key": made.key,
                "version": made.version,
                "forms": len(checked.forms),
                "templates": len(checked.templates),
                "status": DefinitionStatus.DRAFT.value,
            },
        )


def stamped(xml: bytes, checked: Checked) -> bytes:
    """The drawing with the digest of what it came with after it, where XML keeps remarks for programs.

    A version is known by the digest of its bytes; so the same drawing with another form is another version.
    """
    forms = [[form.key, form.source] for form in checked.forms]
    files = [[each.name, hashlib.sha256(each.data).hexdigest(), each.schema] for each in checked.templates]
    told = json.dumps([forms, files], ensure_ascii=False)
    digest = hashlib.sha256(told.encode()).hexdigest()
    return xml.rstrip() + b"\n" + _STAMP + f'"sha256:{digest}"?>\n'.encode()


def _unstamped(xml: bytes) -> bytes:
    """A version that was downloaded, mended and brought again."""
    return xml.partition(_STAMP)[0]
