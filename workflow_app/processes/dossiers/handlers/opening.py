"""Opening and cancelling a dossier: the right, the rows, the event; the caller gives the transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.audit.service import ActorRef
from workflow_app.core.errors import Conflict, FieldError, Invalid
from workflow_app.core.vietnamese import clean_line, clean_text
from workflow_app.engine import hooks, instances
from workflow_app.engine.hooks import InstanceEnd
from workflow_app.engine.models import InstanceStatus
from workflow_app.organisations.authority import authorize
from workflow_app.organisations.types import Actor
from workflow_app.processes.dossiers.models import Dossier, DossierState
from workflow_app.processes.dossiers.service import opening
from workflow_app.processes.dossiers.service.access import Held, Startable, dossier_of, locked

LONGEST_TITLE = 200


def open_dossier(
    session: Session,
    actor: Actor,
    key: str,
    *,
    title: str,
    unit_id: UUID | None,
    bloc_id: UUID | None,
    op_id: UUID,
    at: datetime,
) -> Dossier:
    """Starts a process in force; its first task waits for the role of its lane.

    title: empty = the process's name and the unit. Raises ProcessNotOffered, Invalid, RoleWithoutUnit, Forbidden.
    """
    offer = opening.offer_of(session, actor, key)
    role = offer.drawn.start_role or ""
    seat = authorize(actor, "open_dossier", Startable(role, offer.seat.unit_id), delegated_as="draft")
    title = clean_line(title)
    if len(title) > LONGEST_TITLE:
        raise Invalid([FieldError("title", f"Rút ngắn tên hồ sơ, nhiều nhất {LONGEST_TITLE} ký tự.")])
    dossier = opening.open_dossier(
        session, offer, title=title, unit_id=unit_id, bloc_id=bloc_id, actor=actor, at=at
    )
    _record(session, dossier, "dossier.opened", ActorRef.of(actor, seat), op_id, at, process=key)
    return dossier


def opened_before(session: Session, actor: Actor, op_id: UUID) -> Dossier:
    """What the same person opened under this id; raises Conflict when the id was another act's."""
    event = audit.repeat(session, actor.person_id, op_id)
    if event is None or event.action != "dossier.opened":
        raise Conflict(f"op {op_id} was another act", vi="Mã op_id này đã dùng cho một việc khác.")
    return session.get_one(Dossier, event.object_id)


def cancel(
    session: Session, actor: Actor, dossier_id: UUID, *, reason: str, op_id: UUID, at: datetime
) -> Dossier:
    """Ends a dossier before its time, with a reason. Raises DossierUnknown, Forbidden, DossierClosed, Invalid."""
    seat = authorize(actor, "cancel", Held(dossier_of(session, dossier_id, actor)))
    dossier = locked(session, dossier_id)
    dossier.require_open()
    reason = clean_text(reason)
    if not reason:
        raise Invalid([FieldError("reason", "Nhập lý do hủy; lý do hiện trên trang hồ sơ.")])
    by = ActorRef.of(actor, seat)
    if dossier.instance_id is not None:
        instances.cancel(session, dossier.instance_id, reason=reason, by=by, at=at)
    _record(session, dossier, "dossier.cancelled", by, op_id, at)
    return dossier


def _ended(session: Session, end: InstanceEnd) -> None:
    """The dossier follows its instance, however that came to its end."""
    dossier = session.get_one(Dossier, end.instance.business_id)
    cancelled = end.instance.status is InstanceStatus.CANCELLED
    dossier.end(DossierState.CANCELLED if cancelled else DossierState.COMPLETED, end.at)
    session.flush()


hooks.on_instance_end(opening.BUSINESS_TYPE, _ended)


def _record(
    session: Session,
    dossier: Dossier,
    action: str,
    by: ActorRef,
    op_id: UUID,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action=action,
        actor=by,
        at=at,
        object_type="dossier",
        object_id=dossier.id,
        instance_id=dossier.instance_id,
        op_id=op_id,
        details=details,
    )
