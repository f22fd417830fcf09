"""The one door to signing: every signature in the product is made here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.organisations.types import Seat
from workflow_app.signatures.errors import OtherContent
from workflow_app.signatures.models import Signature, SignatureMethod, SignatureRole


@dataclass(frozen=True, slots=True)
class Frozen:
    """The version to sign, as the caller holds it under lock."""

    version_id: UUID
    content_id: str


def sign(
    session: Session,
    frozen: Frozen,
    *,
    role: SignatureRole,
    unit_id: UUID,
    unit_name: str,
    signer_name: str,
    seat: Seat,
    seen_content_id: str,
    at: datetime,
    op_id: UUID | None,
) -> Signature:
    """An authenticated act as a signature: whoever calls has asked for the password or PIN again.

    seen_content_id: what the signer's page showed. Raises OtherContent when it is not the frozen text.
    A second signature of the same unit in the same role breaks a UNIQUE constraint.
    """
    if seen_content_id != frozen.content_id:
        raise OtherContent(f"version {frozen.version_id}: page showed {seen_content_id[:12]}")
    signature = Signature(
        document_version_id=frozen.version_id,
        content_id=frozen.content_id,
        role=role,
        method=SignatureMethod.AUTHENTICATED,
        unit_id=unit_id,
        unit_name=unit_name,
        person_id=seat.person_id,
        signer_name=signer_name,
        title=seat.title,
        capacity=seat.capacity,
        body=seat.body,
        delegation_id=seat.delegation_id,
        principal_name=seat.principal_name,
        principal_title=seat.principal_title,
        basis=seat.basis,
        signed_at=at,
        op_id=op_id,
    )
    session.add(signature)
    return signature


def signatures_of(session: Session, version_id: UUID) -> list[Signature]:
    """All signatures on a version, oldest first."""
    query = select(Signature).where(Signature.document_version_id == version_id)
    return list(session.scalars(query.order_by(Signature.signed_at, Signature.id)))
