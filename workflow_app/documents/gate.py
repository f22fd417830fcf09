"""What a Word template has to pass before anybody may use it."""

import importlib.util
import re
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import meta
from jinja2.exceptions import TemplateError, TemplateSyntaxError

from workflow_app.documents import uploads
from workflow_app.documents.errors import (
    DataInvalid,
    Finding,
    PackageBroken,
    RenderingFailed,
    TemplateRefused,
    UploadRefused,
)
from workflow_app.documents.package import Package, W, parse_xml, sha256
from workflow_app.documents.rendering import Template, jinja_source, render, text_parts
from workflow_app.documents.sandbox import Sandbox, TemplateNotAllowed, check_language
from workflow_app.documents.schema import unknown_keywords

_AT = datetime(2020, 1, 1, tzinfo=UTC)
_TAGS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_ISO_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_MAY_HOLD_TEXT = frozenset({"t", "delText", "instrText", "delInstrText"})


def check(data: bytes, schema: Mapping[str, Any], samples: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Every fault; an empty list for a template that may be used.

    samples: by name; each is rendered as it is and once more with everything left out that may be left out.
    """
    findings = list(_file_findings(data))
    if not findings:
        findings = [*_schema_findings(schema), *_language_findings(data, schema)]
    if not findings:
        for name, sample in samples.items():
            findings += _trial_findings(Template("trial", 1, sha256(data), data, schema), name, sample)
    return list(dict.fromkeys(findings))


def require(data: bytes, schema: Mapping[str, Any], samples: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises TemplateRefused with every fault."""
    findings = check(data, schema, samples)
    if findings:
        raise TemplateRefused(findings)


def office_findings(docx: bytes) -> list[Finding]:
    """What the Open XML schemas say about a finished document; seconds, so at activation and in tests only.

    Empty when the checker is not installed.
    """
    if importlib.util.find_spec("openxml_audit") is None:
        return []
    import openxml_audit

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.docx"
        path.write_bytes(docx)
        result = openxml_audit.OpenXmlValidator().validate(path)
    return [
        Finding("office", f"Word sẽ báo tệp hỏng: {error.description}", str(error.part_uri or ""))
        for error in result.errors
        if str(error.severity).lower().endswith("error")
    ]


def emptiest(sample: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """The sample with every list as short and every text as empty as the schema allows."""
    root = root or schema
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if isinstance(sample, dict):
        return {name: emptiest(value, schema["properties"][name], root) for name, value in sample.items()}
    if isinstance(sample, list):
        return [emptiest(item, schema["items"], root) for item in sample[: schema.get("minItems", 0)]]
    optional = isinstance(sample, str) and "minLength" not in schema and "enum" not in schema
    return "" if optional and schema.get("format", "-or-empty").endswith("-or-empty") else sample


def _file_findings(data: bytes) -> Iterator[Finding]:
    try:
        uploads.scan(data, "template.docx")
        Package.read(data).main_part()
    except UploadRefused as refused:
        yield from refused.findings
    except PackageBroken as broken:
        yield Finding("package", broken.vi)


def _schema_findings(schema: Mapping[str, Any]) -> Iterator[Finding]:
    for keyword in sorted(unknown_keywords(schema)):
        yield Finding("schema", f"Lược đồ dữ liệu của mẫu dùng từ khóa chưa hỗ trợ: {keyword}.")


def _language_findings(data: bytes, schema: Mapping[str, Any]) -> Iterator[Finding]:
    environment = Sandbox()
    for name, part in text_parts(Package.read(data)):
        source = jinja_source(part)
        try:
            tree = environment.parse(source)
            check_language(tree)
            unknown = meta.find_undeclared_variables(tree) - set(schema.get("properties", {}))
            environment.compile_checked(source)
        except TemplateError as error:
            yield _language_finding(error, source, name)
            continue
        for variable in sorted(unknown):
            yield Finding("unknown_variable", f"Mẫu dùng tên “{variable}” mà dữ liệu không có.", name)


def _language_finding(error: TemplateError, source: str, name: str) -> Finding:
    if isinstance(error, TemplateNotAllowed):
        return Finding("not_allowed", f"Mẫu dùng lệnh không được phép: {error.message}", name)
    line = error.lineno if isinstance(error, TemplateSyntaxError) else 1
    lines = source.splitlines()
    near = re.sub(r"<[^>]*>", " ", lines[min(line, len(lines)) - 1])[:120].strip() if lines else ""
    return Finding("syntax", f"Thẻ trong mẫu viết sai: {error.message}. Xem gần: “{near}”", name)


def _trial_findings(template: Template, name: str, sample: Mapping[str, Any]) -> Iterator[Finding]:
    for variant in (sample, emptiest(dict(sample), template.schema)):
        try:
            rendered = render(template, variant, at=_AT)
        except DataInvalid as error:
            yield Finding("sample", f"Dữ liệu mẫu không đúng lược đồ: {error}", name)
        except (RenderingFailed, PackageBroken) as error:
            yield Finding("render", f"Không tạo được văn bản thử từ dữ liệu mẫu: {error}", name)
        else:
            for part, content in text_parts(Package.read(rendered.data)):
                yield from _result_findings(content, part)


def _result_findings(content: bytes, part: str) -> Iterator[Finding]:
    root = parse_xml(content)
    for paragraph in root.iter(f"{{{W}}}p"):
        text = "".join(str(each.text or "") for each in paragraph.iter(f"{{{W}}}t"))
        if found := _ISO_DATE.search(text):
            vi = (
                f"Văn bản thử in ngày dạng {found[0]}. Hãy thêm bộ lọc ngày vào thẻ: {{{{ ...|day }}}} hoặc"
                f" {{{{ ...|official_date }}}}. Xem gần: “{text[:80].strip()}”"
            )
            yield Finding("plain_date", vi, part)
    if _TAGS.search("".join(map(str, root.itertext()))):
        yield Finding(
            "leftover_tag",
            "Văn bản thử còn sót thẻ {{ }} hoặc {% %}: có thẻ bị ngắt giữa hai ô hay hai đoạn.",
            part,
        )
    for element in root.iter(f"{{{W}}}*"):
        word = str(element.tag).rpartition("}")[2]
        if word not in _MAY_HOLD_TEXT and (element.text or "").strip():
            yield Finding("stray_text", "Có chữ nằm ngoài đoạn văn nên Word sẽ không hiện.", part)
        if word != "t" and any((child.tail or "").strip() for child in element):
            yield Finding("stray_text", "Có chữ nằm ngoài đoạn văn nên Word sẽ không hiện.", part)
        if word == "tc" and (len(element) == 0 or element[-1].tag != f"{{{W}}}p"):
            yield Finding("empty_cell", "Có ô bảng không còn đoạn văn nào nên Word sẽ báo tệp hỏng.", part)
        if word == "tbl" and element.find(f"{{{W}}}tr") is None:
            yield Finding("empty_table", "Có bảng không còn dòng nào nên Word sẽ báo tệp hỏng.", part)
