"""Putting a finished signature into a package that may have got others meanwhile.

Signatures of OOXML lie beside each other: the next one changes only [Content_Types].xml and the relationships
of the origin, which nobody signs. So a conflict between two signers is solved by inserting again, into the
newest package, without asking anybody for his key again.
"""

from lxml import etree

from workflow_app.documents.package import (
    CONTENT_TYPES,
    CONTENT_TYPES_PART,
    RELATIONSHIPS,
    ROOT_RELATIONSHIPS,
    Package,
    parse_xml,
    xml_bytes,
)
from workflow_app.signatures.ooxml import certificates
from workflow_app.signatures.ooxml.contents import open_contents
from workflow_app.signatures.ooxml.coverage import check_itself, check_manifest
from workflow_app.signatures.ooxml.errors import (
    LinesFull,
    LineUnknown,
    NotSignable,
    OtherDocument,
    SignatureRefused,
)
from workflow_app.signatures.ooxml.facts import said_by
from workflow_app.signatures.ooxml.findings import Broken
from workflow_app.signatures.ooxml.names import (
    FOLDER,
    OFFICE_OBJECT,
    ORIGIN_PART,
    ORIGIN_RELATION,
    ORIGIN_RELATIONSHIPS,
    ORIGIN_TYPE,
    PACKAGE_OBJECT,
    SIGNATURE_RELATION,
    SIGNATURE_TYPE,
)
from workflow_app.signatures.ooxml.reading import Signature, read_signature

_MOST_ON_LINES = 2  # LibreOffice up to 7.4 shows a third one as broken when reserved objects differ


def insert(data: bytes, signature: bytes) -> bytes:
    """The .docx with this signature part; unchanged if it is in there already (so it can be repeated).

    Raises SignatureRefused unless the signature holds in itself, OtherDocument unless it covers all of this
    package, LinesFull, LineUnknown, NotSignable for a package that cannot be read.
    Trust in the certificate is not asked here: that is what verify() is for.
    """
    try:
        contents = open_contents(data)
        present = [read_signature(contents.package.parts[name], name) for name in contents.signatures]
    except Broken as error:
        raise NotSignable([error.finding]) from error
    new = _checked(signature)
    if any(each.value == new.value for each in present):
        return data
    changed = list(check_manifest(new, contents))
    if changed:
        raise OtherDocument(changed)
    _check_company(present, new)
    _add(contents.package, signature)
    return contents.package.write()


def _checked(data: bytes) -> Signature:
    try:
        signature = read_signature(data)
        wrong = list(check_itself(signature, certificates.signer_of(signature, said_by(signature))))
    except Broken as error:
        raise SignatureRefused([error.finding]) from error
    if wrong:
        raise SignatureRefused(wrong)
    return signature


def _check_company(present: list[Signature], new: Signature) -> None:
    setup_id = said_by(new).setup_id
    if setup_id and any(said_by(each).setup_id == setup_id for each in present):
        raise LineUnknown(f"line {setup_id} has been signed")
    alike = all(_reserved(each) == _reserved(new) for each in present)
    if len(present) >= _MOST_ON_LINES and not alike:
        raise LinesFull(f"{len(present)} signatures with other reserved objects")


def _reserved(signature: Signature) -> list[tuple[str, str, bytes]]:
    """The digests that stand for the reserved objects: equal when these are the same byte for byte."""
    reserved = {f"#{name}" for name in (PACKAGE_OBJECT, OFFICE_OBJECT)}
    return sorted((each.uri, each.hash, each.value) for each in signature.references if each.uri in reserved)


def _add(package: Package, signature: bytes) -> None:
    """12.2.1: origin once (M6.2), then one part and one relationship for each signature (M6.3)."""
    if ORIGIN_PART not in package.parts:
        package.parts[ORIGIN_PART] = b""
        _relate(package, ROOT_RELATIONSHIPS, "rIdSig", ORIGIN_RELATION, ORIGIN_PART)
        _declare(package, "Default", "Extension", "sigs", ORIGIN_TYPE)
        package.parts.setdefault(ORIGIN_RELATIONSHIPS, f'<Relationships xmlns="{RELATIONSHIPS}"/>'.encode())
    taken = {name.lower() for name in package.parts}
    name = next(f"sig{n}.xml" for n in range(1, len(taken) + 2) if f"{FOLDER}sig{n}.xml" not in taken)
    package.parts[f"{FOLDER}{name}"] = signature
    _relate(package, ORIGIN_RELATIONSHIPS, "rId", SIGNATURE_RELATION, name)
    _declare(package, "Override", "PartName", f"/{FOLDER}{name}", SIGNATURE_TYPE)


def _relate(package: Package, part: str, prefix: str, type_: str, target: str) -> None:
    root = parse_xml(package.parts[part])
    taken = {element.get("Id") for element in root}
    element = etree.SubElement(root, f"{{{RELATIONSHIPS}}}Relationship")
    element.set("Id", next(f"{prefix}{n}" for n in range(1, len(taken) + 2) if f"{prefix}{n}" not in taken))
    element.set("Type", type_)
    element.set("Target", target)
    package.parts[part] = xml_bytes(root)


def _declare(package: Package, kind: str, key: str, name: str, content_type: str) -> None:
    root = parse_xml(package.parts[CONTENT_TYPES_PART])
    tag = f"{{{CONTENT_TYPES}}}{kind}"
    # A Default or Override may be there already, from a signature that was taken out.
    if any(each.tag == tag and each.get(key, "").lower() == name.lower() for each in root):
        return
    element = etree.SubElement(root, tag)
    element.set(key, name)
    element.set("ContentType", content_type)
    package.parts[CONTENT_TYPES_PART] = xml_bytes(root)
