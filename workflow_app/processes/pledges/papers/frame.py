"""What all papers of one pledge share: issuer, number, legal bases, who holds the chairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core.clock import local
from workflow_app.documents.models import RegisterEntry
from workflow_app.organisations.models.blocs import Bloc, BlocKind
from workflow_app.organisations.models.people import Appointment, Office, Person
from workflow_app.organisations.models.periods import holds_on
from workflow_app.organisations.models.units import UnitKind, UnitPeriod
from workflow_app.organisations.trees import unit_at
from workflow_app.organisations.types import Capacity
from workflow_app.processes.pledges import deadlines
from workflow_app.processes.pledges.models import Pledge, PledgeUnit
from workflow_app.signatures.models import authority_lines

OPEN = {"state": "open", "signed_at": "", "reason": ""}  # a signature block that waits for ink or a mark


@dataclass(frozen=True, slots=True)
class Frame:
    """What all papers of one pledge share on one day."""

    pledge: Pledge
    bloc: Bloc
    federation: UnitPeriod
    chairs: Mapping[UUID, tuple[str, Sequence[str]]]  # unit -> (full name, authority lines)
    unit_word: str  # what all units are, "công đoàn cơ sở"; "đơn vị" when they differ

    @property
    def words(self) -> tuple[str, str]:
        """How the leader and the deputy unit are called: khối or cụm."""
        return (
            ("Cụm trưởng", "Cụm phó") if self.bloc.kind is BlocKind.CLUSTER else ("Khối trưởng", "Khối phó")
        )

    @property
    def leader(self) -> PledgeUnit:
        return next(unit for unit in self.pledge.units if unit.is_leader)


def frame(session: Session, pledge_id: UUID, *, on: date) -> Frame:
    """Reads what the papers of a pledge are made of, as it stands on a day."""
    pledge = session.get_one(Pledge, pledge_id)
    bloc = session.get_one(Bloc, pledge.bloc_id)
    units = [unit.unit_id for unit in pledge.units]
    federation = unit_at(session, pledge.federation_id, on)
    chairs = _chairs(session, [*units, pledge.federation_id], on)
    return Frame(pledge, bloc, federation, chairs, _unit_word(session, units, on))


def letterhead(
    session: Session, paper: Frame, kind: str, entry: RegisterEntry | None, at: datetime, *, draft: str = ""
) -> dict[str, Any]:
    day = entry.date if entry else None
    pattern = deadlines.symbol_pattern(
        session, paper.pledge.federation_id, paper.bloc.symbol, local(at).date()
    )
    return {
        "parent": paper.federation.letterhead_name or paper.federation.name,
        "issuer": paper.bloc.name,
        "number": entry.written_number if entry else "",
        "symbol": entry.symbol if entry else pattern.format(kind=kind),
        "place": paper.federation.place,
        "date": day.isoformat() if day else "",
        "draft_label": draft,
    }


def legal_bases(session: Session, pledge: Pledge, kind: str, at: datetime) -> list[str]:
    return [f"Căn cứ {basis}" for basis in deadlines.legal_bases(session, pledge, kind, at)]


def _unit_word(session: Session, unit_ids: Sequence[UUID], on: date) -> str:
    found = set(
        session.scalars(
            select(UnitKind.name)
            .join(UnitPeriod, UnitPeriod.kind == UnitKind.code)
            .where(UnitPeriod.unit_id.in_(unit_ids), holds_on(UnitPeriod, on))
        )
    )
    name = found.pop() if len(found) == 1 else "Đơn vị"
    return name[:1].lower() + name[1:]


def _chairs(session: Session, unit_ids: Sequence[UUID], on: date) -> dict[UUID, tuple[str, Sequence[str]]]:
    query = (
        select(
            Appointment.unit_id,
            Person.full_name,
            Appointment.title,
            Office.title,
            Office.sign_capacity,
            Office.body,
        )
        .join(Person, Person.id == Appointment.person_id)
        .join(Office, Office.code == Appointment.office_code)
        .where(
            Appointment.unit_id.in_(unit_ids),
            Office.roles.contains(["unit_chair"]),
            Appointment.valid_from <= on,
            (Appointment.valid_to.is_(None)) | (Appointment.valid_to > on),
        )
        .order_by(Office.rank.desc())
    )
    return {
        unit_id: (name, authority_lines(Capacity(capacity), body, own or title, None))
        for unit_id, name, own, title, capacity, body in session.execute(query)
    }
