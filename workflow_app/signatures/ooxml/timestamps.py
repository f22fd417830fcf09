"""Time stamps on signatures (XAdES-T): read, checked, put in. Getting them from an authority is not done here.

Source: RFC 3161 with RFC 5816 and RFC 5035; CMS by RFC 5652; XAdES 1.3.2, 7.3.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy
from lxml import etree

from workflow_app.signatures.ooxml import algorithms, certificates, cms
from workflow_app.signatures.ooxml.decoding import load_certificate
from workflow_app.signatures.ooxml.findings import Broken
from workflow_app.signatures.ooxml.names import C14N, XADES, ds, xd
from workflow_app.signatures.ooxml.reading import MAX_CERTIFICATES, Signature
from workflow_app.signatures.ooxml.xml import at_most_one, c14n, decoded, encoded, one

MAX_TOKENS = 4


@dataclass(frozen=True, slots=True)
class Token:
    """A time-stamp token whose own signature holds; whether its authority is trusted is another question.

    imprint: name of the hash and the digest that was stamped. at: aware UTC, as the authority says.
    nonce: of the request, if it had one.
    """

    imprint: tuple[str, bytes]
    at: datetime
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    nonce: int | None = None


def read(der: bytes) -> Token:
    """Raises Broken (timestamp_broken) for anything else than one valid signature over a TSTInfo."""
    try:
        content = asn1.decode_der(cms.ContentInfo, der)
        data = content.content
        signers = data.signers.as_list()
        inner = data.content.content
        right = content.type == cms.SIGNED_DATA and data.content.type == cms.TST_INFO
        if not right or inner is None or len(signers) != 1:
            raise Broken("timestamp_broken", "not one signed TSTInfo")
        info = asn1.decode_der(cms.TimeStampInfo, inner)
        found = [_certificate(each) for each in data.certificates or []]
        certificate = _check_signer(signers[0], inner, found[:MAX_CERTIFICATES])
        imprint = (_hash_name(info.imprint.algorithm), info.imprint.hashed)
        at = info.at.as_datetime().replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise Broken("timestamp_broken", type(error).__name__) from error
    others = tuple(each for each in found if each != certificate)
    return Token(imprint, at, certificate, others, info.nonce)


def tokens_of(signature: Signature) -> list[bytes]:
    """The tokens in the unsigned properties, DER. Raises Broken."""
    unsigned = at_most_one(signature.qualifying, xd("UnsignedProperties"))
    properties = at_most_one(unsigned, xd("UnsignedSignatureProperties")) if unsigned is not None else None
    stamps = properties.findall(xd("SignatureTimeStamp")) if properties is not None else []
    if len(stamps) > MAX_TOKENS:
        raise Broken("timestamp_broken", f"{len(stamps)} stamps")
    return [_token(stamp) for stamp in stamps]


def check_imprint(signature: Signature, token: Token) -> None:
    """XAdES 7.3: the stamp is on the canonical SignatureValue element. Raises Broken."""
    name, hashed = token.imprint
    if algorithms.digest(name, c14n(signature.value_element)) != hashed:
        raise Broken("timestamp_imprint")


def check_trust(token: Token, trust: certificates.Trust) -> tuple[x509.Certificate, ...]:
    """The path of the authority at the time it names. Raises Broken (timestamp_untrusted)."""
    policy = ExtensionPolicy.permit_all().require_present(
        x509.ExtendedKeyUsage, Criticality.CRITICAL, _must_only_stamp
    )
    others = (*token.others, *trust.intermediates)
    try:
        return certificates.chain(token.certificate, others, trust.time_stamp_roots, token.at, policy)
    except Broken as error:
        raise Broken("timestamp_untrusted", error.finding.detail) from error


def attach(signature: Signature, der: bytes) -> None:
    """Puts a token into the signature (in place). Nothing in UnsignedProperties is signed by the signer."""
    unsigned = _get_or_add(signature.qualifying, "UnsignedProperties")
    properties = _get_or_add(unsigned, "UnsignedSignatureProperties")
    stamp = etree.SubElement(properties, xd("SignatureTimeStamp"), nsmap={"xd": XADES})
    etree.SubElement(stamp, ds("CanonicalizationMethod")).set("Algorithm", C14N)
    etree.SubElement(stamp, xd("EncapsulatedTimeStamp")).text = encoded(der)


def _token(stamp: etree._Element) -> bytes:
    method = at_most_one(stamp, ds("CanonicalizationMethod"))
    if method is not None and method.get("Algorithm") != C14N:
        raise Broken("algorithm_refused", "canonicalisation of a time stamp")
    return decoded(one(stamp, xd("EncapsulatedTimeStamp")))


def _get_or_add(parent: etree._Element, name: str) -> etree._Element:
    found = parent.find(xd(name))
    return found if found is not None else etree.SubElement(parent, xd(name))


def _certificate(value: asn1.TLV) -> x509.Certificate:
    try:
        return load_certificate(cms.tlv(value.tag_bytes[0], bytes(value.data)))
    except Broken as error:
        raise Broken("timestamp_broken", error.finding.detail) from error


def _check_signer(signer: cms.SignerInfo, content: bytes, found: list[x509.Certificate]) -> x509.Certificate:
    """RFC 5652, 5.4 and 5.6; RFC 3161, 2.4.2: signed attributes with content type, digest and certificate."""
    if signer.signed.tag_bytes[0] != 0xA0:
        raise Broken("timestamp_broken", "no signed attributes")
    attributes = cms.attributes(signer.signed)
    values = {each.type: each.values.as_list() for each in attributes}
    if len(values) != len(attributes) or any(len(each) != 1 for each in values.values()):
        raise Broken("timestamp_broken", "an attribute twice")
    hash_name = _hash_name(signer.digest)
    digest = values.get(cms.MESSAGE_DIGEST, [None])[0]
    type_ = values.get(cms.CONTENT_TYPE, [None])[0]
    if type_ is None or type_.parse(x509.ObjectIdentifier) != cms.TST_INFO:
        raise Broken("timestamp_broken", "content type")
    if digest is None or digest.parse(bytes) != algorithms.digest(hash_name, content):
        raise Broken("timestamp_broken", "message digest")
    certificate = _named(values, found)
    if not _holds(certificate, signer, cms.as_set(signer.signed), hash_name):
        raise Broken("timestamp_broken", "signature")
    return certificate


def _named(
    values: dict[x509.ObjectIdentifier, list[asn1.TLV]], found: list[x509.Certificate]
) -> x509.Certificate:
    """RFC 5816: the certificate that the token names, by ESSCertIDv2 or by the older ESSCertID.

    SHA-1 of the older one is only asked which of the certificates in the token is meant; the token's signature
    and the path to a trusted root are checked with it afterwards.
    """
    for kind, default in ((cms.SIGNING_CERTIFICATE_V2, "sha256"), (cms.SIGNING_CERTIFICATE, "sha1")):
        if kind in values:
            named = values[kind][0].parse(cms.EssCertificates).certificates[:1]
            for each in named:
                name = _hash_name(each.algorithm) if each.algorithm is not None else default
                for certificate in found:
                    der = certificate.public_bytes(Encoding.DER)
                    if hashlib.new(name, der, usedforsecurity=name != "sha1").digest() == each.digest:
                        return certificate
    raise Broken("timestamp_broken", "no certificate of the signer")


def _holds(certificate: x509.Certificate, signer: cms.SignerInfo, signed: bytes, digest_name: str) -> bool:
    known = cms.SIGNATURE_NAMES.get(signer.algorithm.algorithm.dotted_string)
    if known is None:
        raise Broken("timestamp_broken", signer.algorithm.algorithm.dotted_string)
    kind, named = known
    key, hash_ = algorithms.public_key(certificate), algorithms.HASHES[named or digest_name]
    try:
        if isinstance(key, rsa.RSAPublicKey) and kind == "rsa":
            key.verify(signer.signature, signed, padding.PKCS1v15(), hash_)
        elif isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
            key.verify(signer.signature, signed, ec.ECDSA(hash_))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _hash_name(identifier: cms.AlgorithmIdentifier) -> str:
    name = cms.HASH_NAMES.get(identifier.algorithm.dotted_string)
    if name is None:
        raise Broken("timestamp_broken", identifier.algorithm.dotted_string)
    return name


def _must_only_stamp(_: Policy, __: x509.Certificate, usage: x509.ExtendedKeyUsage) -> None:
    """RFC 3161, 2.3: critical, and time stamping alone."""
    if list(usage) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError("not only for time stamps")
