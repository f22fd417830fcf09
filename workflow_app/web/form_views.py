"""A task's pydantic form as fields of a page: the same model that the API and the validation use.

Labels are the titles of the model's fields, hints their descriptions; the widget follows from the annotation.
A field may say more in `json_schema_extra`: {"widget": "hidden", "suffix": "đoàn viên", "options": [["a", "Chữ"]]}.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from workflow_app.core.errors import FieldError
from workflow_app.core.vietnamese import clean_text, format_number
from workflow_app.processes.forms import MAX_ROWS, Lines, Number

_TICKED = frozenset({"on", "yes", "true", "1"})
_FEW = 4  # so many choices stand open as radio buttons, more go into a list
_HIDDEN_NAMES = re.compile(r"(^|_)(key|id)$")
_ROW = re.compile(r"^(?P<rows>.+)-(?P<number>\d+)$")

Options = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class FormView:
    """What to draw and with which values.

    values: nested, either typed by a person (all text) or given by the process. errors: by field name.
    options: field name without row numbers ("points-ref") -> (value, label[, hint]) for fields whose choices
    the model cannot know. left_out: names that buttons of the page carry.
    """

    form: type[BaseModel]
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()
    options: Mapping[str, Options] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def fields(self) -> list[dict[str, Any]]:
        """Field descriptions for the macros, in the model's order."""
        errors: dict[str, list[str]] = {}
        for error in self.errors:
            errors.setdefault(error.field, []).append(error.vi)
        return _Drawing(errors, self.options, self.left_out).part(self.form, self.values, "")

    def summary(self) -> list[dict[str, str]]:
        """The error summary; an error of a whole row or form points to the nearest thing that can be seen."""
        shown = set(_names(self.fields()))
        return [{"field": _anchor(error.field, shown), "text": error.vi} for error in self.errors]


def add_row(values: dict[str, Any], name: str) -> None:
    """One more empty row of `plan-work_items`; more than 200 are not added."""
    node, leaf = _walk(values, name)
    rows = node.setdefault(leaf, [])
    if isinstance(rows, list) and len(rows) < MAX_ROWS:
        rows.append({})


def remove_row(values: dict[str, Any], name_and_index: str) -> None:
    """Takes out row 2 of `targets` for "targets.2"; nothing happens for one that is not there."""
    name, _, index = name_and_index.rpartition(".")
    node, leaf = _walk(values, name)
    rows = node.get(leaf)
    if isinstance(rows, list) and index.isdecimal() and int(index) < len(rows):
        del rows[int(index)]


class _Drawing:
    def __init__(
        self, errors: Mapping[str, list[str]], options: Mapping[str, Options], left_out: frozenset[str]
    ):
        self.errors, self.options, self.left_out = errors, options, left_out

    def part(self, model: type[BaseModel], values: Any, prefix: str) -> list[dict[str, Any]]:
        given = values if isinstance(values, Mapping) else {}
        fields = []
        for name, info in model.model_fields.items():
            if f"{prefix}{name}" not in self.left_out:
                fields.append(self.one(f"{prefix}{name}", info, given.get(name, _default(info))))
        return fields

    def one(self, name: str, info: FieldInfo, value: Any) -> dict[str, Any]:
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        described: dict[str, Any] = {
            "name": name,
            "label": info.title or _plain_name(name),
            "hint": info.description or "",
            "errors": self.errors.get(name, []),
            "suffix": extra.get("suffix", ""),
        }
        widget = extra.get("widget") or _widget(name, info)
        draw: Callable[..., dict[str, Any]] = getattr(self, f"_{widget}", self._single)
        made = draw(described, info, value)
        if "optional" not in made and not info.is_required() and made["widget"] not in {"hidden", "checkbox"}:
            made["optional"] = _may_stay_empty(info)
        return {"widget": widget} | made

    def _single(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        widget = _widget(described["name"], info)
        return described | {"widget": widget, "value": _shown(value)}

    def _hidden(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        made = secrets.token_hex(4) if described["name"].endswith("key") else ""
        return described | {"widget": "hidden", "value": _shown(value) or made}

    def _number(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        whole = "int" in str(info.annotation)
        return described | {
            "widget": "number",
            "value": _shown(value),
            "inputmode": "numeric" if whole else "decimal",
        }

    def _textarea(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        text = "\n".join(map(str, value)) if isinstance(value, list | tuple) else _shown(value)
        return described | {
            "widget": "textarea",
            "value": text,
            "rows": min(12, max(3, text.count("\n") + 2)),
        }

    def _date(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            value = _iso(value)
        return described | {"widget": "date", "value": value}

    def _checkbox(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        return described | {"widget": "checkbox", "value": value is True or str(value) in _TICKED}

    def _choice(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        known = self.options.get(_pattern(described["name"])) or _options(info)
        shown = value.value if isinstance(value, Enum) else value
        few = len(known) <= _FEW and "-" not in described["name"]  # inside a row a list takes less room
        widget = "choice" if few else "select"
        return described | {"widget": widget, "options": known, "value": shown or "", "optional": False}

    def _rows(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        part, name = _part(info.annotation), described["name"]
        rows = list(value) if isinstance(value, list | tuple) else []
        rows = rows or ([{}] if info.is_required() else [])
        lines = [self.part(part, row, f"{name}-{number}-") for number, row in enumerate(rows)] if part else []
        row_errors = [text for number in range(len(rows)) for text in self.errors.get(f"{name}-{number}", ())]
        errors = [*described["errors"], *row_errors]
        return described | {"widget": "rows", "lines": lines, "errors": errors}

    def _group(self, described: dict[str, Any], info: FieldInfo, value: Any) -> dict[str, Any]:
        part = _part(info.annotation)
        fields = self.part(part, value, f"{described['name']}-") if part else []
        return described | {"widget": "group", "fields": fields, "optional": False}


def _widget(name: str, info: FieldInfo) -> str:
    """Which control an annotation asks for."""
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    if "options" in extra or get_origin(info.annotation) is Literal or _enum(info) is not None:
        return "choice"
    if _part(info.annotation) is not None:
        return "rows" if get_origin(info.annotation) is list else "group"
    if _is(info, UUID) or _HIDDEN_NAMES.search(name.rpartition("-")[2]):
        return "hidden"
    return _plain_widget(info)


def _plain_widget(info: FieldInfo) -> str:
    before = {item.func for item in info.metadata if isinstance(item, BeforeValidator)}
    after = {item.func for item in info.metadata if isinstance(item, AfterValidator)}
    if _is(info, bool):
        return "checkbox"
    if _is(info, date):
        return "date"
    if before & _NUMBERS or _is(info, int) or _is(info, Decimal):
        return "number"
    if before & _LINES or clean_text in after:
        return "textarea"
    return "text" if info.repr else "password"


def _validators(annotated: Any) -> set[Any]:
    return {item.func for item in get_args(annotated) if isinstance(item, BeforeValidator)}


_NUMBERS = _validators(Number)
_LINES = _validators(Lines)


def _is(info: FieldInfo, kind: type) -> bool:
    return info.annotation is kind or kind in get_args(info.annotation)


def _enum(info: FieldInfo) -> type[Enum] | None:
    kinds = (info.annotation, *get_args(info.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum)), None)


def _part(annotation: Any) -> type[BaseModel] | None:
    kinds = (annotation, *get_args(annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _options(info: FieldInfo) -> Options:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    if "options" in extra:
        return extra["options"]  # type: ignore[return-value]  # written by a process beside its own form
    if (kind := _enum(info)) is not None:
        return [(member.value, getattr(member, "vi", member.value)) for member in kind]
    return [(value, value) for value in get_args(info.annotation)]


def _may_stay_empty(info: FieldInfo) -> bool:
    return info.default in (None, "") or info.default == []


def _default(info: FieldInfo) -> Any:
    return None if info.is_required() else info.get_default(call_default_factory=True)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return format_number(value)
    return str(value.value if isinstance(value, Enum) else value)


def _iso(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _pattern(name: str) -> str:
    return "-".join(part for part in name.split("-") if not part.isdecimal())


def _plain_name(name: str) -> str:
    return name.rpartition("-")[2].replace("_", " ")


def _names(fields: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for described in fields:
        yield described["name"]
        yield from _names(described.get("fields", ()))
        for line in described.get("lines", ()):
            yield from _names(line)


def _anchor(name: str, shown: set[str]) -> str:
    while name and name not in shown:
        found = _ROW.match(name)
        name = found["rows"] if found else name.rpartition("-")[0]
    return name


def _walk(values: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    *path, leaf = name.split("-")
    node: Any = values
    for step in path:
        node = node.setdefault(step, {}) if isinstance(node, dict) else {}
    return (node if isinstance(node, dict) else {}), leaf
