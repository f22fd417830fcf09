"""What a story must have brought about: each check is named and says what it saw."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit.models import AuditEvent
from workflow_app.documents import service as documents
from workflow_app.documents import templates
from workflow_app.documents.content_id import content_id
from workflow_app.documents.models import Document, DocumentState, DocumentVersion
from workflow_app.documents.rendering import render
from workflow_app.engine.models import InstanceStatus, ProcessInstance
from workflow_app.processes.pledges.models import Pledge, PledgeState
from workflow_app.scenarios.story import Operation
from workflow_app.signatures.models import Signature, SignatureRole


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that held or did not; detail: what was seen, or what was missing."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Expected:
    """How a story must end. comments, signs: units by their state."""

    comments: dict[str, int]
    signs: dict[str, int]
    late: int
    documents: tuple[str, ...]


def outcome(session: Session, pledge_id: UUID, expected: Expected) -> list[Check]:
    """The pledge itself: issued, every unit in the state that the story tells, everything ended."""
    pledge = session.get_one(Pledge, pledge_id)
    comments = Counter(unit.comment_state.value for unit in pledge.units)
    signs = Counter(unit.sign_state.value for unit in pledge.units)
    late = sum(unit.is_late for unit in pledge.units)
    issued = session.scalars(
        sa.select(Document.kind).where(
            Document.instance_id == pledge.instance_id, Document.state == DocumentState.ISSUED
        )
    ).all()
    alive = session.scalar(
        sa.select(sa.func.count()).where(
            ProcessInstance.root_id == pledge.instance_id,
            ProcessInstance.status.in_([InstanceStatus.RUNNING, InstanceStatus.SUSPENDED]),
        )
    )
    return [
        Check("pledge_issued", pledge.state is PledgeState.ISSUED, pledge.state.value),
        _same("comments", dict(comments), expected.comments),
        _same("unit_signatures", dict(signs), expected.signs),
        _same("late_signatures", late, expected.late),
        _same("documents_issued", sorted(issued), sorted(expected.documents)),
        Check("nothing_waits", not alive, f"{alive} instances are still running"),
        _signatures(session, pledge),
    ]


def recorded_once(session: Session, operations: Sequence[Operation]) -> Check:
    """Every act of the story is in the record, exactly once."""
    query = sa.select(AuditEvent.actor_id, AuditEvent.op_id).where(AuditEvent.op_id.is_not(None))
    found = Counter((actor_id, op_id) for actor_id, op_id in session.execute(query))
    wanted = Counter((operation.person_id, operation.op_id) for operation in operations)
    wrong = sum(found[key] != 1 for key in wanted) + len(found.keys() - wanted.keys())
    return Check(
        "every_act_recorded_once", not wrong, f"{len(wanted)} acts, {wrong} missing, double or foreign"
    )


def second_reading(session: Session) -> Check:
    """Each stored file still says what its row says, and the template makes the same bytes of the same data."""
    versions = session.scalars(sa.select(DocumentVersion)).all()
    wrong = [str(version.id) for version in versions if not _reads_the_same(session, version)]
    return Check(
        "second_reading", not wrong, f"{len(versions)} versions read again; different: {wrong or 'none'}"
    )


def _reads_the_same(session: Session, version: DocumentVersion) -> bool:
    data = documents.file_of(version)
    template = templates.load_version(session, version.template_key, version.template_version)
    again = render(template, version.data, at=version.created_at)
    return content_id(data) == version.content_id and again.data == data


def _signatures(session: Session, pledge: Pledge) -> Check:
    """One signature for each unit that signed and one of the witness, all on the frozen content."""
    query = sa.select(Signature).where(Signature.document_version_id == pledge.frozen_version_id)
    signatures = session.scalars(query).all()
    parties = sum(signature.role is SignatureRole.PARTY for signature in signatures)
    witnesses = sum(signature.role is SignatureRole.WITNESS for signature in signatures)
    signed = sum(unit.signature_id is not None for unit in pledge.units)
    bound = all(signature.content_id == pledge.frozen_content_id for signature in signatures)
    detail = f"{parties} units and {witnesses} witness on {(pledge.frozen_content_id or '')[:12]}"
    return Check("signatures", parties == signed and witnesses == 1 and bound, detail)


def _same(name: str, seen: object, expected: object) -> Check:
    return Check(name, seen == expected, f"{seen}" if seen == expected else f"{seen} instead of {expected}")
