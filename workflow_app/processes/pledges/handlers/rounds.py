"""What the leader and the federation do to a running round without being asked by a task.

Each is one transaction of the caller's, with one audit event of its own besides the engine's.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core.clock import local
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.core.vietnamese import decree_date, end_of_day
from workflow_app.engine import instances, tasks, timers
from workflow_app.engine.locking import lock
from workflow_app.engine.models import HumanTask, ProcessInstance, TaskStatus
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.settings_data import setting, working_calendar
from workflow_app.organisations.types import Actor
from workflow_app.processes.pledges import deadlines, service
from workflow_app.processes.pledges.handlers import telling
from workflow_app.processes.pledges.models import Pledge, PledgeState, PledgeUnit, SignState
from workflow_app.processes.pledges.service.dossier import Dossier, dossier

SIGN_ALL = "sign_all"
OVERDUE = "overdue"  # the timer on a unit's signing


def close_without(
    session: Session, actor: Actor, pledge_id: UUID, unit_id: UUID, *, reason: str, op_id: UUID, at: datetime
) -> PledgeUnit:
    """The round closes without one unit, with the reason that is printed on the pledge.

    Raises AlreadySigned, FanOutClosed, Invalid without a reason.
    """
    found = dossier(session, pledge_id)
    by = _leader(actor, found, "close_round")
    _require(reason, "Nhập lý do đơn vị không ký; lý do được in trên giao ước.")
    unit = service.record_not_signed(session, pledge_id, unit_id, reason=reason)
    instances.cancel_child(
        session, _instance(found.pledge), SIGN_ALL, str(unit_id), reason=reason, by=by, at=at
    )
    _record(session, found.pledge, "pledge.not_signed", by, op_id, at, unit_id=unit_id)
    return unit


def readmit(
    session: Session, actor: Actor, pledge_id: UUID, unit_id: UUID, *, reason: str, op_id: UUID, at: datetime
) -> PledgeUnit:
    """A unit that was closed out or refused may sign after all, while the round runs."""
    found = dossier(session, pledge_id)
    by = _leader(actor, found, "readmit")
    _require(reason, "Nhập lý do mời đơn vị ký bổ sung.")
    unit = service.readmit(session, pledge_id, unit_id)
    instances.reopen_child(
        session,
        _instance(found.pledge),
        SIGN_ALL,
        str(unit_id),
        reason=reason,
        by=by,
        at=at,
        inputs=deadlines.sign_days(found.pledge),
    )
    _record(session, found.pledge, "pledge.readmitted", by, op_id, at, unit_id=unit_id)
    return unit


def extend(
    session: Session, actor: Actor, pledge_id: UUID, to: date, *, reason: str, op_id: UUID, at: datetime
) -> Pledge:
    """Moves the last day of signing for every unit that has not signed; at most the configured days.

    The tasks, the watch over the deadline and what later steps are told move together; units that have not signed
    hear of it with the reason. Raises Invalid for a day out of range or without a reason, InstanceSuspended.
    """
    found = dossier(session, pledge_id)
    by = _leader(actor, found, "extend")
    pledge = found.pledge
    session.refresh(
        pledge, with_for_update={"key_share": True}
    )  # two leaders at once: the second counts anew
    _check_extension(session, pledge, to, at)
    _require(reason, "Nhập lý do gia hạn; các đơn vị chưa ký đọc lý do này.")
    before, pledge.sign_hard_due, pledge.sign_due = pledge.sign_hard_due, to, None
    moment, units = end_of_day(to).replace(microsecond=0), list[UUID]()
    for task_id, instance_id, unit_id in _open_signing(session, pledge):
        tasks.set_due(session, task_id, due_at=moment, soft_due_at=None, by=by, at=at)
        timers.move(session, instance_id, OVERDUE, to=moment, by=by, at=at, reason=reason)
        units.append(unit_id)
    telling.extended(session, pledge, units, reason, at=at)
    told = {"before": before, "to": to, "reason": reason, "units": len(units)}
    _record(session, pledge, "pledge.extended", by, op_id, at, **told)
    return pledge


def cancel(
    session: Session, actor: Actor, pledge_id: UUID, *, reason: str, op_id: UUID, at: datetime
) -> Pledge:
    """The federation cancels a pledge that is not issued yet; everything that runs for it ends."""
    found = dossier(session, pledge_id)
    seat = authorize(actor, "cancel", found)
    by = ActorRef.of(actor, seat)
    _require(reason, "Nhập lý do hủy giao ước.")
    instance_id = _instance(found.pledge)
    lock(session, instance_id)  # before the pledge, as the act of every task takes them
    pledge = service.cancel(session, pledge_id, reason=reason)
    instances.cancel(session, instance_id, reason=reason, by=by, at=at)
    _record(session, pledge, "pledge.cancelled", by, op_id, at)
    return pledge


def _leader(actor: Actor, found: Dossier, act: str) -> ActorRef:
    return ActorRef.of(actor, authorize(actor, act, found))


def _require(reason: str, sentence: str) -> None:
    if not reason.strip():
        raise Invalid([FieldError("reason", sentence)])


def _instance(pledge: Pledge) -> UUID:
    if pledge.instance_id is None:
        raise ValueError(f"pledge {pledge.id} has no instance")
    return pledge.instance_id


def _check_extension(session: Session, pledge: Pledge, to: date, at: datetime) -> None:
    service.must_be(pledge, PledgeState.SIGNING)
    today = local(at).date()
    most: int = setting(session, "pledge.extend_max_days", unit_id=pledge.federation_id, on=today)
    calendar = working_calendar(session, unit_id=pledge.federation_id, on=today)
    start = max(pledge.sign_hard_due or today, today)
    last = calendar.add_working_days(start, most)
    if not start < to <= last:
        sentence = f"Chọn ngày sau {decree_date(start)} và không muộn hơn {decree_date(last)} ({most} ngày làm việc)."
        raise Invalid([FieldError("to", sentence)])


def _open_signing(session: Session, pledge: Pledge) -> Sequence[tuple[UUID, UUID, UUID]]:
    """(task, its instance, the unit) of every unit that may sign; those that rest too, so that they are refused."""
    query = (
        select(HumanTask.id, HumanTask.instance_id, PledgeUnit.unit_id)
        .join(ProcessInstance, ProcessInstance.id == HumanTask.instance_id)
        .join(PledgeUnit, PledgeUnit.unit_id == ProcessInstance.unit_id)
        .where(
            ProcessInstance.parent_id == pledge.instance_id,
            HumanTask.element == "sign",
            HumanTask.status.in_((TaskStatus.OPEN, TaskStatus.SUSPENDED)),
            PledgeUnit.pledge_id == pledge.id,
            PledgeUnit.sign_state == SignState.OPEN,
        )
        .order_by(HumanTask.id)
    )
    return [(row.id, row.instance_id, row.unit_id) for row in session.execute(query)]


def _record(
    session: Session, pledge: Pledge, action: str, by: ActorRef, op_id: UUID, at: datetime, **details: object
) -> None:
    audit.record(
        session,
        action=action,
        actor=by,
        at=at,
        object_type="pledge",
        object_id=pledge.id,
        instance_id=pledge.instance_id,
        op_id=op_id,
        details=details,
    )
