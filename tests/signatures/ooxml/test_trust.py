"""Whose certificates are believed, when, and what the caller's own knowledge of the time changes."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from cryptography import x509

from tests.signatures.ooxml import pki, support
from tests.signatures.ooxml.tampers import SIG1
from workflow_app.documents.package import Package, sha256
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml import Expected, Report, Trust, fingerprint

_SIGNED_AT = support.OPENED + timedelta(minutes=1)


@cache
def signed_by(holder: pki.Holder) -> bytes:
    """Once: ECDSA makes another value each time."""
    return support.sign(support.pledge(), holder)


def report_on(holder: pki.Holder, **changes: object) -> Report:
    return ooxml.verify(signed_by(holder), support.demands(**changes))  # type: ignore[arg-type]  # passed on


def crls(*revoked: tuple[pki.Holder, datetime], **options: datetime) -> Trust:
    at = options.pop("at", support.OPENED - timedelta(days=1))
    return pki.trust(crls=(pki.crl(pki.authority(), *revoked, at=at, **options), pki.crl(pki.root(), at=at)))


def known(holder: pki.Holder, at: datetime) -> dict[str, datetime]:
    return {sha256(Package.read(signed_by(holder)).parts[SIG1]): at}


def test_without_roots_nobody_is_trusted() -> None:
    assert "chain_untrusted" in report_on(pki.signer(1), trust=Trust()).codes


def test_a_root_of_somebody_else_is_no_help() -> None:
    trust = Trust((pki.root("Lạ").certificate,), (pki.authority().certificate,))
    assert "chain_untrusted" in report_on(pki.signer(1), trust=trust).codes


def test_the_certificate_in_between_may_come_from_the_signature_or_from_the_caller() -> None:
    assert report_on(pki.signer(1), trust=replace(pki.trust(), intermediates=())).valid
    holder = pki.signer(1)
    bare = ooxml.sign(support.pledge(), support.facts(1), support.ROUND, holder.certificate, holder.sign_hash)
    assert ooxml.verify(bare, support.demands()).valid
    without = support.demands(trust=replace(pki.trust(), intermediates=()))
    assert "chain_untrusted" in ooxml.verify(bare, without).codes


def test_a_signer_is_no_authority() -> None:
    """A chair's key cannot make another chair."""
    false = pki.issue("Chủ tịch giả", pki.key("p256", 50), pki.signer(1))
    data = ooxml.sign(
        support.pledge(),
        support.facts(1),
        support.ROUND,
        false.certificate,
        false.sign_hash,
        chain=[pki.signer(1).certificate, pki.authority().certificate],
    )
    assert "chain_untrusted" in ooxml.verify(data, support.demands()).codes


def test_an_authority_that_may_not_sign_certificates_is_none() -> None:
    weak = pki.issue("CA", pki.key("p256", 51), pki.root(), ca=True, uses=("crl_sign",))
    holder = pki.issue("Chủ tịch", pki.key("p256", 52), weak)
    trust = replace(pki.trust(), intermediates=(weak.certificate,))
    assert "chain_untrusted" in report_on(holder, trust=trust).codes


def test_a_certificate_counts_at_the_time_of_signing() -> None:
    ended = pki.issue(
        "Chủ tịch", pki.key("p256", 53), pki.authority(), until=support.OPENED + timedelta(days=1)
    )
    much_later = support.NOW + timedelta(days=1000)
    assert report_on(ended, now=much_later).valid
    claimed = report_on(ended, now=much_later, known=known(ended, support.OPENED + timedelta(days=2)))
    assert "certificate_expired" in claimed.codes


def test_a_certificate_that_began_after_signing_is_refused() -> None:
    late = pki.issue("Chủ tịch", pki.key("p256", 54), pki.authority())
    data = support.sign(support.pledge(), late)
    early = support.demands(known={sha256(Package.read(data).parts[SIG1]): pki.FROM - timedelta(days=1)})
    codes = ooxml.verify(data, early).codes
    assert {"certificate_not_yet_valid", "time_contradiction"} <= codes


def test_what_the_caller_knows_proves_the_time() -> None:
    holder = pki.signer(8)
    report = report_on(holder, known=known(holder, _SIGNED_AT + timedelta(seconds=3)))
    assert report.valid
    assert report.signatures[0].proved_at == _SIGNED_AT + timedelta(seconds=3)
    assert "time_unproved" not in report.codes


def test_a_time_in_the_future_is_refused() -> None:
    assert "time_in_future" in report_on(pki.signer(1), now=_SIGNED_AT - timedelta(minutes=6)).codes
    assert report_on(pki.signer(1), now=_SIGNED_AT - timedelta(minutes=4)).valid  # clocks differ


def test_lists_that_say_nothing_bad_make_the_report_clean() -> None:
    holder = pki.signer(8)
    report = report_on(holder, trust=crls(), known=known(holder, _SIGNED_AT), require_revocation=True)
    assert report.valid
    assert not report.codes


def test_a_revoked_certificate_is_refused_whatever_time_its_holder_claims() -> None:
    """Who stole a key can write last year's date into a signature."""
    holder = pki.signer(9)
    trust = crls((holder, support.NOW), at=support.NOW)
    assert "certificate_revoked" in report_on(holder, trust=trust).codes


@pytest.mark.parametrize(("minutes", "valid"), [(-1, False), (0, False), (1, True)])
def test_with_a_proved_time_a_revocation_counts_from_its_own_moment(minutes: int, valid: bool) -> None:
    holder = pki.signer(9)
    trust = crls((holder, _SIGNED_AT + timedelta(minutes=minutes)), at=support.NOW)
    report = report_on(holder, trust=trust, known=known(holder, _SIGNED_AT))
    assert report.valid is valid


def test_a_revoked_authority_takes_its_signers_with_it() -> None:
    at = support.NOW
    trust = pki.trust(
        crls=(pki.crl(pki.root(), (pki.authority(), at), at=at), pki.crl(pki.authority(), at=at))
    )
    assert "certificate_revoked" in report_on(pki.signer(1), trust=trust).codes


@pytest.mark.parametrize(
    "trust",
    [
        pki.trust(),
        crls(until=support.OPENED),  # too old to know of the day of signing
        pki.trust(crls=(pki.crl(pki.root("Lạ"), at=support.OPENED),)),
        pki.trust(
            crls=(pki.crl(pki.Holder(pki.authority().certificate, pki.key("p256", 60)), at=support.OPENED),)
        ),
    ],
    ids=["none", "old", "of others", "forged"],
)
def test_without_a_usable_list_revocation_is_unknown_and_that_is_grave_only_where_asked(trust: Trust) -> None:
    assert "revocation_unknown" in report_on(pki.signer(1), trust=trust).codes
    assert report_on(pki.signer(1), trust=trust).valid
    assert not report_on(pki.signer(1), trust=trust, require_revocation=True).valid


def _part_of_a_list(*revoked: tuple[pki.Holder, datetime], indirect: bool = False) -> Trust:
    point = x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier("http://example.org/1.crl")],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=indirect,
        only_contains_attribute_certs=False,
    )
    part = pki.crl(pki.authority(), *revoked, at=support.OPENED, point=point)
    return pki.trust(crls=(part, pki.crl(pki.root(), at=support.OPENED)))


def test_a_part_of_a_list_revokes_but_never_clears() -> None:
    holder = pki.signer(1)
    assert "revocation_unknown" in report_on(holder, trust=_part_of_a_list()).codes
    revoked = (holder, support.OPENED)
    assert "certificate_revoked" in report_on(holder, trust=_part_of_a_list(revoked)).codes
    others = report_on(
        holder, trust=_part_of_a_list(revoked, indirect=True)
    )  # may speak of other authorities
    assert "certificate_revoked" not in others.codes


def test_a_forged_list_revokes_nobody() -> None:
    holder = pki.signer(1)
    forger = pki.Holder(pki.authority().certificate, pki.key("p256", 61))
    trust = pki.trust(crls=(pki.crl(forger, (holder, pki.FROM), at=support.OPENED),))
    assert report_on(holder, trust=trust).valid


def test_a_signer_may_have_a_renewed_certificate() -> None:
    old, new = pki.signer(10), pki.signer(11)
    expected = (Expected("chair-10", frozenset(fingerprint(each.certificate) for each in (old, new))),)
    assert report_on(new, expected=expected).valid
    both = support.sign(support.sign(support.pledge(), old), new, start=2)
    assert "signer_repeated" in ooxml.verify(both, support.demands(expected=expected)).codes


def test_a_broken_signature_does_not_count_as_the_signers() -> None:
    report = report_on(pki.signer(1), expected=support.expected([pki.signer(1)]), trust=Trust())
    assert "signer_missing" in report.codes
