"""One signature part, read into plain values. What is not exactly a package signature is refused.

Everything that a report shows later comes from elements that SignedInfo references: the structure rules here
(one Object of each reserved Id, references to direct children only, no Object beside the signed ones) are what
keeps the checked element and the read element the same one.
Source: ECMA-376 Part 2, 12.2.4; [MS-OFFCRYPTO] 2.5.2; XAdES 1.3.2, 7.
"""

import re
from dataclasses import dataclass

from cryptography import x509
from lxml import etree

from workflow_app.signatures.ooxml import algorithms
from workflow_app.signatures.ooxml.decoding import load_certificate
from workflow_app.signatures.ooxml.findings import Broken
from workflow_app.signatures.ooxml.names import (
    C14N,
    OBJECT_TYPE,
    OFFICE_OBJECT,
    PACKAGE_OBJECT,
    RELATIONSHIP_TRANSFORM,
    SIGNED_PROPERTIES_TYPE,
    ds,
    ms,
    pk,
    xd,
)
from workflow_app.signatures.ooxml.xml import (
    algorithm,
    at_most_one,
    check_plain,
    decoded,
    one,
    only_children,
    parse,
)

MAX_CERTIFICATES = 10  # a chain is shorter; each one costs time
MAX_REFERENCES = 20
_MANIFEST_URI = re.compile(r"/([^?#]+)\?ContentType=([^?#]+)")


@dataclass(frozen=True, slots=True)
class Selection:
    """The parameters of a relationships transform (M6.25, M6.27)."""

    ids: frozenset[str]
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reference:
    """One ds:Reference: what it points to, by which digest, through which transform."""

    uri: str
    type: str
    hash: str
    value: bytes
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class PartReference:
    """A reference of the manifest: a part and the content type that it had."""

    part: str
    content_type: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature part as it was read; nothing in it has been checked yet but its form.

    signed: by URI, the elements that SignedInfo references. xades: the signed properties.
    """

    part: str
    root: etree._Element
    signed_info: etree._Element
    method: algorithms.Method
    value: bytes
    certificates: tuple[x509.Certificate, ...]
    references: tuple[Reference, ...]
    signed: dict[str, etree._Element]
    manifest: tuple[PartReference, ...]
    package_object: etree._Element
    office: etree._Element | None
    xades: etree._Element

    @property
    def identity(self) -> tuple[str, tuple[Reference, ...]]:
        """What was signed, by what kind of key: equal for a copy.

        Not the value: from one value of ECDSA anybody can make a second one.
        """
        return self.method.uri, self.references

    @property
    def value_element(self) -> etree._Element:
        return one(self.root, ds("SignatureValue"))

    @property
    def qualifying(self) -> etree._Element:
        """XAdES QualifyingProperties: the signed ones and, beside them, what nobody signs."""
        parent = self.xades.getparent()
        if parent is None:
            raise Broken("xades_missing")
        return parent


def read_signature(data: bytes, part: str = "") -> Signature:
    """Raises Broken."""
    root = parse(data, part)
    by_id = check_plain(root)
    if root.tag != ds("Signature"):
        raise Broken("signature_structure", "root")
    only_children(root, *(ds(name) for name in ("SignedInfo", "SignatureValue", "KeyInfo", "Object")))
    signed_info, method, references = _signed_info(root)
    signed = _signed_elements(root, references, by_id)
    package_object = signed.get(f"#{PACKAGE_OBJECT}")
    xades = [element for element in signed.values() if element.tag == xd("SignedProperties")]
    # M6.7, M6.15: exactly one package object, and it is signed.
    if package_object is None:
        raise Broken("signature_structure", "no signed package object")
    if len(xades) != 1:
        raise Broken("xades_missing", f"{len(xades)} signed properties")
    return Signature(
        part,
        root,
        signed_info,
        method,
        decoded(one(root, ds("SignatureValue"))),
        _certificates(root),
        references,
        signed,
        _manifest(package_object),
        package_object,
        _office(signed.get(f"#{OFFICE_OBJECT}")),
        xades[0],
    )


def _signed_info(
    root: etree._Element,
) -> tuple[etree._Element, algorithms.Method, tuple[Reference, ...]]:
    element = one(root, ds("SignedInfo"))
    only_children(element, *(ds(n) for n in ("CanonicalizationMethod", "SignatureMethod", "Reference")))
    # M6.34: another canonicalisation makes the signature invalid.
    if algorithm(element, "CanonicalizationMethod") != C14N:
        raise Broken("algorithm_refused", "canonicalisation")
    method = algorithms.signature_method(algorithm(element, "SignatureMethod"))
    return element, method, tuple(_reference(each) for each in element.iterfind(ds("Reference")))


def _reference(element: etree._Element) -> Reference:
    only_children(element, ds("Transforms"), ds("DigestMethod"), ds("DigestValue"))
    return Reference(
        str(element.get("URI", "")),
        str(element.get("Type", "")),
        algorithms.digest_algorithm(algorithm(element, "DigestMethod")),
        decoded(one(element, ds("DigestValue"))),
        _selection(at_most_one(element, ds("Transforms"))),
    )


def _selection(transforms: etree._Element | None) -> Selection | None:
    """Nothing, c14n alone, or the relationships transform followed by c14n (M6.19, M6.26, M6.35)."""
    if transforms is None:
        return None
    only_children(transforms, ds("Transform"))
    found = [str(each.get("Algorithm", "")) for each in transforms]
    if found == [C14N] and not len(transforms[0]):
        return None
    if found != [RELATIONSHIP_TRANSFORM, C14N] or len(transforms[1]):
        raise Broken("transform_refused", " ".join(found)[:200])
    first = transforms[0]
    only_children(first, pk("RelationshipReference"), pk("RelationshipsGroupReference"))
    ids = frozenset(str(each.get("SourceId", "")) for each in first.iterfind(pk("RelationshipReference")))
    types = frozenset(
        str(each.get("SourceType", "")) for each in first.iterfind(pk("RelationshipsGroupReference"))
    )
    return Selection(ids, types)


def _signed_elements(
    root: etree._Element, references: tuple[Reference, ...], by_id: dict[str, etree._Element]
) -> dict[str, etree._Element]:
    """M6.5: references stay within the signature. Ours also stay at its top, where readers look."""
    if len(references) > MAX_REFERENCES or len({each.uri for each in references}) != len(references):
        raise Broken("reference_refused", "too many or twice the same")
    signed: dict[str, etree._Element] = {}
    for reference in references:
        element = by_id.get(reference.uri[1:]) if reference.uri.startswith("#") else None
        # M6.6, M6.19: the relationships transform belongs into the manifest only.
        if element is None or reference.selection is not None or not _in_place(root, element, reference.type):
            raise Broken("reference_refused", reference.uri[:200])
        signed[reference.uri] = element
    for each in root.iterfind(ds("Object")):
        if not any(element is each or each in element.iterancestors() for element in signed.values()):
            raise Broken("signature_structure", "an Object that is not signed")
    return signed


def _in_place(root: etree._Element, element: etree._Element, type_: str) -> bool:
    """A direct Object of the signature, or the SignedProperties inside one (XAdES 6.3.1)."""
    if element.tag == ds("Object"):
        return element.getparent() is root and type_ in {OBJECT_TYPE, ""}
    properties = element.getparent()
    return (
        element.tag == xd("SignedProperties")
        and type_ == SIGNED_PROPERTIES_TYPE
        and properties is not None
        and _is_properties_object(root, properties)
    )


def _is_properties_object(root: etree._Element, properties: etree._Element) -> bool:
    """An Object with nothing but the qualifying properties of this very signature."""
    parent = properties.getparent()
    return (
        properties.tag == xd("QualifyingProperties")
        and len(properties.findall(xd("SignedProperties"))) == 1
        and properties.get("Target") == f"#{root.get('Id')}"
        and parent is not None
        and parent.tag == ds("Object")
        and parent.getparent() is root
        and len(parent) == 1
    )


def _certificates(root: etree._Element) -> tuple[x509.Certificate, ...]:
    """12.2.4: KeyInfo with X509Data. It is not signed; which certificate counts is said by XAdES."""
    data = at_most_one(one(root, ds("KeyInfo")), ds("X509Data"))
    elements = data.findall(ds("X509Certificate")) if data is not None else []
    if not elements:
        raise Broken("certificate_missing")
    if len(elements) > MAX_CERTIFICATES:
        raise Broken("certificate_broken", f"{len(elements)} certificates")
    return tuple(load_certificate(decoded(element)) for element in elements)


def _manifest(package_object: etree._Element) -> tuple[PartReference, ...]:
    """M6.8: one Manifest, one SignatureProperties, nothing else."""
    only_children(package_object, ds("Manifest"), ds("SignatureProperties"))
    one(package_object, ds("SignatureProperties"))
    manifest = one(package_object, ds("Manifest"))
    only_children(manifest, ds("Reference"))
    found: dict[str, PartReference] = {}
    for element in manifest:
        reference = _reference(element)
        match = _MANIFEST_URI.fullmatch(reference.uri)
        # M6.9, M6.10: parts of this package only, each with its content type; and each only once.
        if not match or match[1] in found:
            raise Broken("reference_refused", reference.uri[:200])
        found[match[1]] = PartReference(match[1], match[2], reference)
    return tuple(found.values())


def _office(office_object: etree._Element | None) -> etree._Element | None:
    """[MS-OFFCRYPTO] 2.5.2.5: SignatureProperties / SignatureProperty / SignatureInfoV1. Others than Office may omit it."""
    if office_object is None:
        return None
    only_children(office_object, ds("SignatureProperties"))
    found = one(one(office_object, ds("SignatureProperties")), ds("SignatureProperty"))
    return one(found, ms("SignatureInfoV1"))
