"""The ASN.1 of time-stamp tokens: what RFC 3161 needs of CMS (RFC 5652) and of itself, in DER only."""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

SIGNED_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.2")
TST_INFO = x509.ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE = x509.ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = x509.ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2 = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.47")

HASH_NAMES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
# Signature algorithm -> kind of key and hash; None: as the digest algorithm of the signer says (RFC 3370, 3.2).
SIGNATURE_NAMES: dict[str, tuple[str, str | None]] = {
    "1.2.840.113549.1.1.1": ("rsa", None),
    "1.2.840.113549.1.1.11": ("rsa", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa", "sha512"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
}


@asn1.sequence
class AlgorithmIdentifier:
    """RFC 5280, 4.1.1.2; parameters only as NULL, which is all that the algorithms above have."""

    algorithm: x509.ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class EncapsulatedContent:
    """RFC 5652, 5.2."""

    type: x509.ObjectIdentifier
    content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class Attribute:
    """RFC 5652, 5.3."""

    type: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class SignerInfo:
    """RFC 5652, 5.3. signed: the signed attributes, [0] IMPLICIT, kept as bytes because they are digested."""

    version: int
    sid: asn1.TLV
    digest: AlgorithmIdentifier
    signed: asn1.TLV
    algorithm: AlgorithmIdentifier
    signature: bytes
    unsigned: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class SignedData:
    """RFC 5652, 5.1. Certificates and lists are SETs, but openssl does not sort them as DER wants a SET."""

    version: int
    digests: asn1.SetOf[AlgorithmIdentifier]
    content: EncapsulatedContent
    certificates: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    crls: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]
    signers: asn1.SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    """RFC 5652, 3."""

    type: x509.ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class MessageImprint:
    """RFC 3161, 2.4.1."""

    algorithm: AlgorithmIdentifier
    hashed: bytes


@asn1.sequence
class Accuracy:
    """RFC 3161, 2.4.2."""

    seconds: int | None
    millis: Annotated[int | None, asn1.Implicit(0)]
    micros: Annotated[int | None, asn1.Implicit(1)]


@asn1.sequence
class TimeStampInfo:
    """TSTInfo, RFC 3161, 2.4.2. tsa: its explicit tag is read as a set of one, the name itself is not used."""

    version: int
    policy: x509.ObjectIdentifier
    imprint: MessageImprint
    serial: int
    at: asn1.GeneralizedTime
    accuracy: Accuracy | None
    ordering: Annotated[bool, asn1.Default(False)]
    nonce: int | None
    tsa: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(0)]
    extensions: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class IssuerSerial:
    """RFC 5035, 4: the issuer as GeneralNames."""

    issuer: asn1.TLV
    serial: int


@asn1.sequence
class EssCertificate:
    """RFC 5035, 4. algorithm: None is SHA-256 in version 2, and always SHA-1 in version 1 (RFC 2634)."""

    algorithm: AlgorithmIdentifier | None
    digest: bytes
    issuer: IssuerSerial | None


@asn1.sequence
class EssCertificates:
    """The value of both attributes; the first one is the signer's."""

    certificates: list[EssCertificate]
    policies: list[asn1.TLV] | None


@asn1.sequence
class Attributes:
    """Only a shell: a list cannot be read by itself."""

    attributes: list[Attribute]


def tlv(tag: int, content: bytes) -> bytes:
    """One value in DER, such as what was taken apart put together again."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def as_set(signed: asn1.TLV) -> bytes:
    """RFC 5652, 5.4: signed attributes are digested with the tag of a SET instead of [0]."""
    return tlv(0x31, bytes(signed.data))


def attributes(signed: asn1.TLV) -> list[Attribute]:
    """The signed attributes. Raises ValueError."""
    content = tlv(0x30, bytes(signed.data))
    return asn1.decode_der(Attributes, tlv(0x30, content)).attributes
