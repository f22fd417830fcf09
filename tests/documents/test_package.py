"""Packages: bounded on the way in, one form on the way out, an id for what they say."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from document_templates import ooxml
from tests.documents.support import AT, docx, one_value, raw_zip, relationship, sample, template, with_parts
from workflow_app.documents.content_id import content_id
from workflow_app.documents.errors import PackageBroken
from workflow_app.documents.normalising import normalise
from workflow_app.documents.package import Package, parse_xml
from workflow_app.documents.rendering import render

_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"


def _document() -> bytes:
    return render(template("pledge"), sample("pledge"), at=AT).data


def _repacked(data: bytes, compression: int) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [(name, archive.read(name)) for name in reversed(archive.namelist())]
    return raw_zip(entries, compression)


def test_normalising_twice_changes_nothing() -> None:
    once = normalise(_document(), at=AT)
    assert normalise(once, at=AT) == once


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_order_time_and_compression_of_the_zip_do_not_count(compression: int) -> None:
    document = _document()
    other = _repacked(document, compression)
    assert content_id(other) == content_id(document)
    assert normalise(other, at=AT) == document


def test_adding_a_signature_leaves_the_content_id() -> None:
    document = _document()
    package = Package.read(document)
    origin = f'<Relationship Id="rId9" Type="{_RELS}/digital-signature/origin" Target="_xmlsignatures/origin.sigs"/>'
    types = package.parts["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Default Extension="sigs" ContentType="application/vnd.openxmlformats-package.digital-signature-origin"/></Types>',
    )
    signed = with_parts(
        document,
        {
            "_rels/.rels": package.parts["_rels/.rels"].replace(
                b"</Relationships>", origin.encode() + b"</Relationships>"
            ),
            "_xmlsignatures/origin.sigs": b"",
            "_xmlsignatures/_rels/origin.sigs.rels": b"<x/>",
            "_xmlsignatures/sig1.xml": b"<Signature/>",
            "[Content_Types].xml": types,
            "docProps/core.xml": b"<other/>",
        },
    )
    assert content_id(signed) == content_id(document)


@pytest.mark.parametrize(
    "change",
    [
        {"word/document.xml": b"<w:document xmlns:w='x'/>"},
        {"word/styles.xml": None},
        {"word/extra.xml": b"<x/>"},
    ],
)
def test_any_other_change_gives_another_content_id(change: dict[str, bytes | None]) -> None:
    assert content_id(with_parts(_document(), change)) != content_id(_document())


def test_a_changed_content_type_or_relationship_gives_another_content_id() -> None:
    document = _document()
    parts = Package.read(document).parts
    types = parts["[Content_Types].xml"].replace(b"document.main+xml", b"template.main+xml")
    rels = parts["word/_rels/document.xml.rels"].replace(
        b"</Relationships>",
        relationship("hyperlink", "https://example.org/", external=True) + b"</Relationships>",
    )
    assert content_id(with_parts(document, {"[Content_Types].xml": types})) != content_id(document)
    assert content_id(with_parts(document, {"word/_rels/document.xml.rels": rels})) != content_id(document)


def test_clutter_of_word_is_dropped_with_its_content_types() -> None:
    document = _document()
    parts = Package.read(document).parts
    clutter = relationship("customXml", "../customXml/item1.xml") + relationship(
        "stylesWithEffects", "fx.xml", id_="rId78"
    )
    thumbnail = f'<Relationship Id="rId44" Type="{_RELS}/metadata/thumbnail" Target="docProps/thumbnail.jpeg"/>'.encode()
    cluttered = with_parts(
        document,
        {
            "word/_rels/document.xml.rels": parts["word/_rels/document.xml.rels"].replace(
                b"</Relationships>", clutter + b"</Relationships>"
            ),
            "_rels/.rels": parts["_rels/.rels"].replace(
                b"<Relationship ", thumbnail + b"\n <Relationship ", 1
            ),
            "customXml/item1.xml": b"<x/>",
            "word/fx.xml": b"<x/>",
            "docProps/thumbnail.jpeg": b"\xff\xd8\xff",
            "unreached.xml": b"<x/>",
            "[Content_Types].xml": parts["[Content_Types].xml"].replace(
                b"</Types>",
                b'<Default Extension="jpeg" ContentType="image/jpeg"/>'
                b'<Override PartName="/word/fx.xml" ContentType="application/xml"/></Types>',
            ),
        },
    )
    assert normalise(cluttered, at=AT) == document


def test_revision_marks_go_and_the_same_letters_in_the_text_stay() -> None:
    text = 'xem w:rsidR="00AB12CD" và <w:rsids>'
    rendered = render(one_value(), {"value": text}, at=AT).data
    document = Package.read(rendered).parts["word/document.xml"]
    marked = with_parts(
        rendered, {"word/document.xml": document.replace(b"<w:p>", b'<w:p w:rsidR="00AB12CD">')}
    )
    assert normalise(marked, at=AT) == rendered


def _lying_zip(size: int = 10**6) -> bytes:
    """Says 10 bytes and holds a million."""
    data = bytearray(raw_zip([("a.xml", bytes(size))]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature)
        data[at + offset : at + offset + 4] = struct.pack("<I", 10)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip at all",
        b"PK\x03\x04" + b"\0" * 100,
        raw_zip([("a.xml", b"x")])[:-10],
        raw_zip([("a.xml", b"0" * 30_000_000)]),
        raw_zip([(f"{n}.xml", b"") for n in range(2001)]),
        raw_zip([("a.xml", b"x"), ("A.XML", b"y")]),
        raw_zip([("../a.xml", b"x")]),
        raw_zip([("/a.xml", b"x")]),
        raw_zip([("a\\b.xml", b"x")]),
        raw_zip([("c:a.xml", b"x")]),
        raw_zip([("a/./b.xml", b"x")]),
        _lying_zip(),
        b"PK" * (11 * 2**20),
    ],
    ids=lambda data: f"{len(data)} bytes",
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_zips_out_of_bounds_are_refused(data: bytes) -> None:
    with pytest.raises(PackageBroken):
        Package.read(data)


def test_an_entry_that_lies_about_its_size_is_not_unpacked_whole() -> None:
    data = _lying_zip(150 * 2**20)
    tracemalloc.start()
    try:
        with pytest.raises(PackageBroken):
            Package.read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 2**20


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "<!DOCTYPE a><a/>".encode("utf-16"),
        b"<a>" * 300_000,
        b"<a/>" * 700_000,
        b"<a " + b" ".join(b"a%d=''" % n for n in range(610_000)) + b"/>",
        b"<a>\xff\xfe</a>",
        b"<a>&undefined;</a>",
        b"",
        b'<?xml version="1.0" encoding="UTF-7"?><a>+ADwAIQ-DOCTYPE x+AD4-</b>',
    ],
    ids=range(9),
)
def test_xml_that_is_not_plain_is_refused(xml: bytes) -> None:
    with pytest.raises(PackageBroken):
        parse_xml(xml)


def test_a_declared_encoding_cannot_hide_a_dtd() -> None:
    root = parse_xml(b'<?xml version="1.0" encoding="UTF-7"?><a>+ADwAIQ-DOCTYPE x+AD4-</a>')
    assert root.text == "+ADwAIQ-DOCTYPE x+AD4-"


def test_a_package_without_a_document_is_refused() -> None:
    with pytest.raises(PackageBroken):
        Package.read(
            with_parts(docx(ooxml.paragraph("BodyText", "x")), {"word/document.xml": None})
        ).main_part()
