"""Filling in a form of a dossier: the one act of people, whatever the form."""

from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.engine.tasks import OpenTask
from workflow_app.processes.dossiers.models import Dossier
from workflow_app.processes.dossiers.service import parts
from workflow_app.processes.dossiers.service.access import locked
from workflow_app.processes.dossiers.service.brought import forms_of
from workflow_app.processes.form_schemas import values
from workflow_app.processes.form_schemas.building import DeployedForm, build
from workflow_app.processes.form_schemas.shape import FormSchema
from workflow_app.processes.process import ActContext, Done, TaskKind

JUDGING = "approve"  # whoever filled in another form of the dossier never fills in one of this kind


def kind_of(session: Session, task: OpenTask) -> TaskKind | None:
    """The kind of a task by the forms of its diagram's version; None for a form it has not."""
    form = forms_of(session, task.instance.definition_id).get(task.form_key)
    if form is None:
        return None
    return TaskKind(build(form), fill, form.act, authors_of if form.act == JUDGING else None)


def fill(session: Session, context: ActContext, form: DeployedForm) -> Done:
    """Keeps what was filled in; ids of units and people are checked, decisions go to the diagram."""
    schema, task = form.made_from, context.task
    dossier = locked(session, task.business_id)
    dossier.require_open()
    answers = values.kept(form)
    parts.require_known(session, dossier, schema, answers, context.at)
    part = parts.add_part(
        session,
        dossier,
        form_key=schema.key,
        element=task.element,
        task_id=task.id,
        answers=answers,
        actor=context.actor,
        seat=context.seat,
        at=context.at,
    )
    decision = schema.decision
    code = answers[decision.name] if decision else ""
    return Done(
        outcome=values.outcome_of(schema, form),
        action="dossier.decided" if decision else "dossier.filled",
        object_type="dossier",
        object_id=dossier.id,
        details={"form": schema.key, "part_id": part.id, "part": part.number, "decision": code},
        said=_said(schema, code),
    )


def authors_of(session: Session, task: OpenTask) -> frozenset[UUID]:
    """Who opened the dossier or filled in what is judged, and in whose name."""
    dossier = session.get_one(Dossier, task.business_id)
    forms = forms_of(session, task.instance.definition_id)
    found = {dossier.opened_by}
    for part in parts.parts_of(session, task.business_id):
        form = forms.get(part.form_key)
        if form is None or form.act != JUDGING:
            found |= {part.filled_by} | ({part.principal_id} if part.principal_id else set())
    return frozenset(found)


def _said(schema: FormSchema, code: str) -> str:
    decision = schema.decision
    if decision is None:
        return f"Đã gửi: {schema.title}."
    words = next((option.title for option in decision.options if option.code == code), code)
    return f"Đã ghi nhận: {words}."
