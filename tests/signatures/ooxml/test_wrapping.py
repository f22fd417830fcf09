"""Signature wrapping: the checked element and the shown element must be the same one.

The attacker has a valid signature and may rewrite everything around it; what he wants is that the verifier
digests the old text and the report shows his.
"""

from collections.abc import Callable

import pytest
from lxml import etree

from tests.documents.support import with_parts
from tests.signatures.ooxml import support
from tests.signatures.ooxml.tampers import SIG1
from workflow_app.documents.package import Package, parse_xml, xml_bytes
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml.names import ds, pk, xd

Change = Callable[[etree._Element], None]


def rewritten(change: Change) -> ooxml.SignatureReport:
    data = support.signed(1)
    root = parse_xml(Package.read(data).parts[SIG1])
    change(root)
    report = ooxml.verify(with_parts(data, {SIG1: xml_bytes(root)}), support.demands(1))
    return report.signatures[0]


def copied(element: etree._Element) -> etree._Element:
    return parse_xml(etree.tostring(element, with_tail=False))


def objects(root: etree._Element) -> list[etree._Element]:
    return root.findall(ds("Object"))


def properties(root: etree._Element) -> etree._Element:
    found = root.find(f".//{xd('SignedProperties')}")
    assert found is not None
    return found


def forged(root: etree._Element) -> etree._Element:
    """Signed properties that say another role."""
    false = copied(properties(root))
    role = false.find(f".//{xd('ClaimedRole')}")
    assert role is not None
    role.text = "Chủ tịch Liên đoàn"
    return false


def _second_object_of_the_same_id(root: etree._Element) -> None:
    root.append(copied(objects(root)[0]))


def _second_object_of_another_id(root: etree._Element) -> None:
    second = copied(objects(root)[0])
    for element in second.iter():
        if element.get("Id"):
            element.set("Id", f"{element.get('Id')}2")
    root.append(second)


def _unsigned_object(root: etree._Element) -> None:
    etree.SubElement(root, ds("Object")).text = "x"


def _second_properties(root: etree._Element) -> None:
    false = forged(root)
    false.set("Id", "other")
    parent = properties(root).getparent()
    assert parent is not None
    parent.insert(0, false)


def _original_hidden_deeper(root: etree._Element) -> None:
    """The digested original lies in the unsigned properties, the forged one where readers look."""
    true = properties(root)
    parent = true.getparent()
    assert parent is not None
    parent.replace(true, forged(root))
    etree.SubElement(parent, xd("UnsignedProperties")).append(true)


def _original_in_an_object_of_its_own(root: etree._Element) -> None:
    true = properties(root)
    parent = true.getparent()
    assert parent is not None
    false = forged(root)
    false.set("Id", "other")
    parent.replace(true, false)
    etree.SubElement(root, ds("Object")).append(true)


def _signed_info_twice(root: etree._Element) -> None:
    root.insert(0, copied(root[0]))


def _value_twice(root: etree._Element) -> None:
    root.append(copied(root[1]))


def _signature_inside_an_object(root: etree._Element) -> None:
    inner = copied(root)
    for element in list(root):
        root.remove(element)
    etree.SubElement(root, ds("Object")).append(inner)


def _second_manifest(root: etree._Element) -> None:
    package_object = objects(root)[0]
    package_object.append(copied(package_object[0]))


def _nested_manifest(root: etree._Element) -> None:
    manifest = objects(root)[0][0]
    manifest.append(copied(manifest))


def _comment_in_a_text(root: etree._Element) -> None:
    """c14n drops it, a careless reader stops at it: "Chủ tịch<!---->" instead of the whole role."""
    role = root.find(f".//{xd('ClaimedRole')}")
    assert role is not None
    text = role.text or ""
    role.text = text[:8]
    comment = etree.Comment("")
    comment.tail = text[8:]
    role.append(comment)


def _instruction(root: etree._Element) -> None:
    root.append(etree.ProcessingInstruction("x", "y"))


def _inherited_attribute(root: etree._Element) -> None:
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")


def _id_by_another_name(root: etree._Element) -> None:
    objects(root)[1].set("ID", "idPackageObject")


def _reference(root: etree._Element, number: int) -> etree._Element:
    return root[0].findall(ds("Reference"))[number]


def _reference_to(uri: str) -> Change:
    return lambda root: _reference(root, 1).set("URI", uri)


def _reference_removed(number: int) -> Change:
    return lambda root: root[0].remove(_reference(root, number))


def _reference_twice(root: etree._Element) -> None:
    root[0].append(copied(_reference(root, 0)))


def _relationship_transform_outside(root: etree._Element) -> None:
    transforms = root.find(f".//{ds('Manifest')}//{ds('Transforms')}")
    assert transforms is not None
    _reference(root, 0).insert(0, copied(transforms))


def _on_relation_reference(change: Change) -> Change:
    def find(root: etree._Element) -> None:
        element = root.find(f".//{pk('RelationshipReference')}")
        transform = element.getparent() if element is not None else None
        assert transform is not None
        change(transform)

    return find


def _no_c14n(transform: etree._Element) -> None:
    parent = transform.getparent()
    assert parent is not None
    parent.remove(parent[1])


def _transform_twice(transform: etree._Element) -> None:
    parent = transform.getparent()
    assert parent is not None
    parent.append(copied(transform))


def _manifest_uri(uri: str) -> Change:
    def change(root: etree._Element) -> None:
        objects(root)[0][0][0].set("URI", uri)

    return change


def _part_twice(root: etree._Element) -> None:
    manifest = objects(root)[0][0]
    manifest.append(copied(manifest[0]))


def _without(tag: str) -> Change:
    def change(root: etree._Element) -> None:
        element = root.find(f".//{tag}")
        parent = element.getparent() if element is not None else None
        assert parent is not None
        assert element is not None
        parent.remove(element)

    return change


def _other_target(root: etree._Element) -> None:
    element = root.find(f".//{xd('QualifyingProperties')}")
    assert element is not None
    element.set("Target", "#other")


def _parameters(root: etree._Element) -> None:
    etree.SubElement(root[0][1], ds("HMACOutputLength")).text = "8"


def _text_of(tag: str, text: str) -> Change:
    def change(root: etree._Element) -> None:
        element = root.find(f".//{tag}")
        assert element is not None
        element.text = text

    return change


def _many_certificates(root: etree._Element) -> None:
    data = root.find(f".//{ds('X509Data')}")
    assert data is not None
    for _ in range(10):
        data.append(copied(data[0]))


ATTACKS: dict[str, tuple[Change, str]] = {
    "a second package object": (_second_object_of_the_same_id, "id_duplicate"),
    "a second package object of another id": (_second_object_of_another_id, "signature_structure"),
    "an object that is not signed": (_unsigned_object, "signature_structure"),
    "signed properties before the signed ones": (_second_properties, "reference_refused"),
    "the original among the unsigned properties": (_original_hidden_deeper, "id_duplicate"),
    "the original in an object of its own": (_original_in_an_object_of_its_own, "reference_refused"),
    "SignedInfo twice": (_signed_info_twice, "signature_structure"),
    "SignatureValue twice": (_value_twice, "signature_structure"),
    "the signature inside an object": (_signature_inside_an_object, "id_duplicate"),
    "a second manifest": (_second_manifest, "signature_structure"),
    "a manifest in the manifest": (_nested_manifest, "signature_structure"),
    "a comment in a text": (_comment_in_a_text, "signature_structure"),
    "a processing instruction": (_instruction, "signature_structure"),
    "an attribute that is inherited": (_inherited_attribute, "signature_structure"),
    "an id by another name": (_id_by_another_name, "signature_structure"),
    "a reference to nothing": (_reference_to("#nothing"), "reference_refused"),
    "a reference to the whole signature": (_reference_to(""), "reference_refused"),
    "a reference to the root": (_reference_to("#idPackageSignature"), "reference_refused"),
    "a reference to a file": (_reference_to("file:///etc/passwd"), "reference_refused"),
    "a reference to a server": (_reference_to("http://example.org/"), "reference_refused"),
    "a reference by XPointer": (_reference_to("#xpointer(id('idOfficeObject'))"), "reference_refused"),
    "a reference into an object": (_reference_to("#idOfficeV1Details"), "reference_refused"),
    "no reference to the package object": (_reference_removed(0), "signature_structure"),
    "no reference to the office object": (_reference_removed(1), "signature_structure"),
    "no reference to the signed properties": (_reference_removed(2), "signature_structure"),
    "a reference twice": (_reference_twice, "reference_refused"),
    "a relationships transform outside the manifest": (_relationship_transform_outside, "reference_refused"),
    "a relationships transform without c14n": (_on_relation_reference(_no_c14n), "transform_refused"),
    "two relationships transforms": (_on_relation_reference(_transform_twice), "transform_refused"),
    "a part outside the package": (
        _manifest_uri("http://example.org/x?ContentType=text/xml"),
        "reference_refused",
    ),
    "a part without its content type": (_manifest_uri("/word/document.xml"), "reference_refused"),
    "a part with a fragment": (
        _manifest_uri("/word/document.xml?ContentType=text/xml#x"),
        "reference_refused",
    ),
    "a part twice": (_part_twice, "reference_refused"),
    "no signing time": (_without(xd("SigningTime")), "signature_structure"),
    "no certificate in XAdES": (_without(xd("SigningCertificate")), "xades_missing"),
    "no signature properties": (_without(ds("SignatureProperties")), "signature_structure"),
    "properties of another signature": (_other_target, "reference_refused"),
    "parameters of the method": (_parameters, "algorithm_refused"),
    "a time without a zone": (_text_of(xd("SigningTime"), "2019-03-01T07:00:00"), "signature_structure"),
    "a time that is none": (_text_of(xd("SigningTime"), "hôm qua"), "signature_structure"),
    "another serial number": (_text_of(ds("X509SerialNumber"), "1"), "certificate_digest"),
    "a serial number that is none": (_text_of(ds("X509SerialNumber"), "٣"), "signature_structure"),
    "base64 that is none": (_text_of(ds("SignatureValue"), "***"), "signature_structure"),
    "too many certificates": (_many_certificates, "certificate_broken"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_wrapped_signature_is_refused(name: str) -> None:
    change, code = ATTACKS[name]
    report = rewritten(change)
    assert code in {each.code for each in report.findings}
    assert not report.valid


def test_writing_the_same_signature_in_another_way_changes_nothing() -> None:
    """Prefixes, quotes and line ends of the file are not signed; only what they mean is."""
    assert rewritten(lambda root: None).valid
    data = support.signed(1)
    part = Package.read(data).parts[SIG1]
    other = part.replace(b'" URI="', b'"\n  URI="').replace(b"<SignatureValue>", b"<SignatureValue >")
    assert other != part
    assert ooxml.verify(with_parts(data, {SIG1: other}), support.demands(1)).valid
