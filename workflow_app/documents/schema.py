"""Data against the JSON Schema of a template: the small part of JSON Schema our templates use.

A schema with any other keyword is refused, so that nothing is silently not checked.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from workflow_app.core.errors import FieldError
from workflow_app.documents.errors import DataInvalid

_NOTES = frozenset({"$schema", "$id", "title", "description", "x-kind", "x-process", "$defs"})
_CHECKED = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "minimum",
        "enum",
        "format",
        "$ref",
    }
)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
_TYPE_WORDS = {
    "object": "nhóm dữ liệu",
    "array": "danh sách",
    "string": "chữ",
    "integer": "số nguyên",
    "number": "số",
    "boolean": "đúng hoặc sai",
}


def unknown_keywords(schema: Mapping[str, Any]) -> set[str]:
    """The keywords in a schema that `validate` would not look at."""
    found = set(schema) - _NOTES - _CHECKED
    for child in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
        found |= unknown_keywords(child)
    if isinstance(schema.get("items"), dict):
        found |= unknown_keywords(schema["items"])
    return found


def validate(data: Any, schema: Mapping[str, Any]) -> None:
    """Raises DataInvalid with every fault: path of the field and a Vietnamese sentence."""
    errors = list(_errors(data, schema, schema, ""))
    if errors:
        raise DataInvalid(errors)


def _errors(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[FieldError]:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    kind = schema.get("type", "object")
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield FieldError(path, f"Mục {path or 'dữ liệu'} phải là {_TYPE_WORDS[kind]}.")
    elif isinstance(value, dict):
        yield from _object_errors(value, schema, root, path)
    elif isinstance(value, list):
        yield from _array_errors(value, schema, root, path)
    else:
        yield from _scalar_errors(value, schema, path)


def _object_errors(
    value: dict[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[FieldError]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield FieldError(_join(path, name), f"Thiếu mục {_join(path, name)}.")
    for name, child in value.items():
        if name in properties:
            yield from _errors(child, properties[name], root, _join(path, name))
        elif schema.get("additionalProperties", True) is False:
            yield FieldError(_join(path, name), f"Mẫu không có mục {_join(path, name)}.")


def _array_errors(
    value: list[Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[FieldError]:
    if len(value) < schema.get("minItems", 0):
        yield FieldError(path, f"Mục {path} cần ít nhất {schema['minItems']} dòng.")
    if len(value) > schema.get("maxItems", len(value)):
        yield FieldError(path, f"Mục {path} chỉ được có {schema['maxItems']} dòng.")
    for index, item in enumerate(value):
        yield from _errors(item, schema["items"], root, f"{path}[{index}]")


def _scalar_errors(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    if isinstance(value, str):
        if len(value.strip()) < schema.get("minLength", 0):
            yield FieldError(path, f"Mục {path} không được để trống.")
        if len(value) > schema.get("maxLength", len(value)):
            yield FieldError(path, f"Mục {path} dài quá {schema['maxLength']} chữ.")
        if not _has_format(value, schema.get("format", "")):
            yield FieldError(path, f"Mục {path} không phải là ngày giờ hợp lệ.")
    elif not isinstance(value, bool) and value < schema.get("minimum", value):
        yield FieldError(path, f"Mục {path} không được nhỏ hơn {schema['minimum']}.")
    if "enum" in schema and value not in schema["enum"]:
        yield FieldError(path, f"Mục {path} phải là một trong: {', '.join(map(str, schema['enum']))}.")


def _has_format(value: str, form: str) -> bool:
    if not form or (form.endswith("-or-empty") and not value):
        return True
    try:
        if form.startswith("date-time"):
            return datetime.fromisoformat(value).tzinfo is not None
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
