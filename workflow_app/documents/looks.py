"""How the paragraph styles of a Word file look, as far as a preview shows it."""

from dataclasses import dataclass, replace

from lxml import etree

from workflow_app.documents.package import Package, W, parse_xml

_ALIGN = {"center": "gu-center", "right": "gu-right", "end": "gu-right", "both": "gu-justify"}


@dataclass(frozen=True, slots=True)
class Look:
    """What a paragraph style says; level is the outline level or -1."""

    align: str = ""
    bold: bool = False
    italic: bool = False
    capitals: bool = False
    indented: bool = False
    size: int = 28
    level: int = -1


def style_looks(package: Package) -> dict[str, Look]:
    """The look of each paragraph style by its id; "" is the document's default."""
    data = package.parts.get("word/styles.xml")
    if data is None:
        return {"": Look()}
    root = parse_xml(data)
    defaults = read_letters(root.find(f"{{{W}}}docDefaults/{{{W}}}rPrDefault/{{{W}}}rPr"), Look())
    elements = {
        element.get(f"{{{W}}}styleId", ""): element
        for element in root.iterfind(f"{{{W}}}style")
        if element.get(f"{{{W}}}type") == "paragraph"
    }
    looks = {name: _inherited(name, elements, defaults, depth=0) for name in elements}
    normal = next((name for name, e in elements.items() if e.get(f"{{{W}}}default") == "1"), "")
    return {**looks, "": looks.get(normal, defaults)}


def _inherited(name: str, elements: dict[str, etree._Element], defaults: Look, *, depth: int) -> Look:
    element = elements.get(name)
    if element is None or depth > 20:  # a style may be based on itself in a broken file
        return defaults
    base = _inherited(value_of(element.find(f"{{{W}}}basedOn")), elements, defaults, depth=depth + 1)
    look = read_look(element.find(f"{{{W}}}pPr"), base)
    return read_letters(element.find(f"{{{W}}}rPr"), look)


def read_look(properties: etree._Element | None, look: Look) -> Look:
    if properties is None:
        return look
    align = properties.find(f"{{{W}}}jc")
    level = properties.find(f"{{{W}}}outlineLvl")
    indent = properties.find(f"{{{W}}}ind")
    if align is not None:
        look = replace(look, align=_ALIGN.get(value_of(align), ""))
    if level is not None and value_of(level).isdigit():
        look = replace(look, level=int(value_of(level)) if int(value_of(level)) < 9 else -1)
    if indent is not None:
        look = replace(look, indented=indent.get(f"{{{W}}}firstLine", "0") not in {"", "0"})
    return look


def read_letters(properties: etree._Element | None, look: Look) -> Look:
    if properties is None:
        return look
    size = value_of(properties.find(f"{{{W}}}sz"))
    return replace(
        look,
        bold=_switch(properties.find(f"{{{W}}}b"), look.bold),
        italic=_switch(properties.find(f"{{{W}}}i"), look.italic),
        capitals=_switch(properties.find(f"{{{W}}}caps"), look.capitals),
        size=int(size) if size.isdigit() else look.size,
    )


def _switch(element: etree._Element | None, otherwise: bool) -> bool:
    return otherwise if element is None else value_of(element) not in {"0", "false", "off"}


def value_of(element: etree._Element | None) -> str:
    """Its w:val, or \"\"."""
    return "" if element is None else element.get(f"{{{W}}}val", "")
