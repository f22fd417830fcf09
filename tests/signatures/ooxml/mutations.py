"""Random changes of a signed file, at every depth: bytes of the zip, parts, XML as text, XML as a tree.

Each change depends on its seed alone, so that a finding can be repeated by its number.
"""

import random
import re
import struct
from collections.abc import Callable

from lxml import etree

from tests.documents.support import raw_zip
from workflow_app.documents.errors import PackageBroken
from workflow_app.documents.package import Package, parse_xml

Parts = dict[str, bytes]
_TAG = re.compile(rb"<[^<>]*>")
_TEXT = re.compile(rb">([^<>]*[A-Za-z0-9][^<>]*)<")
_ATTRIBUTE = re.compile(rb'([A-Za-z:]+)="([^"<>]*)"')
_WORDS = [
    b"idPackageObject",
    b"idSignedProperties",
    b"Id",
    b"Internal",
    b"External",
    b"2020",
    b"x",
    b"",
    b"&#10;",
]
_NOISE = [
    b" ",
    b"\n",
    b"<!---->",
    b"<?x y?>",
    b"<x/>",
    b"&amp;",
    b"\xc3\xa1",
    b'<Relationship Id="z" Type="t" Target="u"/>',
]
_NAMES = [
    "docProps/core.xml",
    "docProps/x.xml",
    "word/x.xml",
    "WORD/document.xml",
    "word/document.xml/",
    "_xmlsignatures/sig3.xml",
    "_xmlsignatures/_rels/sig1.xml.rels",
    "word/_rels/x.xml.rels",
    "word/%64ocument.xml",
    "../x.xml",
    "word//document.xml",
    "[Content_Types].xml",
]


def mutated(data: bytes, seed: int) -> bytes:
    """One to three changes."""
    chance = random.Random(seed)  # noqa: S311 - to be repeatable
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        data = _mutate(data, chance)
    return data


def _mutate(data: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.25:
        return chance.choice([_flip, _cut, _insert, _field])(data, chance)
    try:
        parts = Package.read(data).parts
    except PackageBroken:  # by an earlier change
        return _flip(data, chance)
    return chance.choice(_ON_PARTS)(parts, chance) if parts else _insert(data, chance)


# The file


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 8])):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.choice([1, 4, 22, 100, 5000]) :]


def _insert(data: bytes, chance: random.Random) -> bytes:
    start = chance.choice([0, len(data), chance.randrange(len(data) + 1)])
    more = chance.choice(
        [b"\0", b"PK\x05\x06" + bytes(18), b"PK\x01\x02" + bytes(42), b"PK\x03\x04" + bytes(26)]
    )
    return data[:start] + more + data[start:]


def _field(data: bytes, chance: random.Random) -> bytes:
    """One number of one header of the zip."""
    kind, length = chance.choice([(b"PK\x03\x04", 30), (b"PK\x01\x02", 46), (b"PK\x05\x06", 22)])
    places = [match.start() for match in re.finditer(re.escape(kind), data)]
    if not places:
        return _flip(data, chance)
    at = chance.choice(places) + chance.randrange(4, length, 2)
    value = chance.choice([0, 1, 2, 8, 9, 0x0800, 0xFFFF, chance.randrange(65536)])
    return data[:at] + struct.pack("<H", value) + data[at + 2 :]


# The parts


def _rename(parts: Parts, chance: random.Random) -> bytes:
    old = chance.choice(list(parts))
    new = chance.choice([*_NAMES, old.upper(), old + ".xml", f"docProps/{old}"])
    return raw_zip([(new if name == old else name, part) for name, part in parts.items()])


def _repeat(parts: Parts, chance: random.Random) -> bytes:
    name = chance.choice(list(parts))
    entries = [*parts.items(), (chance.choice([name, name.upper(), *_NAMES]), parts[name])]
    chance.shuffle(entries)
    return raw_zip(entries)


def _drop(parts: Parts, chance: random.Random) -> bytes:
    name = chance.choice(list(parts))
    return raw_zip([entry for entry in parts.items() if entry[0] != name])


def _exchange(parts: Parts, chance: random.Random) -> bytes:
    one, two = chance.choice(list(parts)), chance.choice(list(parts))
    return raw_zip(list((parts | {one: parts[two], two: parts[one]}).items()))


# The XML as text


def _on_text(change: Callable[[bytes, random.Random], bytes]) -> Callable[[Parts, random.Random], bytes]:
    def on_parts(parts: Parts, chance: random.Random) -> bytes:
        name = _some_xml(parts, chance)
        return raw_zip(list((parts | {name: change(parts[name], chance)}).items()))

    return on_parts


def _some_xml(parts: Parts, chance: random.Random) -> str:
    """Half of the time what holds the signatures together."""
    close = [
        name for name in parts if "_xmlsignatures" in name or name.endswith(".rels") or name.startswith("[")
    ]
    return chance.choice(close or list(parts)) if chance.random() < 0.5 else chance.choice(list(parts))


def _byte(xml: bytes, chance: random.Random) -> bytes:
    return _flip(xml, chance) if xml else b"<x/>"


def _noise(xml: bytes, chance: random.Random) -> bytes:
    at = chance.choice([0, len(xml), *(match.end() for match in _TAG.finditer(xml))])
    return xml[:at] + chance.choice(_NOISE) + xml[at:]


def _value(xml: bytes, chance: random.Random) -> bytes:
    """One attribute's value becomes a word or the value of another attribute."""
    found = list(_ATTRIBUTE.finditer(xml))
    if not found:
        return xml
    match = chance.choice(found)
    new = chance.choice([*_WORDS, chance.choice(found)[2]])
    return xml[: match.start(2)] + new + xml[match.end(2) :]


def _name(xml: bytes, chance: random.Random) -> bytes:
    found = list(_ATTRIBUTE.finditer(xml))
    if not found:
        return xml
    match = chance.choice(found)
    return (
        xml[: match.start(1)]
        + chance.choice([b"Id", b"ID", b"xml:id", b"Target", b"y"])
        + xml[match.end(1) :]
    )


def _tag(xml: bytes, chance: random.Random) -> bytes:
    """A tag removed, repeated or exchanged with another."""
    found = list(_TAG.finditer(xml))
    if not found:
        return xml
    one, two = chance.choice(found), chance.choice(found)
    new = chance.choice([b"", one[0] * 2, two[0]])
    return xml[: one.start()] + new + xml[one.end() :]


def _letter(xml: bytes, chance: random.Random) -> bytes:
    """One letter or digit of a text becomes another: the XML stays well formed, what it says does not."""
    texts = [match for match in _TEXT.finditer(xml) if len(match[1]) < 200 or chance.random() < 0.1]
    if not texts:
        return xml
    text = chance.choice(texts)
    at = chance.choice([n for n in range(text.start(1), text.end(1)) if xml[n : n + 1].isalnum()])
    new = b"7" if xml[at : at + 1].isdigit() and xml[at : at + 1] != b"7" else b"x"
    return xml[:at] + new + xml[at + 1 :]


# The XML as a tree


def _tree(xml: bytes, chance: random.Random) -> bytes:
    """An element moved, copied or removed: how signatures are wrapped."""
    try:
        root = parse_xml(xml)
    except PackageBroken:  # no XML, or none any more
        return _flip(xml, chance) if xml else b"<x/>"
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    one, other = chance.choice(elements), chance.choice(elements)
    kind = chance.choice(["copy", "move", "remove", "wrap", "text"])
    parent = one.getparent()
    inside = any(each is one for each in (other, *other.iterancestors()))
    if kind == "text":
        other.text = one.text
    elif kind == "copy":
        other.insert(chance.randrange(len(other) + 1), parse_xml(etree.tostring(one, with_tail=False)))
    elif parent is not None and kind == "remove":
        parent.remove(one)
    elif parent is not None and not inside and kind == "move":
        other.append(one)
    elif parent is not None and kind == "wrap":
        shell = etree.Element(one.tag)
        parent.replace(one, shell)
        shell.append(one)
    return etree.tostring(root)


_ON_PARTS: list[Callable[[Parts, random.Random], bytes]] = [
    _rename,
    _repeat,
    _drop,
    _exchange,
    *(
        _on_text(change)
        for change in (
            _byte,
            _letter,
            _letter,
            _letter,
            _noise,
            _noise,
            _value,
            _value,
            _name,
            _tag,
            _tree,
            _tree,
            _tree,
        )
    ),
]
