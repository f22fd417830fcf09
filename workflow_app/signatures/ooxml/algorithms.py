"""The algorithms that we make and accept; everything else is refused, SHA-1 and RSA below 2048 bits included.

Source: xmldsig-core 6, RFC 4051 (2.3), RFC 6931; ETSI TS 119 312 for the sizes. Word and the Vietnamese
certificate authorities use RSA with PKCS#1 v1.5, so that is what is made for RSA keys.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)

from workflow_app.signatures.ooxml.findings import Broken

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_ENC = "http://www.w3.org/2001/04/xmlenc#"

SHA256 = f"{_ENC}sha256"
DIGESTS = {SHA256: "sha256", f"{_MORE}sha384": "sha384", f"{_ENC}sha512": "sha512"}
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SMALLEST_RSA = 2048
_LARGEST_RSA = 8192  # a larger key only costs the verifier time
# A curve is used with the hash of its own size (FIPS 186-5).
_CURVES = {"secp256r1": "sha256", "secp384r1": "sha384", "secp521r1": "sha512"}

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SignHash = Callable[[bytes, str], bytes]  # digest, name of its hash -> PKCS#1 v1.5 or ECDSA signature


@dataclass(frozen=True, slots=True)
class Method:
    """One signature method: "rsa" or "ecdsa" with the name of its hash."""

    kind: str
    hash: str

    @property
    def uri(self) -> str:
        return f"{_MORE}{self.kind}-{self.hash}"


METHODS = {method.uri: method for kind in ("rsa", "ecdsa") for method in (Method(kind, h) for h in HASHES)}


def digest_algorithm(uri: str) -> str:
    """Raises Broken for a digest that is not on the list."""
    if uri not in DIGESTS:
        raise Broken("algorithm_refused", uri)
    return DIGESTS[uri]


def signature_method(uri: str) -> Method:
    """Raises Broken for a method that is not on the list."""
    if uri not in METHODS:
        raise Broken("algorithm_refused", uri)
    return METHODS[uri]


def method_of(certificate: x509.Certificate) -> Method:
    """What the key of this certificate signs with. Raises Broken for a key that we do not accept."""
    key = public_key(certificate)
    if isinstance(key, rsa.RSAPublicKey):
        return Method("rsa", "sha256")
    return Method("ecdsa", _CURVES[key.curve.name])


def public_key(certificate: x509.Certificate) -> PublicKey:
    """Raises Broken (key_weak) for other kinds and sizes of keys than those of this module."""
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        raise Broken("key_weak", "unknown kind of key") from error
    if isinstance(key, rsa.RSAPublicKey) and _SMALLEST_RSA <= key.key_size <= _LARGEST_RSA:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    raise Broken("key_weak", type(key).__name__)


def digest(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data).digest()


def holds(key: PublicKey, method: Method, value: bytes, data: bytes) -> bool:
    """Whether the value of ds:SignatureValue is this key's signature of the data."""
    try:
        if isinstance(key, rsa.RSAPublicKey) and method.kind == "rsa":
            key.verify(value, data, padding.PKCS1v15(), HASHES[method.hash])
        elif isinstance(key, ec.EllipticCurvePublicKey) and method.kind == "ecdsa":
            key.verify(_to_der(key, value), data, ec.ECDSA(HASHES[method.hash]))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def to_xml_value(key: PublicKey, value: bytes) -> bytes:
    """What a token or service returned, as ds:SignatureValue wants it.

    RFC 4051, 2.3.6: r and s side by side, each as long as the curve's order. Tokens return that or DER.
    """
    if isinstance(key, rsa.RSAPublicKey) or len(value) == 2 * _half(key):
        return value
    try:
        r, s = decode_dss_signature(value)
        return r.to_bytes(_half(key), "big") + s.to_bytes(_half(key), "big")
    except (ValueError, OverflowError):
        return value  # the check that follows says that it is wrong


def with_key(key: PrivateKey) -> SignHash:
    """Signing with a key that this process holds (PKCS#12 of a pilot, tests)."""

    def sign_hash(digest: bytes, name: str) -> bytes:
        prehashed = Prehashed(HASHES[name])
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(digest, padding.PKCS1v15(), prehashed)
        return key.sign(digest, ec.ECDSA(prehashed))

    return sign_hash


def _to_der(key: ec.EllipticCurvePublicKey, value: bytes) -> bytes:
    half = _half(key)
    if len(value) != 2 * half:
        raise ValueError("not two numbers of the curve's size")
    return encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))


def _half(key: ec.EllipticCurvePublicKey) -> int:
    return (key.curve.key_size + 7) // 8
