"""Signature lines of Word: the boxes in the text on which somebody signs.

A line is a VML shape with an id; the signature names the id (SetupID) and carries the pictures that Word and
LibreOffice show in its place. Source: ECMA-376 Part 4, 6.2.2 (o:signatureline);
[MS-OFFCRYPTO] 2.5.2. Lines must be in the text before the first signature.
"""

import uuid
from dataclasses import dataclass

from lxml import etree

from workflow_app.documents.package import Package, W, parse_xml

_O = "urn:schemas-microsoft-com:office:office"
_V = "urn:schemas-microsoft-com:vml"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINE = f"{{{_O}}}signatureline"
_PICTURE_FRAME = (
    f'<v:shapetype xmlns:v="{_V}" xmlns:o="{_O}" id="_x0000_t75" coordsize="21600,21600" o:spt="75" '
    'o:preferrelative="t" path="m@4@5l@4@11@9@11@9@5xe" filled="f" stroked="f"><v:stroke joinstyle="miter"/>'
    '<v:path o:extrusionok="f" gradientshapeok="t" o:connecttype="rect"/>'
    '<o:lock v:ext="edit" aspectratio="t"/></v:shapetype>'
)
_PROVIDER = "{00000000-0000-0000-0000-000000000000}"  # Office's own: no add-in


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line. setup_id: "{GUID}", upper case. signer, title: as printed under the line."""

    setup_id: str
    signer: str
    title: str
    email: str = ""


def setup_id(document: uuid.UUID, slot: str) -> str:
    """The id of the line of one slot ("party-3") of a document: always the same one."""
    return f"{{{str(uuid.uuid5(document, slot)).upper()}}}"


def lines_of(package: Package) -> tuple[Line, ...]:
    """The lines of the main part, in its order."""
    root = parse_xml(package.parts[package.main_part()])
    return tuple(
        Line(
            element.get("id", "").upper(),
            element.get(f"{{{_O}}}suggestedsigner", ""),
            element.get(f"{{{_O}}}suggestedsigner2", ""),
            element.get(f"{{{_O}}}suggestedsigneremail", ""),
        )
        for element in root.iter(_LINE)
    )


def line_run(line: Line, *, picture: str, number: int) -> etree._Element:
    """The w:r with the box. picture: relationship id of the placeholder PNG; number: 1, 2 in the document.

    The box is 192 by 96 points, twice as wide as high, as Word makes it.
    """
    run = etree.Element(f"{{{W}}}r", nsmap={"w": W, "v": _V, "o": _O, "r": _R})
    picture_element = etree.SubElement(run, f"{{{W}}}pict")
    if number == 1:  # once in the document: a second one of the same id is invalid
        picture_element.append(etree.fromstring(_PICTURE_FRAME))
    shape = etree.SubElement(picture_element, f"{{{_V}}}shape")
    shape.set("id", f"_x0000_i{1024 + number}")
    shape.set("type", "#_x0000_t75")
    shape.set("alt", "Microsoft Office Signature Line...")
    shape.set("style", "width:192pt;height:96pt")
    image = etree.SubElement(shape, f"{{{_V}}}imagedata")
    image.set(f"{{{_R}}}id", picture)
    element = etree.SubElement(shape, _LINE)
    for name, value in _attributes(line).items():
        element.set(name, value)
    return run


def _attributes(line: Line) -> dict[str, str]:
    return {
        f"{{{_V}}}ext": "edit",
        "id": line.setup_id,
        "provid": _PROVIDER,
        f"{{{_O}}}suggestedsigner": line.signer,
        f"{{{_O}}}suggestedsigner2": line.title,
        f"{{{_O}}}suggestedsigneremail": line.email,
        "showsigndate": "t",
        "issignatureline": "t",
    }
