"""Whether a .docx is signed by whom it should be: everything that can be found is found and told.

Stricter than Word, POI and LibreOffice: nothing of the text may lie outside a signature, nothing may be
ambiguous, and who had to sign is asked of the caller, not of the file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509

from workflow_app.signatures.ooxml import algorithms, certificates, timestamps
from workflow_app.signatures.ooxml.certificates import Trust, fingerprint
from workflow_app.signatures.ooxml.contents import Contents, open_contents
from workflow_app.signatures.ooxml.coverage import check_itself, check_manifest
from workflow_app.signatures.ooxml.facts import Said, said_by
from workflow_app.signatures.ooxml.findings import Broken, Finding, finding
from workflow_app.signatures.ooxml.reading import Signature, read_signature

_SKEW = timedelta(minutes=5)  # clocks of signers and authorities differ


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who has to sign once. name: for the log, an id rather than a person's name.

    certificates: fingerprints (SHA-256, hex) of those that are registered for this signer.
    """

    name: str
    certificates: frozenset[str]


@dataclass(frozen=True, slots=True)
class Demands:
    """What the caller asks of a signed document.

    now: aware. expected: None asks nobody; otherwise all of them and nobody else.
    known: SHA-256 (hex) of signature parts -> when the caller first had them, for instance from a sealed log.
    require_time_stamp, require_revocation: make notices grave.
    """

    trust: Trust
    now: datetime
    expected: tuple[Expected, ...] | None = None
    known: Mapping[str, datetime] = field(default_factory=dict)
    require_time_stamp: bool = False
    require_revocation: bool = False


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature. said and certificate are None where they could not be read; never show them unless valid.

    proved_at: the earliest moment by which the signature is proved to have existed, by a trusted time stamp or
    by the caller. sha256: of the signature part.
    """

    part: str
    sha256: str
    findings: tuple[Finding, ...]
    certificate: x509.Certificate | None = None
    said: Said | None = None
    proved_at: datetime | None = None

    @property
    def valid(self) -> bool:
        return not any(each.grave for each in self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole file. findings: those that concern no single signature."""

    findings: tuple[Finding, ...]
    signatures: tuple[SignatureReport, ...] = ()

    @property
    def valid(self) -> bool:
        """There is a signature, every one holds, and nothing grave was found."""
        grave = any(each.grave for each in self.findings)
        return bool(self.signatures) and not grave and all(each.valid for each in self.signatures)

    @property
    def codes(self) -> frozenset[str]:
        """Of all findings, for tests and logs."""
        found = [*self.findings, *(each for one in self.signatures for each in one.findings)]
        return frozenset(each.code for each in found)


def verify(data: bytes, demands: Demands) -> Report:
    """Never raises for what the file holds."""
    try:
        contents = open_contents(data)
    except Broken as error:
        return Report((error.finding,))
    seen: dict[object, str] = {}
    reports = tuple(_one(contents, name, demands, seen) for name in contents.signatures)
    return Report(tuple(_of_all(reports, demands)), reports)


def _one(contents: Contents, name: str, demands: Demands, seen: dict[object, str]) -> SignatureReport:
    """seen: the signatures before this one, by what was signed."""
    part = contents.package.parts[name]
    report = SignatureReport(name, algorithms.digest("sha256", part).hex(), ())
    try:
        signature = read_signature(part, name)
        _check_first(signature, seen)
        said = said_by(signature)
        certificate = certificates.signer_of(signature, said)
        found = [*check_itself(signature, certificate), *check_manifest(signature, contents)]
        proved_at, time_findings = _proved_at(signature, report.sha256, demands)
        found += time_findings
        found += _times(said, proved_at, demands)
        found += _trust(signature, certificate, said, proved_at, demands)
    except Broken as error:
        return SignatureReport(name, report.sha256, (error.finding,))
    return SignatureReport(name, report.sha256, tuple(found), certificate, said, proved_at)


def _check_first(signature: Signature, seen: dict[object, str]) -> None:
    if seen.setdefault(signature.identity, signature.part) != signature.part:
        raise Broken("signature_copied", seen[signature.identity])


def _proved_at(signature: Signature, sha256: str, demands: Demands) -> tuple[datetime | None, list[Finding]]:
    """The earliest proof, and what is wrong with time stamps. A bad stamp is grave: somebody put it there."""
    proofs = [demands.known[sha256]] if sha256 in demands.known else []
    found: list[Finding] = []
    stamps = timestamps.tokens_of(signature)
    for der in stamps:
        try:
            token = timestamps.read(der)
            timestamps.check_imprint(signature, token)
            path = timestamps.check_trust(token, demands.trust)
        except Broken as error:
            found.append(error.finding)
            continue
        revoked = certificates.check_revocation(path, demands.trust.crls, token.at, proved=False)
        if any(each.code == "certificate_revoked" for each in revoked):
            found.append(finding("timestamp_untrusted", "revoked"))
        else:
            proofs.append(token.at)
    if not stamps and demands.require_time_stamp:
        found.append(finding("timestamp_missing"))
    return min(proofs, default=None), found


def _times(said: Said, proved_at: datetime | None, demands: Demands) -> Iterator[Finding]:
    if said.signed_at > demands.now + _SKEW:
        yield finding("time_in_future")
    if proved_at is None:
        yield finding("time_unproved")
    elif said.signed_at > proved_at + _SKEW:
        yield finding("time_contradiction")


def _trust(
    signature: Signature,
    certificate: x509.Certificate,
    said: Said,
    proved_at: datetime | None,
    demands: Demands,
) -> Iterator[Finding]:
    """The path at the time of signing: the proved one, or else the claimed one with the notice time_unproved."""
    at = proved_at or said.signed_at
    yield from certificates.check_usage(certificate)
    dates = list(certificates.check_dates(certificate, at))
    yield from dates
    if dates:
        return  # no path can be valid at that moment
    others = (*signature.certificates, *demands.trust.intermediates)
    try:
        path = certificates.chain(certificate, others, demands.trust.roots, at)
    except Broken as error:
        yield error.finding
        return
    proved = proved_at is not None
    for each in certificates.check_revocation(path, demands.trust.crls, at, proved=proved):
        yield each.made_grave() if demands.require_revocation else each


def _of_all(reports: Sequence[SignatureReport], demands: Demands) -> Iterator[Finding]:
    if not reports:
        yield finding("no_signature")
    if demands.expected is not None:
        yield from _signers(demands.expected, reports)


def _signers(expected: Sequence[Expected], reports: Sequence[SignatureReport]) -> Iterator[Finding]:
    """All of the caller's list, each once, nobody else. Only valid signatures count."""
    signed = [fingerprint(each.certificate) for each in reports if each.valid and each.certificate]
    for one in expected:
        count = sum(each in one.certificates for each in signed)
        if count != 1:
            yield finding("signer_repeated" if count else "signer_missing", one.name)
    known = frozenset[str]().union(*(each.certificates for each in expected))
    for each in signed:
        if each not in known:
            yield finding("signer_unexpected", each)
