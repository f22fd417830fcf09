"""Who a person is today: every seat, own and delegated, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.errors import NotFound
from workflow_app.organisations.types import Actor, Capacity, EndedSeat, Seat

# `until` is the first day on which a seat no longer holds: the earliest of all that it hangs on.
# least() ignores NULLs, so an open end never hides a closed one.
_HELD = """
SELECT a.id, a.person_id, a.unit_id, a.office_code, coalesce(a.title, o.title) AS title, o.roles, o.rank,
       o.sign_capacity AS capacity, o.body, a.valid_from AS since, least(a.valid_to, o.valid_to) AS until,
       NULL::uuid AS delegation_id, NULL::uuid AS principal_id, NULL::text AS principal_name,
       NULL::text AS principal_title, NULL::text AS basis, '{}'::text[] AS scope
FROM appointment a JOIN office o ON o.code = a.office_code
UNION ALL
SELECT d.id, d.delegate_person_id, a.unit_id, a.office_code,
       coalesce(d.delegate_title, own.title, own_office.title, ''), o.roles, o.rank,
       d.capacity, o.body, greatest(d.valid_from, a.valid_from, own.valid_from),
       least(d.valid_to, d.revoked_on, a.valid_to, o.valid_to, own.valid_to),
       d.id, a.person_id, principal.full_name, coalesce(a.title, o.title), d.basis_number, d.scope
FROM delegation d
JOIN appointment a ON a.id = d.principal_appointment_id
JOIN office o ON o.code = a.office_code
JOIN person principal ON principal.id = a.person_id
LEFT JOIN appointment own ON own.id = d.delegate_appointment_id
LEFT JOIN office own_office ON own_office.code = own.office_code
"""

_UNIT_NAME = """
LEFT JOIN unit_period u ON u.unit_id = held.unit_id
  AND u.valid_from <= :on AND (u.valid_to IS NULL OR u.valid_to > :on)
"""

_ACTOR = sa.text(f"""
SELECT p.full_name, coalesce(acc.username, '') AS account_name, held.*, u.name AS unit_name, u.short_name
FROM person p
LEFT JOIN account acc ON acc.person_id = p.id
LEFT JOIN ({_HELD}) held ON held.person_id = :person AND held.since <= :on
{_UNIT_NAME}
WHERE p.id = :person
ORDER BY held.delegation_id IS NOT NULL, held.rank, held.since, held.id
""")  # noqa: S608 - constants of this module

_PEOPLE = sa.text(f"""
SELECT p.full_name, p.gender, p.phone, p.email, held.*, u.name AS unit_name, u.short_name
FROM ({_HELD}) held
JOIN person p ON p.id = held.person_id
{_UNIT_NAME}
WHERE held.unit_id = ANY(:units) AND :role = ANY(held.roles) AND held.since <= :on
  AND (held.until IS NULL OR held.until > :on) AND u.name IS NOT NULL
ORDER BY held.delegation_id IS NOT NULL, held.rank, p.sort_key, held.id
""")  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class Officer:
    """A person in a seat, with how to reach him."""

    seat: Seat
    full_name: str
    gender: str | None
    phone: str
    email: str

    @property
    def person_id(self) -> UUID:
        return self.seat.person_id


def load_actor(session: Session, person_id: UUID, *, on: date, seat_id: UUID | None = None) -> Actor:
    """The person with all seats of the day; one statement.

    seat_id: the one chosen in the switcher; one he does not hold chooses his first.
    A seat in a unit that has ended, and a delegation whose principal's term is over, are not seats.
    Raises NotFound.
    """
    rows = session.execute(_ACTOR, {"person": person_id, "on": on}).all()
    if not rows:
        raise NotFound(f"no person {person_id}")
    held = [row for row in rows if row.id is not None]
    seats = tuple(_seat(row) for row in held if _holds(row, on))
    ended = tuple(
        EndedSeat(row.unit_id, row.title, frozenset(row.roles), min(row.until or on, on))
        for row in held
        if not _holds(row, on)
    )
    actor = Actor(person_id, rows[0].full_name, rows[0].account_name, seats, next(iter(seats), None), ended)
    return actor.choosing(seat_id) if seat_id in {seat.id for seat in seats} else actor


def people_with(session: Session, role: str, unit_id: UUID, on: date) -> list[Officer]:
    """Everybody who holds the role in the unit on the day: office holders first, then delegates."""
    return officers_of(session, role, [unit_id], on).get(unit_id, [])


def officers_of(session: Session, role: str, unit_ids: Sequence[UUID], on: date) -> dict[UUID, list[Officer]]:
    """As `people_with` for many units, in one statement; units without anybody are left out."""
    found: dict[UUID, list[Officer]] = {}
    for row in session.execute(_PEOPLE, {"units": list(unit_ids), "role": role, "on": on}):
        officer = Officer(_seat(row), row.full_name, row.gender, row.phone, row.email)
        found.setdefault(row.unit_id, []).append(officer)
    return found


def _holds(row: Any, on: date) -> bool:
    return row.unit_name is not None and (row.until is None or on < row.until)


def _seat(row: Any) -> Seat:
    return Seat(
        id=row.id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        unit_short_name=row.short_name,
        office_code=row.office_code,
        title=row.title,
        roles=frozenset(row.roles),
        capacity=Capacity(row.capacity),
        delegation_id=row.delegation_id,
        principal_id=row.principal_id,
        principal_name=row.principal_name,
        principal_title=row.principal_title,
        basis=row.basis,
        scope=frozenset(row.scope),
        body=row.body,
    )
