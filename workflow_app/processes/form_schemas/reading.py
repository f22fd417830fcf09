"""A JSON Schema (draft 2020-12) that somebody uploaded, checked against the part of it that our pages can draw.

A keyword outside that part is refused and named: nothing in a form is silently not checked.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from workflow_app.engine.errors import Finding
from workflow_app.processes.form_schemas.fields import read_fields
from workflow_app.processes.form_schemas.part import Part
from workflow_app.processes.form_schemas.shape import FormSchema

MAX_BYTES = 200_000
DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Names under which a delegation can cover a task; the labels are those of the delegation page.
ACTS = ("draft", "comment", "approve", "issue")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEYWORDS = frozenset(
    {"$schema", "$id", "title", "description", "type", "properties", "required", "additionalProperties", "x-act"}
)  # fmt: skip


def read_form(key: str, data: bytes) -> tuple[FormSchema | None, list[Finding]]:
    """The form of a file, or what is wrong with it: one sentence for each fault, all at once.

    key: the name under which diagrams ask for it, the file's name without its ending.
    """
    part = Part(f"{key[:60]}.json", "", {})
    if not _KEY.fullmatch(key):
        return None, [_file_name(part)]
    try:
        source = _json(data)
    except (ValueError, RecursionError) as error:
        return None, [_unreadable(part, error)]
    if not isinstance(source, dict):
        return None, [_unreadable(part, ValueError("no object"))]
    part = Part(part.file, "", source)
    fields, faults = read_fields(part)
    findings = [*_head(part), *faults]
    return (None, findings) if findings else (_form(key, part, fields), [])


def _json(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise ValueError("larger than 200 kB")
    source = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    # What PostgreSQL could not keep is refused now: lone surrogates, infinities, NUL.
    if (
        "\\u0000" in json.dumps(source, allow_nan=False)
        or not json.dumps(source, ensure_ascii=False).encode()
    ):
        raise ValueError("NUL")
    return source


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # readers would disagree which of the two holds
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!a} twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _file_name(part: Part) -> Finding:
    return part.fault(
        "form_file_name",
        "tên tệp phải là chữ thường không dấu, số và gạch dưới, bắt đầu bằng chữ, ví dụ de_nghi.json.",
        "the file name has lower-case letters, digits and underscores and starts with a letter: de_nghi.json.",
    )


def _unreadable(part: Part, error: ValueError | RecursionError) -> Finding:
    line = f" (dòng {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
    return part.fault(
        "form_unreadable",
        f"tệp không phải một đối tượng JSON đúng cú pháp, mỗi tên chỉ một lần, dưới 200 kB{line}."
        " Hãy mở tệp, sửa rồi lưu lại với bảng mã UTF-8.",
        f"not one JSON object in UTF-8 below 200 kB with every name once ({error}).",
    )


def _head(part: Part) -> Iterator[Finding]:
    source = part.source
    for keyword in sorted(source.keys() - _KEYWORDS):
        yield part.fault(
            "form_keyword", f"từ khóa «{keyword}» chưa dùng được ở đây. Hãy bỏ từ khóa này.",
            f"the keyword {keyword} is not supported here. Remove it.",
        )  # fmt: skip
    if source.get("$schema", DIALECT) != DIALECT:
        yield part.fault(
            "form_dialect", f"chỉ dùng JSON Schema bản 2020-12. Hãy ghi \"$schema\": \"{DIALECT}\" hoặc bỏ dòng này.",
            f"only JSON Schema 2020-12 is known. Write {DIALECT} or remove $schema.",
        )  # fmt: skip
    if source.get("type") != "object":
        yield part.fault(
            "form_type", "biểu mẫu phải có \"type\": \"object\".", "a form has \"type\": \"object\".",
        )  # fmt: skip
    if source.get("additionalProperties", False) is not False:
        yield part.fault(
            "form_open", "biểu mẫu không nhận ô lạ. Hãy ghi \"additionalProperties\": false hoặc bỏ dòng này.",
            "a form takes no unknown fields. Write \"additionalProperties\": false or remove it.",
        )  # fmt: skip
    if not part.line("title"):
        yield part.fault(
            "form_title", "biểu mẫu chưa có tên. Hãy ghi title bằng tiếng Việt.", "the form has no title.",
        )  # fmt: skip
    if source.get("x-act", "draft") not in ACTS:
        yield part.fault(
            "form_act", f"x-act chỉ nhận một trong: {', '.join(ACTS)}.", f"x-act is one of {', '.join(ACTS)}.",
        )  # fmt: skip


def _form(key: str, part: Part, fields: Any) -> FormSchema:
    return FormSchema(
        key=key,
        title=part.line("title"),
        description=part.text("description"),
        act=str(part.source.get("x-act", "draft")),
        fields=tuple(fields),
        source=part.source,
    )
