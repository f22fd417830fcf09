"""What the machine does in a pledge: Word documents, numbers, silence, escalation, distribution.

`work` may run more than once and then finds what it made; `finish` runs in the transaction that
moves the process on.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.core.clock import local
from workflow_app.core.database import reading
from workflow_app.documents import service as documents
from workflow_app.engine.operations import OperationJob, operation
from workflow_app.processes.pledges import papers, service
from workflow_app.processes.pledges.handlers import making, telling
from workflow_app.processes.pledges.models import Pledge

NAMES = (
    "pledge.render_draft",
    "pledge.record_silence",
    "pledge.take_number",
    "pledge.freeze",
    "pledge.send_invitation",
    "pledge.issue_minutes",
    "pledge.withdraw_frozen",
    "pledge.escalate",
    "pledge.render_issued",
    "pledge.distribute",
)
Result = Mapping[str, Any]


@operation("pledge.render_draft")
class RenderDraft:
    """The text as a Word draft; then the units are asked, or the federation."""

    def work(self, job: OperationJob) -> Result:
        with reading() as session:
            paper = papers.frame(session, job.business_id, on=local(job.at).date())
            draft = making.next_version(session, paper.pledge)
            data = papers.pledge_paper(session, paper, entry=None, at=job.at, draft=draft)
        return {"made": making.make("pledge", data, at=job.at)}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        pledge = session.get_one(Pledge, job.business_id)
        document = making.pledge_document(session, pledge, at=job.at)
        version = making.add_version(session, document, result["made"], by=_author(pledge))
        if job.data.get("decision") != "submit":
            service.open_comments(session, pledge.id)
        return {"version_id": str(version.id)}


@operation("pledge.record_silence")
class RecordSilence:
    """A unit said nothing until its deadline."""

    def work(self, job: OperationJob) -> Result:
        return {}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        service.record_silence(session, job.business_id, _unit(job), at=job.at)
        telling.silence(session, job.business_id, _unit(job), at=job.at)
        return {}


@operation("pledge.take_number")
class TakeNumber:
    """The number is part of what is signed, so it is taken before the text is frozen."""

    def work(self, job: OperationJob) -> Result:
        return {}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        pledge = session.get_one(Pledge, job.business_id)
        document = making.pledge_document(session, pledge, at=job.at)
        entry = making.take_number(session, pledge, document, at=job.at)
        return {"entry_id": str(entry.id)}


@operation("pledge.freeze")
class Freeze:
    """The text with its number and date, as every chair will sign it."""

    def work(self, job: OperationJob) -> Result:
        with reading() as session:
            paper = papers.frame(session, job.business_id, on=local(job.at).date())
            entry = making.entry_of(session, paper.pledge.document_id)
            data = papers.pledge_paper(session, paper, entry=entry, at=job.at)
        return {"made": making.make("pledge", data, at=job.at)}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        pledge = session.get_one(Pledge, job.business_id)
        document = making.pledge_document(session, pledge, at=job.at)
        version = making.add_version(session, document, result["made"], by=_author(pledge))
        documents.freeze(session, version, at=job.at)
        service.freeze(session, pledge.id, version_id=version.id, content_id=version.content_id)
        return {"version_id": str(version.id)}


@operation("pledge.send_invitation")
class SendInvitation:
    """The invitation, numbered and sent."""

    def work(self, job: OperationJob) -> Result:
        document_id = making.numbered("GM", job)
        with reading() as session:
            paper = papers.frame(session, job.business_id, on=local(job.at).date())
            conference = service.last_conference(session, job.business_id)
            entry = making.entry_of(session, document_id)
            data = papers.invitation_paper(session, paper, conference, entry=entry, at=job.at)
        return {"made": making.make("pledge_invitation", data, at=job.at)}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        conference = service.last_conference(session, job.business_id)
        signer = conference.convener["name"]
        document = making.issue_paper(session, "GM", result["made"], conference, signer=signer)
        conference.invitation_document_id = document.id
        telling.invited(session, conference, at=job.at)
        return {"document_id": str(document.id)}


@operation("pledge.issue_minutes")
class IssueMinutes:
    """The minutes of the conference, and with the adoption the bloc's plan."""

    def work(self, job: OperationJob) -> Result:
        made = {"minutes": self._minutes(job, making.numbered("BB", job))}
        with reading() as session:
            adopted = service.last_conference(session, job.business_id).adopted
        if adopted:
            made["plan"] = self._plan(job, making.numbered("KH", job))
        return made

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        conference = service.last_conference(session, job.business_id)
        chair = (conference.minutes or {}).get("chair_name", "")
        minutes = making.issue_paper(session, "BB", result["minutes"], conference, signer=chair)
        conference.minutes_document_id = minutes.id
        if conference.adopted:
            signer = conference.recorder["name"]
            plan = making.issue_paper(session, "KH", result["plan"], conference, signer=signer)
            session.get_one(Pledge, job.business_id).plan_document_id = plan.id
            service.open_signing(session, job.business_id)
        telling.adopted(session, conference, at=job.at)
        return {"document_id": str(minutes.id)}

    def _minutes(self, job: OperationJob, document_id: UUID) -> making.Made:
        with reading() as session:
            paper = papers.frame(session, job.business_id, on=local(job.at).date())
            conference = service.last_conference(session, job.business_id)
            entry = making.entry_of(session, document_id)
            data = papers.minutes_paper(session, paper, conference, entry=entry, at=job.at)
        return making.make("pledge_minutes", data, at=job.at)

    def _plan(self, job: OperationJob, document_id: UUID) -> making.Made:
        with reading() as session:
            paper = papers.frame(session, job.business_id, on=local(job.at).date())
            conference = service.last_conference(session, job.business_id)
            entry = making.entry_of(session, document_id)
            data = papers.plan_paper(session, paper, conference, entry=entry, at=job.at)
        return making.make("pledge_plan", data, at=job.at)


@operation("pledge.withdraw_frozen")
class WithdrawFrozen:
    """The conference did not adopt the text: its number stays in the register, cancelled with the reason."""

    reason: ClassVar[str] = "Hội nghị chưa thông qua giao ước"

    def work(self, job: OperationJob) -> Result:
        return {}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        pledge = session.get_one(Pledge, job.business_id)
        making.withdraw(session, pledge, reason=self.reason, at=job.at)
        service.withdraw_frozen(session, pledge.id)
        return {}


@operation("pledge.escalate")
class Escalate:
    """A unit has not signed in time: the leader and the federation hear of it."""

    def work(self, job: OperationJob) -> Result:
        return {}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        telling.overdue(session, job.business_id, _unit(job), scope=job.scope, at=job.at)
        return {}


@operation("pledge.render_issued")
class RenderIssued:
    """The frozen text with who signed, when and with which power: the copy that is sent out."""

    def work(self, job: OperationJob) -> Result:
        with reading() as session:
            paper = papers.frame(session, job.business_id, on=local(job.at).date())
            frozen = making.frozen_version(session, paper.pledge)
            data = papers.issued_paper(session, paper, frozen.data)
        return {"made": making.make("pledge", data, at=job.at)}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        copy = making.add_copy(session, session.get_one(Pledge, job.business_id), result["made"])
        return {"copy_id": str(copy.id)}


@operation("pledge.distribute")
class Distribute:
    """Into the register, to every recipient."""

    def work(self, job: OperationJob) -> Result:
        return {}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        pledge = session.get_one(Pledge, job.business_id)
        making.issue_pledge(session, pledge, at=job.at)
        telling.distributed(session, pledge, at=job.at)
        return {}


def _author(pledge: Pledge) -> UUID:
    return pledge.author_id or pledge.opened_by


def _unit(job: OperationJob) -> UUID:
    if job.scope.unit_id is None:
        raise ValueError(f"service task {job.task_id} concerns no unit")
    return job.scope.unit_id
