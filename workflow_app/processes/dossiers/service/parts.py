"""Filled forms of a dossier: added, found again, never changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.clock import local
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.organisations.models.people import Appointment, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.trees import subtree_ids, units_at
from workflow_app.organisations.types import Actor, Seat
from workflow_app.processes.dossiers.models import Dossier, DossierPart
from workflow_app.processes.form_schemas.shape import FieldSchema, FormSchema, Kind
from workflow_app.processes.form_schemas.values import Names

MOST_CHOICES = 2000  # units or people in one list


def add_part(
    session: Session,
    dossier: Dossier,
    *,
    form_key: str,
    element: str,
    task_id: UUID,
    answers: dict[str, Any],
    actor: Actor,
    seat: Seat,
    at: datetime,
) -> DossierPart:
    """Keeps what was filled in, with who did it in which office."""
    number = session.scalar(
        sa.select(sa.func.coalesce(sa.func.max(DossierPart.number), 0)).where(
            DossierPart.dossier_id == dossier.id
        )
    )
    part = DossierPart(
        dossier_id=dossier.id,
        number=(number or 0) + 1,
        form_key=form_key,
        element=element,
        task_id=task_id,
        answers=answers,
        filled_by=actor.person_id,
        filled_at=at,
        full_name=actor.full_name,
        office=seat.title,
        unit_id=seat.unit_id,
        unit_name=seat.unit_name,
        capacity=seat.capacity,
        body=seat.body,
        principal_id=seat.principal_id,
        principal_title=seat.principal_title,
    )
    session.add(part)
    session.flush()
    return part


def parts_of(session: Session, dossier_id: UUID) -> list[DossierPart]:
    """Every filled form, oldest first."""
    query = sa.select(DossierPart).where(DossierPart.dossier_id == dossier_id)
    return list(session.scalars(query.order_by(DossierPart.number)))


def latest(parts: Iterable[DossierPart]) -> dict[str, DossierPart]:
    """The last filling of each form."""
    return {part.form_key: part for part in parts}


def unit_choices(session: Session, dossier: Dossier, at: datetime) -> list[tuple[str, str]]:
    """(id, name) of the units of the dossier's federation on the day, in Vietnamese order."""
    on = local(at).date()
    query = (
        sa.select(UnitPeriod.unit_id, UnitPeriod.name)
        .where(UnitPeriod.unit_id.in_(subtree_ids(dossier.federation_id, on)), holds_on(UnitPeriod, on))
        .order_by(UnitPeriod.sort_key, UnitPeriod.unit_id)
        .limit(MOST_CHOICES)
    )
    return [(str(unit_id), name) for unit_id, name in session.execute(query)]


def person_choices(session: Session, dossier: Dossier, at: datetime) -> list[tuple[str, str]]:
    """(id, name) of the people in office in the federation and below it on the day, in Vietnamese order."""
    on = local(at).date()
    in_office = sa.select(Appointment.person_id).where(
        Appointment.unit_id.in_(subtree_ids(dossier.federation_id, on)), holds_on(Appointment, on)
    )
    query = (
        sa.select(Person.id, Person.full_name)
        .where(Person.id.in_(in_office))
        .order_by(Person.sort_key, Person.id)
        .limit(MOST_CHOICES)
    )
    return [(str(person_id), name) for person_id, name in session.execute(query)]


def require_known(
    session: Session, dossier: Dossier, form: FormSchema, answers: dict[str, Any], at: datetime
) -> None:
    """Raises Invalid for a unit or person that is not among the choices: a page's list is no proof."""
    asked = list(_chosen(form.fields, answers, ""))
    known: dict[Kind, set[str]] = {}
    for kind, choices in ((Kind.UNIT, unit_choices), (Kind.PERSON, person_choices)):
        if any(field.kind is kind for field, _, _ in asked):
            known[kind] = {identity for identity, _ in choices(session, dossier, at)}
    errors = [
        FieldError(name, f"Chọn {field.title[:1].lower()}{field.title[1:]} trong danh sách.")
        for field, name, value in asked
        if value not in known[field.kind]
    ]
    if errors:
        raise Invalid(errors)


def names_of(session: Session, ids: Iterable[str], at: datetime) -> Names:
    """Names of units (on the day) and people by id."""
    wanted = frozenset(UUID(each) for each in ids)
    if not wanted:
        return {}
    units = units_at(session, wanted, local(at).date())
    people = session.execute(sa.select(Person.id, Person.full_name).where(Person.id.in_(wanted)))
    found = {str(person_id): name for person_id, name in people}
    return found | {str(unit_id): unit.name for unit_id, unit in units.items()}


def _chosen(fields: Iterable[FieldSchema], answers: dict[str, Any], prefix: str) -> Any:
    for field in fields:
        value, name = answers.get(field.name), f"{prefix}{field.name}"
        if field.kind in {Kind.UNIT, Kind.PERSON} and value:
            yield field, name, str(value)
        if field.kind is Kind.ROWS:
            for number, row in enumerate(value or ()):
                yield from _chosen(field.fields, row, f"{name}-{number}-")
