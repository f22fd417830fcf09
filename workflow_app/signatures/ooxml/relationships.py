"""Relationship parts: read strictly, and transformed as signatures want them.

Source: ECMA-376 Part 2, 8.3 (markup) and 12.2.4.26 (the relationships transform; M6.25 to M6.27, M6.35).
"""

from collections.abc import Collection, Iterable

from lxml import etree

from workflow_app.documents.package import RELATIONSHIPS, Relationship
from workflow_app.signatures.ooxml.findings import Broken
from workflow_app.signatures.ooxml.xml import new_root, parse

_ROOT = f"{{{RELATIONSHIPS}}}Relationships"
_RELATIONSHIP = f"{{{RELATIONSHIPS}}}Relationship"
_ATTRIBUTES = frozenset({"Id", "Type", "Target", "TargetMode"})


def read(data: bytes, part: str) -> tuple[Relationship, ...]:
    """The relationships of a .rels part in its order.

    Stricter than the transform, which passes over what it does not know: other elements and attributes,
    text between elements and two relationships of one Id are refused, so that what is digested is all
    that any reader can see. Raises Broken.
    """
    root = parse(data, part)
    if root.tag != _ROOT or root.attrib or (root.text or "").strip():
        raise Broken("relationships_broken", part)
    found: dict[str, Relationship] = {}
    for element in root:
        known = element.tag == _RELATIONSHIP and not len(element) and not (element.text or "").strip()
        names = {str(name) for name in element.attrib} if known else set()
        if not known or not {"Id", "Type", "Target"} <= names <= _ATTRIBUTES or (element.tail or "").strip():
            raise Broken("relationships_broken", part)
        relationship = Relationship(
            str(element.get("Id")),
            str(element.get("Type")),
            str(element.get("Target")),
            str(element.get("TargetMode", "Internal")),
        )
        if relationship.id in found or relationship.mode not in {"Internal", "External"}:
            raise Broken("relationships_broken", f"{part}#{relationship.id}")
        found[relationship.id] = relationship
    return tuple(found.values())


def has_space(data: bytes, part: str) -> bool:
    """Whether there is white space between the elements.

    xmlsec 1.2 (LibreOffice) digests it although the transform removes it, and calls the signature broken.
    """
    root = parse(data, part)
    return bool(root.text) or any(element.tail for element in root)


def select(
    relationships: Iterable[Relationship], ids: Collection[str], types: Collection[str]
) -> tuple[Relationship, ...]:
    """M6.27: those whose Id or Type is named, compared case-sensitively."""
    return tuple(each for each in relationships if each.id in ids or each.type in types)


def transformed(relationships: Iterable[Relationship]) -> bytes:
    """The selected relationships as they are digested: sorted by Id, every TargetMode written, c14n."""
    root = new_root(_ROOT, {None: RELATIONSHIPS})
    for each in sorted(relationships, key=lambda relationship: relationship.id):
        element = etree.SubElement(root, _RELATIONSHIP)
        element.set("Id", each.id)
        element.set("Target", each.target)
        element.set("TargetMode", each.mode)
        element.set("Type", each.type)
    canonical: bytes = etree.tostring(root, method="c14n")
    return canonical
