"""What a signer says beside the signature itself, on the way in and on the way out."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from workflow_app.signatures.ooxml import algorithms
from workflow_app.signatures.ooxml.findings import Broken
from workflow_app.signatures.ooxml.names import SIGNED_PROPERTIES, ds, ms, pk, xd
from workflow_app.signatures.ooxml.reading import Signature
from workflow_app.signatures.ooxml.xml import algorithm, at_most_one, decoded, one, text

MAX_COMMENTS = 255  # ST_SignatureComments, [MS-OFFCRYPTO] 2.5.2.5
MAX_TEXT = 100  # ST_SignatureText
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """Signed with the signature, by the signer alone.

    signed_at: aware. role: the office as it stands in the document ("Chủ tịch Công đoàn ..."), by Decree
    30/2020/NĐ-CP, Annex I, part II, 7. place: may be empty.
    reference: ours, unique for each act of signing (an op_id); 1 to 64 letters, digits and hyphens.
    """

    signed_at: datetime
    role: str
    place: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        _aware(self.signed_at)
        if self.reference and not _REFERENCE.fullmatch(self.reference):
            raise ValueError("reference: 1 to 64 letters, digits and hyphens")


@dataclass(frozen=True, slots=True)
class Round:
    """Signing in a round (vòng ký), for three parties or more, in any order or at once.

    All signers say the same in the objects whose Ids are reserved, byte for byte: LibreOffice up to 7.4 puts
    all signatures into one tree and calls the third different one broken, Word does not allow other Ids.
    opened_at: aware; purpose: common to all, at most 255 letters. The signer's own time and role stand in
    the signed properties, whose Id is unique.
    """

    opened_at: datetime
    purpose: str

    def __post_init__(self) -> None:
        _aware(self.opened_at)
        _short(self.purpose, MAX_COMMENTS)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Signing on a signature line of the document, for one or two signers.

    setup_id: the line's id in the document ("{GUID}"). shown: the text above the line, at most 100 letters.
    valid_image, invalid_image: PNG that Word and LibreOffice show for the line afterwards.
    """

    setup_id: str
    shown: str
    valid_image: bytes
    invalid_image: bytes
    comments: str = ""

    def __post_init__(self) -> None:
        uuid.UUID(self.setup_id)
        if not re.fullmatch(r"\{[0-9A-F-]{36}\}", self.setup_id):
            raise ValueError("setup_id: {GUID} in upper case")
        _short(self.shown, MAX_TEXT)
        _short(self.comments, MAX_COMMENTS)


Occasion = Round | SignatureLine


@dataclass(frozen=True, slots=True)
class Said:
    """What a signature says, to be believed only when the signature holds.

    signed_at: what the signer claims. round_time: the time of the package object. setup_id: "" without a line.
    certificate_digests: name of the hash and digest of the signer's certificate, as XAdES binds it.
    """

    signed_at: datetime
    round_time: str
    roles: tuple[str, ...]
    place: str
    comments: str
    setup_id: str
    reference: str
    serial_number: int | None
    certificate_digest: tuple[str, bytes]


def said_by(signature: Signature) -> Said:
    """Raises Broken where XAdES or Office markup is not as it must be."""
    own = one(signature.xades, xd("SignedSignatureProperties"))
    place = at_most_one(own, xd("SignatureProductionPlace"))
    roles = [
        text(each) for each in own.iterfind(f"{xd('SignerRole')}/{xd('ClaimedRoles')}/{xd('ClaimedRole')}")
    ]
    office = signature.office
    time = signature.package_object.find(f".//{pk('SignatureTime')}/{pk('Value')}")
    hash_name, value, serial = _certificate(own)
    return Said(
        _time(text(one(own, xd("SigningTime")))),
        text(time) if time is not None else "",
        tuple(roles),
        " ".join(text(each) for each in place) if place is not None else "",
        _text_of(office, "SignatureComments"),
        _text_of(office, "SetupID"),
        str(signature.xades.get("Id", "")).removeprefix(SIGNED_PROPERTIES).removeprefix("_"),
        serial,
        (hash_name, value),
    )


def utc_text(at: datetime) -> str:
    """xs:dateTime in UTC, whole seconds: "2026-11-22T01:19:25Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _certificate(own: etree._Element) -> tuple[str, bytes, int | None]:
    """XAdES 7.2.2 (or V2, EN 319 132-1, 5.2.2): digest and serial number of the signer's own certificate."""
    found = [each for each in own if each.tag in {xd("SigningCertificate"), xd("SigningCertificateV2")}]
    if not found:
        raise Broken("xades_missing", "no SigningCertificate")
    # The first Cert is the signer's; others name the chain.
    cert = found[0].find(xd("Cert"))
    if len(found) > 1 or cert is None:
        raise Broken("xades_missing", "no single SigningCertificate")
    bound = one(cert, xd("CertDigest"))
    hash_name = algorithms.digest_algorithm(algorithm(bound, "DigestMethod"))
    number = cert.find(f"{xd('IssuerSerial')}/{ds('X509SerialNumber')}")
    serial = text(number) if number is not None else ""
    if serial and not re.fullmatch(r"[0-9]{1,60}", serial):
        raise Broken("signature_structure", "serial number")
    return hash_name, decoded(one(bound, ds("DigestValue"))), int(serial) if serial else None


def _time(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Broken("signature_structure", "signing time") from error
    if at.tzinfo is None:
        raise Broken("signature_structure", "signing time without a zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:  # the year 1 with a zone
        raise Broken("signature_structure", "signing time") from error


def _text_of(office: etree._Element | None, name: str) -> str:
    element = at_most_one(office, ms(name)) if office is not None else None
    return text(element) if element is not None else ""


def _aware(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("a time needs a zone")


def _short(value: str, length: int) -> None:
    if len(value) > length:
        raise ValueError(f"at most {length} letters")
