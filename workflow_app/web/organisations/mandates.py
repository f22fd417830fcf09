"""What delegations exist, in words."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from workflow_app.core import clock
from workflow_app.organisations.models.people import Appointment, Delegation, Person
from workflow_app.processes import registry

LABELS = {
    "draft": "Soạn thảo",
    "comment": "Góp ý, đăng ký chỉ tiêu",
    "consolidate": "Tổng hợp ý kiến",
    "approve": "Duyệt",
    "convene": "Mời họp, ghi biên bản",
    "sign": "Ký văn bản",
    "settle": "Xử lý đơn vị từ chối ký",
    "witness": "Chứng kiến",
    "issue": "Ban hành",
}


def scopes() -> list[tuple[str, str]]:
    """Every act that a delegation can cover, as the processes name them."""
    named = {kind.named for process in registry.processes() for kind in process.tasks.values()}
    known = [code for code in LABELS if code in named]
    return [(code, _(LABELS[code])) for code in known] + [
        (code, code) for code in sorted(named - LABELS.keys())
    ]


def delegations_of(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """What a person gave and received, newest first; two statements."""
    giver = aliased(Appointment)
    query = (
        select(Delegation, giver.person_id)
        .join(giver, giver.id == Delegation.principal_appointment_id)
        .where(or_(Delegation.delegate_person_id == person_id, giver.person_id == person_id))
        .order_by(Delegation.valid_from.desc(), Delegation.id)
    )
    rows = session.execute(query).all()
    people = {row.delegate_person_id for row, _giver in rows} | {giver_id for _row, giver_id in rows}
    names = _names(session, people)
    return [
        {
            "row": row,
            "giver": names.get(giver_id, ""),
            "taker": names.get(row.delegate_person_id, ""),
            "given": giver_id == person_id,
            "scope": ", ".join(_(LABELS.get(code, code)) for code in row.scope) or _("mọi việc"),
            "over": _over(row),
        }
        for row, giver_id in rows
    ]


def _names(session: Session, people: Iterable[UUID]) -> dict[UUID, str]:
    ids = list(people)
    if not ids:
        return {}
    query = select(Person.id, Person.full_name).where(Person.id.in_(ids))
    return dict(session.execute(query).all())


def _over(row: Delegation) -> bool:
    today = clock.today()
    return any(day is not None and day <= today for day in (row.revoked_on, row.valid_to))
