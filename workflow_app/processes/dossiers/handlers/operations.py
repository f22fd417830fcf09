"""What the machine does in a dossier: the Word document of a template, as a draft or numbered and issued.

`work` may run more than once and then finds what it made; `finish` runs in the transaction that
moves the process on.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from workflow_app.engine.catalogue import OperationSpec
from workflow_app.engine.operations import OperationJob, operation
from workflow_app.processes.dossiers.handlers import making
from workflow_app.processes.dossiers.models import Dossier
from workflow_app.processes.dossiers.rules import PaperStep

NAMES = ("dossier.draft_document", "dossier.issue_document")
Result = Mapping[str, Any]
_RESULTS = OperationSpec(results=frozenset({"document_id", "version_id"}))


@operation(NAMES[0], spec=_RESULTS)
class DraftDocument:
    """The document as a draft without a number, beside which people decide."""

    def work(self, job: OperationJob) -> Result:
        return {"made": making.make(job.business_id, step_of(job), entry=None, at=job.at)}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        dossier = session.get_one(Dossier, job.business_id)
        version = making.add_version(session, dossier, step_of(job), result["made"])
        return {"document_id": str(version.document_id), "version_id": str(version.id)}


@operation(NAMES[1], spec=_RESULTS)
class IssueDocument:
    """The document with its number: frozen, issued, into the register, sent to whom it concerns."""

    def work(self, job: OperationJob) -> Result:
        step = step_of(job)
        # The number is part of the text, so it is taken before the text is made.
        entry = making.numbered(job.business_id, step, at=job.at)
        return {"made": making.make(job.business_id, step, entry=entry, at=job.at)}

    def finish(self, session: Session, job: OperationJob, result: Result) -> Result:
        dossier = session.get_one(Dossier, job.business_id)
        version = making.issue(session, dossier, step_of(job), result["made"])
        return {"document_id": str(version.document_id), "version_id": str(version.id)}


def step_of(job: OperationJob) -> PaperStep:
    """The step with the texts that the diagram gives; the deploy check made sure that they are texts."""
    texts = {name: str(value) for name, value in job.params.items()}
    return PaperStep(job.element, "", **texts, faults={})
