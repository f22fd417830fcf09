"""Whose certificate it is, whether it may sign, and whether somebody we trust stands behind it.

Source: RFC 5280 (4.2.1.3 key usage, 6 path validation, 5 and 6.3 revocation lists); Decree 23/2025/NĐ-CP on
electronic signatures leaves the list of recognised authorities to the state, so roots are given by the caller.
Path building and validation are those of `cryptography`; only what a document signature needs is set here.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from workflow_app.signatures.ooxml import algorithms
from workflow_app.signatures.ooxml.decoding import UNREADABLE, load_certificate
from workflow_app.signatures.ooxml.facts import Said
from workflow_app.signatures.ooxml.findings import Broken, Finding, finding
from workflow_app.signatures.ooxml.reading import Signature

_MAX_DEPTH = 5
_POINT = ExtensionOID.ISSUING_DISTRIBUTION_POINT
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we believe.

    roots: authorities of signers. time_stamp_roots: authorities of time stamps. intermediates: certificates
    that signatures may leave out. crls: revocation lists, of any age, of any of these authorities.
    """

    roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    crls: tuple[x509.CertificateRevocationList, ...] = ()
    time_stamp_roots: tuple[x509.Certificate, ...] = ()


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate, 64 hex digits: how callers name a signer."""
    return algorithms.digest("sha256", certificate.public_bytes(Encoding.DER)).hex()


def signer_of(signature: Signature, said: Said) -> x509.Certificate:
    """The certificate that the signed properties name; KeyInfo itself is not signed. Raises Broken."""
    hash_name, value = said.certificate_digest
    for certificate in signature.certificates:
        if algorithms.digest(hash_name, certificate.public_bytes(Encoding.DER)) == value:
            if said.serial_number not in {None, certificate.serial_number}:
                raise Broken("certificate_digest", "serial number")
            return certificate
    raise Broken("certificate_digest")


def check_signer(certificate: x509.Certificate, at: datetime) -> None:
    """Kind of key, purpose and dates of a certificate that is about to sign. Raises Broken."""
    load_certificate(certificate.public_bytes(Encoding.DER))  # every field of it can be read
    algorithms.public_key(certificate)
    for found in (*check_usage(certificate), *check_dates(certificate, at)):
        raise Broken(found.code)


def check_usage(certificate: x509.Certificate) -> Iterator[Finding]:
    """RFC 5280 4.2.1.3: where key usage is given, it must be for signatures. An authority signs no documents."""
    usage = _extension(certificate, x509.KeyUsage)
    constraints = _extension(certificate, x509.BasicConstraints)
    may = usage is None or usage.digital_signature or usage.content_commitment
    if not may or (constraints is not None and constraints.ca):
        yield finding("certificate_usage")


def check_dates(certificate: x509.Certificate, at: datetime) -> Iterator[Finding]:
    """At the moment that counts for this signature."""
    if at < certificate.not_valid_before_utc:
        yield finding("certificate_not_yet_valid")
    elif at > certificate.not_valid_after_utc:
        yield finding("certificate_expired")


def chain(
    certificate: x509.Certificate,
    others: Iterable[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
    ee_policy: ExtensionPolicy | None = None,
) -> tuple[x509.Certificate, ...]:
    """From the certificate to one of the roots, valid at that moment. Raises Broken (chain_untrusted)."""
    if not roots:
        raise Broken("chain_untrusted", "no roots given")
    try:
        verifier = (
            PolicyBuilder()
            .store(Store(list(roots)))
            .time(at.astimezone(UTC).replace(tzinfo=None))
            .max_chain_depth(_MAX_DEPTH)
            .extension_policies(ca_policy=_ca_policy(), ee_policy=ee_policy or ExtensionPolicy.permit_all())
            .build_client_verifier()
        )
        verified = verifier.verify(certificate, [each for each in others if each != certificate])
    except (VerificationError, UnsupportedAlgorithm, ValueError) as error:
        raise Broken("chain_untrusted", type(error).__name__) from error
    return tuple(verified.chain)


def check_revocation(
    path: Sequence[x509.Certificate],
    crls: Sequence[x509.CertificateRevocationList],
    at: datetime,
    *,
    proved: bool,
) -> Iterator[Finding]:
    """By the given lists, for every certificate of the path but the root.

    at: the moment of signing; proved: by somebody else than the signer. Only then is a later revocation
    harmless: who has a stolen key can write any time into a signature.
    """
    for certificate, issuer in itertools.pairwise(path):
        lists = [crl for crl in crls if _is_of(crl, issuer)]
        entries = [entry for crl in lists if (entry := _entry(crl, certificate)) is not None]
        if any(not proved or entry.revocation_date_utc <= at for entry in entries):
            yield finding("certificate_revoked")
        elif not any(_says_all(crl) and _reaches(crl, at) for crl in lists):
            yield finding("revocation_unknown")


def _is_of(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Signed by the issuer itself, about its own certificates."""
    if crl.issuer != issuer.subject:
        return False
    try:
        usage = _extension(issuer, x509.KeyUsage)
        points = [each.value for each in crl.extensions if each.oid == _POINT]
        own = not any(
            isinstance(each, x509.IssuingDistributionPoint) and each.indirect_crl for each in points
        )
        allowed = usage is None or usage.crl_sign
        return own and allowed and crl.is_signature_valid(algorithms.public_key(issuer))
    except (Broken, *UNREADABLE):
        return False


def _says_all(crl: x509.CertificateRevocationList) -> bool:
    """RFC 5280 5.2: a part of a list, or one with conditions we do not know, may revoke but never clears."""
    return not any(
        isinstance(each.value, x509.DeltaCRLIndicator | x509.IssuingDistributionPoint) or each.critical
        for each in crl.extensions
    )


def _reaches(crl: x509.CertificateRevocationList, at: datetime) -> bool:
    """Whether the list could know of that moment."""
    return crl.next_update_utc is None or crl.next_update_utc >= at


def _entry(
    crl: x509.CertificateRevocationList, certificate: x509.Certificate
) -> x509.RevokedCertificate | None:
    return crl.get_revoked_certificate_by_serial_number(certificate.serial_number)


def _ca_policy() -> ExtensionPolicy:
    """RFC 5280 6.1.4 (k) and (n). The other extensions of an authority are its own business."""
    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _must_be_authority)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _must_sign_certificates)
    )


def _must_be_authority(_: Policy, __: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("not an authority")


def _must_sign_certificates(_: Policy, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("may not sign certificates")


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
