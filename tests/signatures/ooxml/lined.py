"""A pledge with signature lines, and signing on them."""

import struct
import zlib
from functools import cache
from uuid import UUID

from lxml import etree

from tests.signatures.ooxml import pki, support
from workflow_app.documents.package import Package, W, parse_xml, xml_bytes
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml import Line, SignatureLine, line_run, setup_id

_DOCUMENT = UUID("7b1f5a52-1d3c-4a6e-9a53-0d6f0f1e2a11")
_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"


def png(grey: int) -> bytes:
    """A picture of 64 by 32 grey dots."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + bytes([grey]) * 64) * 32)
    header = struct.pack(">2L5B", 64, 32, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def line(number: int) -> Line:
    return Line(setup_id(_DOCUMENT, f"party-{number}"), f"Nguyễn Văn {number}", f"Chủ tịch {number}")


@cache
def lined_pledge(count: int) -> bytes:
    """The pledge with so many lines at its end, made before anybody signs."""
    package = Package.read(support.pledge())
    root = parse_xml(package.parts["word/document.xml"])
    body = root[0]
    for number in range(1, count + 1):
        paragraph = etree.Element(f"{{{W}}}p")
        paragraph.append(line_run(line(number), picture="rIdLine", number=number))
        body.insert(len(body) - 1, paragraph)
    package.parts["word/document.xml"] = xml_bytes(root)
    package.parts["word/media/line.png"] = png(200)
    relation = f'<Relationship Id="rIdLine" Type="{_IMAGE}" Target="media/line.png"/></Relationships>'
    name = "word/_rels/document.xml.rels"
    package.parts[name] = package.parts[name].replace(b"</Relationships>", relation.encode())
    png_type = b'<Default Extension="png" ContentType="image/png"/></Types>'
    types = package.parts["[Content_Types].xml"]
    if b'"png"' not in types:
        package.parts["[Content_Types].xml"] = types.replace(b"</Types>", png_type)
    return package.write()


def on_line(data: bytes, number: int, holder: pki.Holder) -> bytes:
    occasion = SignatureLine(line(number).setup_id, f"Chủ tịch {number}", png(255), png(0))
    return ooxml.sign(data, support.facts(number), occasion, holder.certificate, holder.sign_hash)
