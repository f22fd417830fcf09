"""The zip of a package, read without any leniency.

A zip says everything twice, in front of each entry and in the directory at its end; readers that believe
different halves show different documents under one signature. Here both halves must agree, the entries
must lie side by side from the first byte to the last, and nothing may be left over.
Source: PKWARE APPNOTE 6.3 (4.3.7, 4.3.9, 4.3.12, 4.3.16); ECMA-376 Part 2, 9.2 and Annex C.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from workflow_app.documents.package import (
    CONTENT_TYPES_PART,
    MAX_ENTRIES,
    MAX_FILE,
    MAX_PART,
    MAX_RATIO,
    MAX_TOTAL,
    RATIO_FROM,
    Package,
)
from workflow_app.signatures.ooxml.findings import Broken

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DESCRIPTOR = struct.Struct("<3L")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old .doc, or a .docx behind a password
_STORED, _DEFLATED = 0, 8
_NEWEST = 45  # what a reader must be able to do; some writers say 4.5 for any file
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000  # plain, strong, hidden directory
_DESCRIBED = 0x0008  # sizes follow the data
_HARMLESS = 0x0002 | 0x0004 | 0x0800  # how hard it was compressed; UTF-8 name
_ZIP64_EXTRA = 0x0001
_AES_EXTRA = 0x9901
_SECOND_NAME = frozenset({0x7075, 0x6375})  # Unicode path and comment: a name that only some readers see
# ECMA-376 Part 2, 8.1.1 (M1.1 to M1.10) allows percent-encoding too; Word does not need it, disguises do.
_SEGMENT = re.compile(r"[A-Za-z0-9_\-.~!$&'()*+,;=@]*[A-Za-z0-9_\-~!$&'()*+,;=@]")


@dataclass(frozen=True, slots=True)
class _Entry:
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    name: bytes
    offset: int


def read(data: bytes) -> Package:
    """The parts of the file. Raises Broken with the code of the first trick found."""
    if data.startswith(_OLE):
        raise Broken("container_encrypted", "OLE file")
    if len(data) > MAX_FILE:
        raise Broken("container_limits", f"{len(data)} bytes")
    directory, count = _directory(data)
    entries = sorted(_entries(data, directory, count), key=lambda entry: entry.offset)
    if sum(entry.size for entry in entries) > MAX_TOTAL:
        raise Broken("container_limits", "unpacked size")
    _check_names(entries)
    parts: dict[str, bytes] = {}
    position = 0
    for entry in entries:
        if entry.offset != position:
            raise Broken("container_hidden_data", f"entry at {entry.offset}, expected at {position}")
        start, position = _bounds(data, entry)
        content = _unpacked(data[start : start + entry.packed], entry)
        if not entry.name.endswith(b"/"):
            parts[entry.name.decode()] = content
    if position != directory:
        raise Broken("container_hidden_data", "before the directory")
    return Package(parts)


def _directory(data: bytes) -> tuple[int, int]:
    """Where the directory begins and how many entries it has; it must end where the file ends."""
    start = len(data) - _END.size
    if start < 0 or not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise Broken("container_hidden_data" if b"PK\x05\x06" in data else "container_not_zip", "first bytes")
    signature, disk, first_disk, here, count, size, offset, comment = _END.unpack_from(data, start)
    if signature != b"PK\x05\x06":
        raise Broken("container_hidden_data" if b"PK\x05\x06" in data else "container_not_zip", "last bytes")
    if data[start - 20 : start].startswith(b"PK\x06\x07") or 0xFFFF in {here, count} or offset == 0xFFFFFFFF:
        raise Broken("container_zip64", "end of directory")
    if disk or first_disk or here != count or comment:
        raise Broken("container_disagrees", "end of directory")
    if offset + size != start:
        raise Broken("container_hidden_data", "around the directory")
    if count > MAX_ENTRIES:
        raise Broken("container_limits", f"{count} entries")
    return offset, count


def _entries(data: bytes, position: int, count: int) -> Iterator[_Entry]:
    end = len(data) - _END.size
    for _ in range(count):
        if position + _CENTRAL.size > end:
            raise Broken("container_disagrees", "directory too short")
        fields = _CENTRAL.unpack_from(data, position)
        signature, _, version, flags, method, _, _, crc, packed, size = fields[:10]
        name_length, extra_length, comment_length, disk, _, _, offset = fields[10:]
        name_at = position + _CENTRAL.size
        extra_at = name_at + name_length
        position = extra_at + extra_length + comment_length
        if signature != b"PK\x01\x02" or position > end or disk or comment_length:
            raise Broken("container_disagrees", "directory entry")
        _check_version(version)
        _check_extra(data[extra_at : extra_at + extra_length])
        entry = _Entry(flags, method, crc, packed, size, data[name_at:extra_at], offset)
        _check_entry(entry)
        yield entry
    if position != end:
        raise Broken("container_hidden_data", "in the directory")


def _check_entry(entry: _Entry) -> None:
    if entry.flags & _ENCRYPTED:
        raise Broken("container_encrypted", "entry")
    if entry.method not in {_STORED, _DEFLATED} or entry.flags & ~(_DESCRIBED | _HARMLESS):
        raise Broken("container_method", f"method {entry.method}, flags {entry.flags:#06x}")
    if 0xFFFFFFFF in {entry.packed, entry.size, entry.offset}:
        raise Broken("container_zip64", "entry")
    if entry.size > MAX_PART or (entry.size > RATIO_FROM and entry.size > MAX_RATIO * max(1, entry.packed)):
        raise Broken("container_limits", f"{entry.size} bytes from {entry.packed}")


def _check_version(needed: int) -> None:
    if needed > _NEWEST:
        raise Broken("container_method", f"version {needed}")


def _check_extra(extra: bytes) -> None:
    position = 0
    while position < len(extra):
        if position + 4 > len(extra):
            raise Broken("container_disagrees", "extra field")
        kind, length = struct.unpack_from("<HH", extra, position)
        position += 4 + length
        if kind == _ZIP64_EXTRA:
            raise Broken("container_zip64", "extra field")
        if kind == _AES_EXTRA:
            raise Broken("container_encrypted", "extra field")
        if kind in _SECOND_NAME or position > len(extra):
            raise Broken("container_disagrees", "extra field")


def _check_names(entries: list[_Entry]) -> None:
    """M1.12: part names are compared without case, and no two may be equal."""
    seen: set[bytes] = set()
    for entry in entries:
        if not _plain(entry.name):
            raise Broken("part_name_strange")
        if entry.name.lower() in seen:
            raise Broken("part_name_duplicate", entry.name.decode())
        seen.add(entry.name.lower())


def _plain(name: bytes) -> bool:
    try:
        text = name.decode("ascii")
    except UnicodeDecodeError:
        return False
    if text == CONTENT_TYPES_PART:
        return True
    return all(_SEGMENT.fullmatch(segment) for segment in text.removesuffix("/").split("/"))


def _bounds(data: bytes, entry: _Entry) -> tuple[int, int]:
    """Where the entry's data begins and where the next entry must begin."""
    if entry.offset + _LOCAL.size > len(data):
        raise Broken("container_disagrees", "entry behind the end")
    signature, version, flags, method, _, _, crc, packed, size, name_length, extra_length = (
        _LOCAL.unpack_from(data, entry.offset)
    )
    name_at = entry.offset + _LOCAL.size
    start = name_at + name_length + extra_length
    name = data[name_at : name_at + name_length]
    if signature != b"PK\x03\x04" or (flags, method, name) != (entry.flags, entry.method, entry.name):
        raise Broken("container_disagrees", "header of an entry")
    _check_version(version)
    _check_extra(data[name_at + name_length : start])
    said = (crc, packed, size)
    promised = (entry.crc, entry.packed, entry.size)
    if said != promised and not (flags & _DESCRIBED and said == (0, 0, 0)):
        raise Broken("container_disagrees", "sizes of an entry")
    end = start + entry.packed
    if flags & _DESCRIBED:
        end = _behind_descriptor(data, end, promised)
    return start, end


def _behind_descriptor(data: bytes, position: int, promised: tuple[int, int, int]) -> int:
    """APPNOTE 4.3.9: the sizes again, with or without a signature of their own."""
    if data[position : position + 4] == b"PK\x07\x08":
        position += 4
    end = position + _DESCRIPTOR.size
    if end > len(data) or _DESCRIPTOR.unpack_from(data, position) != promised:
        raise Broken("container_disagrees", "data descriptor")
    return end


def _unpacked(packed: bytes, entry: _Entry) -> bytes:
    content = packed
    if entry.method == _DEFLATED:
        engine = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = engine.decompress(packed, entry.size + 1)  # the declared size may lie
        except zlib.error as error:
            raise Broken("container_disagrees", "compressed data") from error
        if not engine.eof or engine.unused_data:
            raise Broken("container_disagrees", "compressed data")
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise Broken("container_disagrees", "size or checksum")
    if entry.name.endswith(b"/") and content:
        raise Broken("container_hidden_data", "in a folder")
    return content
