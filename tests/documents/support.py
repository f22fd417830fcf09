"""Word files made for tests, and the product's own templates at hand."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from document_templates import ooxml, template_files
from document_templates.styles import styles_xml
from document_templates.theme import theme_xml
from workflow_app.documents.package import Package, sha256
from workflow_app.documents.rendering import Template

AT = datetime(2019, 3, 1, 5, tzinfo=UTC)
FILES = {files.key: files for files in template_files()}
CASES = [(files.key, name) for files in FILES.values() for name in files.samples()]


def template(key: str) -> Template:
    data = FILES[key].docx.read_bytes()
    return Template(key, 1, sha256(data), data, FILES[key].schema())


def sample(key: str, name: str = "") -> dict[str, Any]:
    samples = FILES[key].samples()
    return samples[name or next(iter(samples))]


def docx(*body: str) -> bytes:
    """A template with these paragraphs or tables as its body."""
    return ooxml.package(
        body=body,
        section=ooxml.Page().section(),
        styles=styles_xml(),
        header=ooxml.paragraph("Header", ""),
        theme=theme_xml(),
        title="Thử",
    )


def one_value(tag: str = "{{ value }}") -> Template:
    """A template that prints one text."""
    schema = {"type": "object", "properties": {"value": {"type": "string"}}, "required": ["value"]}
    data = docx(ooxml.paragraph("BodyText", tag))
    return Template("one", 1, sha256(data), data, schema)


def with_parts(data: bytes, changes: dict[str, bytes | None]) -> bytes:
    """The package with parts put in, replaced or (None) taken out."""
    package = Package.read(data)
    for name, part in changes.items():
        if part is None:
            del package.parts[name]
        else:
            package.parts[name] = part
    return package.write()


def raw_zip(entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip as hostile as it is asked for: names may repeat or point anywhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, part in entries:
            archive.writestr(zipfile.ZipInfo(name), part, compress_type=compression)
    return out.getvalue()


def relationship(kind: str, target: str, *, external: bool = False, id_: str = "rId77") -> bytes:
    """One more relationship, to stand before </Relationships>."""
    type_ = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="{id_}" Type="{type_}" Target="{escape(target)}"{mode}/>'.encode()
