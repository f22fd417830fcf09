"""Every change that somebody could make to a signed file: what it does, and by which code it must be found.

The rows are those that Word, LibreOffice or POI were tried with, and our own beside them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from tests.documents.support import docx, relationship, with_parts
from tests.signatures.ooxml import pki, support
from workflow_app.documents.package import Package, parse_xml
from workflow_app.signatures.ooxml import names, xml

MAIN = "word/document.xml"
RELS = "word/_rels/document.xml.rels"
ROOT = "_rels/.rels"
TYPES = "[Content_Types].xml"
ORIGIN = "_xmlsignatures/_rels/origin.sigs.rels"
SIG1 = "_xmlsignatures/sig1.xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass(frozen=True)
class Tamper:
    """change: signed file -> changed file. whose: "all" signatures, the "first" one, or the "file"."""

    change: Callable[[bytes], bytes]
    code: str
    whose: str = "all"


def swap(part: str, old: str | bytes, new: str | bytes) -> Callable[[bytes], bytes]:
    """One text in one part. It must be there."""
    before, after = (each.encode() if isinstance(each, str) else each for each in (old, new))

    def change(data: bytes) -> bytes:
        content = Package.read(data).parts[part]
        assert before in content, f"{before!r} is not in {part}"
        return with_parts(data, {part: content.replace(before, after, 1)})

    return change


def each(*changes: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        for one in changes:
            data = one(data)
        return data

    return change


def add(part: str, content: bytes, type_: str = "application/xml") -> Callable[[bytes], bytes]:
    """A part with its content type."""
    override = f'<Override PartName="/{part}" ContentType="{type_}"/></Types>'
    return each(lambda data: with_parts(data, {part: content}), swap(TYPES, "</Types>", override))


def related(part: str, more: bytes) -> Callable[[bytes], bytes]:
    return swap(part, b"</Relationships>", more + b"</Relationships>")


def pattern(part: str, expression: str, new: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        content, count = re.subn(expression, new, Package.read(data).parts[part].decode(), count=1)
        assert count, expression
        return with_parts(data, {part: content.encode()})

    return change


def _first_relation(name: str) -> str:
    """An attribute of the first relation of the main part."""
    element = parse_xml(Package.read(support.pledge()).parts[RELS])[0]
    return str(element.get(name))


def _moved_target(data: bytes) -> bytes:
    target = _first_relation("Target")
    return swap(RELS, f'Target="{target}', f'Target="x{target}')(data)


def _other_type(data: bytes) -> bytes:
    return swap(RELS, _first_relation("Type"), f"{_OFFICE}/attachedTemplate")(data)


def _same_id(data: bytes) -> bytes:
    return related(RELS, relationship("image", "x.png", id_=_first_relation("Id")))(data)


def _without_first_relation(data: bytes) -> bytes:
    return pattern(RELS, r"<Relationship [^>]*/>", "")(data)


def _without_signature(data: bytes) -> bytes:
    """Cleanly: part, relation and content type."""
    return each(
        lambda d: with_parts(d, {SIG1: None}),
        pattern(ORIGIN, r'<Relationship [^>]*Target="sig1.xml"[^>]*/>', ""),
        pattern(TYPES, r"<Override [^>]*sig1.xml[^>]*/>", ""),
    )(data)


def _of_another_document(data: bytes) -> bytes:
    other = support.sign(docx("<w:p><w:r><w:t>Khác</w:t></w:r></w:p>"), pki.signer(1))
    return with_parts(data, {SIG1: Package.read(other).parts[SIG1]})


def _of_another_signer(data: bytes) -> bytes:
    """A valid signature of somebody who was not asked, in the place of the first."""
    other = support.sign(support.pledge(), pki.signer(99))
    return with_parts(data, {SIG1: Package.read(other).parts[SIG1]})


def _impostor() -> pki.Holder:
    """The same name, signed by himself."""
    return pki.issue("Chủ tịch 1", pki.key("p256", 666), None)


def _by_impostor(data: bytes) -> bytes:
    other = support.sign(support.pledge(), _impostor())
    return with_parts(data, {SIG1: Package.read(other).parts[SIG1]})


def _other_certificate(data: bytes) -> bytes:
    """Another certificate for the same key, by another authority, in KeyInfo."""
    one = pki.signer(1)
    other = pki.issue("Chủ tịch Liên đoàn", one.key, pki.root("Khác"))
    return swap(SIG1, _base64(one), _base64(other))(data)


def _base64(holder: pki.Holder) -> str:
    return "".join(holder.pem().decode().splitlines()[1:-1])


def _copied(data: bytes) -> bytes:
    """The first signature once more, correctly listed."""
    package = Package.read(data)
    return each(
        add("_xmlsignatures/sig99.xml", package.parts[SIG1], names.SIGNATURE_TYPE),
        related(
            ORIGIN, f'<Relationship Id="r99" Type="{names.SIGNATURE_RELATION}" Target="sig99.xml"/>'.encode()
        ),
    )(data)


def _malleated(data: bytes) -> bytes:
    """As copied, with s replaced by n - s: another value that the same key accepts."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    root = parse_xml(Package.read(data).parts[SIG1])
    element = root[1]
    value = xml.decoded(element)
    s = order - int.from_bytes(value[32:], "big")
    element.text = xml.encoded(value[:32] + s.to_bytes(32, "big"))
    copy = etree.tostring(root)
    return each(
        add("_xmlsignatures/sig99.xml", copy, names.SIGNATURE_TYPE),
        related(
            ORIGIN, f'<Relationship Id="r99" Type="{names.SIGNATURE_RELATION}" Target="sig99.xml"/>'.encode()
        ),
    )(data)


_MANIFEST_DIGEST = r"(document\.xml\?ContentType=.*?<DigestValue>)[^<]{4}"
_EXTRA = relationship("hyperlink", "https://example.org/", external=True)
_LOCAL = relationship("image", "media/extra.png")

TAMPERS: dict[str, Tamper] = {
    # The text
    "a word": Tamper(swap(MAIN, "Công đoàn", "Công Đoàn"), "part_changed"),
    "a letter of a style": Tamper(swap("word/styles.xml", "w:sz ", "w:szCs "), "part_changed"),
    "a space at the end of a part": Tamper(swap(MAIN, b"</w:document>", b"</w:document> "), "part_changed"),
    "a part removed": Tamper(lambda d: with_parts(d, {"word/styles.xml": None}), "part_missing"),
    "a part added, nobody points to it": Tamper(add("word/extra.xml", b"<x/>"), "part_not_covered"),
    "a part added with a relation": Tamper(
        each(add("word/media/extra.png", b"\x89PNG", "image/png"), related(RELS, _LOCAL)), "part_not_covered"
    ),
    "a part added beside the properties": Tamper(add("docProps/extra.xml", b"<x/>"), "part_not_covered"),
    "a part put in the place of another": Tamper(
        lambda d: with_parts(d, {MAIN: Package.read(d).parts["word/styles.xml"]}), "part_changed"
    ),
    # Relations
    "a relation added": Tamper(related(RELS, _EXTRA), "relationship_not_covered"),
    "a relation of the package added": Tamper(related(ROOT, _EXTRA), "relationship_not_covered"),
    "a relation removed": Tamper(_without_first_relation, "relationships_changed"),
    "a relation's target": Tamper(
        _moved_target,
        "relationships_changed",
    ),
    "a relation's type": Tamper(
        _other_type,
        "relationships_changed",
    ),
    "a relation made external": Tamper(
        pattern(RELS, r"(<Relationship [^>]*?)/>", r'\1 TargetMode="External"/>'),
        "relationships_changed",
    ),
    "the main part moved": Tamper(
        swap(ROOT, 'Target="word/document.xml"', 'Target="word/styles.xml"'), "relationships_changed"
    ),
    "relations for a part that had none": Tamper(
        lambda d: with_parts(
            d,
            {
                "word/_rels/styles.xml.rels": b'<Relationships xmlns="'
                + _PACKAGE.encode()
                + b'">'
                + _EXTRA
                + b"</Relationships>"
            },
        ),
        "relationship_not_covered",
    ),
    "two relations of one id": Tamper(
        _same_id,
        "relationships_broken",
        "file",
    ),
    "an element between the relations": Tamper(related(RELS, b"<x/>"), "relationships_broken", "file"),
    "text between the relations": Tamper(related(RELS, b"x"), "relationships_broken", "file"),
    "an attribute of another namespace": Tamper(
        swap(RELS, b"<Relationship ", b'<Relationship xmlns:y="y" y:Target="z" '),
        "relationships_broken",
        "file",
    ),
    # Content types
    "the main part's content type": Tamper(
        swap(TYPES, "wordprocessingml.document.main+xml", "wordprocessingml.template.main+xml"),
        "part_type_changed",
    ),
    "macros by content type": Tamper(
        swap(
            TYPES,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
        "part_type_changed",
    ),
    "case of a content type": Tamper(swap(TYPES, "styles+xml", "Styles+xml"), "part_type_changed"),
    "two content types of one part": Tamper(
        swap(TYPES, "</Types>", '<Override PartName="/Word/document.xml" ContentType="text/xml"/></Types>'),
        "content_types_broken",
        "file",
    ),
    "no content type": Tamper(
        lambda d: with_parts(d, {"word/extra.zzz": b"x"}), "content_types_broken", "file"
    ),
    "relations under another type": Tamper(
        swap(
            TYPES,
            "</Types>",
            '<Override PartName="/word/_rels/document.xml.rels" ContentType="text/xml"/></Types>',
        ),
        "content_types_broken",
        "file",
    ),
    "an unknown entry among the types": Tamper(
        swap(TYPES, "</Types>", "<Extra/></Types>"), "content_types_broken", "file"
    ),
    # Properties that nobody signs, as a door to the text
    "text as a property": Tamper(
        swap(ROOT, "docProps/core.xml", "word/document.xml"), "property_part_strange", "file"
    ),
    "a property from outside": Tamper(
        related(
            ROOT,
            f'<Relationship Id="r7" Type="{_PACKAGE}/metadata/thumbnail" Target="http://x/" TargetMode="External"/>'.encode(),
        ),
        "property_part_strange",
        "file",
    ),
    "an image of the text as thumbnail": Tamper(
        each(
            add("word/media/extra.png", b"\x89PNG", "image/png"),
            related(
                ROOT,
                f'<Relationship Id="r7" Type="{_PACKAGE}/metadata/thumbnail" Target="word/media/extra.png"/>'.encode(),
            ),
        ),
        "property_part_strange",
        "file",
    ),
    # XML
    "a DTD in the text": Tamper(swap(MAIN, b"<w:document", b"<!DOCTYPE w><w:document"), "xml_dtd", "file"),
    "a DTD in a signature": Tamper(
        swap(SIG1, b"<Signature ", b"<!DOCTYPE w><Signature "), "xml_dtd", "first"
    ),
    "a DTD in the relations": Tamper(
        swap(RELS, b"<Relationships ", b"<!DOCTYPE w><Relationships "), "xml_dtd", "file"
    ),
    "torn XML": Tamper(swap(MAIN, b"</w:document>", b""), "xml_broken", "file"),
    # One signature
    "the signing time": Tamper(
        pattern(SIG1, r"<xd:SigningTime>2019", "<xd:SigningTime>2018"), "object_changed", "first"
    ),
    "the claimed role": Tamper(swap(SIG1, "cơ sở số 1", "cơ sở số 2"), "object_changed", "first"),
    "the comments": Tamper(swap(SIG1, "thi đua năm 2019", "thi đua năm 2020"), "object_changed", "first"),
    "the round's time": Tamper(
        swap(SIG1, "<mdssi:Value>2019", "<mdssi:Value>2018"), "object_changed", "first"
    ),
    "a digest of the manifest": Tamper(pattern(SIG1, _MANIFEST_DIGEST, r"\1AAAA"), "object_changed", "first"),
    "a part out of the manifest": Tamper(
        pattern(SIG1, r'<Reference URI="/word/styles.*?</Reference>', ""), "object_changed", "first"
    ),
    "the signature value": Tamper(
        pattern(SIG1, r"<SignatureValue>[^<]{4}", "<SignatureValue>AAAA"), "signature_value", "first"
    ),
    "a digest of SignedInfo": Tamper(
        pattern(SIG1, r'(#idOfficeObject".*?<DigestValue>)[^<]{4}', r"\1AAAA"), "signature_value", "first"
    ),
    "the certificate": Tamper(_other_certificate, "certificate_digest", "first"),
    "no certificate": Tamper(
        pattern(SIG1, r"<X509Data>.*</X509Data>", "<X509Data/>"), "certificate_missing", "first"
    ),
    "a torn certificate": Tamper(
        pattern(SIG1, r"<X509Certificate>.{8}", "<X509Certificate>"), "certificate_broken", "first"
    ),
    "a signature of another document": Tamper(_of_another_document, "part_changed", "first"),
    "an impostor of the same name": Tamper(_by_impostor, "chain_untrusted", "first"),
    "SHA-1": Tamper(
        swap(SIG1, "2001/04/xmldsig-more#ecdsa-sha256", "2000/09/xmldsig#rsa-sha1"),
        "algorithm_refused",
        "first",
    ),
    "a digest by SHA-1": Tamper(
        swap(
            SIG1,
            'DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"',
            'DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"',
        ),
        "algorithm_refused",
        "first",
    ),
    "another canonicalisation": Tamper(
        swap(
            SIG1,
            'CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"',
            'CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"',
        ),
        "algorithm_refused",
        "first",
    ),
    "a stylesheet as transform": Tamper(
        swap(
            SIG1,
            'Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/></Transforms><DigestMethod',
            'Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></Transforms><DigestMethod',
        ),
        "transform_refused",
        "first",
    ),
    # The list of signatures
    "a signature copied": Tamper(_copied, "signature_copied", "file"),
    "a signature copied with another value": Tamper(_malleated, "signature_copied", "file"),
    "a signature listed twice": Tamper(
        related(
            ORIGIN, f'<Relationship Id="r9" Type="{names.SIGNATURE_RELATION}" Target="sig1.xml"/>'.encode()
        ),
        "origin_broken",
        "file",
    ),
    "a hundred signatures to keep us busy": Tamper(
        related(
            ORIGIN,
            "".join(
                f'<Relationship Id="x{n}" Type="{names.SIGNATURE_RELATION}" Target="sig1.xml"/>'
                for n in range(100)
            ).encode(),
        ),
        "container_limits",
        "file",
    ),
    "a signature taken off the list": Tamper(
        pattern(ORIGIN, r'<Relationship [^>]*Target="sig1.xml"[^>]*/>', ""), "signature_part_stray", "file"
    ),
    "a signature in another folder": Tamper(
        lambda d: add("word/sig9.xml", Package.read(d).parts[SIG1], names.SIGNATURE_TYPE)(d),
        "signature_part_stray",
        "file",
    ),
    "a signature of another content type": Tamper(
        swap(TYPES, "digital-signature-xmlsignature+xml", "x+xml"), "origin_broken", "file"
    ),
    "something else among the signatures": Tamper(
        add("_xmlsignatures/x.xml", b"<x/>"), "signature_part_stray", "file"
    ),
    "a second origin": Tamper(
        related(
            ROOT,
            f'<Relationship Id="r9" Type="{names.ORIGIN_RELATION}" Target="word/document.xml"/>'.encode(),
        ),
        "origin_broken",
        "file",
    ),
    "the origin filled": Tamper(
        lambda d: with_parts(d, {"_xmlsignatures/origin.sigs": b"x"}), "origin_broken", "file"
    ),
    "relations of a signature": Tamper(
        lambda d: with_parts(
            d,
            {
                "_xmlsignatures/_rels/sig1.xml.rels": b'<Relationships xmlns="'
                + _PACKAGE.encode()
                + b'">'
                + _EXTRA
                + b"</Relationships>"
            },
        ),
        "signature_part_stray",
        "file",
    ),
    # Only the caller's list of signers can tell
    "a signature dropped": Tamper(_without_signature, "signer_missing", "file"),
    "a signature of somebody else instead": Tamper(_of_another_signer, "signer_unexpected", "file"),
    "a signature of somebody else beside": Tamper(
        lambda d: support.sign(d, pki.signer(99), start=99), "signer_unexpected", "file"
    ),
    "one who signs twice": Tamper(
        lambda d: support.sign(d, pki.signer(1), start=98), "signer_repeated", "file"
    ),
    "all signatures removed": Tamper(lambda d: support.pledge(), "no_signature", "file"),
}
