"""Filled forms in words: labels and printed values, in the order of the form."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import date_time
from workflow_app.processes.dossiers.models import Dossier, DossierPart
from workflow_app.processes.dossiers.service.brought import forms_of, version_of
from workflow_app.processes.dossiers.service.parts import names_of, parts_of
from workflow_app.processes.form_schemas.shape import FieldSchema, FormSchema, Kind
from workflow_app.processes.form_schemas.values import Names, ids_in, shown


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one list: heads and cells."""

    label: str
    heads: Sequence[str]
    lines: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Filled:
    """One filled form: who sent it when, what it says; `again`: how often the form had been filled before."""

    part: DossierPart
    title: str
    by: str
    when: str
    rows: Sequence[tuple[str, str]]
    tables: Sequence[Table] = ()
    again: int = 0
    decision: str = ""


def filled_parts(session: Session, dossier: Dossier) -> list[Filled]:
    """Every filled form, oldest first."""
    forms, parts = forms_of(session, version_of(session, dossier)), parts_of(session, dossier.id)
    known = [part for part in parts if part.form_key in forms]
    names = names_of(session, _ids(known, forms), _last(known, dossier.opened_at))
    counted: dict[str, int] = {}
    found = []
    for part in known:
        found.append(_filled(part, forms[part.form_key], names, counted.get(part.form_key, 0)))
        counted[part.form_key] = counted.get(part.form_key, 0) + 1
    return found


def last_of_each(filled: Iterable[Filled]) -> list[Filled]:
    """The last filling of each form, in the order in which the forms were first filled."""
    last: dict[str, Filled] = {}
    for each in filled:
        last[each.part.form_key] = each
    return list(last.values())


def _filled(part: DossierPart, form: FormSchema, names: Names, again: int) -> Filled:
    plain = [each for each in form.fields if each.kind is not Kind.ROWS]
    rows = [(each.title, shown(each, part.answers.get(each.name), names)) for each in plain]
    lists = [each for each in form.fields if each.kind is Kind.ROWS and part.answers.get(each.name)]
    decision = form.decision
    return Filled(
        part=part,
        title=form.title,
        by=f"{part.full_name}, {part.office} {part.unit_name}",
        when=date_time(part.filled_at),
        rows=[(label, value) for label, value in rows if value],
        tables=[_table(each, part.answers[each.name], names) for each in lists],
        again=again,
        decision=shown(decision, part.answers.get(decision.name), names) if decision else "",
    )


def _table(field: FieldSchema, lines: Sequence[Mapping[str, Any]], names: Names) -> Table:
    return Table(
        field.title,
        [each.title for each in field.fields],
        [[shown(each, line.get(each.name), names) or "–" for each in field.fields] for line in lines],
    )


def _ids(parts: Iterable[DossierPart], forms: Mapping[str, FormSchema]) -> set[str]:
    return {each for part in parts for each in ids_in(forms[part.form_key], part.answers)}


def _last(parts: Sequence[DossierPart], otherwise: datetime) -> datetime:
    return parts[-1].filled_at if parts else otherwise
