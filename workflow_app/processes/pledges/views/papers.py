"""The documents of a pledge, the versions of its text, and what changed between them in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import decree_date, local_date
from workflow_app.documents.difference import Change, Kind, difference
from workflow_app.documents.models import (
    Document,
    DocumentState,
    DocumentVersion,
    PdfState,
    VersionState,
)
from workflow_app.processes.pledges.models import Pledge
from workflow_app.processes.pledges.views.loading import Loaded

STATES = {
    DocumentState.DRAFT: ("Dự thảo", "", "pen"),
    DocumentState.FROZEN: ("Đang ký", "now", "pen"),
    DocumentState.ISSUED: ("Đã ban hành", "done", "check"),
    DocumentState.WITHDRAWN: ("Đã thu hồi", "stop", "x"),
    DocumentState.REPLACED: ("Đã thay thế", "soon", "replace"),
}
VERSION_STATES = {
    VersionState.DRAFT: "dự thảo",
    VersionState.FROZEN: "khóa nội dung",
    VersionState.ISSUED: "bản ban hành",
    VersionState.WITHDRAWN: "đã thu hồi",
}
_ORDER = ("GƯ", "KH", "BB", "GM")
_CALLED = {"BB": "Biên bản", "GM": "Giấy mời"}  # their titles begin with what they are about
_ANNEX = "Đăng ký của "
_PARTS = {Kind.SAME: "", Kind.INS: "ins", Kind.DEL: "del"}


def rows(loaded: Loaded) -> list[dict[str, Any]]:
    """The documents for the table: the pledge first, then plan, minutes, invitations."""
    ordered = sorted(loaded.documents, key=lambda each: (_ORDER.index(each.kind), each.created_at))
    return [_row(document) for document in ordered if document.versions]


def versions(loaded: Loaded) -> list[dict[str, Any]]:
    """The versions of the pledge's text, newest first, each with the one before it."""
    document = next((each for each in loaded.documents if each.id == loaded.pledge.document_id), None)
    found = list(document.versions) if document else []
    return [
        {
            "document_id": version.document_id,
            "number": version.number,
            "when": decree_date(local_date(version.created_at)),
            "state": VERSION_STATES[version.state],
            "before": found[place - 1].number if place else None,
        }
        for place, version in reversed(list(enumerate(found)))
    ]


def latest_changes(loaded: Loaded) -> dict[str, Any] | None:
    """The difference of the two latest versions: old, new, changes for the redline."""
    document = next((each for each in loaded.documents if each.id == loaded.pledge.document_id), None)
    if document is None or len(document.versions) < 2:
        return None
    old, new = document.versions[-2:]
    return {"old": old.number, "new": new.number, "changes": changes(old, new)}


def changes(old: DocumentVersion, new: DocumentVersion) -> list[dict[str, Any]]:
    """What changed, for the redline macro; annex and what stayed come last, in one line each."""
    if old.template_key != new.template_key:
        return []
    found = difference(old.data, new.data)
    annexed = [change for change in found.changes if change.label.startswith(_ANNEX)]
    shown = [_shown_change(change) for change in found.changes if change not in annexed]
    if annexed:
        # Fourteen lines of other units' works would hide the one word that changed in a target.
        count = f"{len(annexed)} đơn vị thêm hoặc sửa phần đăng ký"
        shown.append({"where": "Phụ lục", "parts": [("", count)]})
    return [*shown, {"where": "; ".join(found.unchanged)}] if found.unchanged else shown


def current(session: Session, pledge: Pledge) -> DocumentVersion | None:
    """The version that people look at: the frozen one, else the latest draft."""
    if pledge.frozen_version_id is not None:
        return session.get(DocumentVersion, pledge.frozen_version_id)
    return next(iter(_newest(session, pledge.document_id, 1)), None)


def seen_before(session: Session, pledge: Pledge, at: datetime | None) -> DocumentVersion | None:
    """The version that stood when somebody last acted; without that moment the one before the current one.

    None when it is the current one: nothing has changed since.
    """
    found = _newest(session, pledge.document_id, 50)
    shown = pledge.frozen_version_id or (found[0].id if found else None)
    earlier = [version for version in found if version.id != shown and _is_older(version, shown, found)]
    if at is None:
        return next(iter(earlier), None)
    standing = next((version for version in found if version.created_at <= at), None)
    return standing if standing is not None and standing.id != shown else None


def _shown_change(change: Change) -> dict[str, Any]:
    parts: list[tuple[str, str]] = []
    for part in change.segments:
        if part.kind is Kind.INS and parts and parts[-1][0] == "del":
            parts.append(("", " "))  # "02 01", not "0201"
        parts.append((_PARTS[part.kind], part.text))
    return {"where": change.label, "parts": parts}


def _newest(session: Session, document_id: UUID | None, count: int) -> Sequence[DocumentVersion]:
    if document_id is None:
        return ()
    query = select(DocumentVersion).where(DocumentVersion.document_id == document_id)
    return session.scalars(query.order_by(DocumentVersion.number.desc()).limit(count)).all()


def _is_older(version: DocumentVersion, shown: UUID | None, found: Sequence[DocumentVersion]) -> bool:
    number = next((each.number for each in found if each.id == shown), 0)
    return version.number < number


def _row(document: Document) -> dict[str, Any]:
    version = _shown(document)
    entry = document.register_entry
    return {
        "id": document.id,
        "title": _called(document),
        "kind": document.kind,
        "note": f"bản {version.number}, {VERSION_STATES[version.state]}"
        if document.state in {DocumentState.DRAFT, DocumentState.FROZEN}
        else decree_date(local_date(document.issued_at or version.created_at)),
        "symbol": entry.full_symbol if entry else "",
        "state": STATES[document.state],
        "number": version.number,
        "has_pdf": version.pdf_state is PdfState.READY,
    }


def _shown(document: Document) -> DocumentVersion:
    kept = {VersionState.FROZEN, VersionState.ISSUED}
    return next((each for each in document.versions if each.state in kept), document.versions[-1])


def _called(document: Document) -> str:
    word, title = _CALLED.get(document.kind), document.title
    return f"{word} {title[:1].lower()}{title[1:]}" if word else title
