"""Certificates from bytes that anybody can have written."""

from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from workflow_app.signatures.ooxml.findings import Broken

# What `cryptography` raises for what is no certificate or list.
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,  # not a ValueError
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@lru_cache(maxsize=64)  # the same authority stands in every signature of a file
def load_certificate(der: bytes) -> x509.Certificate:
    """Raises Broken (certificate_broken) for whatever could fail later, too.

    `cryptography` reads most fields only when they are asked for; they are asked for here.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = (
            *(certificate.subject, certificate.issuer, certificate.serial_number),
            *(certificate.not_valid_before_utc, certificate.not_valid_after_utc),
            *certificate.extensions,
        )
        certificate.public_key()
    except UNREADABLE as error:
        raise Broken("certificate_broken", type(error).__name__) from error
    return certificate
