"""What a package holds, seen by a signature: what must be covered, what may change, where signatures are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow_app.documents.content_id import UNSIGNED_RELATIONSHIPS
from workflow_app.documents.package import (
    CONTENT_TYPES,
    CONTENT_TYPES_PART,
    ROOT_RELATIONSHIPS,
    Package,
    Relationship,
    resolve,
)
from workflow_app.signatures.ooxml import container, relationships
from workflow_app.signatures.ooxml.algorithms import digest
from workflow_app.signatures.ooxml.findings import Broken
from workflow_app.signatures.ooxml.names import (
    FOLDER,
    ORIGIN_PART,
    ORIGIN_RELATION,
    ORIGIN_RELATIONSHIPS,
    ORIGIN_TYPE,
    RELATIONSHIPS_TYPE,
    SIGNATURE_RELATION,
    SIGNATURE_TYPE,
)
from workflow_app.signatures.ooxml.xml import parse

MAX_SIGNATURES = 100  # each costs the verifier some milliseconds
_DEFAULT = f"{{{CONTENT_TYPES}}}Default"
_OVERRIDE = f"{{{CONTENT_TYPES}}}Override"
# What Word itself leaves unsigned and rewrites when it saves: shown by nobody as part of the text.
_PROPERTIES = re.compile(
    r"application/vnd\.openxmlformats-(package\.core-properties\+xml"
    r"|officedocument\.(extended|custom)-properties\+xml)|image/(jpeg|png|x-emf|x-wmf)"
)


@dataclass(slots=True)
class Contents:
    """A package that has passed every check that concerns no single signature.

    types: content type of each part. relations: of each .rels part. signatures: names of the signature parts
    in the order of their list. must_cover: the parts that every signature has to cover.
    must_cover_relations: by .rels part, the Ids that every signature has to cover.
    """

    package: Package
    types: Mapping[str, str]
    relations: Mapping[str, tuple[Relationship, ...]]
    signatures: tuple[str, ...] = ()
    must_cover: frozenset[str] = frozenset()
    must_cover_relations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _digests: dict[tuple[str, str, str], bytes] = field(default_factory=dict)

    def digest_of_part(self, name: str, algorithm: str) -> bytes:
        """Computed once, however many signatures ask."""
        key = (name, "", algorithm)
        if key not in self._digests:
            self._digests[key] = digest(algorithm, self.package.parts[name])
        return self._digests[key]

    def digest_of_relations(self, name: str, selected: tuple[Relationship, ...], algorithm: str) -> bytes:
        """Of the selected relationships of a .rels part."""
        key = (name, "\n".join(sorted(each.id for each in selected)), algorithm)
        if key not in self._digests:
            self._digests[key] = digest(algorithm, relationships.transformed(selected))
        return self._digests[key]


def open_contents(data: bytes) -> Contents:
    """Raises Broken with the first thing that makes the package ambiguous."""
    package = container.read(data)
    types = _content_types(package)
    relations = {
        name: relationships.read(part, name)
        for name, part in package.parts.items()
        if types.get(name) == RELATIONSHIPS_TYPE
    }
    for name, part in package.parts.items():
        type_ = types.get(name, "")
        if type_.endswith(("/xml", "+xml")) and type_ not in {RELATIONSHIPS_TYPE, SIGNATURE_TYPE}:
            parse(part, name)  # no DTD anywhere, also not in what is covered byte by byte
    contents = Contents(package, types, relations)
    contents.signatures = _signatures(contents)
    _find_what_must_be_covered(contents)
    return contents


def _content_types(package: Package) -> dict[str, str]:
    """ECMA-376 Part 2, 9.1.2 (M2.4 to M2.8): each part has exactly one content type."""
    if CONTENT_TYPES_PART not in package.parts or ROOT_RELATIONSHIPS not in package.parts:
        raise Broken("container_not_zip", "no content types or no relationships")
    defaults: dict[str, str] = {}
    overrides: dict[str, str] = {}
    for element in parse(package.parts[CONTENT_TYPES_PART], CONTENT_TYPES_PART):
        table, key = (defaults, "Extension") if element.tag == _DEFAULT else (overrides, "PartName")
        name, type_ = str(element.get(key, "")).lower(), str(element.get("ContentType", ""))
        if element.tag not in {_DEFAULT, _OVERRIDE} or set(element.attrib) != {key, "ContentType"}:
            raise Broken("content_types_broken", "unknown entry")
        if name in table or not type_:
            raise Broken("content_types_broken", name)
        table[name] = type_
    types = {}
    for name in package.parts.keys() - {CONTENT_TYPES_PART}:
        lower = name.lower()
        found = overrides.get(f"/{lower}") or defaults.get(lower.rpartition(".")[2])
        # A .rels part is one by its name for every reader; a second opinion in the table would be a trick.
        if not found or (found == RELATIONSHIPS_TYPE) != _is_relationships(name):
            raise Broken("content_types_broken", name)
        types[name] = found
    return types


def _is_relationships(name: str) -> bool:
    return bool(re.fullmatch(r"(.*/)?_rels/[^/]*\.rels", name))


def _signatures(contents: Contents) -> tuple[str, ...]:
    """12.2.1: at most one origin (M6.1), whose relationships are the only list of signatures (M6.3)."""
    origins = [r for r in contents.relations[ROOT_RELATIONSHIPS] if r.type == ORIGIN_RELATION]
    names: list[str] = []
    if origins:
        origin = origins[0]
        # The name is not prescribed; Word, POI and LibreOffice all use this one, and one place is enough.
        right_place = origin.mode == "Internal" and resolve("", origin.target) == ORIGIN_PART
        if len(origins) > 1 or not right_place or contents.types.get(ORIGIN_PART) != ORIGIN_TYPE:
            raise Broken("origin_broken")
        names = [_signature_part(contents, each) for each in contents.relations.get(ORIGIN_RELATIONSHIPS, ())]
        if len(names) > MAX_SIGNATURES:
            raise Broken("container_limits", f"{len(names)} signatures")
        if contents.package.parts[ORIGIN_PART] or len(set(names)) != len(names):
            raise Broken("origin_broken", "content or a signature listed twice")
    expected = {*names, ORIGIN_PART, ORIGIN_RELATIONSHIPS} if origins else set()
    for name, type_ in contents.types.items():
        belongs = name.lower().startswith(FOLDER) or type_ in {ORIGIN_TYPE, SIGNATURE_TYPE}
        if belongs and name not in expected:
            raise Broken("signature_part_stray", name)
    return tuple(names)


def _signature_part(contents: Contents, relationship: Relationship) -> str:
    name = resolve(ORIGIN_PART, relationship.target)
    right = relationship.type == SIGNATURE_RELATION and relationship.mode == "Internal"
    if not right or not name.startswith(FOLDER) or contents.types.get(name) != SIGNATURE_TYPE:
        raise Broken("origin_broken", relationship.id)
    return name


def _find_what_must_be_covered(contents: Contents) -> None:
    """Everything but the signatures themselves and the properties that Word leaves free."""
    free = {CONTENT_TYPES_PART, ORIGIN_PART, ORIGIN_RELATIONSHIPS, *contents.signatures}
    for each in contents.relations[ROOT_RELATIONSHIPS]:
        if each.type in UNSIGNED_RELATIONSHIPS and each.type != ORIGIN_RELATION:
            name = resolve("", each.target)
            # Otherwise a relation that nobody signs could make the text itself a part that nobody signs.
            in_place = each.mode == "Internal" and name.startswith("docProps/")
            if not in_place or not _PROPERTIES.fullmatch(contents.types.get(name, "")):
                raise Broken("property_part_strange", each.id)
            free.add(name)
    contents.must_cover_relations = {
        name: frozenset(
            r.id for r in found if name != ROOT_RELATIONSHIPS or r.type not in UNSIGNED_RELATIONSHIPS
        )
        for name, found in contents.relations.items()
        if name != ORIGIN_RELATIONSHIPS
    }
    contents.must_cover = frozenset(contents.package.parts.keys() - free - contents.relations.keys())
