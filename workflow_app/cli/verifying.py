"""Looking a file up by what it says: in the database, or in the summary of an export."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow_app.core.vietnamese import date_time
from workflow_app.documents.content_id import content_id
from workflow_app.documents.errors import PackageBroken
from workflow_app.documents.issued_copies import IssuedCopy
from workflow_app.documents.models import Document, DocumentState, DocumentVersion, VersionState
from workflow_app.signatures.service import signatures_of

_STATES = {
    DocumentState.DRAFT: "mới là dự thảo",
    DocumentState.FROZEN: "đã khóa để ký, chưa ban hành",
    DocumentState.ISSUED: "đã ban hành, còn hiệu lực",
    DocumentState.WITHDRAWN: "đã bị thu hồi",
    DocumentState.REPLACED: "đã có văn bản khác thay thế",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """holds: the file says what an issued document says that is still in force. lines: for people."""

    holds: bool
    lines: Sequence[str]


_UNKNOWN = Verdict(False, ["KHÔNG CÓ văn bản nào mang nội dung này."])


def content_of(data: bytes) -> str | None:
    """The content id of a Word file; None for anything else."""
    try:
        return content_id(data)
    except PackageBroken:
        return None


def in_database(session: Session, digest: str, content: str | None) -> Verdict:
    """Finds the version whose text, issued copy or PDF the file is."""
    version, is_copy = _version(session, digest, content)
    if version is None:
        return _UNKNOWN
    document = session.get_one(Document, version.document_id)
    entry = document.register_entry
    number = f", số {entry.full_symbol}" if entry else ""
    state = _STATES[document.state]
    lines = [f"{document.kind} {document.title}{number}: {state}."]
    if is_copy:
        lines.append("Đây là bản ban hành, có ghi tên người đã ký.")
    if document.state is DocumentState.WITHDRAWN:
        lines.append(f"Lý do thu hồi: {document.withdrawn_reason}")
    current = version.state in {VersionState.ISSUED, VersionState.FROZEN}
    if not current and document.state is DocumentState.ISSUED:
        lines.append(f"Nhưng tệp này là bản {version.number}, không phải bản đã ban hành.")
    signatures = signatures_of(session, version.id)
    bound = [signature.content_id == version.content_id for signature in signatures]
    lines += [
        f"  {'✓' if holds else '✗'} {each.signer_name}, {' / '.join(each.authority)}, {each.unit_name}, {date_time(each.signed_at)}"
        for each, holds in zip(signatures, bound, strict=True)
    ]
    return Verdict(document.state is DocumentState.ISSUED and current and all(bound), lines)


def in_summary(summary: dict[str, Any], digest: str, content: str | None) -> Verdict:
    """As `in_database`, against a summary.json; whether it was withdrawn later cannot be seen there."""
    documents: Iterable[dict[str, Any]] = summary["documents"]
    for each in documents:
        if digest == each["sha256"] or (content is not None and content == each["content_id"]):
            lines = [f"{each['type']} {each['title']}, số {each['number'] or 'không có'} ({each['file']})."]
            lines += [
                f"  {'✓' if signature['valid'] else '✗'} {signature['signer']}, {signature['office']}, {signature['unit']}, {signature['at']}"
                for signature in each["signatures"]
            ]
            lines.append("Bản tóm tắt không cho biết văn bản về sau có bị thu hồi hay không.")
            return Verdict(all(signature["valid"] for signature in each["signatures"]), lines)
    return _UNKNOWN


def _version(session: Session, digest: str, content: str | None) -> tuple[DocumentVersion | None, bool]:
    by_text = sa.select(DocumentVersion).where(
        sa.or_(DocumentVersion.content_id == content, DocumentVersion.pdf_sha256 == digest)
    )
    newest = session.scalars(by_text.order_by(DocumentVersion.id.desc()).limit(1)).one_or_none()
    if newest is not None:
        return newest, False
    copy = session.scalars(
        sa.select(IssuedCopy).where(IssuedCopy.content_id == content).order_by(IssuedCopy.id.desc()).limit(1)
    ).one_or_none()
    return (session.get_one(DocumentVersion, copy.version_id), True) if copy else (None, False)
