"""The gate for files that people bring: plain Word, Excel, PDF and pictures, nothing that acts by itself.

Sizes are judged on the zip's directory before anything is unpacked, text before it is parsed.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

from lxml import etree

from workflow_app.core.vietnamese import clean_line
from workflow_app.documents.errors import Finding, PackageBroken, UploadRefused
from workflow_app.documents.package import MAIN_TYPE, MAX_FILE, Package, Relationship, W, parse_xml, source_of

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BAD_KINDS = {
    "attachedTemplate": "mẫu gắn từ nơi khác",
    "oleObject": "đối tượng OLE",
    "package": "tệp nhúng",
    "vbaProject": "macro",
    "wordVbaData": "macro",
    "aFChunk": "phần nhập từ tệp khác",
    "subDocument": "tài liệu con",
    "frame": "khung từ nơi khác",
    "control": "ActiveX",
    "activeXControlBinary": "ActiveX",
    "attachedToolbars": "thanh công cụ",
    "keyMapCustomizations": "phím tắt riêng",
    "webExtension": "tiện ích web",
    "taskpane": "tiện ích web",
    "externalLink": "liên kết dữ liệu",
    "externalLinkPath": "liên kết dữ liệu",
    "connections": "kết nối dữ liệu",
    "mailMergeSource": "nguồn trộn thư",
    "mailMergeHeaderSource": "nguồn trộn thư",
    "recipientData": "dữ liệu trộn thư",
    "extensibility": "thanh công cụ",
}
_BAD_FIELD = re.compile(
    r"\b(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|LINK|AUTOTEXT|MACROBUTTON|DATABASE|RD|GLOSSARY)\b",
    re.IGNORECASE,
)
_BAD_NAME = re.compile(
    r"(vbaProject|vbaData|activeX|/embeddings/|\.(bin|exe|dll|js|vbs|hta|lnk|scr|ps1|jar|zip|docm|xlsm)$)",
    re.IGNORECASE,
)
_LINK = re.compile(r"^(https?|mailto):", re.IGNORECASE)
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*:|\\\\|//)", re.IGNORECASE)
_PDF_ACTION = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")

_VI = {
    "type": "Chỉ nhận tệp Word (.docx), Excel (.xlsx), PDF, PNG hoặc JPG.",
    "size": "Tệp lớn hơn 20 MB. Hãy giảm kích thước ảnh trong tệp rồi tải lại.",
    "old_format": "Tệp là bản Word/Excel cũ hoặc có mật khẩu. Hãy mở tệp, lưu lại dạng .docx hoặc .xlsx không mật khẩu.",
    "package": "Tệp không nguyên vẹn. Hãy mở tệp bằng Word, lưu lại thành tệp mới rồi tải lên.",
    "macro": "Tệp có macro. Hãy lưu lại dạng .docx hoặc .xlsx thường.",
    "xml": "Tệp có phần không đọc được. Hãy mở tệp bằng Word, lưu lại thành tệp mới rồi tải lên.",
    "embedded": "Tệp có đối tượng nhúng hoặc tệp lạ bên trong. Hãy bỏ đối tượng đó rồi tải lại.",
    "relation": "Tệp lấy dữ liệu từ nơi khác. Hãy bỏ liên kết đó (chép hẳn nội dung vào tệp) rồi tải lại.",
    "link": "Tệp có liên kết không phải địa chỉ web hay thư điện tử. Hãy bỏ liên kết đó rồi tải lại.",
    "field": "Tệp có trường tự lấy nội dung từ nơi khác. Hãy bỏ trường đó rồi tải lại.",
    "pdf": "Tệp PDF có mã tự chạy hoặc tệp nhúng. Hãy in lại thành PDF mới rồi tải lên.",
}


def scan(data: bytes, filename: str) -> None:
    """Raises UploadRefused with every finding; a .docx, .xlsx, .pdf, .png or .jpg that passes is inert."""
    findings = list(_findings(data, filename))
    if findings:
        raise UploadRefused(findings)


def safe_filename(filename: str) -> str:
    """The last part of a name as a person may see and store it: no folders, no control characters, 120 letters."""
    name = clean_line(PurePath(filename.replace("\\", "/").replace("\0", "")).name)
    name = re.sub(r'[<>:"/\\|?*]', "_", name).strip(". ")
    stem, dot, ending = name.rpartition(".")
    return (f"{stem[: 119 - len(ending)]}.{ending}" if dot else name[:120]) or "tep"


def _findings(data: bytes, filename: str) -> Iterator[Finding]:
    checker = _CHECKERS.get(PurePath(filename).suffix.lower())
    if len(data) > MAX_FILE:
        yield _finding("size")
    elif checker is None:
        yield _finding("type")
    else:
        yield from checker(data)


def _docx(data: bytes) -> Iterator[Finding]:
    yield from _office(data, MAIN_TYPE, "word/document.xml")


def _xlsx(data: bytes) -> Iterator[Finding]:
    yield from _office(data, _SHEET_TYPE, "xl/workbook.xml")


def _office(data: bytes, main_type: str, usual_main: str) -> Iterator[Finding]:
    if data.startswith(_OLE):
        yield _finding("old_format")
        return
    try:
        package = Package.read(data)
        types = package.content_types()
        main = package.main_part() if "_rels/.rels" in package.parts else usual_main
    except (PackageBroken, KeyError):
        yield _finding("package")
        return
    if types.get(main) != main_type:
        yield _finding("macro" if "macroEnabled" in types.get(main, "") else "package", main)
    for name, part in package.parts.items():
        yield from _part_findings(name, part, types.get(name, ""))


def _part_findings(name: str, part: bytes, content_type: str) -> Iterator[Finding]:
    if re.search(r"macroEnabled|vbaProject|vbaData", content_type):
        yield _finding("macro", name)
    if "activeX" in content_type or part.startswith((_OLE, b"MZ", b"PK\x03\x04")):
        yield _finding("embedded", name)
    if _BAD_NAME.search(name) and "printerSettings" not in name:
        yield _finding("embedded", name)
    if name.endswith((".xml", ".rels", ".vml")):
        yield from _xml_findings(name, part)


def _xml_findings(name: str, part: bytes) -> Iterator[Finding]:
    try:
        root = parse_xml(part)
    except PackageBroken:
        yield _finding("xml", name)
        return
    if name.endswith(".rels"):
        for element in root:
            relationship = Relationship(
                "", element.get("Type", ""), element.get("Target", ""), element.get("TargetMode", "Internal")
            )
            yield from _relationship_findings(relationship, source_of(name))
    elif name.startswith("word/"):
        yield from _field_findings(root, name)


def _relationship_findings(relationship: Relationship, source: str) -> Iterator[Finding]:
    external = relationship.mode == "External"
    if relationship.kind in _BAD_KINDS:
        yield Finding("relation", f"{_VI['relation']} ({_BAD_KINDS[relationship.kind]})", source)
    elif external and relationship.kind != "hyperlink":
        yield _finding("relation", source)
    elif external and not _LINK.match(relationship.target):
        yield _finding("link", source)
    elif not external and _SCHEME.match(relationship.target):
        yield _finding("relation", source)


def _field_findings(root: etree._Element, name: str) -> Iterator[Finding]:
    # Joined: Word lets an instruction be cut into many runs.
    code = "".join(element.text or "" for element in root.iter(f"{{{W}}}instrText"))
    code += " ".join(element.get(f"{{{W}}}instr", "") for element in root.iter(f"{{{W}}}fldSimple"))
    if _BAD_FIELD.search(code):
        yield _finding("field", name)


def _pdf(data: bytes) -> Iterator[Finding]:
    if not data.startswith(b"%PDF-"):
        yield _finding("type")
    elif _PDF_ACTION.search(data):
        yield _finding("pdf")


def _starts_with(magic: bytes) -> Callable[[bytes], Iterator[Finding]]:
    def check(data: bytes) -> Iterator[Finding]:
        if not data.startswith(magic):
            yield _finding("type")

    return check


def _finding(code: str, part: str = "") -> Finding:
    return Finding(code, _VI[code], part)


_CHECKERS: dict[str, Callable[[bytes], Iterator[Finding]]] = {
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".pdf": _pdf,
    ".png": _starts_with(b"\x89PNG\r\n\x1a\n"),
    ".jpg": _starts_with(b"\xff\xd8\xff"),
    ".jpeg": _starts_with(b"\xff\xd8\xff"),
}
