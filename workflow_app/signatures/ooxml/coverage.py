"""Whether a signature's digests fit, and whether they cover the whole document.

Source: xmldsig-core 3.2 (core validation), ECMA-376 Part 2, 12.5 (M6.11, M6.29). Full coverage is our own rule:
Word and POI call a document valid to which a part was added, or whose main part changed its content type.
"""

from collections.abc import Iterator

from cryptography import x509

from workflow_app.signatures.ooxml import algorithms
from workflow_app.signatures.ooxml.contents import Contents
from workflow_app.signatures.ooxml.findings import Finding, finding
from workflow_app.signatures.ooxml.names import RELATIONSHIPS_TYPE
from workflow_app.signatures.ooxml.reading import PartReference, Signature
from workflow_app.signatures.ooxml.relationships import select
from workflow_app.signatures.ooxml.xml import c14n


def check_itself(signature: Signature, certificate: x509.Certificate) -> Iterator[Finding]:
    """The value, by the key of this certificate, and what SignedInfo references inside the signature.

    Raises Broken for a key that is not accepted.
    """
    key = algorithms.public_key(certificate)
    if not algorithms.holds(key, signature.method, signature.value, c14n(signature.signed_info)):
        yield finding("signature_value")
    for reference in signature.references:
        canonical = c14n(signature.signed[reference.uri])
        if algorithms.digest(reference.hash, canonical) != reference.value:
            yield finding("object_changed", reference.uri)


def check_manifest(signature: Signature, contents: Contents) -> Iterator[Finding]:
    """What the manifest references, in the package; then what it leaves out."""
    covered: set[str] = set()
    covered_relations: dict[str, set[str]] = {}
    for each in signature.manifest:
        if each.part not in contents.types:
            yield finding("part_missing", each.part)
        elif contents.types[each.part] != each.content_type:  # M6.11: case-sensitively
            yield finding("part_type_changed", each.part)
        elif each.content_type == RELATIONSHIPS_TYPE:
            ids, found = _check_relations(each, contents)
            covered_relations[each.part] = ids
            yield from found
        else:
            covered.add(each.part)
            yield from _check_part(each, contents)
    for part in sorted(contents.must_cover - covered - _told(signature, contents)):
        yield finding("part_not_covered", part)
    for part, wanted in sorted(contents.must_cover_relations.items()):
        for id_ in sorted(wanted - covered_relations.get(part, set())):
            yield finding("relationship_not_covered", f"{part}#{id_}")


def _check_part(each: PartReference, contents: Contents) -> Iterator[Finding]:
    if each.reference.selection is not None:
        yield finding("transform_refused", each.part)  # M6.25: relationships only
    elif contents.digest_of_part(each.part, each.reference.hash) != each.reference.value:
        yield finding("part_changed", each.part)


def _check_relations(each: PartReference, contents: Contents) -> tuple[set[str], list[Finding]]:
    """The Ids that are covered, whether or not their digest fits, and what does not fit."""
    relations = contents.relations[each.part]
    selection = each.reference.selection
    if selection is None:  # the .rels part byte by byte, as ECMA-376 allows
        fits = contents.digest_of_part(each.part, each.reference.hash) == each.reference.value
        return {r.id for r in relations}, [] if fits else [finding("relationships_changed", each.part)]
    selected = select(relations, selection.ids, selection.types)
    fits = contents.digest_of_relations(each.part, selected, each.reference.hash) == each.reference.value
    return {r.id for r in selected}, [] if fits else [finding("relationships_changed", each.part)]


def _told(signature: Signature, contents: Contents) -> set[str]:
    """Parts of which a finding has said already that their type changed."""
    return {each.part for each in signature.manifest if contents.types.get(each.part) != each.content_type}
