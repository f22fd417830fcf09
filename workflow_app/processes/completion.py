"""The life of a completed human task: form, authorize, one transaction, answer.

Page and API come in here, and only here. In the transaction: lock the instance and its task,
the process's own act, the engine's step, the audit event, commit. Whatever raises leaves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Conflict, OutcomeUnknown, Unavailable
from workflow_app.engine import tasks
from workflow_app.engine.tasks import OpenTask
from workflow_app.organisations import accounts
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.types import Actor, Seat
from workflow_app.processes.process import ActContext, TaskKind
from workflow_app.processes.registry import task_kind


@dataclass(frozen=True, slots=True)
class Completed:
    """The answer to a completed task.

    repeated: the same act had been done before (a second click, a lost answer); nothing was done again.
    """

    task_id: UUID
    instance_id: UUID
    said: str
    repeated: bool = False


def complete_task(
    actor: Actor, task_id: UUID, values: Mapping[str, Any], *, op_id: UUID, at: datetime
) -> Completed:
    """Completes one human task.

    values: the form as nested plain values. op_id: made by the page, the same for a repeat.
    Raises Invalid (form), NotFound, Forbidden, Conflict, Unavailable; nothing has changed then.
    Raises OutcomeUnknown when the connection broke at the commit and the record cannot be asked.
    """
    try:
        # Before the transaction: hashing takes long, and its count must outlive a rollback.
        proved = _prove(actor, task_id, values, at)
        with transaction() as session:
            return _complete(session, actor, task_id, values, op_id=op_id, at=at, proved=proved)
    except (Conflict, OutcomeUnknown) as refused:
        if said := _answered_before(actor, task_id, op_id, refused):
            return said
        raise


def authorized(session: Session, actor: Actor, task: OpenTask) -> tuple[OpenTask, TaskKind, Seat]:
    """The task with its authors, its kind, and the seat in which the actor may complete it.

    Raises FormUnknown, NotFound, Forbidden.
    """
    kind = task_kind(session, task)
    if kind.authors is not None:
        task = replace(task, people=kind.authors(session, task))
    return task, kind, authorize(actor, "complete", task, delegated_as=kind.named)


def _complete(
    session: Session,
    actor: Actor,
    task_id: UUID,
    values: Mapping[str, Any],
    *,
    op_id: UUID,
    at: datetime,
    proved: bool,
) -> Completed:
    task, kind, seat = authorized(session, actor, tasks.lock(session, task_id))
    form = kind.form.parse(values)
    done = kind.act(session, ActContext(task, actor, seat, at, op_id, proved), form)
    step = tasks.complete(session, task, outcome=done.outcome, by=actor.person_id, seat_id=seat.id, at=at)
    audit.record(
        session,
        action=done.action,
        actor=ActorRef.of(actor, seat),
        at=at,
        object_type=done.object_type,
        object_id=done.object_id,
        instance_id=task.instance.id,
        stream_seq=step.rev,
        op_id=op_id,
        doc_sha256=done.doc_sha256,
        details={**done.details, "task": task_id, "element": task.element},
    )
    return Completed(task_id, task.instance.id, done.said)


def _prove(actor: Actor, task_id: UUID, values: Mapping[str, Any], at: datetime) -> bool:
    secret = values.get("secret")
    if not isinstance(secret, str) or not secret:
        return False
    with reading() as session:
        kind = task_kind(session, tasks.find(session, task_id))
    kind.form.parse(values)  # a form with a fault is told before the secret is tried
    accounts.prove_secret(actor.person_id, secret, at=at)
    return True


def _answered_before(
    actor: Actor, task_id: UUID, op_id: UUID, refused: Conflict | OutcomeUnknown
) -> Completed | None:
    try:
        with reading() as session:
            event = audit.repeat(session, actor.person_id, op_id)
    except Unavailable:
        raise refused from None  # the record cannot be asked now; what was refused is the better answer
    if event is None or event.details.get("task") != str(task_id) or event.instance_id is None:
        return None
    return Completed(task_id, event.instance_id, "Việc này đã được ghi nhận ngay lần gửi đầu.", repeated=True)
