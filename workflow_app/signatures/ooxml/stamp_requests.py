"""What is sent to a time-stamp authority and what comes back. Sending it is the caller's part.

Source: RFC 3161, 2.4.1 and 2.4.2 (application/timestamp-query, application/timestamp-reply).
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

from workflow_app.signatures.ooxml import cms, timestamps
from workflow_app.signatures.ooxml.errors import SignatureRefused
from workflow_app.signatures.ooxml.findings import Broken, finding

_GRANTED = frozenset({0, 1})  # granted, granted with modifications


@asn1.sequence
class _Request:
    version: int
    imprint: cms.MessageImprint
    policy: x509.ObjectIdentifier | None
    nonce: int | None
    certificates: Annotated[bool, asn1.Default(False)]


@asn1.sequence
class _Status:
    status: int
    text: list[str] | None
    failure: asn1.BitString | None


@asn1.sequence
class _Response:
    status: _Status
    token: cms.ContentInfo


def request(digest: bytes, nonce: int) -> bytes:
    """TimeStampReq in DER for a SHA-256 digest. nonce: random, up to 64 bits; certificates are asked for."""
    imprint = cms.MessageImprint(
        algorithm=cms.AlgorithmIdentifier(algorithm=cms.SHA256, parameters=asn1.Null()), hashed=digest
    )
    return asn1.encode_der(_Request(version=1, imprint=imprint, policy=None, nonce=nonce, certificates=True))


def token_of(response: bytes, digest: bytes, nonce: int) -> bytes:
    """The token of a TimeStampResp, DER. Raises SignatureRefused unless it answers this very request."""
    try:
        token = _token(response)
        read = timestamps.read(token)
    except Broken as error:
        raise SignatureRefused([error.finding]) from error
    if read.imprint != ("sha256", digest) or read.nonce != nonce:
        raise SignatureRefused([finding("timestamp_imprint")])
    return token


def _token(response: bytes) -> bytes:
    """The bytes of the token as they came: encoded anew, its signature might not hold any more."""
    try:
        granted = asn1.decode_der(_Response, response).status.status in _GRANTED
    except ValueError as error:  # a refusal has no token
        raise Broken("timestamp_broken", "refused by the authority") from error
    if not granted:
        raise Broken("timestamp_broken", "refused by the authority")
    return _after_first(_content(response))


def _content(der: bytes) -> bytes:
    """What is inside the outermost SEQUENCE. It has been decoded before, so its lengths are right."""
    return der[2 + (der[1] & 0x7F if der[1] & 0x80 else 0) :]


def _after_first(der: bytes) -> bytes:
    """What follows the first value; the status is shorter than 64 kB in any case."""
    many = der[1] & 0x7F if der[1] & 0x80 else 0
    length = int.from_bytes(der[2 : 2 + many], "big") if many else der[1]
    return der[2 + many + length :]
