"""XAdES-T: tokens of an independent authority are believed for what they stamp, and for nothing else."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.documents.support import with_parts
from tests.signatures.ooxml import pki, support, tsa
from tests.signatures.ooxml.tampers import SIG1
from workflow_app.documents.package import Package
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml import Demands, SignatureRefused, stamp_requests, timestamps
from workflow_app.signatures.ooxml.findings import Broken
from workflow_app.signatures.ooxml.reading import read_signature
from workflow_app.signatures.ooxml.xml import c14n

if tsa.OPENSSL is None and "office" in os.environ.get("WORKFLOW_APP_TEST_REQUIRE", ""):
    raise RuntimeError("openssl is required here")
pytestmark = pytest.mark.skipif(tsa.OPENSSL is None, reason="install openssl")


@pytest.fixture
def authority(tmp_path: Path) -> tsa.Authority:
    return tsa.Authority(tmp_path)


def demands(**changes: object) -> Demands:
    made = support.demands(now=tsa.today() + timedelta(seconds=5), require_time_stamp=True)
    return replace(made, **changes)  # type: ignore[arg-type]  # passed on


def stamped(
    authority: tsa.Authority, holder: pki.Holder | None = None, wrap: Callable[[bytes], bytes] | None = None
) -> bytes:
    stamp = (lambda digest: wrap(authority.stamp(digest))) if wrap else authority.stamp
    return support.sign(support.pledge(), holder or pki.signer(1), time_stamper=stamp)


def token_of(data: bytes) -> tuple[bytes, bytes]:
    """The token and what it is on."""
    signature = read_signature(Package.read(data).parts[SIG1])
    return timestamps.tokens_of(signature)[0], c14n(signature.value_element)


@pytest.mark.parametrize(("ess", "digest"), [("sha256", "sha256"), ("sha1", "sha512"), ("sha512", "sha384")])
def test_a_token_proves_the_time_and_openssl_agrees(tmp_path: Path, ess: str, digest: str) -> None:
    authority = tsa.Authority(tmp_path, ess=ess, digest=digest)
    before = tsa.today() - timedelta(seconds=2)
    data = stamped(authority)
    report = ooxml.verify(data, demands())
    assert report.valid
    assert report.codes == {"revocation_unknown"}
    proved = report.signatures[0].proved_at
    assert proved is not None
    assert before <= proved <= tsa.today() + timedelta(seconds=2)
    token, on = token_of(data)
    assert authority.openssl_accepts(token, on)
    assert not authority.openssl_accepts(token, on + b" ")


def test_an_authority_may_sign_with_a_curve(tmp_path: Path) -> None:
    holder = pki.issue("TSA", pki.key("p384", -5), pki.root(), uses=("digital_signature",), only_stamps=True)
    data = stamped(tsa.Authority(tmp_path, holder, digest="sha384"))
    assert ooxml.verify(data, demands()).valid


def test_a_signature_without_a_token_is_refused_where_one_is_asked_for() -> None:
    report = ooxml.verify(support.signed(2), demands(expected=None))
    assert not report.valid
    assert "timestamp_missing" in report.codes


def test_a_token_outlives_the_certificate(authority: tsa.Authority) -> None:
    """A signature with a proved time holds after the certificate has ended."""
    holder = pki.issue(
        "Chủ tịch 1", pki.key("p256", 5), pki.authority(), until=tsa.today() + timedelta(days=2)
    )
    data = support.sign(support.pledge(), holder, time_stamper=authority.stamp)
    later = tsa.today() + timedelta(days=500)
    assert ooxml.verify(data, demands(now=later)).valid


def test_a_signature_that_was_stamped_after_the_certificate_ended_is_refused(
    authority: tsa.Authority,
) -> None:
    holder = pki.issue(
        "Chủ tịch 1", pki.key("p256", 6), pki.authority(), until=support.OPENED + timedelta(days=30)
    )
    report = ooxml.verify(support.sign(support.pledge(), holder, time_stamper=authority.stamp), demands())
    assert "certificate_expired" in report.codes
    assert not report.valid


def test_a_revocation_after_the_proved_time_does_no_harm(authority: tsa.Authority) -> None:
    holder = pki.signer(7)
    data = stamped(authority, holder)
    now = tsa.today()
    for when, valid in ((now + timedelta(hours=1), True), (now - timedelta(hours=1), False)):
        crls = (pki.crl(pki.authority(), (holder, when), at=now), pki.crl(pki.root(), at=now))
        report = ooxml.verify(
            data, demands(trust=pki.trust(crls=crls), now=now + timedelta(days=1), require_revocation=True)
        )
        assert report.valid is valid
        assert ("certificate_revoked" in report.codes) is not valid


def test_a_claimed_time_after_the_proved_one_is_a_contradiction(authority: tsa.Authority) -> None:
    holder = pki.signer(1)
    later = tsa.today() + timedelta(days=2)
    data = ooxml.sign(
        support.pledge(),
        support.facts(1, signed_at=later),
        support.ROUND,
        holder.certificate,
        holder.sign_hash,
        time_stamper=authority.stamp,
    )
    report = ooxml.verify(data, demands(now=later))
    assert "time_contradiction" in report.codes
    assert not report.valid


@pytest.mark.parametrize("holder", [tsa.stranger, tsa.without_purpose])
def test_an_authority_that_is_none_for_us_is_not_believed(
    tmp_path: Path, holder: Callable[[], pki.Holder]
) -> None:
    try:
        data = stamped(tsa.Authority(tmp_path, holder()))
    except tsa.subprocess.CalledProcessError:  # openssl itself refuses to stamp with it
        assert holder is tsa.without_purpose
        return
    report = ooxml.verify(data, demands())
    assert "timestamp_untrusted" in report.codes
    assert not report.valid


def test_a_revoked_authority_is_not_believed(authority: tsa.Authority) -> None:
    now = tsa.today()
    crls = (pki.crl(pki.root(), (pki.time_authority(), now - timedelta(days=1)), at=now),)
    report = ooxml.verify(stamped(authority), demands(trust=pki.trust(crls=crls)))
    assert "timestamp_untrusted" in report.codes


def test_the_token_of_another_signature_is_refused(authority: tsa.Authority) -> None:
    token, _ = token_of(stamped(authority))
    with pytest.raises(SignatureRefused) as refused:
        support.sign(support.pledge(), pki.signer(2), time_stamper=lambda _: token)
    assert [each.code for each in refused.value.findings] == ["timestamp_imprint"]


def test_a_token_moved_to_another_signature_is_found(authority: tsa.Authority) -> None:
    first = stamped(authority)
    both = support.sign(first, pki.signer(2), start=2, time_stamper=authority.stamp)
    tokens = [
        timestamps.tokens_of(read_signature(Package.read(both).parts[f"_xmlsignatures/sig{n}.xml"]))[0]
        for n in (1, 2)
    ]
    parts = Package.read(both).parts
    moved = parts[SIG1].replace(
        timestamps.encoded(tokens[0]).encode(), timestamps.encoded(tokens[1]).encode()
    )
    report = ooxml.verify(with_parts(both, {SIG1: moved}), demands())
    assert [each.valid for each in report.signatures] == [False, True]
    assert "timestamp_imprint" in report.codes


def test_taking_a_token_away_takes_the_proof_away(authority: tsa.Authority) -> None:
    data = stamped(authority)
    part = Package.read(data).parts[SIG1].decode()
    start, end = part.index("<xd:UnsignedProperties>"), part.index("</xd:UnsignedProperties>")
    bare = part[:start] + part[end + len("</xd:UnsignedProperties>") :]
    report = ooxml.verify(with_parts(data, {SIG1: bare.encode()}), demands())
    assert "timestamp_missing" in report.codes


@pytest.mark.parametrize("count", [400])
def test_no_changed_token_is_believed_and_none_breaks_the_reader(
    authority: tsa.Authority, count: int
) -> None:
    """Every byte that is signed counts; a change elsewhere may only leave the same token."""
    token, on = token_of(stamped(authority))
    whole = timestamps.read(token)
    step = max(1, len(token) // count)
    for position in range(0, len(token), step):
        changed = bytearray(token)
        changed[position] ^= 0x41
        try:
            read = timestamps.read(bytes(changed))
        except Broken as error:
            assert error.finding.code in {"timestamp_broken", "key_weak"}
            continue
        assert (read.imprint, read.at, read.certificate) == (whole.imprint, whole.at, whole.certificate)
    assert authority.openssl_accepts(token, on)


@pytest.mark.parametrize("junk", [b"", b"0", b"\x30\x80\x00\x00", b"\x30\x03\x02\x01\x00", b"\xff" * 100])
def test_junk_is_no_token(junk: bytes) -> None:
    with pytest.raises(Broken, match="timestamp_broken"):
        timestamps.read(junk)
    with pytest.raises(SignatureRefused):
        support.sign(support.pledge(), pki.signer(1), time_stamper=lambda _: junk)


def test_an_authority_is_asked_and_answers(authority: tsa.Authority) -> None:
    """Our request is understood by openssl, its answer by us, and only as the answer to this request."""
    digest = hashlib.sha256(b"x").digest()
    answer = authority.answer(stamp_requests.request(digest, 2**63 + 5))
    token = stamp_requests.token_of(answer, digest, 2**63 + 5)
    assert authority.openssl_accepts(token, b"x")
    for other, nonce in ((hashlib.sha256(b"y").digest(), 2**63 + 5), (digest, 4)):
        with pytest.raises(SignatureRefused) as refused:
            stamp_requests.token_of(answer, other, nonce)
        assert [each.code for each in refused.value.findings] == ["timestamp_imprint"]


def test_a_refusal_of_the_authority_is_told(authority: tsa.Authority) -> None:
    refusal = authority.answer(b"0")
    for answer in (refusal, b"", b"<html>", refusal[:-1]):
        with pytest.raises(SignatureRefused):
            stamp_requests.token_of(answer, bytes(32), 1)
