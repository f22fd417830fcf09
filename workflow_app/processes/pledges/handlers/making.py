"""Making the papers of a pledge: render, store, number, freeze, issue. Every step finds what a killed worker made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.protocol import StoredObject
from workflow_app.audit import service as audit
from workflow_app.core.clock import local
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import WrongState
from workflow_app.documents import conversions, templates
from workflow_app.documents import service as documents
from workflow_app.documents.issued_copies import IssuedCopy, add_issued_copy
from workflow_app.documents.models import Document, DocumentVersion, RegisterEntry
from workflow_app.documents.rendering import Rendered, Template, render
from workflow_app.engine.operations import OperationJob
from workflow_app.organisations.models.blocs import Bloc
from workflow_app.organisations.trees import unit_at
from workflow_app.processes.pledges import deadlines
from workflow_app.processes.pledges.models import Pledge, PledgeConference
from workflow_app.processes.pledges.service.rows import last_conference, locked
from workflow_app.signatures.models import SignatureRole
from workflow_app.signatures.service import signatures_of

TITLES = {
    "GƯ": "Giao ước thi đua năm {year}",
    "GM": "Dự Hội nghị ký kết giao ước thi đua năm {year}",
    "BB": "Hội nghị ký kết giao ước thi đua năm {year}",
    "KH": "Kế hoạch hoạt động {bloc} năm {year}",
}
# In the register a paper stands with the name of its type; these titles are abstracts only.
_TYPES = {"GM": "Giấy mời", "BB": "Biên bản"}


@dataclass(frozen=True, slots=True)
class Made:
    """A rendered and stored paper, not yet known to the database."""

    rendered: Rendered
    stored: StoredObject
    template: Template
    data: Mapping[str, Any]
    at: datetime


def make(key: str, data: Mapping[str, Any], *, at: datetime) -> Made:
    """Renders with the template in force and stores the bytes; outside any transaction."""
    with reading() as session:
        template = templates.load(session, key)
    rendered = render(template, data, at=at)
    return Made(rendered, documents.put(rendered), template, data, at)


def pledge_document(session: Session, pledge: Pledge, *, at: datetime) -> Document:
    """The pledge's own document (GƯ), made with its first draft."""
    if pledge.document_id is not None:
        return documents.get(session, pledge.document_id)
    document = _create(session, pledge, "GƯ", owner_id=pledge.id, at=at)
    pledge.document_id = document.id
    return document


def next_version(session: Session, pledge: Pledge) -> int:
    """The number that the pledge's next draft will have, from 1."""
    made = select(func.count()).where(DocumentVersion.document_id == pledge.document_id)
    return (session.scalar(made) or 0) + 1


def add_version(session: Session, document: Document, made: Made, *, by: UUID) -> DocumentVersion:
    """The paper as the document's next version."""
    return documents.add_version(
        session,
        document,
        made.rendered,
        made.stored,
        template=made.template,
        data=made.data,
        by=by,
        at=made.at,
    )


def add_copy(session: Session, pledge: Pledge, made: Made) -> IssuedCopy:
    """The paper as the copy that is sent out of the frozen version."""
    version = frozen_version(session, pledge)
    copy = add_issued_copy(
        session, version, made.rendered, made.stored, template=made.template, data=made.data, at=made.at
    )
    conversions.ask(session, copy)
    return copy


def frozen_version(session: Session, pledge: Pledge) -> DocumentVersion:
    """The version that is signed; raises WrongState when none is frozen."""
    if pledge.frozen_version_id is None:
        raise WrongState(f"pledge {pledge.id} has no frozen version")
    return documents.version(session, pledge.frozen_version_id)


def take_number(session: Session, pledge: Pledge, document: Document, *, at: datetime) -> RegisterEntry:
    """The next number of the bloc's book of the year of the day; one that was taken before is kept."""
    if document.register_entry is not None:
        return document.register_entry
    bloc, today = session.get_one(Bloc, pledge.bloc_id), local(at).date()
    documents.open_book(
        session,
        owner_unit_id=pledge.federation_id,
        code=bloc.symbol,
        name=f"Sổ đăng ký văn bản đi của {bloc.name}",
        year=today.year,
        symbol_pattern=deadlines.symbol_pattern(session, pledge.federation_id, bloc.symbol, today),
    )
    entry = documents.take_number(
        session,
        owner_unit_id=pledge.federation_id,
        book=bloc.symbol,
        kind=document.kind,
        on=today,
        document_id=document.id,
        subject=_subject(document),
    )
    _record(session, pledge, "pledge.numbered", at, number=entry.full_symbol, document_id=document.id)
    return entry


def numbered(kind: str, job: OperationJob) -> UUID:
    """The numbered document of the last conference for this kind, made in a transaction of its own when new."""
    with transaction() as session:
        pledge = locked(session, job.business_id)
        conference_id = last_conference(session, pledge.id).id
        document = _paper_of(session, kind, conference_id) or _create(
            session, pledge, kind, owner_id=conference_id, at=job.at
        )
        take_number(session, pledge, document, at=job.at)
        return document.id


def entry_of(session: Session, document_id: UUID | None) -> RegisterEntry:
    """The number of a document; raises WrongState when none is taken."""
    entry = documents.get(session, document_id).register_entry if document_id else None
    if entry is None:
        raise WrongState(f"document {document_id} has no number")
    return entry


def issue_paper(
    session: Session, kind: str, made: Made, conference: PledgeConference, *, signer: str
) -> Document:
    """Freezes, issues and sends a paper of a conference. signer: whom its block names, for the register."""
    document = _paper_of(session, kind, conference.id)
    if document is None:
        raise WrongState(f"conference {conference.id} has no {kind}")
    version = add_version(session, document, made, by=document.created_by)
    documents.freeze(session, version, at=made.at)
    documents.issue(session, version, at=made.at, signer=signer)
    pledge = session.get_one(Pledge, conference.pledge_id)
    documents.distribute(session, document, _recipients(session, pledge, made.at), at=made.at)
    return document


def issue_pledge(session: Session, pledge: Pledge, *, at: datetime) -> None:
    """The signed version is issued: into the register with its witness, to every unit and recipient."""
    version = frozen_version(session, pledge)
    signer = next(
        (s.signer_name for s in signatures_of(session, version.id) if s.role is SignatureRole.WITNESS), ""
    )
    documents.issue(session, version, at=at, signer=signer, copies=pledge.paper_copies)
    others = [documents.Recipient(name, how="Ngoài hệ thống") for name in pledge.recipients]
    document = documents.get(session, version.document_id)
    documents.distribute(session, document, [*_recipients(session, pledge, at), *others], at=at)


def withdraw(session: Session, pledge: Pledge, *, reason: str, at: datetime) -> None:
    """Calls the frozen version off; its number stays in the book, cancelled."""
    documents.withdraw_version(session, frozen_version(session, pledge), reason=reason, at=at)
    _record(session, pledge, "pledge.withdrawn", at, document_id=pledge.document_id)


def _recipients(session: Session, pledge: Pledge, at: datetime) -> list[documents.Recipient]:
    """Every unit of the pledge, then the federation."""
    federation = unit_at(session, pledge.federation_id, local(at).date())
    units = [documents.Recipient(unit.name, unit.unit_id) for unit in pledge.units]
    return [*units, documents.Recipient(federation.name, pledge.federation_id)]


def _paper_of(session: Session, kind: str, conference_id: UUID) -> Document | None:
    query = select(Document).where(
        Document.owner_type == "pledge_conference", Document.owner_id == conference_id, Document.kind == kind
    )
    return session.scalars(query).one_or_none()


def _create(session: Session, pledge: Pledge, kind: str, *, owner_id: UUID, at: datetime) -> Document:
    bloc = session.get_one(Bloc, pledge.bloc_id)
    return documents.create(
        session,
        kind=kind,
        title=TITLES[kind].format(year=pledge.year, bloc=bloc.name),
        owner_type="pledge" if owner_id == pledge.id else "pledge_conference",
        owner_id=owner_id,
        issuing_unit_id=pledge.federation_id,
        federation_id=pledge.federation_id,
        bloc_id=pledge.bloc_id,
        instance_id=pledge.instance_id,
        by=pledge.author_id or pledge.opened_by,
        at=at,
    )


def _subject(document: Document) -> str:
    """ "Giấy mời dự Hội nghị ký kết giao ước thi đua năm 2019"."""
    name, title = _TYPES.get(document.kind, ""), document.title
    return f"{name} {title[:1].lower()}{title[1:]}" if name else title


def _record(session: Session, pledge: Pledge, action: str, at: datetime, **details: object) -> None:
    audit.record(
        session,
        action=action,
        actor=audit.SYSTEM,
        at=at,
        object_type="pledge",
        object_id=pledge.id,
        instance_id=pledge.instance_id,
        details=details,
    )
