"""Template and data become a .docx: the same input gives the same bytes, in every process.

The template language is docxtpl's (`{{ }}`, `{%p %}`, `{%tr %}`, `{%tc %}`). Its own rendering is not used:
it parses the result with a parser that silently drops what it cannot read, which loses text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Template as Compiled
from jinja2.exceptions import TemplateError
from lxml import etree

from workflow_app.documents import sandbox
from workflow_app.documents.content_id import content_id_of
from workflow_app.documents.errors import PackageBroken, RenderingFailed
from workflow_app.documents.filters import FilterMisused
from workflow_app.documents.normalising import normalise_package
from workflow_app.documents.package import Package, W, parse_xml, sha256, xml_bytes
from workflow_app.documents.schema import validate

_TEXT_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_TEXT = f"{{{W}}}t"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_environment = sandbox.Sandbox()


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a Word template.

    data: the .docx. schema: JSON Schema of what fills it. sha256: of data.
    """

    key: str
    version: int
    sha256: str
    data: bytes
    schema: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Short code of the document type: "GƯ", "KH", "BB", "GM"."""
        return str(self.schema.get("x-kind", ""))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished document. content_id: what it says; file_sha256: these very bytes."""

    data: bytes
    content_id: str
    file_sha256: str


def render(template: Template, data: Mapping[str, Any], *, at: datetime) -> Rendered:
    """The document.

    data: plain dict, list, str and numbers that follow the template's schema.
    at: aware; the file's own time, of the instance's act and never of the rendering.
    Raises DataInvalid, RenderingFailed, PackageBroken.
    """
    validate(data, template.schema)
    skeleton = _skeleton(template.data)
    package = Package(dict(skeleton.rest))
    for name, compiled in skeleton.texts:
        package.parts[name] = _part(compiled, data, template.key)
    normalise_package(package, at=at)
    result = package.write()
    return Rendered(result, content_id_of(package), sha256(result))


@dataclass(frozen=True, slots=True)
class _Skeleton:
    rest: tuple[tuple[str, bytes], ...]
    texts: tuple[tuple[str, Compiled], ...]


# By content, so an edited template is never served from an old entry.
@lru_cache(maxsize=32)
def _skeleton(data: bytes) -> _Skeleton:
    package = Package.read(data)
    names = [name for name in package.parts if _TEXT_PARTS.fullmatch(name)]
    try:
        texts = tuple(
            (name, _environment.compile_checked(jinja_source(package.parts[name]))) for name in names
        )
    except TemplateError as error:
        raise RenderingFailed(f"template: {error}") from error
    rest = tuple((name, part) for name, part in package.parts.items() if name not in names)
    return _Skeleton(rest, texts)


def text_parts(package: Package) -> list[tuple[str, bytes]]:
    """The parts that a template's tags may stand in."""
    return [(name, part) for name, part in package.parts.items() if _TEXT_PARTS.fullmatch(name)]


def jinja_source(part: bytes) -> str:
    """The part as Jinja reads it: tags freed from the runs, rows and paragraphs Word cut them into."""
    dialect = DocxTemplate("")  # opens nothing before it is asked to render
    text = etree.tostring(parse_xml(part), encoding="unicode")
    source: str = dialect.patch_xml(text)
    return source


def _part(compiled: Compiled, data: Mapping[str, Any], key: str) -> bytes:
    try:
        text = sandbox.render(compiled, data)
    except (TemplateError, FilterMisused, RecursionError) as error:
        raise RenderingFailed(f"template {key}: {type(error).__name__}: {error}") from error
    # Strict first: docxtpl's own parser drops what it cannot read.
    try:
        root = parse_xml(text.encode())
    except PackageBroken as error:
        raise RenderingFailed(f"template {key}: {error}") from error
    if root.find(f".//{{{W}}}tbl") is not None:
        root = DocxTemplate("").fix_tables(text)
    _break_lines(root)
    return xml_bytes(root)


def _break_lines(root: etree._Element) -> None:
    """Line ends and tabs in a text become Word's own elements, in the look of their run."""
    for text in list(root.iter(_TEXT)):
        if not text.text or not ("\n" in text.text or "\t" in text.text):
            continue
        pieces = re.split("([\n\t])", text.text)
        text.text = pieces[0]
        last = text
        for sign, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            last = _after(last, etree.Element(f"{{{W}}}br" if sign == "\n" else f"{{{W}}}tab"))
            if piece:
                last = _after(last, etree.Element(_TEXT, {_SPACE: "preserve"}))
                last.text = piece


def _after(element: etree._Element, new: etree._Element) -> etree._Element:
    element.addnext(new)
    return new
