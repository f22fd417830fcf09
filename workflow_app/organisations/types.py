"""Plain values that travel through the application: capacity, seat, actor, scope."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from workflow_app.organisations.errors import UnknownRole
from workflow_app.organisations.roles import ROLES, Place

Pair = tuple[str, UUID]  # a role and the unit in which it is held

READING = frozenset({"view"})  # every delegation lets its holder read what he is to act on


class Capacity(StrEnum):
    """With which power a person signs (quyền hạn ký, Decree 30/2020)."""

    DIRECT = ""
    ON_BEHALF = "TM."
    FOR_HEAD = "KT."
    BY_ORDER = "TL."
    BY_DELEGATION = "TUQ."
    ACTING = "Q."


@dataclass(frozen=True, slots=True)
class Seat:
    """One office (chức vụ) that a person holds today, his own or by delegation (ủy quyền).

    id: the appointment, or the delegation for a delegated seat; unit_* and office_code are then
    those of the principal, `title` stays the delegate's own.
    scope: the acts a delegation covers; empty = all.
    body: the collective a TM. signs for, e.g. "BAN CHẤP HÀNH".
    """

    id: UUID
    person_id: UUID
    unit_id: UUID
    unit_name: str
    unit_short_name: str
    office_code: str
    title: str
    roles: frozenset[str]
    capacity: Capacity = Capacity.DIRECT
    delegation_id: UUID | None = None
    principal_id: UUID | None = None
    principal_name: str | None = None
    principal_title: str | None = None
    basis: str | None = None
    scope: frozenset[str] = frozenset()
    body: str = ""

    def covers(self, act: str) -> bool:
        """Whether the seat's delegation, if it is one, includes the act."""
        return not self.scope or act in self.scope or act in READING

    def holds(self, role: str, unit_id: UUID) -> bool:
        return unit_id == self.unit_id and role in self.roles


@dataclass(frozen=True, slots=True)
class EndedSeat:
    """An office the person no longer holds; `ended_on` is the first day without it."""

    unit_id: UUID
    title: str
    roles: frozenset[str]
    ended_on: date


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work: all seats of the day, and the one chosen in the switcher."""

    person_id: UUID
    full_name: str
    account_name: str
    seats: tuple[Seat, ...]
    seat: Seat | None = None
    ended: tuple[EndedSeat, ...] = ()

    def seats_for(self, role: str, unit_id: UUID, act: str) -> tuple[Seat, ...]:
        """Every seat that gives the role in the unit for the act: the chosen one first, own before delegated."""
        found = [seat for seat in self.seats if seat.holds(role, unit_id) and seat.covers(act)]
        return tuple(sorted(found, key=lambda seat: (seat != self.seat, seat.delegation_id is not None)))

    def seat_for(self, role: str, unit_id: UUID, act: str) -> Seat | None:
        """The first of `seats_for`, or None."""
        return next(iter(self.seats_for(role, unit_id, act)), None)

    @property
    def pairs(self) -> frozenset[Pair]:
        """Every (role, unit) of today's seats: the key of the worklist."""
        return frozenset((role, seat.unit_id) for seat in self.seats for role in seat.roles)

    def pairs_for(self, act: str) -> frozenset[Pair]:
        """As `pairs`, without the seats whose delegation leaves the act out."""
        return frozenset(
            (role, seat.unit_id) for seat in self.seats if seat.covers(act) for role in seat.roles
        )

    @property
    def unit_ids(self) -> frozenset[UUID]:
        return frozenset(seat.unit_id for seat in self.seats)

    def choosing(self, seat_id: UUID | None) -> "Actor":
        """The same person with another seat chosen; an unknown one chooses none."""
        return replace(self, seat=next((seat for seat in self.seats if seat.id == seat_id), None))


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom an instance concerns: the units in which its lanes' roles are held."""

    federation_id: UUID
    bloc_id: UUID | None = None
    year: int | None = None
    unit_id: UUID | None = None
    leader_unit_id: UUID | None = None
    deputy_unit_id: UUID | None = None

    def unit_for(self, role: str) -> UUID:
        """The unit in which the role is held here; raises UnknownRole."""
        known = ROLES.get(role)
        unit_id = self._unit_at(known.place) if known else None
        if unit_id is None:
            raise UnknownRole(f"role {role} has no unit in {self}", role=role)
        return unit_id

    def for_unit(self, unit_id: UUID) -> "Scope":
        """The scope of a child instance that concerns one unit of the bloc."""
        return replace(self, unit_id=unit_id)

    def _unit_at(self, place: Place) -> UUID | None:
        match place:
            case Place.UNIT:
                return self.unit_id
            case Place.LEADER:
                return self.leader_unit_id
            case Place.DEPUTY:
                return self.deputy_unit_id
            case Place.FEDERATION:
                return self.federation_id
            case _:
                assert_never(place)
