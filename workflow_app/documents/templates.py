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
from workflow_app.documents.errors import TemplateRefused, TemplateUnknown
from workflow_app.documents.models import DocumentTemplate, TemplateStatus
from workflow_app.documents.package import sha256
from workflow_app.documents.rendering import Rendered, Template, render


def load(session: Session, key: str) -> Template:
    """The version in force. Raises TemplateUnknown, ObjectMissing, ObjectCorrupt, StorageUnavailable."""
    row = active_of(session, key)
    if row is None:
        raise TemplateUnknown(f"no active template {key!a}")
    return template_of(row)


def load_version(session: Session, key: str, version: int) -> Template:
    """Any version, also a retired one: an old document is rendered again with the template it came from."""
    query = sa.select(DocumentTemplate).where(
        DocumentTemplate.key == key, DocumentTemplate.version == version
    )
    row = session.scalar(query)
    if row is None:
        raise TemplateUnknown(f"no version {version} of template {key!a}")
    return template_of(row)


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
        require_office(render(template, sample, at=datetime.fromisoformat("2020-01-01T00:00:00+00:00")))


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


def newest_file(session: Session, key: str) -> bytes | None:
    """The bytes of the version in force, else of the newest one that was not returned; None without any."""
    usable = [row for row in versions(session, key) if row.status is not TemplateStatus.RETURNED]
    row = next((row for row in usable if row.status is TemplateStatus.ACTIVE), next(iter(usable), None))
    return template_of(row).data if row else None


def load_like(session: Session, template_id: UUID) -> Template:
    """The version in force when it takes the same data as the given one, else the given one itself.

    An office that only reworded its template is served at once; a running process whose data the new version
    does not know keeps the one it began with. Raises TemplateUnknown and as `load`.
    """
    pinned = session.get(DocumentTemplate, template_id)
    if pinned is None:
        raise TemplateUnknown(f"template {template_id}")
    active = active_of(session, pinned.key)
    return template_of(active if active is not None and active.schema == pinned.schema else pinned)


def _register(
    session: Session, store: ObjectStore, files: TemplateFiles, *, by: UUID | None, at: datetime
) -> DocumentTemplate | None:
    data, schema, samples = files.docx.read_bytes(), files.schema(), files.samples()
    digest = sha256(data)
    same = [row for row in versions(session, files.key) if row.sha256 == digest and row.schema == schema]
    if same:
        return None
    gate.require(data, schema, samples)
    row = add(session, store, files.key, data, schema, next(iter(samples.values())), by=None, at=at)
    active = active_of(session, files.key)
    if active is None or active.created_by is None:
        put_into_force(session, row, by=by, at=at)
    record(session, "template.registered", row, SYSTEM if by is None else ActorRef(by), at)
    return row


def add(
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
    """A row in state draft; the bytes go to the store first."""
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


def put_into_force(session: Session, row: DocumentTemplate, *, by: UUID | None, at: datetime) -> None:
    """In place of the version before it, which is retired."""
    before = active_of(session, row.key)
    if before is not None:
        before.status = TemplateStatus.RETIRED
        session.flush()  # first: only one version of a key may be active
    row.status, row.activated_at, row.activated_by = TemplateStatus.ACTIVE, at, by
    session.flush()


def active_of(session: Session, key: str) -> DocumentTemplate | None:
    """The row of the version in force."""
    query = sa.select(DocumentTemplate).where(
        DocumentTemplate.key == key, DocumentTemplate.status == TemplateStatus.ACTIVE
    )
    return session.scalar(query)


def require_office(rendered: Rendered) -> None:
    """Raises TemplateRefused for a document that Word would call corrupt."""
    findings = gate.office_findings(rendered.data)
    if findings:
        raise TemplateRefused(findings)


def template_of(row: DocumentTemplate) -> Template:
    """A row with its bytes, checked against their digest."""
    return Template(
        row.key, row.version, row.sha256, _bytes(row.object_key, row.sha256, row.size), row.schema
    )


# The key is made from the content, so an entry can never be stale.
@lru_cache(maxsize=32)
def _bytes(object_key: str, digest: str, size: int) -> bytes:
    return objects.store().get(object_key, sha256=digest, size=size)


def record(session: Session, action: str, row: DocumentTemplate, actor: ActorRef, at: datetime) -> None:
    """The audit event of an act on a version."""
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
