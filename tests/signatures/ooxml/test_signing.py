"""Making signatures: any key, any number, any order, with the key anywhere."""

import itertools
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from tests.documents.support import with_parts
from tests.signatures.ooxml import pki, support
from tests.signatures.ooxml.lined import line, lined_pledge, on_line, png
from workflow_app.documents.content_id import content_id
from workflow_app.documents.package import Package
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml import (
    LinesFull,
    LineUnknown,
    NotSignable,
    OtherDocument,
    SignatureLine,
    SignatureRefused,
    lines_of,
)


def made(holder: pki.Holder, number: int, data: bytes | None = None) -> bytes:
    """A finished signature part, not yet in any package."""
    prepared = ooxml.prepare(
        data or support.pledge(), support.facts(number), support.ROUND, holder.certificate
    )
    return ooxml.complete(prepared.state, holder.sign_hash(prepared.digest, prepared.hash))


@pytest.mark.parametrize("kind", ["rsa2048", "rsa3072", "p256", "p384", "p521"])
def test_a_signature_of_each_kind_of_key_holds(kind: str) -> None:
    holder = pki.signer(1, kind)
    report = ooxml.verify(
        support.sign(support.pledge(), holder), support.demands(expected=support.expected([holder]))
    )
    assert report.valid
    assert report.codes == {"time_unproved", "revocation_unknown"}


@pytest.mark.parametrize("count", [1, 2, 16])
def test_everybody_who_signed_is_found_with_what_he_said(count: int) -> None:
    report = ooxml.verify(support.signed(count), support.demands(count))
    assert report.valid
    assert len(report.signatures) == count
    for number, signature in enumerate(report.signatures, start=1):
        said = signature.said
        assert said is not None
        assert said.roles == (f"Chủ tịch Công đoàn cơ sở số {number}",)
        assert said.comments == support.ROUND.purpose
        assert (said.place, said.reference) == ("An Giang", f"op-{number}")
        assert said.signed_at == support.OPENED + timedelta(minutes=number)
        assert signature.certificate == support.signers(count)[number - 1].certificate


@pytest.mark.parametrize("seed", range(4))
def test_sixteen_signatures_prepared_at_once_go_in_in_any_order(seed: int) -> None:
    """Everybody had the same unsigned file before him; nobody's key is asked twice."""
    parts = [made(holder, number) for number, holder in enumerate(support.signers(16), start=1)]
    random.Random(seed).shuffle(parts)  # noqa: S311 - an order, not a secret
    data = support.pledge()
    for part in parts:
        data = ooxml.insert(data, part)
    assert ooxml.verify(data, support.demands(16)).valid


def test_interleaved_steps_of_three_signers_all_count() -> None:
    one, two, three = support.signers(3)
    early = ooxml.prepare(support.pledge(), support.facts(1), support.ROUND, one.certificate)
    data = ooxml.insert(support.pledge(), made(two, 2))
    middle = ooxml.prepare(data, support.facts(3), support.ROUND, three.certificate)
    data = ooxml.insert(data, ooxml.complete(early.state, one.sign_hash(early.digest, early.hash)))
    data = ooxml.insert(data, ooxml.complete(middle.state, three.sign_hash(middle.digest, middle.hash)))
    assert ooxml.verify(data, support.demands(3)).valid


def test_a_lost_answer_can_be_repeated() -> None:
    part = made(pki.signer(1), 1)
    once = ooxml.insert(support.pledge(), part)
    assert ooxml.insert(once, part) == once


def test_a_signature_leaves_what_the_document_says() -> None:
    assert content_id(support.signed(16)) == content_id(support.pledge())


def test_all_signers_of_a_round_say_the_same_in_reserved_objects_and_have_ids_of_their_own() -> None:
    package = Package.read(support.signed(16))
    parts = [package.parts[f"_xmlsignatures/sig{n}.xml"].decode() for n in range(1, 17)]
    for name in ("idPackageObject", "idOfficeObject"):
        cut = {part[part.index(f'Id="{name}"') :].partition("</Object>")[0] for part in parts}
        assert len(cut) == 1
    ids = {part.partition('SignedProperties Id="')[2].partition('"')[0] for part in parts}
    assert len(ids) == 16


def test_a_token_may_answer_with_der() -> None:
    holder = pki.signer(1, "p256")
    prepared = ooxml.prepare(support.pledge(), support.facts(1), support.ROUND, holder.certificate)
    assert (prepared.kind, prepared.hash) == ("ecdsa", "sha256")
    assert isinstance(holder.key, ec.EllipticCurvePrivateKey)
    der = holder.key.sign(prepared.digest, ec.ECDSA(Prehashed(SHA256())))
    data = ooxml.insert(support.pledge(), ooxml.complete(prepared.state, der))
    assert ooxml.verify(data, support.demands()).valid


def test_a_device_that_hashes_itself_gets_the_bytes() -> None:
    holder = pki.signer(1, "p256")
    prepared = ooxml.prepare(support.pledge(), support.facts(1), support.ROUND, holder.certificate)
    assert isinstance(holder.key, ec.EllipticCurvePrivateKey)
    value = holder.key.sign(prepared.signed_info, ec.ECDSA(SHA256()))
    assert ooxml.complete(prepared.state, value)


@pytest.mark.parametrize("value", [b"", b"\0" * 64, b"\x01" * 63, b"\x30\x06\x02\x01\x01\x02\x01\x01"])
def test_a_wrong_value_is_refused(value: bytes) -> None:
    prepared = ooxml.prepare(support.pledge(), support.facts(1), support.ROUND, pki.signer(1).certificate)
    with pytest.raises(SignatureRefused) as refused:
        ooxml.complete(prepared.state, value)
    assert [each.code for each in refused.value.findings] == ["signature_value"]


def test_the_value_of_another_signer_is_refused() -> None:
    prepared = ooxml.prepare(support.pledge(), support.facts(1), support.ROUND, pki.signer(1).certificate)
    with pytest.raises(SignatureRefused):
        ooxml.complete(prepared.state, pki.signer(2).sign_hash(prepared.digest, prepared.hash))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Chủ tịch Công đoàn cơ sở số 1", "Chủ tịch Liên đoàn"),
        ("2019-03-01T07:01:00Z", "2019-02-01T07:01:00Z"),
        ("cam kết", "không cam kết"),
    ],
)
def test_a_state_that_was_changed_meanwhile_is_refused(old: str, new: str) -> None:
    """The state may travel through a browser."""
    holder = pki.signer(1)
    prepared = ooxml.prepare(support.pledge(), support.facts(1), support.ROUND, holder.certificate)
    state = prepared.state.decode()
    assert old in state
    with pytest.raises(SignatureRefused):
        ooxml.complete(state.replace(old, new).encode(), holder.sign_hash(prepared.digest, prepared.hash))


def test_a_signature_of_another_text_is_not_put_in() -> None:
    document = Package.read(support.pledge()).parts["word/document.xml"]
    other = with_parts(support.pledge(), {"word/document.xml": document.replace(b"2019", b"2020")})
    with pytest.raises(OtherDocument) as refused:
        ooxml.insert(other, made(pki.signer(1), 1))
    assert {each.code for each in refused.value.findings} == {"part_changed"}
    assert "nội dung khác" in refused.value.vi


def test_a_forged_signature_part_is_not_put_in() -> None:
    part = made(pki.signer(1), 1).replace("số 1".encode(), "số 2".encode())
    with pytest.raises(SignatureRefused):
        ooxml.insert(support.pledge(), part)
    with pytest.raises(SignatureRefused):
        ooxml.insert(support.pledge(), b"<Signature/>")


def _issued(**changes: object) -> x509.Certificate:
    return pki.issue("Người ký", pki.key("p256", 77), pki.authority(), **changes).certificate  # type: ignore[arg-type]  # passed on


def _with_ed25519() -> x509.Certificate:
    holder = pki.issue("Người ký", ed25519.Ed25519PrivateKey.generate(), pki.authority())  # type: ignore[arg-type]  # a kind we refuse
    return holder.certificate


@pytest.mark.parametrize(
    ("certificate", "code"),
    [
        (lambda: _issued(until=support.OPENED), "certificate_expired"),
        (lambda: _issued(since=support.NOW), "certificate_not_yet_valid"),
        (lambda: _issued(uses=("key_encipherment",)), "certificate_usage"),
        (lambda: _issued(ca=True), "certificate_usage"),
        (lambda: pki.issue("Yếu", pki.key("rsa1024", 1), pki.authority()).certificate, "key_weak"),
        (_with_ed25519, "key_weak"),
    ],
)
def test_a_certificate_that_verifiers_would_refuse_does_not_sign(certificate, code: str) -> None:  # type: ignore[no-untyped-def]  # a lambda
    with pytest.raises(NotSignable) as refused:
        ooxml.prepare(support.pledge(), support.facts(1), support.ROUND, certificate())
    assert [each.code for each in refused.value.findings] == [code]


@pytest.mark.parametrize(
    ("part", "change", "code"),
    [
        ("_rels/.rels", (b"<Relationship ", b"\n<Relationship "), "relationships_space"),
        ("word/document.xml", (b"<w:document", b"<!DOCTYPE w><w:document"), "xml_dtd"),
        ("word/document.xml", (b"</w:document>", b""), "xml_broken"),
    ],
)
def test_a_package_that_some_reader_would_read_otherwise_is_not_signed(
    part: str, change: tuple[bytes, bytes], code: str
) -> None:
    content = Package.read(support.pledge()).parts[part].replace(*change, 1)
    with pytest.raises(NotSignable) as refused:
        support.sign(with_parts(support.pledge(), {part: content}), pki.signer(1))
    assert [each.code for each in refused.value.findings] == [code]


def test_two_sign_on_their_lines() -> None:
    data = on_line(on_line(lined_pledge(2), 2, pki.signer(2)), 1, pki.signer(1))
    report = ooxml.verify(data, support.demands(2))
    assert report.valid
    assert [each.said.setup_id for each in report.signatures if each.said] == [
        line(2).setup_id,
        line(1).setup_id,
    ]


def test_the_lines_of_a_document_can_be_read() -> None:
    assert lines_of(Package.read(lined_pledge(2))) == (line(1), line(2))


def test_a_line_is_signed_once_and_only_if_it_is_there() -> None:
    data = on_line(lined_pledge(2), 1, pki.signer(1))
    with pytest.raises(LineUnknown):
        on_line(data, 1, pki.signer(2))
    with pytest.raises(LineUnknown):
        on_line(data, 3, pki.signer(2))


def test_two_signatures_made_at_once_for_one_line_cannot_both_go_in() -> None:
    data = lined_pledge(1)
    occasion = SignatureLine(line(1).setup_id, "", png(255), png(0))
    finished = []
    for number in (1, 2):
        holder = pki.signer(number)
        prepared = ooxml.prepare(data, support.facts(number), occasion, holder.certificate)
        finished.append(ooxml.complete(prepared.state, holder.sign_hash(prepared.digest, prepared.hash)))
    data = ooxml.insert(data, finished[0])
    with pytest.raises(LineUnknown):
        ooxml.insert(data, finished[1])


def test_a_third_signature_beside_lines_is_refused() -> None:
    data = on_line(on_line(lined_pledge(3), 1, pki.signer(1)), 2, pki.signer(2))
    with pytest.raises(LinesFull):
        on_line(data, 3, pki.signer(3))


def test_a_third_signature_of_another_round_is_refused() -> None:
    other = replace(support.ROUND, purpose="Mục đích khác")
    holder = pki.signer(3)
    with pytest.raises(LinesFull):
        ooxml.sign(support.signed(2), support.facts(3), other, holder.certificate, holder.sign_hash)


@pytest.mark.parametrize(
    "make",
    [
        lambda: support.facts(1, signed_at=datetime(2019, 3, 1)),  # noqa: DTZ001 - naive on purpose
        lambda: support.facts(1, reference='x" y="'),
        lambda: replace(support.ROUND, purpose="x" * 256),
        lambda: replace(support.ROUND, opened_at=datetime(2019, 3, 1)),  # noqa: DTZ001 - naive on purpose
        lambda: SignatureLine("{1}", "", b"", b""),
        lambda: SignatureLine(line(1).setup_id, "x" * 101, b"", b""),
    ],
)
def test_facts_that_no_signature_can_say_are_refused(make) -> None:  # type: ignore[no-untyped-def]  # a lambda
    with pytest.raises(ValueError, match=r"."):
        make()


def test_text_of_people_stays_text() -> None:
    """No markup, no lost letter, whatever somebody's office is called."""
    role = 'Chủ tịch "Công đoàn" <A&B> ]]> \u2028 đ\u0309'
    holder = pki.signer(1)
    data = ooxml.sign(
        support.pledge(), support.facts(1, role=role), support.ROUND, holder.certificate, holder.sign_hash
    )
    said = ooxml.verify(data, support.demands(1)).signatures[0].said
    assert said is not None
    assert said.roles == (role,)


def test_the_same_facts_give_the_same_bytes_to_sign() -> None:
    first, second = (
        ooxml.prepare(support.pledge(), support.facts(1), support.ROUND, pki.signer(1).certificate)
        for _ in range(2)
    )
    assert first == second


def test_every_order_of_three_gives_a_valid_file() -> None:
    parts = [made(holder, number) for number, holder in enumerate(support.signers(3), start=1)]
    for order in itertools.permutations(parts):
        data = support.pledge()
        for part in order:
            data = ooxml.insert(data, part)
        assert ooxml.verify(data, support.demands(3)).valid
