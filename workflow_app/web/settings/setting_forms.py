"""A dated setting as controls of a form, and back: one pair of functions for each type of values."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from workflow_app.core import vietnamese
from workflow_app.core.errors import FieldError
from workflow_app.organisations.settings_keys import SettingKey

Typed = Mapping[str, str]
MAX_LINES = 100

# What counts is asked for by name in the form; these end with the number of a line.
_LINE_FIELDS = {"symbols": ("kind", "pattern"), "legal_bases": ("kind", "text", "since", "until")}


@dataclass(frozen=True, slots=True)
class Editor:
    """fill: what stands in the controls for a stored value. read: the value that was typed; adds to the errors."""

    fill: Callable[[SettingKey, Any], dict[str, str]]
    read: Callable[[SettingKey, Typed, list[FieldError]], Any]


def editor_of(key: SettingKey) -> Editor:
    """The editor of the key's type; a type that a process made for itself is written as JSON."""
    return _EDITORS.get(key.shape.name, _AS_JSON)


def kind_of(key: SettingKey) -> str:
    """The name of the template that draws the controls."""
    return key.shape.name if key.shape.name in _EDITORS else "json"


def lines_of(typed: Typed) -> int:
    """How many lines the form has; at most MAX_LINES."""
    numbers = [
        int(name.rpartition("-")[2]) for name in typed if name.startswith("line-") and name[-1].isdecimal()
    ]
    return min(max(numbers, default=-1) + 1, MAX_LINES)


def _fill_text(key: SettingKey, value: Any) -> dict[str, str]:
    return {"value": "" if value is None else str(value)}


def _read_whole(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    text = typed.get("value", "").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _read_text(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    return vietnamese.clean_line(typed.get("value", ""))


def _read_share(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    return "".join(typed.get("value", "").split())


def _fill_flag(key: SettingKey, value: Any) -> dict[str, str]:
    return {"value": {True: "yes", False: "no"}.get(value, "")}


def _read_flag(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    return {"yes": True, "no": False}.get(typed.get("value", ""))


def _fill_days(key: SettingKey, value: Any) -> dict[str, str]:
    return {"value": ", ".join(map(str, value or []))}


def _read_days(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    parts = typed.get("value", "").replace(";", ",").replace(" ", ",").split(",")
    found = [part for part in parts if part]
    return [int(part) if part.isdecimal() and len(part) < 4 else part for part in found] or None


def _fill_help(key: SettingKey, value: Any) -> dict[str, str]:
    return dict(value or {})


def _read_help(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    return {name: vietnamese.clean_line(typed.get(name, "")) for name in ("office", "phone", "hours")}


def _fill_symbols(key: SettingKey, value: Any) -> dict[str, str]:
    lines = [{"kind": kind, "pattern": pattern} for kind, pattern in (value or {}).items()]
    return _filled(lines)


def _read_symbols(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    lines = _lines(key, typed)
    _check_kinds(lines, errors)
    return {line["kind"]: line["pattern"] for _number, line in lines}


def _fill_bases(key: SettingKey, value: Any) -> dict[str, str]:
    kinds: dict[tuple[str, str, str], list[str]] = {}
    for kind, bases in (value or {}).items():
        for basis in bases:
            line = (basis["text"], _shown_day(basis["from"]), _shown_day(basis.get("to")))
            kinds.setdefault(line, []).append(kind)
    lines = [
        {"kind": ", ".join(of), "text": text, "since": since, "until": until}
        for (text, since, until), of in kinds.items()
    ]
    without = [kind for kind, bases in (value or {}).items() if not bases]
    return _filled(lines) | {"without": ", ".join(without)}


def _read_bases(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    without = [vietnamese.clean_line(kind) for kind in typed.get("without", "").split(",")]
    value: dict[str, list[dict[str, Any]]] = {kind: [] for kind in without if kind}
    lines = _lines(key, typed)
    _check_kinds(lines, errors)
    for number, line in lines:
        since = _day(line["since"], f"line-since-{number}", errors)
        until = _day(line["until"], f"line-until-{number}", errors, empty=True)
        if not line["text"]:
            errors.append(FieldError(f"line-text-{number}", _("Ghi tên văn bản làm căn cứ.")))
        for kind in (vietnamese.clean_line(part) for part in line["kind"].split(",")):
            if kind:
                value.setdefault(kind, []).append({"text": line["text"], "from": since, "to": until})
    return value


def _fill_json(key: SettingKey, value: Any) -> dict[str, str]:
    return {"value": json.dumps(value, ensure_ascii=False, indent=2)}


def _read_json(key: SettingKey, typed: Typed, errors: list[FieldError]) -> Any:
    try:
        return json.loads(typed.get("value", ""))
    except ValueError as fault:
        errors.append(FieldError("value", _("Không đọc được giá trị (dạng JSON): %(fault)s", fault=fault)))
        return None


def _filled(lines: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {f"line-{name}-{number}": text for number, line in enumerate(lines) for name, text in line.items()}


def _lines(key: SettingKey, typed: Typed) -> list[tuple[int, dict[str, str]]]:
    """The lines in which something was typed, with their numbers in the form."""
    found = []
    for number in range(lines_of(typed)):
        line = {
            name: vietnamese.clean_line(typed.get(f"line-{name}-{number}", ""))
            for name in _LINE_FIELDS[key.shape.name]
        }
        if any(text for name, text in line.items() if name != "kind"):
            found.append((number, line))
    return found


def _check_kinds(lines: Sequence[tuple[int, Mapping[str, str]]], errors: list[FieldError]) -> None:
    for number, line in lines:
        if not line["kind"]:
            errors.append(FieldError(f"line-kind-{number}", _("Ghi loại văn bản, ví dụ GƯ hoặc KH.")))


def _day(text: str, name: str, errors: list[FieldError], *, empty: bool = False) -> str | None:
    if not text and empty:
        return None
    try:
        return vietnamese.parse_date(text).isoformat()
    except ValueError as fault:
        errors.append(FieldError(name, str(fault)))
        return None


def _shown_day(iso: str | None) -> str:
    year, month, day = (iso or "--").split("-") if iso else ("", "", "")
    return f"{day}/{month}/{year}" if iso else ""


_AS_JSON = Editor(_fill_json, _read_json)
_EDITORS = {
    "whole": Editor(_fill_text, _read_whole),
    "choice": Editor(_fill_text, _read_text),
    "share": Editor(_fill_text, _read_share),
    "flag": Editor(_fill_flag, _read_flag),
    "days": Editor(_fill_days, _read_days),
    "help": Editor(_fill_help, _read_help),
    "symbols": Editor(_fill_symbols, _read_symbols),
    "legal_bases": Editor(_fill_bases, _read_bases),
}
