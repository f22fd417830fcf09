"""Events as sentences: names of people and units are looked up, in two statements a page."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit import wording
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import SYSTEM
from workflow_app.audit.wording import Sentence
from workflow_app.core import vietnamese
from workflow_app.organisations.models.people import Person
from workflow_app.organisations.models.units import UnitPeriod
from workflow_app.organisations.types import Capacity

# (instance, id) of every detail of one kind -> what people call it; unknown ones are left out.
Namer = Callable[[Session, Collection[tuple[UUID, str]]], Mapping[tuple[UUID, str], str]]
_NAMERS: dict[str, Namer] = {}


def name_by(detail: str, namer: Namer) -> None:
    """Timelines show this detail by its name. The record and its export keep the id.

    Raises ValueError for a second namer of the same detail.
    """
    if _NAMERS.setdefault(detail, namer) is not namer:
        raise ValueError(f"detail {detail} has a namer already")


def sentences(session: Session, events: Sequence[AuditEvent]) -> list[Sentence]:
    """One sentence per event, in the same order; units are called as they were on the day of the act."""
    people = _people(session, events)
    units = _units(session, events)
    details = _named(session, events)
    return [_sentence(event, people, units, named) for event, named in zip(events, details, strict=True)]


def _named(session: Session, events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    """The details of every event, ids replaced by names where somebody knows them."""
    found = [dict(event.told["details"]) for event in events]
    for detail, namer in _NAMERS.items():
        wanted = {
            (event.instance_id, told[detail])
            for event, told in zip(events, found, strict=True)
            if event.instance_id is not None and isinstance(told.get(detail), str)
        }
        names = namer(session, wanted) if wanted else {}
        for event, told in zip(events, found, strict=True):
            if event.instance_id is not None and detail in told:
                told[detail] = names.get((event.instance_id, told[detail]), told[detail])
    return found


def _sentence(
    event: AuditEvent,
    people: dict[UUID, str],
    units: dict[UUID, list[UnitPeriod]],
    details: Mapping[str, Any],
) -> Sentence:
    told = event.told
    system = event.actor_id == SYSTEM.person_id
    unit = _unit_on(units.get(event.unit_id, []), event) if event.unit_id else ""
    principal = people.get(event.on_behalf_of) if event.on_behalf_of else None
    return Sentence(
        event_id=event.id,
        action=event.action,
        who="Hệ thống" if system else people.get(event.actor_id, "Người đã được xóa thông tin"),
        office="" if system else str(told["office"]),
        unit=unit,
        act=wording.phrase(event.action, details),
        at=event.at,
        when=vietnamese.date_time(event.at),
        substitute=wording.substitute(Capacity(told["capacity"]), principal),
        system=system,
        doc_sha256=event.doc_sha256,
        instance_id=event.instance_id,
        object_type=event.object_type,
        object_id=event.object_id,
    )


def _people(session: Session, events: Sequence[AuditEvent]) -> dict[UUID, str]:
    ids = {event.actor_id for event in events} | {
        event.on_behalf_of for event in events if event.on_behalf_of
    }
    rows: Any = session.execute(sa.select(Person.id, Person.full_name).where(Person.id.in_(ids)))
    return dict(rows.all())


def _units(session: Session, events: Sequence[AuditEvent]) -> dict[UUID, list[UnitPeriod]]:
    ids = {event.unit_id for event in events if event.unit_id}
    found: dict[UUID, list[UnitPeriod]] = {}
    for period in session.scalars(sa.select(UnitPeriod).where(UnitPeriod.unit_id.in_(ids))):
        found.setdefault(period.unit_id, []).append(period)
    return found


def _unit_on(periods: list[UnitPeriod], event: AuditEvent) -> str:
    day = vietnamese.local_date(event.at)
    return next((period.short_name for period in periods if period.holds_on(day)), "")
