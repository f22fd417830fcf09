"""The fields of an uploaded form: kinds, bounds, choices; each fault with the sentence that says how to mend it."""

import keyword
import re
from collections.abc import Iterator
from typing import Any

from workflow_app.engine.errors import Finding
from workflow_app.processes.form_schemas.choices import choice_faults, options_of
from workflow_app.processes.form_schemas.part import Part
from workflow_app.processes.form_schemas.shape import LARGEST, NUMBERS, FieldSchema, Kind
from workflow_app.processes.forms import MAX_ROWS, TaskForm

MOST_FIELDS = 60
LONGEST_LINE, LONGEST_TEXT = 500, 5000  # characters, as the hand-written forms have them
# Digits would end the name where the page's own names of rows begin.
_NAME = re.compile(r"[a-z][a-z_]{0,38}[a-z]|[a-z]")
# What pages and the engine use themselves; what they hide by its ending; what `_blank` leaves out of rows.
_TAKEN = frozenset(
    {"secret", "stay", "op_id", "csrf_token", "add_row", "remove_row", "kind", "comparator", "scope", "ref", "typename",
     "dossier_id", "unit_id", "opened_on"}
)  # fmt: skip
_HIDDEN_END = re.compile(r"(^|_)(key|id)$")
_MADE_END = re.compile(r"^filled_|_words$")  # names that papers add beside the fields

_COMMON = frozenset({"type", "title", "description", "examples", "x-kind"})
_ALLOWED = {
    Kind.TEXT: _COMMON | {"minLength", "maxLength"},
    Kind.LONG_TEXT: _COMMON | {"minLength", "maxLength"},
    Kind.NUMBER: _COMMON | {"minimum", "maximum", "x-outcome"},
    Kind.MONEY: _COMMON | {"minimum", "maximum", "x-outcome"},
    Kind.PERCENT: _COMMON | {"minimum", "maximum", "x-outcome"},
    Kind.DATE: _COMMON | {"format", "x-outcome"},
    Kind.CHOICE: _COMMON | {"enum", "oneOf", "x-decision", "x-outcome"},
    Kind.YES_NO: _COMMON | {"const", "x-outcome"},
    Kind.UNIT: _COMMON | {"format"},
    Kind.PERSON: _COMMON | {"format"},
    Kind.ROWS: _COMMON | {"items", "minItems", "maxItems"},
}
_ROW_KEYWORDS = frozenset({"type", "title", "description", "properties", "required", "additionalProperties"})
_KINDS_OF_TYPE = {
    "string": (Kind.TEXT, Kind.LONG_TEXT, Kind.DATE, Kind.CHOICE, Kind.UNIT, Kind.PERSON),
    "number": (Kind.NUMBER, Kind.MONEY, Kind.PERCENT),
    "integer": (Kind.NUMBER, Kind.MONEY, Kind.PERCENT),
    "boolean": (Kind.YES_NO,),
    "array": (Kind.ROWS,),
}
_BOUNDS = {
    **dict.fromkeys((Kind.TEXT, Kind.LONG_TEXT), ("minLength", "maxLength")),
    **dict.fromkeys(NUMBERS, ("minimum", "maximum")),
    Kind.ROWS: ("minItems", "maxItems"),
}
_LIMITS = {Kind.TEXT: LONGEST_LINE, Kind.LONG_TEXT: LONGEST_TEXT, Kind.ROWS: MAX_ROWS}


def read_fields(part: Part, *, in_row: bool = False) -> tuple[list[FieldSchema], list[Finding]]:
    """The fields of a form or of a row, and what is wrong with them."""
    properties: Any = part.source.get("properties")
    required: Any = part.source.get("required", [])
    findings = list(_list_faults(part, properties, required))
    if findings:
        return [], findings
    fields: list[FieldSchema] = []
    for name, source in properties.items():
        below = part.below(name, source if isinstance(source, dict) else {})
        kind = kind_of(below.source)
        faults = list(_name_faults(below, name))
        if kind is None:
            faults.append(_no_kind(below))
        else:
            inner, inner_faults = _inner(below, kind, in_row=in_row)
            faults += [*_faults(below, kind, in_row=in_row), *inner_faults]
        findings += faults
        if kind is not None and not faults:
            fields.append(_field(below, name, kind, name in required, inner))
    return fields, [*findings, *choice_faults(part, fields)]


def kind_of(source: Any) -> Kind | None:
    """Which kind of field a schema asks for; None when no control of ours fits."""
    possible = _KINDS_OF_TYPE.get(str(source.get("type")), ())
    asked = source.get("x-kind")
    if asked is None:
        asked = _plain_kind(source)
    return next((kind for kind in possible if kind == asked), None)


def _plain_kind(source: Any) -> Kind | None:
    if "enum" in source or "oneOf" in source:
        return Kind.CHOICE
    if source.get("format") == "date":
        return Kind.DATE
    return next(iter(_KINDS_OF_TYPE.get(str(source.get("type")), ())), None)


def _list_faults(part: Part, properties: Any, required: Any) -> Iterator[Finding]:
    if not isinstance(properties, dict) or not 1 <= len(properties) <= MOST_FIELDS:
        yield part.fault(
            "fields", f"cần từ 1 đến {MOST_FIELDS} ô trong properties.", f"properties has 1 to {MOST_FIELDS} fields.",
        )  # fmt: skip
    elif not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        yield part.fault("required", "required phải là danh sách tên ô.", "required is a list of names.")
    else:
        for name in sorted(set(required) - properties.keys()):
            yield part.fault(
                "required", f"required nêu ô «{name}» mà properties không có. Hãy thêm ô hoặc bỏ tên này.",
                f"required names {name}, which is not in properties.",
            )  # fmt: skip


def _name_faults(part: Part, name: str) -> Iterator[Finding]:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or hasattr(TaskForm, name):
        yield part.fault(
            "field_name", "tên ô chỉ gồm chữ thường không dấu và gạch dưới, tối đa 40 chữ, không phải từ dành riêng,"
            " ví dụ so_tien. Nhãn tiếng Việt ghi ở title.",
            "a field's name has lower-case letters and underscores, at most 40, and is no reserved word.",
        )  # fmt: skip
    elif name in _TAKEN or _HIDDEN_END.search(name) or _MADE_END.search(name):
        yield part.fault(
            "field_name_taken", "hệ thống đã dùng tên này (hoặc đuôi _id, _key, _words). Hãy đặt tên khác.",
            "the product uses this name (or the ending _id, _key, _words) itself. Choose another.",
        )  # fmt: skip
    if not part.line("title"):
        yield part.fault(
            "field_title", "ô chưa có nhãn. Hãy ghi title bằng tiếng Việt.", "the field has no title.",
        )  # fmt: skip


def _no_kind(part: Part) -> Finding:
    given = f"type «{part.source.get('type', '')}»" + (
        f", x-kind «{part.source['x-kind']}»" if "x-kind" in part.source else ""
    )
    return part.fault(
        "field_kind",
        f"chưa có loại ô nào cho {given}. Dùng được: string (text, long_text, date, choice, unit, person),"
        " number hoặc integer (number, money, percent), boolean, array các dòng.",
        f"no control fits {given}.",
    )


def _faults(part: Part, kind: Kind, *, in_row: bool) -> Iterator[Finding]:
    for word in sorted(part.source.keys() - _ALLOWED[kind]):
        yield part.fault(
            "field_keyword", f"từ khóa «{word}» chưa dùng được cho loại ô này. Hãy bỏ từ khóa này.",
            f"the keyword {word} is not supported for this kind of field. Remove it.",
        )  # fmt: skip
    needed = {Kind.DATE: "date", Kind.UNIT: "uuid", Kind.PERSON: "uuid"}.get(kind)
    if needed and part.source.get("format") != needed:
        yield part.fault(
            "field_format", f"loại ô này cần \"format\": \"{needed}\".", f"this kind needs \"format\": \"{needed}\".",
        )  # fmt: skip
    if in_row and part.source.keys() & {"x-outcome", "x-decision"}:
        yield part.fault(
            "row_outcome", "ô trong danh sách không đặt được biến cho sơ đồ. Hãy bỏ x-outcome, x-decision.",
            "a field of a row sets no variable. Remove x-outcome and x-decision.",
        )  # fmt: skip
    if (
        not isinstance(part.source.get("x-outcome", False), bool)
        or part.source.get("const", True) is not True
    ):
        yield part.fault(
            "field_value", "x-outcome là true hoặc false; const chỉ nhận true (bắt buộc đánh dấu).",
            "x-outcome is true or false; const can only be true.",
        )  # fmt: skip
    yield from _bound_faults(part, kind)


def _bound_faults(part: Part, kind: Kind) -> Iterator[Finding]:
    names = _BOUNDS.get(kind, ())
    values = [part.source[name] for name in names if name in part.source]
    most = _LIMITS.get(kind, LARGEST)
    counts = kind not in NUMBERS or part.source.get("type") == "integer"
    right = all(
        type(value) in ({int} if counts else {int, float}) and (0 if kind not in NUMBERS else -most) <= value <= most
        for value in values
    )  # fmt: skip
    if not right or values != sorted(values):
        yield part.fault(
            "field_bounds", f"{' và '.join(names)} phải là số, cái trước không lớn hơn cái sau, không quá {most}.",
            f"{' and '.join(names)} are numbers in this order, at most {most}.",
        )  # fmt: skip


def _inner(part: Part, kind: Kind, *, in_row: bool) -> tuple[list[FieldSchema], list[Finding]]:
    """The fields of one row."""
    if kind is not Kind.ROWS:
        return [], []
    items = part.source.get("items")
    row = part.below("items", items if isinstance(items, dict) else {})
    if in_row or row.source.get("type") != "object" or row.source.keys() - _ROW_KEYWORDS:
        return [], [
            part.fault(
                "rows", "items phải là một object có properties, và trong dòng không có danh sách khác.",
                "items is an object with properties, without lists inside.",
            )
        ]  # fmt: skip
    return read_fields(Part(row.file, part.path, row.source), in_row=True)


def _field(part: Part, name: str, kind: Kind, required: bool, inner: list[FieldSchema]) -> FieldSchema:
    source = part.source
    low, high = (source.get(bound) for bound in _BOUNDS.get(kind, ("", "")))
    if low is None and kind in {Kind.MONEY, Kind.PERCENT}:
        low = 0  # less than nothing has to be asked for by a minimum
    examples = source.get("examples")
    return FieldSchema(
        name=name,
        kind=kind,
        title=part.line("title"),
        description=part.line("description"),
        required=required,
        low=low,
        high=high,
        whole=source.get("type") == "integer",
        must_agree=source.get("const") is True,
        options=options_of(part) if kind is Kind.CHOICE else (),
        decision=source.get("x-decision") is True,
        outcome=source.get("x-outcome") is True,
        fields=tuple(inner),
        example=examples[0] if isinstance(examples, list) and examples else None,
    )
