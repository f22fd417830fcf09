"""What a document says, apart from signatures, properties and packing."""

import hashlib

from lxml import etree

from workflow_app.documents.package import (
    RELATIONSHIPS,
    Package,
    Relationship,
    parse_xml,
    source_of,
)

# Word changes these when it signs or saves, so they are never part of what is signed.
UNSIGNED_RELATIONSHIPS = frozenset(
    {
        f"{RELATIONSHIPS}/digital-signature/origin",
        f"{RELATIONSHIPS}/metadata/core-properties",
        f"{RELATIONSHIPS}/metadata/thumbnail",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
    }
)


def content_id(data: bytes) -> str:
    """64 hex digits: SHA-256 over sorted lines `part TAB content type TAB sha256`.

    Unchanged by adding signatures or by another compression; changed by one letter.
    Raises PackageBroken.
    """
    return content_id_of(Package.read(data))


def content_id_of(package: Package) -> str:
    """As content_id, of a package already read."""
    lines = []
    for name, content_type in package.content_types().items():
        if name.startswith(("_xmlsignatures/", "docProps/")):
            continue
        data = package.parts[name]
        if name.endswith(".rels"):
            if source_of(name).startswith("_xmlsignatures/"):
                continue
            data = _signed_relationships(data)
        lines.append(f"{name}\t{content_type}\t{hashlib.sha256(data).hexdigest()}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _signed_relationships(data: bytes) -> bytes:
    """The relationship transform of ECMA-376, Part 2, 13.2.4.24, without the relationships Word may change."""
    out = etree.fromstring(f'<Relationships xmlns="{RELATIONSHIPS}"/>')
    found = (
        Relationship(e.get("Id", ""), e.get("Type", ""), e.get("Target", ""), e.get("TargetMode", "Internal"))
        for e in parse_xml(data).iterfind(f"{{{RELATIONSHIPS}}}Relationship")
    )
    kept = [relationship for relationship in found if relationship.type not in UNSIGNED_RELATIONSHIPS]
    for relationship in sorted(kept, key=lambda relationship: relationship.id):
        element = etree.SubElement(out, f"{{{RELATIONSHIPS}}}Relationship")
        element.set("Id", relationship.id)
        element.set("Target", relationship.target)
        element.set("TargetMode", relationship.mode)
        element.set("Type", relationship.type)
    canonical: bytes = etree.tostring(out, method="c14n")
    return canonical
