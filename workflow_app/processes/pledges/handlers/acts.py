"""From a completed form to the service's act: which pledge, which unit, what the diagram and the log are told."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.organisations.errors import PinRefused
from workflow_app.processes.pledges import deadlines, service
from workflow_app.processes.pledges.forms import (
    PledgeApprove,
    PledgeComment,
    PledgeConsolidate,
    PledgeDraft,
    PledgeInvite,
    PledgeIssue,
    PledgeMinutes,
    PledgeSettle,
    PledgeSign,
    PledgeWitness,
)
from workflow_app.processes.pledges.handlers import telling
from workflow_app.processes.pledges.models import Pledge
from workflow_app.processes.process import ActContext, Done


def draft(session: Session, context: ActContext, form: PledgeDraft) -> Done:
    pledge = service.draft(session, _pledge(context), form, author_id=context.actor.person_id, at=context.at)
    return _done(
        context,
        "pledge.drafted",
        {"comment_due": _day_end(pledge, "comment_due")},
        "Đã gửi dự thảo. Các đơn vị nhận được ngay khi bản Word lập xong.",
        targets=len(form.targets),
    )


def comment(session: Session, context: ActContext, form: PledgeComment) -> Done:
    unit_id = _unit(context)
    remarks = service.comment(
        session, _pledge(context), unit_id, form, by=context.actor.person_id, at=context.at
    )
    said = (
        "Đã ghi: đơn vị đồng ý với dự thảo." if not remarks else f"Đã gửi {remarks} ý kiến đến Khối trưởng."
    )
    return _done(
        context, f"pledge.{_COMMENTED[form.verdict]}", {}, said, unit_id=str(unit_id), remarks=remarks
    )


def consolidate(session: Session, context: ActContext, form: PledgeConsolidate) -> Done:
    pledge = service.consolidate(session, _pledge(context), form, by=context.actor.person_id, at=context.at)
    outcome = {
        "decision": form.decision,
        "comment_due": _day_end(pledge, "comment_due"),
        "approve_due": deadlines.day_end(deadlines.approve_due(session, pledge, context.at)),
    }
    said = "Đã gửi lấy ý kiến thêm." if form.decision == "new_round" else "Đã trình Liên đoàn Lao động duyệt."
    return _done(context, "pledge.consolidated", outcome, said, decision=form.decision, round=pledge.round)


def approve(session: Session, context: ActContext, form: PledgeApprove) -> Done:
    service.approve(session, _pledge(context), form, seat=context.seat, at=context.at)
    returned = form.verdict == "return"
    said = (
        f"Đã trả lại {len(form.points)} chỗ cần sửa."
        if returned
        else "Đã duyệt. Giao ước được lấy số và khóa."
    )
    action = "pledge.returned" if returned else "pledge.approved"
    return _done(context, action, {"verdict": form.verdict}, said, points=len(form.points))


def invite(session: Session, context: ActContext, form: PledgeInvite) -> Done:
    conference = service.invite(
        session, _pledge(context), form, seat=context.seat, name=context.actor.full_name, at=context.at
    )
    said = "Đã mời họp. Giấy mời được lập và gửi đến các đơn vị."
    return _done(context, "pledge.convened", {}, said, conference_id=str(conference.id))


def record_conference(session: Session, context: ActContext, form: PledgeMinutes) -> Done:
    pledge_id = _pledge(context)
    conference = service.record_conference(
        session, pledge_id, form, seat=context.seat, name=context.actor.full_name, at=context.at
    )
    outcome: dict[str, Any] = {"adopted_by_conference": "no", "sign_due": None, "sign_hard_due": None}
    said = "Đã ghi biên bản. Hội nghị chưa thông qua, giao ước trở lại để chỉnh sửa."
    if conference.adopted:
        pledge = session.get_one(Pledge, pledge_id)
        outcome = {
            "adopted_by_conference": "yes",
            **deadlines.sign_days(pledge),
        }
        said = "Đã ghi biên bản. Hội nghị thông qua, các đơn vị được mời ký."
    facts = {name: getattr(conference, name) for name in ("total", "present", "agree", "disagree", "adopted")}
    return _done(context, "pledge.conference_recorded", outcome, said, **facts)


def sign(session: Session, context: ActContext, form: PledgeSign) -> Done:
    unit_id = _unit(context)
    if form.result == "signed":
        _require_proof(context)
    signature = service.sign(
        session,
        _pledge(context),
        unit_id,
        form,
        seat=context.seat,
        signer_name=context.actor.full_name,
        at=context.at,
        op_id=context.op_id,
    )
    if signature is None:
        telling.refused(
            session, _pledge(context), unit_id, form.reason, scope=context.task.instance.scope, at=context.at
        )
        said = "Đã ghi: đơn vị từ chối ký. Khối trưởng và Liên đoàn Lao động được báo."
        return _done(context, "pledge.refused", {"result": "refused"}, said, unit_id=str(unit_id))
    details = {"unit_id": str(unit_id), "signature_id": str(signature.id)}
    return _done(
        context, "pledge.signed", {"result": "signed"}, "Đã ký giao ước.", signature.content_id, **details
    )


def settle(session: Session, context: ActContext, form: PledgeSettle) -> Done:
    unit_id = _unit(context)
    service.settle(session, _pledge(context), unit_id, form)
    telling.answered(session, _pledge(context), unit_id, form.reply, at=context.at)
    again = form.settlement == "invite_again"
    said = "Đã mời đơn vị ký lại." if again else "Đã ghi nhận đơn vị không ký."
    action = "pledge.invited_again" if again else "pledge.refusal_recorded"
    # The days as they stand now: they may have been moved since the unit was invited first.
    days = deadlines.sign_days(session.get_one(Pledge, _pledge(context)))
    return _done(context, action, {"settlement": form.settlement, **days}, said, unit_id=str(unit_id))


def witness(session: Session, context: ActContext, form: PledgeWitness) -> Done:
    _require_proof(context)
    signature = service.witness(
        session,
        _pledge(context),
        form,
        seat=context.seat,
        signer_name=context.actor.full_name,
        at=context.at,
        op_id=context.op_id,
    )
    said = "Đã chứng kiến. Văn thư được báo để ban hành."
    return _done(context, "pledge.witnessed", {}, said, signature.content_id)


def issue(session: Session, context: ActContext, form: PledgeIssue) -> Done:
    pledge = service.issue(session, _pledge(context), form, at=context.at)
    said = "Đã ban hành. Giao ước được vào sổ và gửi đến các nơi nhận."
    return _done(
        context, "pledge.issued", {}, said, pledge.frozen_content_id, recipients=len(form.recipients)
    )


_COMMENTED = {"agree": "agreed", "comment": "commented"}


def _require_proof(context: ActContext) -> None:
    if not context.proved:
        raise PinRefused(f"person {context.actor.person_id} has proved nothing")


def _pledge(context: ActContext) -> UUID:
    return context.task.business_id


def _unit(context: ActContext) -> UUID:
    # The unit of the child instance, also when its leader acts in it.
    unit_id = context.task.instance.unit_id
    if unit_id is None:
        raise ValueError(f"task {context.task.id} concerns no unit")
    return unit_id


def _day_end(pledge: Pledge, name: str) -> str:
    return deadlines.day_end(getattr(pledge, name))


def _done(
    context: ActContext,
    action: str,
    outcome: dict[str, Any],
    said: str,
    sha256: str | None = None,
    **details: Any,
) -> Done:
    return Done(outcome, action, "pledge", _pledge(context), details, sha256, said)
