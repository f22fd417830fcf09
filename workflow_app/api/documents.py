"""Documents: versions with their digests, and the bytes, checked."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response

from workflow_app.api.shapes import DocumentDetail, Version
from workflow_app.documents import service
from workflow_app.web.actors import current_actor
from workflow_app.web.papers import papers
from workflow_app.web.reading import reader

bp = APIBlueprint("api_documents", __name__, tag="Văn bản", url_prefix="/api/v1/documents")


@bp.get("/<uuid:document_id>")
@bp.output(DocumentDetail)
@bp.doc(summary="Một văn bản và các bản của nó", security="token")
def show_document(document_id: UUID) -> DocumentDetail:
    document = papers.document_of(reader(), document_id, current_actor())
    entry = document.register_entry
    return DocumentDetail(
        id=document.id,
        kind=document.kind,
        title=document.title,
        state=document.state,
        number=entry.full_symbol if entry else None,
        dated=entry.date if entry else None,
        issued_at=document.issued_at,
        owner_type=document.owner_type,
        owner_id=document.owner_id,
        versions=[Version.model_validate(version) for version in document.versions],
    )


@bp.get("/<uuid:document_id>/versions/<int:number>.docx")
@bp.doc(summary="Tệp Word của một bản", security="token")
def download(document_id: UUID, number: int) -> Response:
    document = papers.document_of(reader(), document_id, current_actor())
    version = papers.version_numbered(document, number)
    answer = Response(service.file_of(version), mimetype=papers.DOCX)
    answer.headers["ETag"] = f'"{version.file_sha256}"'
    answer.headers["Content-Disposition"] = f"attachment; filename={version.content_id[:12]}.docx"
    return answer
