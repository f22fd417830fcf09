"""Making a signature in two steps, so that the private key can be anywhere.

    prepared = prepare(package, facts, occasion, certificate)
    value = <token, browser, remote service or local key signs prepared.digest>
    signature = complete(prepared.state, value)
    package = insert(package, signature)          # inserting.py; the package may have got others meanwhile

The state needs neither secrecy nor protection: it says nothing but what will stand in the signature, and
complete() and insert() check everything again. Whoever changes it, changes what the value must fit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cryptography import x509

from workflow_app.documents.package import xml_bytes
from workflow_app.signatures.ooxml import algorithms, building, certificates, relationships, timestamps
from workflow_app.signatures.ooxml.algorithms import SignHash
from workflow_app.signatures.ooxml.contents import Contents, open_contents
from workflow_app.signatures.ooxml.coverage import check_itself
from workflow_app.signatures.ooxml.errors import LineUnknown, NotSignable, SignatureRefused
from workflow_app.signatures.ooxml.facts import Occasion, SignatureLine, SignerFacts, said_by
from workflow_app.signatures.ooxml.findings import Broken
from workflow_app.signatures.ooxml.inserting import insert
from workflow_app.signatures.ooxml.lines import lines_of
from workflow_app.signatures.ooxml.reading import Signature, read_signature
from workflow_app.signatures.ooxml.xml import c14n, encoded

TimeStamper = Callable[[bytes], bytes]  # SHA-256 of what is stamped -> TimeStampToken of RFC 3161, DER


@dataclass(frozen=True, slots=True)
class Prepared:
    """What has to be signed.

    digest: of signed_info, by the hash named in `hash` ("sha256", "sha384", "sha512"): for PKCS#1 v1.5 by RSA
    keys, for ECDSA by others (`kind`). signed_info: for devices that hash themselves.
    state: for complete(); opaque bytes.
    """

    digest: bytes
    hash: str
    kind: str
    signed_info: bytes
    state: bytes


def prepare(
    data: bytes,
    facts: SignerFacts,
    occasion: Occasion,
    certificate: x509.Certificate,
    *,
    chain: Sequence[x509.Certificate] = (),
) -> Prepared:
    """data: the .docx. chain: certificates between the signer's and the root, put into the signature.

    Raises NotSignable (the package, the certificate at the time of signing), LineUnknown.
    """
    try:
        contents = open_contents(data)
        _check_signable(contents)
        certificates.check_signer(certificate, facts.signed_at)
        if isinstance(occasion, SignatureLine):
            _check_line(contents, occasion)
        state = building.unsigned_signature(contents, facts, occasion, certificate, chain)
        signed_info = c14n(read_signature(state).signed_info)
        method = algorithms.method_of(certificate)
    except Broken as error:
        raise NotSignable([error.finding]) from error
    return Prepared(algorithms.digest(method.hash, signed_info), method.hash, method.kind, signed_info, state)


def complete(state: bytes, value: bytes, *, time_stamper: TimeStamper | None = None) -> bytes:
    """The finished signature part. value: PKCS#1 v1.5 for RSA; for ECDSA DER or r and s side by side.

    time_stamper: asked once, for XAdES-T. Raises SignatureRefused unless the value fits the state and the
    certificate in it, and the token (its trust aside) the value.
    """
    try:
        signature = read_signature(state)
        certificate = certificates.signer_of(signature, said_by(signature))
        xml_value = algorithms.to_xml_value(algorithms.public_key(certificate), value)
        signature.value_element.text = encoded(xml_value)
        wrong = list(check_itself(replace(signature, value=xml_value), certificate))
        if time_stamper is not None and not wrong:
            _add_time_stamp(signature, time_stamper)
    except Broken as error:
        raise SignatureRefused([error.finding]) from error
    if wrong:
        raise SignatureRefused(wrong)
    return xml_bytes(signature.root)


def sign(
    data: bytes,
    facts: SignerFacts,
    occasion: Occasion,
    certificate: x509.Certificate,
    sign_hash: SignHash,
    *,
    chain: Sequence[x509.Certificate] = (),
    time_stamper: TimeStamper | None = None,
) -> bytes:
    """All steps at once: the .docx with one signature more. Raises what the steps raise."""
    prepared = prepare(data, facts, occasion, certificate, chain=chain)
    value = sign_hash(prepared.digest, prepared.hash)
    return insert(data, complete(prepared.state, value, time_stamper=time_stamper))


def _check_signable(contents: Contents) -> None:
    for name in contents.must_cover_relations:
        if relationships.has_space(contents.package.parts[name], name):
            raise Broken("relationships_space", name)


def _check_line(contents: Contents, line: SignatureLine) -> None:
    signatures = (read_signature(contents.package.parts[name], name) for name in contents.signatures)
    signed = {said_by(each).setup_id for each in signatures}
    if line.setup_id not in {each.setup_id for each in lines_of(contents.package)} - signed:
        raise LineUnknown(f"line {line.setup_id}")


def _add_time_stamp(signature: Signature, time_stamper: TimeStamper) -> None:
    """XAdES 7.3: the stamp is on the canonical SignatureValue element."""
    stamped = algorithms.digest("sha256", c14n(signature.value_element))
    token = time_stamper(stamped)
    if timestamps.read(token).imprint != ("sha256", stamped):
        raise Broken("timestamp_imprint")
    timestamps.attach(signature, token)
