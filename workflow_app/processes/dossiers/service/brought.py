"""The forms and Word templates that a version of a diagram came with: stored once, read from memory."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.engine.models import ProcessDefinition, ProcessInstance
from workflow_app.processes.dossiers.models import DefinitionForm, DefinitionTemplate, Dossier
from workflow_app.processes.form_schemas.reading import read_form
from workflow_app.processes.form_schemas.shape import FormSchema


class FormsSpoiled(ValueError):
    """Stored forms that this version of the program cannot read any more."""


# Forms of a version never change, so what was read is right for as long as the process lives.
_forms: dict[UUID, dict[str, FormSchema]] = {}


def forms_of(session: Session, definition_id: UUID) -> Mapping[str, FormSchema]:
    """By key, in the order of the diagram; empty for a diagram that brought none. Raises FormsSpoiled."""
    if definition_id not in _forms:
        query = select(DefinitionForm).where(DefinitionForm.definition_id == definition_id)
        rows = session.scalars(query.order_by(DefinitionForm.position)).all()
        if not rows:  # not remembered: they may be stored a moment later
            return {}
        _forms[definition_id] = {row.key: _read(row) for row in rows}
    return _forms[definition_id]


def version_of(session: Session, dossier: Dossier) -> UUID:
    """The version of the diagram that the dossier runs on now, with whose forms and templates it goes on."""
    query = select(ProcessInstance.definition_id).where(ProcessInstance.id == dossier.instance_id)
    return session.scalar(query) or dossier.definition_id


def templates_of(session: Session, definition_id: UUID) -> dict[str, UUID]:
    """Name in the diagram -> id of the version of the template with which the diagram was checked."""
    query = select(DefinitionTemplate).where(DefinitionTemplate.definition_id == definition_id)
    return {row.key: row.template_id for row in session.scalars(query.order_by(DefinitionTemplate.key))}


def newest_version(session: Session, key: str) -> UUID | None:
    """The newest version of a diagram that brought forms along, a draft too; None without one."""
    query = (
        select(ProcessDefinition.id)
        .join(DefinitionForm, DefinitionForm.definition_id == ProcessDefinition.id)
        .where(ProcessDefinition.key == key)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    )
    return session.scalar(query)


def store(
    session: Session, definition_id: UUID, forms: Sequence[FormSchema], templates: Mapping[str, UUID]
) -> None:
    """Keeps them beside their version."""
    for position, form in enumerate(forms):
        source = json.dumps(form.source, ensure_ascii=False)
        session.add(
            DefinitionForm(definition_id=definition_id, key=form.key, position=position, source=source)
        )
    for key, template_id in templates.items():
        session.add(DefinitionTemplate(definition_id=definition_id, key=key, template_id=template_id))
    session.flush()


def _read(row: DefinitionForm) -> FormSchema:
    form, findings = read_form(row.key, row.source.encode())
    if form is None:
        raise FormsSpoiled(f"form {row.key} of {row.definition_id}: {[each.code for each in findings]}")
    return form
