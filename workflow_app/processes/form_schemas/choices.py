"""The choices of a field, and the one field of a form whose choices are its buttons."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from workflow_app.core.vietnamese import clean_line
from workflow_app.engine.errors import Finding
from workflow_app.processes.form_schemas.part import Part
from workflow_app.processes.form_schemas.shape import FieldSchema, Kind, Option

MOST_OPTIONS, MOST_BUTTONS = 100, 4
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OPTION_KEYWORDS = frozenset({"const", "title", "description", "x-requires", "x-danger"})


def options_of(part: Part) -> tuple[Option, ...]:
    """The choices of a field; those that are no choice are left out, `choice_faults` names them."""
    if "enum" in part.source:
        return tuple(Option(text, clean_line(text)) for text in part.source["enum"] if _is_words(text))
    given = part.source.get("oneOf")
    entries = given if isinstance(given, list) else []
    return tuple(_option(entry) for entry in entries if isinstance(entry, dict) and _is_right(entry))


def choice_faults(part: Part, fields: Sequence[FieldSchema]) -> Iterator[Finding]:
    """What is wrong with choices and decisions of the fields that are right otherwise."""
    for field in fields:
        if field.kind is Kind.CHOICE:
            yield from _faults(part.below(field.name, part.source["properties"][field.name]), field)
    decisions = [field for field in fields if field.decision]
    if len(decisions) > 1:
        yield part.fault(
            "decision_twice", "chỉ một ô được là quyết định (x-decision). Hãy bỏ ở các ô còn lại.",
            "only one field can be the decision (x-decision).",
        )  # fmt: skip
    for field in decisions:
        yield from _decision_faults(part.below(field.name, {}), field, fields)


def _faults(part: Part, field: FieldSchema) -> Iterator[Finding]:
    raw = part.source.get("enum", part.source.get("oneOf"))
    both = {"enum", "oneOf"} <= part.source.keys()
    codes = [option.code for option in field.options]
    if both or not isinstance(raw, list) or len(codes) != len(raw) or len(set(codes)) != len(codes):
        yield part.fault(
            "choices", "mỗi lựa chọn trong oneOf cần const (mã chữ thường không dấu, không trùng) và title tiếng Việt;"
            " hoặc dùng enum gồm các dòng chữ khác nhau.",
            "each choice in oneOf needs const (a code, once) and title; or use enum with different texts.",
        )  # fmt: skip
    elif not 2 <= len(codes) <= MOST_OPTIONS:
        yield part.fault(
            "choices", f"cần từ 2 đến {MOST_OPTIONS} lựa chọn.", f"2 to {MOST_OPTIONS} choices are needed.",
        )  # fmt: skip
    elif "enum" in part.source and (field.decision or field.outcome):
        yield part.fault(
            "choices", "ô đặt biến cho sơ đồ phải dùng oneOf với const và title, để đổi chữ không làm hỏng điều kiện.",
            "a field that sets a variable uses oneOf with const and title.",
        )  # fmt: skip


def _decision_faults(part: Part, field: FieldSchema, fields: Sequence[FieldSchema]) -> Iterator[Finding]:
    if not field.required or len(field.options) > MOST_BUTTONS:
        yield part.fault(
            "decision", f"ô quyết định phải nằm trong required và có nhiều nhất {MOST_BUTTONS} lựa chọn (mỗi lựa chọn một nút).",
            f"the decision is required and has at most {MOST_BUTTONS} choices, one button each.",
        )  # fmt: skip
    optional = {each.name for each in fields if not each.required and each.kind is not Kind.YES_NO}
    for option in field.options:
        for name in option.requires:
            if name not in optional:
                yield part.fault(
                    "decision_requires", f"lựa chọn «{option.title}» đòi ô «{name}», nhưng đó không phải một ô không bắt buộc"
                    " của biểu mẫu. Hãy sửa x-requires.",
                    f"choice {option.code} requires {name}, which is no optional field of the form.",
                )  # fmt: skip


def _option(entry: dict[str, Any]) -> Option:
    return Option(
        code=entry["const"],
        title=clean_line(entry["title"]),
        note=clean_line(entry.get("description", "")),
        requires=tuple(entry.get("x-requires", ())),
        danger=entry.get("x-danger", False),
    )


def _is_right(entry: dict[str, Any]) -> bool:
    requires = entry.get("x-requires", [])
    return (
        not entry.keys() - _OPTION_KEYWORDS
        and isinstance(entry.get("const"), str)
        and _CODE.fullmatch(entry["const"]) is not None
        and _is_words(entry.get("title"))
        and isinstance(entry.get("description", ""), str)
        and isinstance(requires, list)
        and all(isinstance(name, str) for name in requires)
        and isinstance(entry.get("x-danger", False), bool)
    )


def _is_words(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(clean_line(text)) <= 200 and "\0" not in text
