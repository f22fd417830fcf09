"""What the page of a dossier's task shows: what was filled in before, the form, a button for each choice."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.documents.models import DocumentVersion
from workflow_app.engine.tasks import OpenTask
from workflow_app.processes.dossiers.models import Dossier, DossierPaper
from workflow_app.processes.dossiers.service.brought import forms_of
from workflow_app.processes.dossiers.service.parts import latest, parts_of, person_choices, unit_choices
from workflow_app.processes.dossiers.views.filled import filled_parts, last_of_each
from workflow_app.processes.dossiers.views.told import told
from workflow_app.processes.form_schemas.shape import FieldSchema, FormSchema, Kind
from workflow_app.processes.form_schemas.values import initial


def context_of(session: Session, task: OpenTask) -> Mapping[str, Any]:
    """See `web.tasks` for the names."""
    dossier = session.get_one(Dossier, task.business_id)
    form = forms_of(session, task.instance.definition_id)[task.form_key]
    filled = filled_parts(session, dossier)
    before = latest(parts_of(session, dossier.id)).get(task.form_key)
    return {
        "title": task.act or form.title,
        "ask": form.title,
        "lead": form.description,
        "summary": [("Hồ sơ", dossier.title)],
        # A judgement is made anew each time; what was asked for is mended.
        "initial": initial(form.fields, before.answers) if before and not form.decision else {},
        "options": options_of(session, dossier, form),
        "acts": _acts(task, form),
        "filled": [each for each in last_of_each(filled) if each.part.form_key != task.form_key],
        "returned": _returned(filled[-1:], task.form_key),
        "document": _newest_paper(session, dossier),
        "events": [
            *told(session, dossier, filled),
            {"id": "bay-gio", "current": True, "text": task.act or form.title, "time": ""},
        ],
    }


def options_of(session: Session, dossier: Dossier, form: FormSchema) -> dict[str, list[tuple[str, str]]]:
    """Field name without row numbers -> choices, for the fields whose choices the schema cannot know."""
    wanted: dict[str, Kind] = {}
    for field in form.fields:
        wanted |= _chosen(field, "")
    makers = {Kind.UNIT: unit_choices, Kind.PERSON: person_choices}
    made = {kind: makers[kind](session, dossier, clock.now()) for kind in set(wanted.values())}
    return {name: made[kind] for name, kind in wanted.items()}


def _chosen(field: FieldSchema, prefix: str) -> dict[str, Kind]:
    if field.kind in {Kind.UNIT, Kind.PERSON}:
        return {f"{prefix}{field.name}": field.kind}
    found: dict[str, Kind] = {}
    for inner in field.fields:
        found |= _chosen(inner, f"{prefix}{field.name}-")
    return found


def _acts(task: OpenTask, form: FormSchema) -> list[dict[str, str]]:
    decision = form.decision
    if decision is None:
        return [{"label": task.act or "Gửi", "kind": "primary", "icon": "check"}]
    return [
        {
            "label": option.title,
            "consequence": option.note,
            "name": decision.name,
            "value": option.code,
            "kind": "danger-line" if option.danger else "line" if place else "primary",
        }
        for place, option in enumerate(decision.options)
    ]


def _returned(last: list[Any], form_key: str) -> Any:
    """The filling that sent the dossier back here: shown above the form that is asked for again."""
    return next((each for each in last if each.decision and each.part.form_key != form_key), None)


def _newest_paper(session: Session, dossier: Dossier) -> Any:
    query = (
        select(DocumentVersion.id)
        .join(DossierPaper, DossierPaper.document_id == DocumentVersion.document_id)
        .where(DossierPaper.dossier_id == dossier.id)
        .order_by(DocumentVersion.created_at.desc(), DocumentVersion.number.desc())
        .limit(1)
    )
    return session.scalar(query)
