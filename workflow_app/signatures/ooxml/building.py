"""The XML of a new signature, without its value.

Structure as Word writes it: three signed references (package object, office object, signed properties), and
two pictures more for a signature line. Source: ECMA-376 Part 2, 12.2.4; [MS-OFFCRYPTO] 2.5.2; XAdES 1.3.2, 7.
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from workflow_app.documents.package import parse_xml, xml_bytes
from workflow_app.signatures.ooxml import algorithms
from workflow_app.signatures.ooxml.algorithms import SHA256
from workflow_app.signatures.ooxml.contents import Contents
from workflow_app.signatures.ooxml.facts import Occasion, Round, SignatureLine, SignerFacts, utc_text
from workflow_app.signatures.ooxml.names import (
    C14N,
    DS,
    INVALID_IMAGE,
    OBJECT_TYPE,
    OFFICE,
    OFFICE_OBJECT,
    PACKAGE,
    PACKAGE_OBJECT,
    PROOF_OF_APPROVAL,
    RELATIONSHIP_TRANSFORM,
    RELATIONSHIPS_TYPE,
    SIGNATURE_ID,
    SIGNED_PROPERTIES,
    SIGNED_PROPERTIES_TYPE,
    VALID_IMAGE,
    XADES,
    ds,
    ms,
    pk,
    xd,
)
from workflow_app.signatures.ooxml.relationships import select
from workflow_app.signatures.ooxml.xml import c14n, encoded, new_child, new_root

# [MS-OFFCRYPTO] 2.5.2.5 wants a description of the machine; everybody's is the same one.
_MACHINE = {
    "WindowsVersion": "10.0",
    "OfficeVersion": "16.0",
    "ApplicationVersion": "16.0",
    "Monitors": "1",
    "HorizontalResolution": "1920",
    "VerticalResolution": "1080",
    "ColorDepth": "32",
    "SignatureProviderId": "{00000000-0000-0000-0000-000000000000}",
    "SignatureProviderUrl": "",
    "SignatureProviderDetails": "9",  # shown as a plain digital signature
}


def unsigned_signature(
    contents: Contents,
    facts: SignerFacts,
    occasion: Occasion,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
) -> bytes:
    """The signature part with an empty SignatureValue. Raises Broken for a key that we do not sign with."""
    root = new_root(ds("Signature"), {None: DS})
    root.set("Id", SIGNATURE_ID)
    signed_info = _child(root, ds("SignedInfo"))
    _child(signed_info, ds("CanonicalizationMethod"), Algorithm=C14N)
    _child(signed_info, ds("SignatureMethod"), Algorithm=algorithms.method_of(certificate).uri)
    _child(root, ds("SignatureValue"))
    data = _child(_child(root, ds("KeyInfo")), ds("X509Data"))
    for each in (certificate, *chain):
        _child(data, ds("X509Certificate"), encoded(each.public_bytes(Encoding.DER)))
    _package_object(root, contents, facts, occasion)
    _office_object(root, occasion)
    properties = _signed_properties(root, facts, occasion, certificate)
    if isinstance(occasion, SignatureLine):
        _child(root, ds("Object"), encoded(occasion.valid_image), Id=VALID_IMAGE)
        _child(root, ds("Object"), encoded(occasion.invalid_image), Id=INVALID_IMAGE)
    return _with_references(root, properties)


def _with_references(root: etree._Element, properties: str) -> bytes:
    """Digests are taken from what a reader will parse, not from what was built."""
    root = parse_xml(xml_bytes(root))
    signed_info = root[0]
    elements = {str(element.get("Id")): element for element in root.iter() if element.get("Id")}
    names = [PACKAGE_OBJECT, OFFICE_OBJECT, properties]
    for name in [*names, *(each for each in (VALID_IMAGE, INVALID_IMAGE) if each in elements)]:
        own = name == properties
        reference = _child(
            signed_info,
            ds("Reference"),
            Type=SIGNED_PROPERTIES_TYPE if own else OBJECT_TYPE,
            URI=f"#{name}",
        )
        if own:
            _child(_child(reference, ds("Transforms")), ds("Transform"), Algorithm=C14N)
        _digest(reference, algorithms.digest("sha256", c14n(elements[name])))
    return xml_bytes(root)


def _package_object(root: etree._Element, contents: Contents, facts: SignerFacts, occasion: Occasion) -> None:
    """12.2.4 (M6.8 to M6.11): every part and relationship of the document, and the time."""
    package_object = etree.SubElement(root, ds("Object"), nsmap={"mdssi": PACKAGE})
    package_object.set("Id", PACKAGE_OBJECT)
    manifest = _child(package_object, ds("Manifest"))
    for name in sorted(contents.must_cover):
        reference = _child(manifest, ds("Reference"), URI=f"/{name}?ContentType={contents.types[name]}")
        _digest(reference, contents.digest_of_part(name, "sha256"))
    for name, ids in sorted(contents.must_cover_relations.items()):
        if ids:
            _relations_reference(manifest, contents, name, ids)
    properties = _child(package_object, ds("SignatureProperties"))
    own = _child(properties, ds("SignatureProperty"), Id="idSignatureTime", Target=f"#{SIGNATURE_ID}")
    time = _child(own, pk("SignatureTime"))
    _child(time, pk("Format"), "YYYY-MM-DDThh:mm:ssTZD")
    at = occasion.opened_at if isinstance(occasion, Round) else facts.signed_at
    _child(time, pk("Value"), utc_text(at))


def _relations_reference(
    manifest: etree._Element, contents: Contents, name: str, ids: frozenset[str]
) -> None:
    """M6.25, M6.26: the relationships by their Ids, then c14n."""
    reference = _child(manifest, ds("Reference"), URI=f"/{name}?ContentType={RELATIONSHIPS_TYPE}")
    transforms = _child(reference, ds("Transforms"))
    first = _child(transforms, ds("Transform"), Algorithm=RELATIONSHIP_TRANSFORM)
    for each in sorted(ids):
        _child(first, pk("RelationshipReference"), SourceId=each)
    _child(transforms, ds("Transform"), Algorithm=C14N)
    selected = select(contents.relations[name], ids, ())
    _digest(reference, contents.digest_of_relations(name, selected, "sha256"))


def _office_object(root: etree._Element, occasion: Occasion) -> None:
    """[MS-OFFCRYPTO] 2.5.2.5. The order of the elements is the order of its schema."""
    line = occasion if isinstance(occasion, SignatureLine) else None
    office_object = _child(root, ds("Object"), Id=OFFICE_OBJECT)
    properties = _child(office_object, ds("SignatureProperties"))
    own = _child(properties, ds("SignatureProperty"), Id="idOfficeV1Details", Target=f"#{SIGNATURE_ID}")
    info = new_child(own, ms("SignatureInfoV1"), {None: OFFICE})
    _child(info, ms("SetupID"), line.setup_id if line else "")
    _child(info, ms("SignatureText"), line.shown if line else "")
    _child(info, ms("SignatureImage"))
    _child(
        info, ms("SignatureComments"), occasion.purpose if isinstance(occasion, Round) else occasion.comments
    )
    for name, value in _MACHINE.items():
        _child(info, ms(name), value)
    _child(info, ms("SignatureType"), "2" if line else "1")


def _signed_properties(
    root: etree._Element, facts: SignerFacts, occasion: Occasion, certificate: x509.Certificate
) -> str:
    """XAdES 7.2: the signer's own time, certificate, policy, place, role and commitment. Returns the Id."""
    own_object = _child(root, ds("Object"))
    qualifying = etree.SubElement(own_object, xd("QualifyingProperties"), nsmap={"xd": XADES})
    qualifying.set("Target", f"#{SIGNATURE_ID}")
    name = SIGNED_PROPERTIES
    if isinstance(occasion, Round):
        unique = facts.reference or algorithms.digest("sha256", certificate.tbs_certificate_bytes).hex()[:32]
        name = f"{SIGNED_PROPERTIES}_{unique}"
    properties = _child(qualifying, xd("SignedProperties"), Id=name)
    signature = _child(properties, xd("SignedSignatureProperties"))
    _child(signature, xd("SigningTime"), utc_text(facts.signed_at))
    _signing_certificate(signature, certificate)
    _child(_child(signature, xd("SignaturePolicyIdentifier")), xd("SignaturePolicyImplied"))
    if facts.place:
        _child(_child(signature, xd("SignatureProductionPlace")), xd("City"), facts.place)
    if facts.role:
        roles = _child(_child(signature, xd("SignerRole")), xd("ClaimedRoles"))
        _child(roles, xd("ClaimedRole"), facts.role)
    data_objects = _child(properties, xd("SignedDataObjectProperties"))
    commitment = _child(data_objects, xd("CommitmentTypeIndication"))
    _child(_child(commitment, xd("CommitmentTypeId")), xd("Identifier"), PROOF_OF_APPROVAL)
    _child(commitment, xd("AllSignedDataObjects"))
    return name


def _signing_certificate(signature: etree._Element, certificate: x509.Certificate) -> None:
    """XAdES 7.2.2: without it another certificate with the same key could take the signature over."""
    cert = _child(_child(signature, xd("SigningCertificate")), xd("Cert"))
    _digest(
        _child(cert, xd("CertDigest")), algorithms.digest("sha256", certificate.public_bytes(Encoding.DER))
    )
    issuer = _child(cert, xd("IssuerSerial"))
    _child(issuer, ds("X509IssuerName"), certificate.issuer.rfc4514_string())
    _child(issuer, ds("X509SerialNumber"), str(certificate.serial_number))


def _digest(parent: etree._Element, value: bytes) -> None:
    _child(parent, ds("DigestMethod"), Algorithm=SHA256)
    _child(parent, ds("DigestValue"), encoded(value))


def _child(parent: etree._Element, tag: str, content: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, tag)
    for name, value in attributes.items():
        element.set(name, value)
    if content:
        element.text = content
    return element
