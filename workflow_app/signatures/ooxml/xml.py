"""XML of signatures: read strictly, canonicalised one way."""

import base64
import binascii
import copy
import re
from collections.abc import Mapping
from typing import cast

from lxml import etree

from workflow_app.documents.package import parse_xml
from workflow_app.signatures.ooxml.findings import Broken, as_broken
from workflow_app.signatures.ooxml.names import ds

_SPACE = re.compile(r"[ \t\r\n]+")
_XML_ATTRIBUTES = "{http://www.w3.org/XML/1998/namespace}"


def parse(data: bytes, part: str) -> etree._Element:
    """A part of the package. Raises Broken: xml_dtd or xml_broken."""
    if has_dtd(data):
        raise Broken("xml_dtd", part)
    with as_broken("xml_broken", part):
        return parse_xml(data)


def has_dtd(data: bytes) -> bool:
    """A DTD lets one part say different things to different readers (entities, default attributes)."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    text = data.decode(encoding, "replace")
    return "<!DOCTYPE" in text or "<!ENTITY" in text


def c14n(element: etree._Element) -> bytes:
    """Canonical XML 1.0 without comments of an element where it stands, namespaces of its parents included.

    lxml writes a spurious xmlns="" when it canonicalises below a default namespace; an element that is
    made anew as a root with everything in scope does not have this fault.
    """
    root = new_root(str(element.tag), dict(element.nsmap))
    root.attrib.update(element.attrib)
    root.text = element.text
    root.extend([copy.deepcopy(child) for child in element])
    canonical: bytes = etree.tostring(root, method="c14n", exclusive=False, with_comments=False)
    return canonical


def new_root(tag: str, namespaces: Mapping[str | None, str]) -> etree._Element:
    """An element without a parent; None is the default namespace."""
    return etree.Element(tag, nsmap=cast("dict[str, str]", namespaces))  # the stubs know no default namespace


def new_child(parent: etree._Element, tag: str, namespaces: Mapping[str | None, str]) -> etree._Element:
    """An element that declares namespaces of its own."""
    return etree.SubElement(parent, tag, nsmap=cast("dict[str, str]", namespaces))  # as in new_root


def check_plain(root: etree._Element) -> dict[str, etree._Element]:
    """Elements by Id. A signature has no comments, no processing instructions, no xml:* and no Id twice.

    Comments would cut texts in two, xml:* attributes are inherited by canonicalisation, and a second Id
    lets the checked element be another one than the read element (signature wrapping).
    """
    by_id: dict[str, etree._Element] = {}
    for element in root.iter():
        if not isinstance(element.tag, str):
            raise Broken("signature_structure", "comment or processing instruction")
        for name, value in element.attrib.items():
            if str(name).startswith(_XML_ATTRIBUTES):
                raise Broken("signature_structure", f"attribute {name!s}")
            if str(name).lower() == "id":
                if name != "Id":
                    raise Broken("signature_structure", f"attribute {name!s}")
                if value in by_id:
                    raise Broken("id_duplicate", str(value))
                by_id[str(value)] = element
    return by_id


def one(parent: etree._Element, tag: str) -> etree._Element:
    """The only child of this name. Raises Broken when there is none or a second."""
    found = parent.findall(tag)
    if len(found) != 1:
        raise Broken("signature_structure", f"{len(found)} of {_local(tag)}")
    return found[0]


def at_most_one(parent: etree._Element, tag: str) -> etree._Element | None:
    """As one, but it may be missing."""
    return one(parent, tag) if parent.find(tag) is not None else None


def only_children(parent: etree._Element, *tags: str) -> None:
    """Raises Broken for a child of any other name."""
    for child in parent:
        if child.tag not in tags:
            raise Broken("signature_structure", f"{_local(str(child.tag))} in {_local(str(parent.tag))}")


def text(element: etree._Element) -> str:
    """The text of an element without children, stripped."""
    if len(element):
        raise Broken("signature_structure", f"children in {_local(str(element.tag))}")
    return (element.text or "").strip()


def decoded(element: etree._Element) -> bytes:
    """The bytes of an element in base64 (XML Schema allows white space in it)."""
    try:
        return base64.b64decode(_SPACE.sub("", text(element)), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Broken("signature_structure", f"base64 of {_local(str(element.tag))}") from error


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def algorithm(parent: etree._Element, name: str) -> str:
    """The Algorithm of a method element that takes no parameters."""
    element = one(parent, ds(name))
    if len(element):
        raise Broken("algorithm_refused", f"parameters of {name}")
    return str(element.get("Algorithm", ""))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
