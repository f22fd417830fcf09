"""What people do to Word templates: upload, try, put into force, send back, go back to an earlier version.

Each is one act in the caller's transaction, with its event.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.audit.service import ActorRef
from workflow_app.audit.wording import register
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.core.vietnamese import clean_text
from workflow_app.documents import gate, objects
from workflow_app.documents.errors import (
    TemplateNotDraft,
    TemplateSame,
    TemplateSamePerson,
    TemplateUnknown,
)
from workflow_app.documents.models import DocumentTemplate, TemplateStatus
from workflow_app.documents.package import sha256
from workflow_app.documents.rendering import Rendered, render
from workflow_app.documents.templates import (
    active_of,
    add,
    put_into_force,
    record,
    require_office,
    template_of,
    versions,
)
from workflow_app.documents.uploads import scan

register(
    {
        "template.registered": "đưa mẫu văn bản {key} của phần mềm vào | phiên bản {version}",
        "template.uploaded": "tải lên mẫu văn bản {key} | phiên bản {version}",
        "template.activated": "đưa mẫu văn bản {key} vào dùng | phiên bản {version}",
        "template.returned": "trả lại mẫu văn bản {key} | phiên bản {version}",
        "template.restored": "dùng lại mẫu văn bản {key} | phiên bản {version}",
    }
)


def upload(
    session: Session,
    *,
    key: str,
    data: bytes,
    actor: ActorRef,
    at: datetime,
    filename: str = "template.docx",
) -> DocumentTemplate:
    """A version edited in Word, as a draft; data schema and sample are those of the version in force.

    Raises TemplateUnknown, UploadRefused, TemplateRefused, TemplateSame.
    """
    base = active_of(session, key)
    if base is None:
        raise TemplateUnknown(f"no active template {key!a}")
    scan(data, filename if filename.lower().endswith((".docx", ".docm", ".doc")) else f"{filename}.other")
    gate.require(data, base.schema, {"sample": base.sample})
    if (same := _same(session, key, data, base.schema)) is not None:
        raise TemplateSame(f"template {key!a} has these bytes as version {same.version}", template_id=same.id)
    return _submit(session, key, data, base.schema, base.sample, actor, at)


def submit(
    session: Session,
    *,
    key: str,
    data: bytes,
    schema: Mapping[str, Any],
    sample: Mapping[str, Any],
    actor: ActorRef,
    at: datetime,
) -> DocumentTemplate:
    """A version with data of its own, as a draft: of a process that brings its templates along.

    The same bytes for the same data give the same row again. Raises UploadRefused, TemplateRefused.
    """
    gate.require(data, schema, {"sample": sample})
    same = _same(session, key, data, schema)
    return same or _submit(session, key, data, schema, sample, actor, at)


def activate(session: Session, template_id: UUID, *, actor: ActorRef, at: datetime) -> DocumentTemplate:
    """Puts a draft into force in place of the version before it; never by the person who uploaded it.

    Raises TemplateUnknown, TemplateNotDraft, TemplateSamePerson, TemplateRefused.
    """
    row = _draft(session, template_id)
    if row.created_by == actor.person_id:
        raise TemplateSamePerson(f"template {template_id} was uploaded by {actor.person_id}")
    _try_out(row, at)
    put_into_force(session, row, by=actor.person_id, at=at)
    record(session, "template.activated", row, actor, at)
    return row


def send_back(
    session: Session, template_id: UUID, *, reason: str, actor: ActorRef, at: datetime
) -> DocumentTemplate:
    """Returns a draft to who uploaded it, with what to mend; who uploaded it may take it back himself.

    Raises TemplateUnknown, TemplateNotDraft, Invalid without a reason.
    """
    row = _draft(session, template_id)
    reason = clean_text(reason)
    if not reason:
        raise Invalid([FieldError("reason", "Nhập lý do trả lại: người tải mẫu lên cần biết sửa gì.")])
    row.status, row.returned_reason = TemplateStatus.RETURNED, reason
    row.returned_at, row.returned_by = at, actor.person_id
    session.flush()
    record(session, "template.returned", row, actor, at)
    return row


def restore(session: Session, template_id: UUID, *, actor: ActorRef, at: datetime) -> DocumentTemplate:
    """Back to a version that was in force before; not by the person who uploaded it.

    Raises TemplateUnknown, TemplateNotDraft (it was never in force, or is), TemplateSamePerson, TemplateRefused.
    """
    row = _locked(session, template_id)
    if row.status is not TemplateStatus.RETIRED:
        raise TemplateNotDraft(f"template {template_id} is {row.status}", status=row.status.value)
    if row.created_by == actor.person_id:
        raise TemplateSamePerson(f"template {template_id} was uploaded by {actor.person_id}")
    _try_out(row, at)
    put_into_force(session, row, by=actor.person_id, at=at)
    record(session, "template.restored", row, actor, at)
    return row


def preview(session: Session, template_id: UUID, *, at: datetime) -> Rendered:
    """The template filled with its sample data. Raises TemplateUnknown, RenderingFailed."""
    row = session.get(DocumentTemplate, template_id)
    if row is None:
        raise TemplateUnknown(f"template {template_id}")
    return render(template_of(row), row.sample, at=at)


def _same(session: Session, key: str, data: bytes, schema: Mapping[str, Any]) -> DocumentTemplate | None:
    """The version with these bytes for these data, unless it was returned: one may try again."""
    digest = sha256(data)
    return next(
        (
            row
            for row in versions(session, key)
            if row.sha256 == digest and row.schema == schema and row.status is not TemplateStatus.RETURNED
        ),
        None,
    )


def _submit(
    session: Session,
    key: str,
    data: bytes,
    schema: Mapping[str, Any],
    sample: Mapping[str, Any],
    actor: ActorRef,
    at: datetime,
) -> DocumentTemplate:
    # Two uploads of one key at the same moment would both find the same highest version.
    session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"template {key}"}
    )
    row = add(session, objects.store(), key, data, schema, sample, by=actor.person_id, at=at)
    record(session, "template.uploaded", row, actor, at)
    return row


def _draft(session: Session, template_id: UUID) -> DocumentTemplate:
    row = _locked(session, template_id)
    if row.status is not TemplateStatus.DRAFT:
        raise TemplateNotDraft(f"template {template_id} is {row.status}", status=row.status.value)
    return row


def _locked(session: Session, template_id: UUID) -> DocumentTemplate:
    row = session.get(DocumentTemplate, template_id, with_for_update=True)
    if row is None:
        raise TemplateUnknown(f"template {template_id}")
    return row


def _try_out(row: DocumentTemplate, at: datetime) -> None:
    """The gate once more, and the Open XML schemas on the result: whatever is put into force has passed today's."""
    template = template_of(row)
    gate.require(template.data, row.schema, {"sample": row.sample})
    require_office(render(template, row.sample, at=at))
