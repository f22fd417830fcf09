"""The leader reminds the units that have not commented or signed: once a day and unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.audit.wording import register
from workflow_app.core.clock import local
from workflow_app.core.errors import Conflict
from workflow_app.core.vietnamese import weekday_date
from workflow_app.engine.models import HumanTask, ProcessInstance, TaskStatus
from workflow_app.notifications.service import notify
from workflow_app.organisations.actors import officers_of
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges.errors import PledgeNotOpen
from workflow_app.processes.pledges.models import CommentState, Pledge, PledgeState, PledgeUnit, SignState
from workflow_app.processes.pledges.service.dossier import dossier

register({"pledge.reminded": "nhắc {units} đơn vị chưa làm"})


class RemindedToday(Conflict):
    """Everybody who could be reminded was reminded today."""

    code = "reminded_today"
    vi_default = "Hôm nay đã nhắc các đơn vị này rồi. Mỗi đơn vị chỉ được nhắc một lần trong ngày."


class NobodyToRemind(PledgeNotOpen):
    """No unit still has something to do."""

    code = "nobody_to_remind"
    vi_default = "Không còn đơn vị nào phải nhắc."


@dataclass(frozen=True, slots=True)
class Waiting:
    """What units are waited for: the element of their task, the verb, the last day."""

    element: str
    act: str
    due: date | None
    units: tuple[PledgeUnit, ...]


def waited_for(pledge: Pledge) -> Waiting | None:
    """Whom the pledge waits for now; None when it does not wait for units."""
    if pledge.state is PledgeState.SIGNING:
        units = tuple(unit for unit in pledge.units if unit.sign_state is SignState.OPEN)
        return Waiting("sign", "ký", pledge.sign_hard_due, units) if units else None
    if pledge.state is PledgeState.COMMENTING:
        units = tuple(unit for unit in pledge.units if unit.comment_state is CommentState.OPEN)
        return Waiting("comment", "góp ý", pledge.comment_due, units) if units else None
    return None


def remind(
    session: Session, actor: Actor, pledge_id: UUID, *, op_id: UUID, at: datetime
) -> Sequence[PledgeUnit]:
    """Tells the chairs of every unit that is waited for; returns the units that heard of it now.

    Raises NobodyToRemind, RemindedToday, Forbidden, NotFound.
    """
    found = dossier(session, pledge_id)
    by = ActorRef.of(actor, authorize(actor, "remind", found))
    waiting = waited_for(found.pledge)
    if waiting is None:
        raise NobodyToRemind(f"pledge {pledge_id} waits for no unit", state=found.pledge.state)
    told = _tell(session, found.pledge, waiting, at)
    if not told:
        raise RemindedToday(f"units of pledge {pledge_id} were reminded today")
    audit.record(
        session,
        action="pledge.reminded",
        actor=by,
        at=at,
        object_type="pledge",
        object_id=pledge_id,
        instance_id=found.pledge.instance_id,
        op_id=op_id,
        details={"units": len(told), "unit_ids": [unit.unit_id for unit in told], "element": waiting.element},
    )
    return told


def _tell(session: Session, pledge: Pledge, waiting: Waiting, at: datetime) -> list[PledgeUnit]:
    today = local(at).date()
    chairs = officers_of(session, "unit_chair", [unit.unit_id for unit in waiting.units], today)
    tasks = _tasks(session, pledge, waiting.element)
    until = f", đến hết {weekday_date(waiting.due)}" if waiting.due else ""
    sentence = f"Khối trưởng nhắc: đơn vị chưa {waiting.act} giao ước thi đua năm {pledge.year}{until}."
    return [
        unit
        for unit in waiting.units
        if notify(
            session,
            event_key=f"remind:{pledge.id}:{unit.unit_id}:{waiting.element}:{today}",
            receivers=[officer.person_id for officer in chairs.get(unit.unit_id, ())],
            sentence=sentence,
            target=f"/tasks/{tasks[unit.unit_id]}" if unit.unit_id in tasks else f"/pledges/{pledge.id}",
            at=at,
            subject=f"Nhắc {waiting.act} giao ước thi đua năm {pledge.year}",
        )
    ]


def _tasks(session: Session, pledge: Pledge, element: str) -> dict[UUID, UUID]:
    """Unit -> its open task."""
    query = (
        select(HumanTask.unit_id, HumanTask.id)
        .join(ProcessInstance, ProcessInstance.id == HumanTask.instance_id)
        .where(
            ProcessInstance.root_id == pledge.instance_id,
            HumanTask.element == element,
            HumanTask.status == TaskStatus.OPEN,
        )
    )
    return dict(session.execute(query).all())
