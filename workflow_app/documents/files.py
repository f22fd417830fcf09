"""The bytes of documents: put into the object store, and read back checked."""

from collections.abc import Mapping
from typing import Any

from storage.protocol import StoredObject
from workflow_app.documents import objects
from workflow_app.documents.models import DocumentVersion
from workflow_app.documents.rendering import Rendered, Template


def put(rendered: Rendered) -> StoredObject:
    """Stores the bytes; outside any transaction, so that no lock waits for the store.

    Raises StorageUnavailable.
    """
    return objects.store().put(rendered.data, kind="docx")


def file_of(version: DocumentVersion) -> bytes:
    """The .docx, checked against its SHA-256. Raises ObjectMissing, ObjectCorrupt, StorageUnavailable."""
    return objects.store().get(version.object_key, sha256=version.file_sha256, size=version.size)


def pdf_of(version: DocumentVersion) -> bytes | None:
    """The PDF, checked; None when there is none."""
    if version.pdf_object_key is None or version.pdf_sha256 is None or version.pdf_size is None:
        return None
    return objects.store().get(version.pdf_object_key, sha256=version.pdf_sha256, size=version.pdf_size)


def stored_columns(
    rendered: Rendered, stored: StoredObject, template: Template, data: Mapping[str, Any]
) -> dict[str, Any]:
    """What the row of a rendered paper keeps of it. Raises ValueError when the object is another one."""
    if stored.sha256 != rendered.file_sha256:
        raise ValueError("stored is not the object of rendered")
    return {
        "content_id": rendered.content_id,
        "file_sha256": rendered.file_sha256,
        "object_key": stored.key,
        "size": stored.size,
        "data": dict(data),
        "template_key": template.key,
        "template_version": template.version,
    }
