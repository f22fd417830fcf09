"""A zip that two readers could read in two ways is not read at all."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from tests.documents.support import raw_zip
from tests.signatures.ooxml import support
from workflow_app.documents.package import Package
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml import container
from workflow_app.signatures.ooxml.findings import Broken

_MAIN = b"word/document.xml"
_END = b"PK\x05\x06"


def entries() -> list[tuple[str, bytes]]:
    return list(Package.read(support.signed(2)).parts.items())


def packed(method: int = zipfile.ZIP_DEFLATED, *more: tuple[str, bytes]) -> bytes:
    return raw_zip([*entries(), *more], method)


def central(data: bytes, name: bytes = _MAIN) -> int:
    """Where the directory entry of this name begins."""
    return data.rindex(name) - 46


def local(data: bytes, name: bytes = _MAIN) -> int:
    return data.index(name) - 30


def with_number(data: bytes, at: int, kind: str, value: int) -> bytes:
    return data[:at] + struct.pack(kind, value) + data[at + struct.calcsize(kind) :]


def number(data: bytes, at: int, kind: str) -> int:
    return int(struct.unpack_from(kind, data, at)[0])


def _central_name(data: bytes) -> bytes:
    """Readers by the directory and readers by the entries see other names."""
    at = central(data) + 46
    return data[:at] + b"word/documenu.xml" + data[at + len(_MAIN) :]


def _two_texts(data: bytes) -> bytes:
    """A second entry of the same name, with another text."""
    with_second = list(entries())
    with_second.insert(0, ("word/document.xml", b"<x/>"))
    return raw_zip(with_second)


def _prepended(data: bytes) -> bytes:
    """As self-extracting archives are made; zipfile reads it without a word."""
    return b"#!/bin/sh\n" + data


def _prepended_and_corrected(data: bytes) -> bytes:
    """All offsets are right, but something lies in front."""
    out = io.BytesIO(b"PK\x03\x04 not an entry")
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as archive:
        for name, part in entries():
            archive.writestr(zipfile.ZipInfo(name), part)
    return out.getvalue()


def _between(data: bytes) -> bytes:
    """Bytes in front of the directory that belong to no entry."""
    end = data.rindex(_END)
    start = number(data, end + 16, "<L")
    moved = data[:start] + b"hidden!!" + data[start:]
    return with_number(moved, end + 8 + 16, "<L", start + 8)


def _deleted_entry(data: bytes) -> bytes:
    """An entry that stays in the file but is taken out of the directory: other readers still find it."""
    whole = packed(zipfile.ZIP_DEFLATED, ("word/old.xml", b"<x/>"))
    start = central(whole, b"word/old.xml")
    end = whole.rindex(_END)
    cut = whole[:start] + whole[end:]
    end = cut.rindex(_END)
    for at in (8, 10):
        cut = with_number(cut, end + at, "<H", number(cut, end + at, "<H") - 1)
    return with_number(cut, end + 12, "<L", number(cut, end + 12, "<L") - 46 - len("word/old.xml"))


def _comment(data: bytes) -> bytes:
    return with_number(data, len(data) - 2, "<H", 4) + b"more"


def _tail_in_stream(data: bytes) -> bytes:
    """Bytes behind the end of the compressed text, inside its entry."""
    at = central(data)
    size = number(data, at + 20, "<L")
    entry = local(data)
    behind = entry + 30 + len(_MAIN) + size
    data = data[:behind] + b"hidden" + data[behind:]
    at, end = at + 6, data.rindex(_END)
    for place in (at + 20, entry + 18):
        data = with_number(data, place, "<L", size + 6)
    data = with_number(data, end + 16, "<L", number(data, end + 16, "<L") + 6)
    position = number(data, end + 16, "<L")
    while position < end:
        offset = number(data, position + 42, "<L")
        if offset > entry:
            data = with_number(data, position + 42, "<L", offset + 6)
        position += 46 + sum(number(data, position + 28 + 2 * n, "<H") for n in range(3))
    return data


def _extra(kind: int, content: bytes) -> bytes:
    """A field behind the name of every entry."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in entries():
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HH", kind, len(content)) + content
            archive.writestr(info, part)
    return out.getvalue()


def _forced_zip64() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in entries():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as stream:
                stream.write(part)
    return out.getvalue()


Trick = Callable[[bytes], bytes]
TRICKS: dict[str, tuple[Trick, str]] = {
    "two entries of one name": (_two_texts, "part_name_duplicate"),
    "names that differ by case": (
        lambda d: packed(zipfile.ZIP_DEFLATED, ("Word/Document.xml", b"<x/>")),
        "part_name_duplicate",
    ),
    "other names in directory and entry": (_central_name, "container_disagrees"),
    "data in front": (_prepended, "container_hidden_data"),
    "data in front, offsets corrected": (_prepended_and_corrected, "container_hidden_data"),
    "data appended": (lambda d: d + b"x", "container_hidden_data"),
    "a second archive appended": (lambda d: d + d, "container_hidden_data"),
    "data between entries and directory": (_between, "container_hidden_data"),
    "an entry hidden from the directory": (_deleted_entry, "container_hidden_data"),
    "a comment": (_comment, "container_hidden_data"),
    "bytes behind the compressed text": (_tail_in_stream, "container_disagrees"),
    "encrypted by the directory": (
        lambda d: with_number(d, central(d) + 8, "<H", 1),
        "container_encrypted",
    ),
    "encrypted by the entry": (lambda d: with_number(d, local(d) + 6, "<H", 1), "container_disagrees"),
    "strong encryption": (lambda d: with_number(d, central(d) + 8, "<H", 0x41), "container_encrypted"),
    "an old or protected file": (lambda d: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + d, "container_encrypted"),
    "a size that lies": (
        lambda d: with_number(d, central(d) + 24, "<L", 10),
        "container_disagrees",
    ),
    "both sizes lie": (
        lambda d: with_number(with_number(d, central(d) + 24, "<L", 10), local(d) + 22, "<L", 10),
        "container_disagrees",
    ),
    "a checksum that lies": (
        lambda d: with_number(with_number(d, central(d) + 16, "<L", 10), local(d) + 14, "<L", 10),
        "container_disagrees",
    ),
    "an offset that lies": (
        lambda d: with_number(d, central(d) + 42, "<L", number(d, central(d) + 42, "<L") + 1),
        "container_hidden_data",
    ),
    "too few entries counted": (
        lambda d: with_number(with_number(d, len(d) - 14, "<H", 5), len(d) - 12, "<H", 5),
        "container_hidden_data",
    ),
    "too many entries counted": (
        lambda d: with_number(with_number(d, len(d) - 14, "<H", 90), len(d) - 12, "<H", 90),
        "container_disagrees",
    ),
    "another disk": (lambda d: with_number(d, len(d) - 18, "<H", 1), "container_disagrees"),
    "zip64 in the entries": (lambda d: _forced_zip64(), "container_zip64"),
    "zip64 by its sizes": (lambda d: with_number(d, central(d) + 24, "<L", 0xFFFFFFFF), "container_zip64"),
    "zip64 by its count": (
        lambda d: with_number(with_number(d, len(d) - 14, "<H", 0xFFFF), len(d) - 12, "<H", 0xFFFF),
        "container_zip64",
    ),
    "a second name for some readers": (
        lambda d: _extra(0x7075, b"\1\0\0\0\0evil.xml"),
        "container_disagrees",
    ),
    "AES": (lambda d: _extra(0x9901, b"\2\0AE\3\0\0"), "container_encrypted"),
    "another compression": (lambda d: packed(zipfile.ZIP_BZIP2), "container_method"),
    "for newer readers only": (lambda d: with_number(d, central(d) + 6, "<H", 0xFF14), "container_method"),
    "a bomb": (lambda d: packed(zipfile.ZIP_DEFLATED, ("word/x.xml", bytes(39 * 2**20))), "container_limits"),
    "too many entries": (
        lambda d: packed(zipfile.ZIP_STORED, *((f"word/{n}.xml", b"") for n in range(2001))),
        "container_limits",
    ),
    "too large": (lambda d: bytes(21 * 2**20), "container_limits"),
    "a way out": (lambda d: packed(zipfile.ZIP_DEFLATED, ("../x.xml", b"")), "part_name_strange"),
    "an absolute name": (lambda d: packed(zipfile.ZIP_DEFLATED, ("/x.xml", b"")), "part_name_strange"),
    "a name in percents": (
        lambda d: packed(zipfile.ZIP_DEFLATED, ("word/%64ocument.xml", b"")),
        "part_name_strange",
    ),
    "a name with a backslash": (
        lambda d: packed(zipfile.ZIP_DEFLATED, ("word\\x.xml", b"")),
        "part_name_strange",
    ),
    "a name of other letters": (
        lambda d: packed(zipfile.ZIP_DEFLATED, ("word/ả.xml", b"")),
        "part_name_strange",
    ),
    "a name that ends with a point": (
        lambda d: packed(zipfile.ZIP_DEFLATED, ("word/x.xml.", b"")),
        "part_name_strange",
    ),
    "content in a folder": (
        lambda d: packed(zipfile.ZIP_STORED, ("word/x/", b"hidden")),
        "container_hidden_data",
    ),
    "no zip": (lambda d: b"%PDF-1.7" + bytes(100), "container_not_zip"),
    "nothing": (lambda d: b"", "container_not_zip"),
    "a zip that is no package": (lambda d: raw_zip([("a.txt", b"x")]), "container_not_zip"),
    "half a file": (lambda d: d[: len(d) // 2], "container_not_zip"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_is_found(name: str) -> None:
    trick, code = TRICKS[name]
    plain = packed()
    assert ooxml.verify(plain, support.demands(2)).valid  # otherwise finding something would say nothing
    report = ooxml.verify(trick(plain), support.demands(2))
    assert not report.valid
    assert report.codes == {code}


def test_zip_files_as_other_programs_write_them_are_read() -> None:
    """Stored, with folders, with sizes behind the data (POI, LibreOffice) and with growth hints (Word)."""
    plain = Package.read(support.signed(2)).parts
    streamed = io.BytesIO()

    class Forward(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return streamed.write(bytes(data))  # type: ignore[call-overload]  # bytes of any kind

    with zipfile.ZipFile(Forward(), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]  # a stream
        for name, part in plain.items():
            archive.writestr(name, part)
    folders = raw_zip([("word/", b""), *plain.items()], zipfile.ZIP_STORED)
    hinted = _extra(0xA220, struct.pack("<HH", 0xA028, 2) + b"\0\0")
    for data in (streamed.getvalue(), folders, hinted):
        assert container.read(data).parts == plain
        assert ooxml.verify(data, support.demands(2)).valid


def test_a_bomb_takes_little_memory() -> None:
    data = packed(zipfile.ZIP_DEFLATED, ("word/x.xml", bytes(39 * 2**20)))
    tracemalloc.start()
    try:
        with pytest.raises(Broken, match="container_limits"):
            container.read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 2**20


def test_both_readers_of_the_product_read_the_same_parts() -> None:
    for data in (support.pledge(), support.signed(16)):
        assert container.read(data).parts == Package.read(data).parts
