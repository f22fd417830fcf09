"""One form for every package: what is not the document's content is dropped or fixed."""

import re
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from workflow_app.documents.package import (
    CONTENT_TYPES,
    CONTENT_TYPES_PART,
    RELATIONSHIPS,
    ROOT_RELATIONSHIPS,
    Package,
    Relationship,
    W,
    parse_xml,
    relationships_part,
    resolve,
    source_of,
    xml_bytes,
)

# Word neither needs nor signs these: left in, a signed file has parts that no signature covers.
_DROPPED_KINDS = frozenset({"customXml", "stylesWithEffects", "thumbnail", "printerSettings"})
_REVISION_MARK = re.compile(rf"\{{{W}\}}rsid")
_DC_TERMS = "http://purl.org/dc/terms/"


def normalise(data: bytes, *, at: datetime) -> bytes:
    """The same document as bytes that depend on its parts and the time only.

    at: aware; becomes the time of creation and change in the file's properties.
    Raises PackageBroken.
    """
    package = Package.read(data)
    normalise_package(package, at=at)
    return package.write()


def normalise_package(package: Package, *, at: datetime) -> None:
    """As normalise, in place."""
    _drop_clutter(package)
    for name in list(package.parts):
        if name.startswith("word/") and name.endswith(".xml"):
            package.parts[name] = _without_revision_marks(package.parts[name])
    _set_times(package, at)


def _drop_clutter(package: Package) -> None:
    """Keeps what can be reached from the package's relationships, and writes all relationships anew."""
    reached: set[str] = set()
    waiting = [""]
    while waiting:
        source = waiting.pop()
        kept = [r for r in package.relationships(source) if r.kind not in _DROPPED_KINDS]
        if relationships_part(source) in package.parts:
            package.parts[relationships_part(source)] = _relationships(kept, renumber=not source)
        targets = {resolve(source, r.target) for r in kept if r.mode != "External"} - reached
        waiting += sorted(targets & package.parts.keys())
        reached |= targets
    for name in list(package.parts):
        owner = source_of(name) if name.endswith(".rels") else name
        if name not in {CONTENT_TYPES_PART, ROOT_RELATIONSHIPS} and owner not in reached:
            del package.parts[name]
    _clean_content_types(package)


def _without_revision_marks(data: bytes) -> bytes:
    """Word's session numbers (rsid) say who edited when, and nothing about the text."""
    if b"rsid" not in data:
        return data
    root = parse_xml(data)  # not by pattern: the same letters may stand in the text
    for element in root.iter(f"{{{W}}}*"):
        for name in [name for name in element.attrib if _REVISION_MARK.match(str(name))]:
            del element.attrib[name]
    for marks in root.findall(f"{{{W}}}rsids"):
        root.remove(marks)
    return xml_bytes(root)


def _relationships(relationships: list[Relationship], *, renumber: bool) -> bytes:
    """A .rels part without any white space: xmlsec takes white space for content when it signs.

    renumber: ids rId1, rId2, ... of the package, which nothing refers to. LibreOffice names the relation
    it adds by their count and makes a duplicate id when there are gaps.
    """
    lines = [
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{RELATIONSHIPS}">'
    ]
    for number, relationship in enumerate(relationships, 1):
        id_ = f"rId{number}" if renumber else relationship.id
        mode = ' TargetMode="External"' if relationship.mode == "External" else ""
        lines.append(
            f"<Relationship Id={quoteattr(id_)} Type={quoteattr(relationship.type)} "
            f"Target={quoteattr(relationship.target)}{mode}/>"
        )
    return "".join([*lines, "</Relationships>"]).encode()


def _clean_content_types(package: Package) -> None:
    root = parse_xml(package.parts[CONTENT_TYPES_PART])
    for override in root.findall(f"{{{CONTENT_TYPES}}}Override"):
        if override.get("PartName", "").lstrip("/") not in package.parts:
            root.remove(override)
    extensions = {name.rsplit(".", 1)[-1].lower() for name in package.parts}
    for default in root.findall(f"{{{CONTENT_TYPES}}}Default"):
        if default.get("Extension", "").lower() not in extensions:
            root.remove(default)
    root[:] = sorted(root, key=lambda e: (str(e.tag), e.get("Extension", ""), e.get("PartName", "")))
    package.parts[CONTENT_TYPES_PART] = xml_bytes(root)


def _set_times(package: Package, at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("at needs a time zone")
    data = package.parts.get("docProps/core.xml")
    if data is None:
        return
    root = parse_xml(data)
    for name in ("created", "modified"):
        for element in root.iterfind(f"{{{_DC_TERMS}}}{name}"):
            element.text = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    package.parts["docProps/core.xml"] = xml_bytes(root)
