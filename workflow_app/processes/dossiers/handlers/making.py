"""Making the documents of a dossier: render, store, number, freeze, issue. A killed worker's work is found again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from storage.protocol import StoredObject
from workflow_app.audit import service as audit
from workflow_app.core.clock import local
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import WrongState
from workflow_app.documents import service as documents
from workflow_app.documents import templates
from workflow_app.documents.models import Document, DocumentVersion, RegisterEntry
from workflow_app.documents.rendering import Rendered, Template, render
from workflow_app.notifications.service import notify
from workflow_app.organisations.blocs import bloc_members
from workflow_app.organisations.trees import unit_at
from workflow_app.processes.dossiers import papers
from workflow_app.processes.dossiers.models import Dossier, DossierPaper
from workflow_app.processes.dossiers.rules import PaperStep
from workflow_app.processes.dossiers.service.access import locked
from workflow_app.processes.dossiers.service.brought import forms_of, templates_of, version_of

BOOK = "VB"  # the book of a unit's own outgoing documents, beside those of its blocs


@dataclass(frozen=True, slots=True)
class Made:
    """A rendered and stored document, not yet known to the database."""

    rendered: Rendered
    stored: StoredObject
    template: Template
    data: Mapping[str, Any]
    at: datetime


def make(dossier_id: UUID, step: PaperStep, *, entry: RegisterEntry | None, at: datetime) -> Made:
    """Renders the dossier as it stands and stores the bytes; outside any transaction."""
    with reading() as session:
        dossier = session.get_one(Dossier, dossier_id)
        version_id = version_of(session, dossier)
        brought = templates_of(session, version_id)
        if step.template not in brought:
            raise WrongState(f"definition {version_id} has no template {step.template!a}")
        template = templates.load_like(session, brought[step.template])
        forms = forms_of(session, version_id)
        data = papers.paper(session, dossier, step, forms, entry=entry, at=at)
    rendered = render(template, data, at=at)
    return Made(rendered, documents.put(rendered), template, data, at)


def numbered(dossier_id: UUID, step: PaperStep, *, at: datetime) -> RegisterEntry:
    """The number of the step's document, taken in a transaction of its own when it has none yet."""
    with transaction() as session:
        dossier = locked(session, dossier_id)
        document = document_of(session, dossier, step, at=at)
        return document.register_entry or _take_number(session, dossier, document, step, at)


def document_of(session: Session, dossier: Dossier, step: PaperStep, *, at: datetime) -> Document:
    """The document that the step makes, a new one when there is none."""
    known = session.get(DossierPaper, (dossier.id, step.template))
    if known is not None:
        return documents.get(session, known.document_id)
    document = documents.create(
        session,
        kind=step.kind,
        title=step.title or dossier.title,
        owner_type="dossier",
        owner_id=dossier.id,
        issuing_unit_id=papers.issuer_of(session, dossier, step, at).unit_id,
        federation_id=dossier.federation_id,
        bloc_id=dossier.bloc_id if dossier.unit_id is None else None,
        instance_id=dossier.instance_id,
        by=dossier.opened_by,
        at=at,
    )
    session.add(DossierPaper(dossier_id=dossier.id, template_key=step.template, document_id=document.id))
    session.flush()
    return document


def add_version(session: Session, dossier: Dossier, step: PaperStep, made: Made) -> DocumentVersion:
    """The rendering as the document's next version."""
    return documents.add_version(
        session,
        document_of(session, dossier, step, at=made.at),
        made.rendered,
        made.stored,
        template=made.template,
        data=made.data,
        by=dossier.opened_by,
        at=made.at,
    )


def issue(session: Session, dossier: Dossier, step: PaperStep, made: Made) -> DocumentVersion:
    """Freezes and issues it: into the register, to the unit it is about, told to who opened the dossier."""
    version = add_version(session, dossier, step, made)
    documents.freeze(session, version, at=made.at)
    signer = str(made.data["signature"]["full_name"])
    documents.issue(session, version, at=made.at, signer=signer)
    document = documents.get(session, version.document_id)
    recipients = _recipients(session, dossier, document, made.at)
    documents.distribute(session, document, recipients, at=made.at)
    entry = document.register_entry
    if entry is not None:
        entry.sent_on = local(made.at).date()
        entry.recipients = "; ".join(recipient.name for recipient in recipients)
    digest = made.rendered.file_sha256
    _record(session, dossier, "dossier.issued", made.at, document, entry, doc_sha256=digest)
    _tell(session, dossier, document, entry, made.at)
    return version


def _take_number(
    session: Session, dossier: Dossier, document: Document, step: PaperStep, at: datetime
) -> RegisterEntry:
    issuer, today = papers.issuer_of(session, dossier, step, at), local(at).date()
    documents.open_book(
        session,
        owner_unit_id=issuer.unit_id,
        code=BOOK,
        name=f"Sổ đăng ký văn bản đi của {issuer.name}",
        year=today.year,
        symbol_pattern=papers.symbol_pattern(session, issuer, at),
    )
    entry = documents.take_number(
        session,
        owner_unit_id=issuer.unit_id,
        book=BOOK,
        kind=step.kind,
        on=today,
        document_id=document.id,
    )
    _record(session, dossier, "dossier.numbered", at, document, entry)
    return entry


def _recipients(
    session: Session, dossier: Dossier, document: Document, at: datetime
) -> list[documents.Recipient]:
    on = local(at).date()
    members = []
    if dossier.bloc_id is not None and dossier.unit_id is None:
        members = [member.unit_id for member in bloc_members(session, dossier.bloc_id, dossier.year, on)]
    units = dict.fromkeys(filter(None, (dossier.unit_id, *members, dossier.federation_id)))
    others = [unit_id for unit_id in units if unit_id != document.issuing_unit_id]
    return [documents.Recipient(unit_at(session, unit_id, on).name, unit_id) for unit_id in others]


def _tell(
    session: Session, dossier: Dossier, document: Document, entry: RegisterEntry | None, at: datetime
) -> None:
    number = f" số {entry.full_symbol}" if entry else ""
    notify(
        session,
        event_key=f"dossier-issued:{document.id}",
        receivers=[dossier.opened_by],
        sentence=f"Đã ban hành văn bản{number}: {document.title}.",
        target=f"/documents/{document.id}",
        at=at,
        subject=document.title,
    )


def _record(
    session: Session,
    dossier: Dossier,
    action: str,
    at: datetime,
    document: Document,
    entry: RegisterEntry | None,
    *,
    doc_sha256: str | None = None,
) -> None:
    audit.record(
        session,
        action=action,
        actor=audit.SYSTEM,
        at=at,
        object_type="dossier",
        object_id=dossier.id,
        instance_id=dossier.instance_id,
        doc_sha256=doc_sha256,
        details={"document_id": document.id, "number": entry.full_symbol if entry else ""},
    )
