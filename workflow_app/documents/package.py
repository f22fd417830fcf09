"""The .docx package: a zip of parts, read with every bound checked, written always alike."""

import hashlib
import io
import itertools
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from workflow_app.documents.errors import PackageBroken

MAX_FILE = 20 * 2**20
MAX_ENTRIES = 2000
MAX_PART = 40 * 2**20
MAX_TOTAL = 100 * 2**20
MAX_RATIO = 100
MAX_XML = 16 * 2**20
MAX_TAGS = 600_000
RATIO_FROM = 2**20  # smaller parts may be as repetitive as they like

RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
CONTENT_TYPES_PART = "[Content_Types].xml"
ROOT_RELATIONSHIPS = "_rels/.rels"


def parse_xml(data: bytes) -> etree._Element:
    """An XML part. No DTD, no entities, no network, a bounded number of nodes.

    Raises PackageBroken for anything else than plain XML in UTF-8 or UTF-16.
    """
    if len(data) > MAX_XML or data.count(b"<") > MAX_TAGS or data.count(b"=") > MAX_TAGS:
        # A node takes some 200 bytes of memory: 400 kB of zip could fill a gigabyte.
        raise PackageBroken("an XML part has too many nodes")
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise PackageBroken("an XML part is neither UTF-8 nor UTF-16") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise PackageBroken("an XML part has a DTD")
    # Without its declaration: one that names another encoding would hide a DTD from the line above.
    text = _DECLARATION.sub("", text, count=1)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise PackageBroken(f"an XML part is not well formed: {error}") from error


def xml_bytes(root: etree._Element) -> bytes:
    """The part as Word writes it: declaration, UTF-8, no white space added."""
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + body


@dataclass(frozen=True, slots=True)
class Relationship:
    """One relationship of a part; target as written, mode "Internal" or "External"."""

    id: str
    type: str
    target: str
    mode: str = "Internal"

    @property
    def kind(self) -> str:
        """The last word of the type: "header", "hyperlink", "core-properties"."""
        return self.type.rsplit("/", 1)[-1]


@dataclass(slots=True)
class Package:
    """The parts of a .docx by name, without a leading slash."""

    parts: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes) -> "Package":
        """Raises PackageBroken, before anything is unpacked, for what is no package or is out of bounds."""
        return cls(dict(read_entries(data)))

    def relationships(self, source: str = "") -> list[Relationship]:
        """Of a part, or of the package itself for ""; in the order of the file."""
        data = self.parts.get(relationships_part(source))
        if data is None:
            return []
        return [
            Relationship(
                element.get("Id", ""),
                element.get("Type", ""),
                element.get("Target", ""),
                element.get("TargetMode", "Internal"),
            )
            for element in parse_xml(data).iterfind(f"{{{RELATIONSHIPS}}}Relationship")
        ]

    def content_types(self) -> Mapping[str, str]:
        """Content type of every part but the content types themselves; "" where none is declared."""
        root = parse_xml(self.parts[CONTENT_TYPES_PART])
        defaults = {
            e.get("Extension", "").lower(): e.get("ContentType", "")
            for e in root.iterfind(f"{{{CONTENT_TYPES}}}Default")
        }
        overrides = {
            e.get("PartName", ""): e.get("ContentType", "")
            for e in root.iterfind(f"{{{CONTENT_TYPES}}}Override")
        }
        return {
            name: overrides.get(f"/{name}") or defaults.get(name.rsplit(".", 1)[-1].lower(), "")
            for name in self.parts
            if name != CONTENT_TYPES_PART
        }

    def main_part(self) -> str:
        """The name of the document part. Raises PackageBroken when there is none."""
        for relationship in self.relationships():
            if relationship.kind == "officeDocument":
                name = resolve("", relationship.target)
                if name in self.parts:
                    return name
        raise PackageBroken("the package has no main document part")

    def write(self) -> bytes:
        """Sorted, without times, systems or attributes: the same parts give the same bytes."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(self.parts, key=_first_things_first):
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o600 << 16
                entry.create_system = 0
                archive.writestr(entry, self.parts[name], compresslevel=6)
        return out.getvalue()


def relationships_part(source: str) -> str:
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def source_of(relationships_name: str) -> str:
    """The part whose relationships these are; "" for the package."""
    folder, name = posixpath.split(relationships_name)
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))


def resolve(source: str, target: str) -> str:
    """The part a relationship of the source points to."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _first_things_first(name: str) -> tuple[int, str]:
    first = {CONTENT_TYPES_PART: 0, ROOT_RELATIONSHIPS: 1}
    return first.get(name, 2), name


def read_entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each entry. The directory is judged before anything is unpacked."""
    if len(data) > MAX_FILE:
        raise PackageBroken(f"file of {len(data)} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            check_directory(entries)
            for entry in entries:
                if not entry.is_dir():
                    yield entry.filename, _unpack(archive, entry)
    # NotImplementedError: an unknown compression; RuntimeError: encrypted; struct.error: a torn directory.
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        struct.error,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise PackageBroken(f"bad zip: {type(error).__name__}") from error


def check_directory(entries: list[zipfile.ZipInfo]) -> None:
    """Raises PackageBroken for a directory that promises too much or whose names are tricks."""
    if len(entries) > MAX_ENTRIES:
        raise PackageBroken(f"{len(entries)} entries")
    for entry in entries:
        if entry.flag_bits & 1:
            raise PackageBroken("encrypted entry")
        if entry.file_size > MAX_PART or _suspicious_ratio(entry):
            raise PackageBroken(f"entry of {entry.file_size} bytes from {entry.compress_size}")
        if not _plain_name(entry.filename) or (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise PackageBroken("an entry has a name that is no part name")
    if sum(entry.file_size for entry in entries) > MAX_TOTAL:
        raise PackageBroken("unpacked size over the limit")
    if len({entry.filename.lower() for entry in entries}) != len(entries):
        raise PackageBroken("two entries of one name")
    _check_overlap(entries)


def _suspicious_ratio(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(1, entry.compress_size)


def _plain_name(name: str) -> bool:
    pieces = name.rstrip("/").split("/")
    return not re.search(r"[\\:\x00-\x1f]", name) and all(piece not in {"", ".", ".."} for piece in pieces)


def _check_overlap(entries: list[zipfile.ZipInfo]) -> None:
    spans = sorted(
        (e.header_offset, e.header_offset + 30 + len(e.filename) + e.compress_size) for e in entries
    )
    if any(end > start for (_, end), (start, _) in itertools.pairwise(spans)):
        raise PackageBroken("entries overlap")


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)  # the declared size may lie
    if len(content) != entry.file_size:
        raise PackageBroken("an entry is larger than it says")
    return content
