"""The registry of Word templates: versions, four eyes, the one in force."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from document_templates import TemplateFiles, template_files
from storage.protocol import ObjectStore
from workflow_app.audit import service as audit
from workflow_app.audit.service import SYSTEM, ActorRef
from workflow_app.documents import gate, objects
from workflow_app.documents.errors import TemplateRefused, TemplateSamePerson, TemplateUnknown
from workflow_app.documents.models import DocumentTemplate, TemplateStatus
from workflow_app.documents.package import sha256
from workflow_app.documents.rendering import Rendered, Template, render
from workflow_app.documents.uploads import scan


def load(session: Session, key: str) -> Template:
    """The version in force. Raises TemplateUnknown, ObjectMissing, ObjectCorrupt, StorageUnavailable."""
    row = _active(session, key)
    if row is None:
        raise TemplateUnknown(f"no active template {key!a}")
    return _template(row)


def load_version(session: Session, key: str, version: int) -> Template:
    """Any version, also a retired one: an old document is rendered again with the template it came from."""
    query = sa.select(DocumentTemplate).where(
        DocumentTemplate.key == key, DocumentTemplate.version == version
    )
    row = session.scalar(query)
    if row is None:
        raise TemplateUnknown(f"no version {version} of template {key!a}")
    return _template(row)


def versions(session: Session, key: str | None = None) -> list[DocumentTemplate]:
    """All versions, by key, the newest first."""
    query = sa.select(DocumentTemplate).order_by(DocumentTemplate.key, DocumentTemplate.version.desc())
    return list(session.scalars(query if key is None else query.where(DocumentTemplate.key == key)))


def check_files(files: TemplateFiles) -> None:
    """The gate over a template of the product, the Open XML schemas included. Raises TemplateRefused."""
    data, schema, samples = files.docx.read_bytes(), files.schema(), files.samples()
    gate.require(data, schema, samples)
    template = Template(files.key, 1, sha256(data), data, schema)
    for sample in samples.values():
        _require_office(render(template, sample, at=datetime.fromisoformat("2020-01-01T00:00:00+00:00")))


def register_builtin(
    session: Session, store: ObjectStore, *, by: UUID | None = None, at: datetime
) -> list[DocumentTemplate]:
    """Puts the product's own templates into the registry; returns what was new.

    A new release's template takes the place of the older one of the product. Where an office has put its
    own version into force, that one stays, and ours waits as a draft.
    Raises TemplateRefused: a release whose templates fail the gate does not start.
    """
    added = [_register(session, store, files, by=by, at=at) for files in template_files()]
    return [row for row in added if row is not None]


def upload(session: Session, *, key: str, data: bytes, actor: ActorRef, at: datetime) -> DocumentTemplate:
    """A version edited in Word, as a draft; data schema and sample are those of the version in force.

    Raises TemplateUnknown, UploadRefused, TemplateRefused.
    """
    base = _active(session, key)
    if base is None:
        raise TemplateUnknown(f"no active template {key!a}")
    scan(data, "template.docx")
    gate.require(data, base.schema, {"sample": base.sample})
    row = _add(session, objects.store(), key, data, base.schema, base.sample, by=actor.person_id, at=at)
    _record(session, "template.uploaded", row, actor, at)
    return row


def activate(session: Session, template_id: UUID, *, actor: ActorRef, at: datetime) -> DocumentTemplate:
    """Puts a draft into force in place of the version before it; never by the person who uploaded it.

    Raises TemplateUnknown, TemplateSamePerson, TemplateRefused.
    """
    row = session.get(DocumentTemplate, template_id, with_for_update=True)
    if row is None or row.status is not TemplateStatus.DRAFT:
        raise TemplateUnknown(f"template {template_id} is unknown or no draft")
    if row.created_by == actor.person_id:
        raise TemplateSamePerson(f"template {template_id} was uploaded by {actor.person_id}")
    template = _template(row)
    gate.require(template.data, row.schema, {"sample": row.sample})
    _require_office(render(template, row.sample, at=at))
    _put_into_force(session, row, by=actor.person_id, at=at)
    _record(session, "template.activated", row, actor, at)
    return row


def preview(session: Session, template_id: UUID, *, at: datetime) -> Rendered:
    """The template filled with its sample data."""
    row = session.get(DocumentTemplate, template_id)
    if row is None:
        raise TemplateUnknown(f"template {template_id}")
    return render(_template(row), row.sample, at=at)


def _register(
    session: Session, store: ObjectStore, files: TemplateFiles, *, by: UUID | None, at: datetime
) -> DocumentTemplate | None:
    data, schema, samples = files.docx.read_bytes(), files.schema(), files.samples()
    digest = sha256(data)
    same = [row for row in versions(session, files.key) if row.sha256 == digest and row.schema == schema]
    if same:
        return None
    gate.require(data, schema, samples)
    row = _add(session, store, files.key, data, schema, next(iter(samples.values())), by=None, at=at)
    active = _active(session, files.key)
    if active is None or active.created_by is None:
        _put_into_force(session, row, by=by, at=at)
    _record(session, "template.registered", row, SYSTEM if by is None else ActorRef(by), at)
    return row


def _add(
    session: Session,
    store: ObjectStore,
    key: str,
    data: bytes,
    schema: Mapping[str, Any],
    sample: Mapping[str, Any],
    *,
    by: UUID | None,
    at: datetime,
) -> DocumentTemplate:
    stored = store.put(data, kind="templates/docx")
    newest = session.scalar(
        sa.select(sa.func.max(DocumentTemplate.version)).where(DocumentTemplate.key == key)
    )
    row = DocumentTemplate(
        key=key,
        version=(newest or 0) + 1,
        kind=str(schema.get("x-kind", "")),
        title=str(schema.get("title", key)),
        sha256=stored.sha256,
        object_key=stored.key,
        size=stored.size,
        schema=dict(schema),
        sample=dict(sample),
        status=TemplateStatus.DRAFT,
        created_at=at,
        created_by=by,
    )
    session.add(row)
    session.flush()
    return row


def _put_into_force(session: Session, row: DocumentTemplate, *, by: UUID | None, at: datetime) -> None:
    before = _active(session, row.key)
    if before is not None:
        before.status = TemplateStatus.RETIRED
        session.flush()  # first: only one version of a key may be active
    row.status, row.activated_at, row.activated_by = TemplateStatus.ACTIVE, at, by
    session.flush()


def _active(session: Session, key: str) -> DocumentTemplate | None:
    query = sa.select(DocumentTemplate).where(
        DocumentTemplate.key == key, DocumentTemplate.status == TemplateStatus.ACTIVE
    )
    return session.scalar(query)


def _require_office(rendered: Rendered) -> None:
    findings = gate.office_findings(rendered.data)
    if findings:
        raise TemplateRefused(findings)


def _template(row: DocumentTemplate) -> Template:
    return Template(
        row.key, row.version, row.sha256, _bytes(row.object_key, row.sha256, row.size), row.schema
    )


# The key is made from the content, so an entry can never be stale.
@lru_cache(maxsize=32)
def _bytes(object_key: str, digest: str, size: int) -> bytes:
    return objects.store().get(object_key, sha256=digest, size=size)


def _record(session: Session, action: str, row: DocumentTemplate, actor: ActorRef, at: datetime) -> None:
    audit.record(
        session,
        action=action,
        actor=actor,
        at=at,
        object_type="document_template",
        object_id=row.id,
        doc_sha256=row.sha256,
        details={"key": row.key, "version": row.version},
    )
