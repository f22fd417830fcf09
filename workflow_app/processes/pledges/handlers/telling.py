"""Who hears of what in a pledge: notifications written in the transaction of the act."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.core.clock import local
from workflow_app.core.vietnamese import date_time, end_of_day, weekday_date
from workflow_app.notifications.service import notify
from workflow_app.organisations.actors import officers_of, people_with
from workflow_app.organisations.types import Scope
from workflow_app.processes.pledges.models import Pledge, PledgeConference, PledgeUnit, SignState


def silence(session: Session, pledge_id: UUID, unit_id: UUID, *, at: datetime) -> None:
    """The unit hears that its silence was taken as agreement, and the log keeps it."""
    pledge = session.get_one(Pledge, pledge_id)
    sentence = f"Đã hết hạn góp ý {_name(pledge)}; đơn vị không có ý kiến nên được coi là đồng ý."
    key = f"silence:{pledge_id}:{unit_id}:{pledge.round}"
    _tell(session, key, _chairs(session, [unit_id], at), sentence, pledge, at)
    audit.record(
        session,
        action="pledge.silent",
        actor=audit.SYSTEM,
        at=at,
        object_type="pledge",
        object_id=pledge_id,
        instance_id=pledge.instance_id,
        details={"unit_id": unit_id, "round": pledge.round},
    )


def invited(session: Session, conference: PledgeConference, *, at: datetime) -> None:
    """Every unit and the federation are told of the conference."""
    pledge = session.get_one(Pledge, conference.pledge_id)
    sentence = f"Mời họp hội nghị {_name(pledge)}: {date_time(conference.starts_at)}, tại {conference.place}."
    _tell(session, f"invited:{conference.id}", _everybody(session, pledge, at), sentence, pledge, at)


def adopted(session: Session, conference: PledgeConference, *, at: datetime) -> None:
    """Everybody hears what the conference decided."""
    pledge = session.get_one(Pledge, conference.pledge_id)
    result = "đã thông qua" if conference.adopted else "chưa thông qua"
    sentence = f"Hội nghị {result} {_name(pledge)}: {conference.agree}/{conference.present} đơn vị tán thành."
    _tell(session, f"conference:{conference.id}", _everybody(session, pledge, at), sentence, pledge, at)


def extended(
    session: Session, pledge: Pledge, unit_ids: Iterable[UUID], reason: str, *, at: datetime
) -> None:
    """The units that have not signed hear of the new last day and why it was moved."""
    day = weekday_date(pledge.sign_hard_due) if pledge.sign_hard_due else ""
    sentence = f"Khối trưởng gia hạn ký {_name(pledge)} đến hết {day}. Lý do: “{reason}”"
    key = f"extended:{pledge.id}:{pledge.sign_hard_due}"
    _tell(session, key, _chairs(session, unit_ids, at), sentence, pledge, at)


def overdue(session: Session, pledge_id: UUID, unit_id: UUID, *, scope: Scope, at: datetime) -> None:
    """The leader and the federation hear that a unit has not signed in time.

    Nobody is told when the unit has signed or its day was moved between the timer and this.
    """
    pledge = session.get_one(Pledge, pledge_id)
    unit = session.get_one(PledgeUnit, (pledge_id, unit_id))
    moved = pledge.sign_hard_due is not None and end_of_day(pledge.sign_hard_due) > at
    if moved or unit.sign_state is not SignState.OPEN:
        return
    people = _chairs(session, [scope.leader_unit_id] if scope.leader_unit_id else [], at)
    people |= {
        o.person_id
        for o in people_with(session, "federation_officer", pledge.federation_id, local(at).date())
    }
    sentence = f"{unit.name} chưa ký {_name(pledge)}, đã quá hạn."
    _tell(session, f"overdue:{pledge_id}:{unit_id}:{pledge.sign_hard_due}", people, sentence, pledge, at)
    audit.record(
        session,
        action="pledge.overdue",
        actor=audit.SYSTEM,
        at=at,
        object_type="pledge",
        object_id=pledge_id,
        instance_id=pledge.instance_id,
        details={"unit_id": unit_id},
    )


def refused(
    session: Session, pledge_id: UUID, unit_id: UUID, reason: str, *, scope: Scope, at: datetime
) -> None:
    """The leader, the federation and those who have signed already hear of a refusal and its reason."""
    pledge = session.get_one(Pledge, pledge_id)
    unit = session.get_one(PledgeUnit, (pledge_id, unit_id))
    signed = select(PledgeUnit.unit_id).where(
        PledgeUnit.pledge_id == pledge_id, PledgeUnit.sign_state == SignState.SIGNED
    )
    leader = [scope.leader_unit_id] if scope.leader_unit_id else []
    people = _chairs(session, {*session.scalars(signed), *leader}, at)
    people |= {
        o.person_id
        for o in people_with(session, "federation_officer", pledge.federation_id, local(at).date())
    }
    sentence = f"{unit.name} từ chối ký {_name(pledge)}: “{reason}”"
    _tell(session, f"refused:{pledge_id}:{unit_id}:{at.isoformat()}", people, sentence, pledge, at)


def answered(session: Session, pledge_id: UUID, unit_id: UUID, reply: str, *, at: datetime) -> None:
    """The unit that refused hears the leader's answer."""
    pledge = session.get_one(Pledge, pledge_id)
    sentence = f"Khối trưởng trả lời về việc ký {_name(pledge)}: “{reply}”"
    key = f"answered:{pledge_id}:{unit_id}:{at.isoformat()}"
    _tell(session, key, _chairs(session, [unit_id], at), sentence, pledge, at)


def distributed(session: Session, pledge: Pledge, *, at: datetime) -> None:
    """Everybody hears that the pledge is issued."""
    sentence = f"{_name(pledge, first=True)} đã ban hành."
    _tell(session, f"issued:{pledge.id}", _everybody(session, pledge, at), sentence, pledge, at)


def _tell(
    session: Session, key: str, people: Iterable[UUID], sentence: str, pledge: Pledge, at: datetime
) -> None:
    subject = _name(pledge, first=True)
    target = f"/pledges/{pledge.id}"
    notify(session, event_key=key, receivers=people, sentence=sentence, target=target, at=at, subject=subject)


def _name(pledge: Pledge, *, first: bool = False) -> str:
    name = f"Giao ước thi đua năm {pledge.year}"
    return name if first else name[0].lower() + name[1:]


def _chairs(session: Session, unit_ids: Iterable[UUID], at: datetime) -> set[UUID]:
    found = officers_of(session, "unit_chair", list(unit_ids), local(at).date())
    return {officer.person_id for officers in found.values() for officer in officers}


def _everybody(session: Session, pledge: Pledge, at: datetime) -> set[UUID]:
    units = session.scalars(select(PledgeUnit.unit_id).where(PledgeUnit.pledge_id == pledge.id))
    federation = people_with(session, "federation_standing", pledge.federation_id, local(at).date())
    return _chairs(session, units, at) | {officer.person_id for officer in federation}
