"""What a human task asks for: one pydantic model, from which the page, the API and the lint are made."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from workflow_app.core.errors import FieldError, Invalid
from workflow_app.core.vietnamese import clean_line, clean_text, format_number, parse_date, parse_number

MAX_ROWS = 200
# What a page writes into a row by itself. A unit's id is not among them: a list of units must stay complete.
_GIVEN = frozenset({"kind", "comparator", "scope", "key", "ref", "point_id", "target_key"})
_DEEPEST = 6  # `plan-work_items-3-due` needs 3; thousands would exhaust the stack
_INDEXED = re.compile(r"^[a-z][a-z_]*(-[a-z0-9][a-z0-9_]*)*$")


def as_number(value: object) -> object:
    """What a person typed as a number; an empty box is None."""
    return (
        parse_number(value) if isinstance(value, str) and value.strip() else (None if value == "" else value)
    )


def _date(value: object) -> object:
    if isinstance(value, Mapping):  # three boxes on the page: day, month, year
        parts = [str(value.get(part, "")).strip() for part in ("day", "month", "year")]
        value = "/".join(parts) if any(parts) else ""
    if isinstance(value, str):
        return parse_date(value) if value.strip() else None
    if value is None or isinstance(value, date):
        return value
    # A number would be taken for seconds since 1970.
    raise ValueError("Nhập ngày, tháng, năm, ví dụ 15/3/2027")


def _lines(value: object) -> object:
    if isinstance(value, str):
        return [line for line in (clean_line(line) for line in value.splitlines()) if line]
    return value


def _stripped(value: object) -> object:
    # Before the length is checked: neither three spaces nor letters without a shape fill anything in.
    return (value.strip() if clean_line(value) else "") if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_stripped), AfterValidator(clean_line), Field(max_length=500)]
Text = Annotated[str, BeforeValidator(_stripped), AfterValidator(clean_text), Field(max_length=5000)]
Lines = Annotated[list[Line], Field(max_length=MAX_ROWS), BeforeValidator(_lines)]
Number = Annotated[Decimal, BeforeValidator(as_number), Field(max_digits=18, decimal_places=2)]
# The bounds stand at the number itself: around the whole they would be asked of None as well.
OptionalNumber = Annotated[
    Annotated[Decimal, Field(max_digits=18, decimal_places=2)] | None, BeforeValidator(as_number)
]
Day = Annotated[date, BeforeValidator(_date)]
OptionalDay = Annotated[date | None, BeforeValidator(_date)]
Count = Annotated[int, BeforeValidator(as_number), Field(ge=0, le=100_000)]
Secret = Annotated[str, Field(max_length=200, repr=False)]


class FieldFault(ValueError):
    """What a validator of a whole form or row finds wrong: the sentence, and the field to mend."""

    def __init__(self, field: str, vi: str) -> None:
        super().__init__(vi)
        self.field = field


class FormPart(BaseModel):
    """A part of a form: unknown fields are refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskForm(FormPart):
    """The form (biểu mẫu) of one kind of human task.

    outcomes: names of the process variables that the task's act sets, for the deploy lint.
    choices: the values such a variable can take, for the dry walk.
    """

    outcomes: ClassVar[frozenset[str]] = frozenset()
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """The typed form; raises Invalid with one Vietnamese sentence per field."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise Invalid(
                [_field_error(cls, item) for item in error.errors()]
            ) from None  # values may be secret


def unflatten(items: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The nested values of an HTML form: `targets-0-kind` is row 0 of `targets`.

    Rows in which nobody typed anything are left out. Raises Invalid for names that no page of ours makes.
    """
    tree: dict[str, Any] = {}
    for name, value in items:
        if not _INDEXED.match(name):
            raise Invalid([FieldError(name[:50], "Biểu mẫu có ô lạ. Hãy tải lại trang và nhập lại.")])
        *path, leaf = name.split("-")
        if len(path) > _DEEPEST:
            raise Invalid([FieldError(name[:50], "Biểu mẫu có ô lạ. Hãy tải lại trang và nhập lại.")])
        node = tree
        for step in path:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise Invalid([FieldError(name[:50], "Biểu mẫu có ô trùng tên. Hãy tải lại trang.")])
        node[leaf] = value
    result = _rows(tree)
    return result if isinstance(result, dict) else {}


def _rows(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdecimal() for key in node):
        rows = [_rows(node[key]) for key in sorted(node, key=int)]
        return [row for row in rows if not _blank(row)]
    return {key: _rows(value) for key, value in node.items()}


def _blank(row: Any) -> bool:
    if isinstance(row, dict):
        return all(_blank(value) for key, value in row.items() if key not in _GIVEN)
    return not row.strip() if isinstance(row, str) else row in ([], None)


_LENGTHS = frozenset({"too_long", "too_short"})
_SENTENCES = {
    "missing": "Nhập {label}.",
    "string_too_short": "Nhập {label}.",
    "too_short": "Nhập ít nhất {min_length} mục cho {label}.",
    "string_too_long": "Rút ngắn {label}, nhiều nhất {max_length} ký tự.",
    "too_long": "Nhiều nhất {max_length} mục cho {label}.",
    "extra_forbidden": "Ô “{name}” không thuộc biểu mẫu này. Hãy tải lại trang.",
    "literal_error": "Chọn một trong các lựa chọn cho {label}.",
    "enum": "Chọn một trong các lựa chọn cho {label}.",
    "bool_parsing": "Đánh dấu hoặc bỏ trống ô {label}.",
    "bool_type": "Đánh dấu hoặc bỏ trống ô {label}.",
    "decimal_type": "Nhập {label} bằng chữ số.",
    "int_type": "Nhập {label} bằng chữ số.",
    "int_from_float": "Nhập {label} là số nguyên.",
    "greater_than_equal": "Nhập {label} không nhỏ hơn {ge}.",
    "less_than_equal": "Nhập {label} không lớn hơn {le}.",
    "date_type": "Nhập {label} theo ngày, tháng, năm, ví dụ 05/3/2019.",
    "uuid_parsing": "Chọn lại {label}.",
    "uuid_type": "Chọn lại {label}.",
    "decimal_max_digits": "Số ở {label} quá dài.",
    "decimal_max_places": "Nhập {label} với nhiều nhất hai chữ số thập phân.",
}


def _field_error(form: type[TaskForm], item: ErrorDetails) -> FieldError:
    location = [str(part) for part in item["loc"]]
    name = "-".join(location)
    context = dict(item.get("ctx", {}))
    if item["type"] == "value_error":
        fault = context["error"]
        at = [*location, fault.field] if isinstance(fault, FieldFault) else location
        return FieldError("-".join(at), str(fault))
    label, info = _label(form, location)
    told = {key: _told(value) for key, value in context.items()}
    return FieldError(name, _sentence(item, info).format_map({**told, "label": label, "name": name[:50]}))


def _sentence(item: ErrorDetails, info: FieldInfo | None) -> str:
    kind = _kind(item)
    if kind == "string_too_short" and item["ctx"]["min_length"] > 1:
        return "Viết {label} dài ít nhất {min_length} ký tự."
    extra = info.json_schema_extra if info is not None else None
    if kind == "missing" and isinstance(extra, dict) and extra.keys() & {"options", "widget"}:
        return "Chọn {label}."
    return _SENTENCES.get(kind, "Kiểm tra lại {label}.")


def _kind(item: ErrorDetails) -> str:
    # Cleaned text is measured as a value of any kind: without this a long sentence is "too many items".
    of_a_list = item.get("ctx", {}).get("field_type") == "List"
    return item["type"] if of_a_list or item["type"] not in _LENGTHS else f"string_{item['type']}"


def _told(value: Any) -> Any:
    return format_number(value) if isinstance(value, int | Decimal) else value


def _label(form: type[BaseModel], location: list[str]) -> tuple[str, FieldInfo | None]:
    schema: type[BaseModel] | None = form
    label = location[-1] if location else "biểu mẫu"
    row, field = "", None
    for step in location:
        if step.isdecimal():
            row = f" (dòng {int(step) + 1})"
        elif schema is not None and step in schema.model_fields:
            field = schema.model_fields[step]
            label = (field.title or step)[:1].lower() + (field.title or step)[1:]
            schema = _part(field.annotation)
    return label + row, field


def _part(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
