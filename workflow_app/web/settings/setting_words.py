"""Stored values of settings in words that an office uses."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from workflow_app.organisations.settings_keys import SettingKey
from workflow_app.web import wording


def words_of(key: SettingKey, value: Any) -> list[str]:
    """The value in one or several lines; none when nobody has set it."""
    if value is None:
        return []
    return _WORDS.get(key.shape.name, _plain)(key, value)


def brief_of(key: SettingKey, value: Any, on: date) -> str:
    """The value in one line: of many lines how many, of legal bases how many hold on the day."""
    lines = words_of(key, value)
    if key.shape.name == "legal_bases" and value is not None:
        held = key.shape.read(value, on)
        counts = ", ".join(f"{kind} {len(texts)}" for kind, texts in sorted(held.items()))
        return str(_("còn hiệu lực: %(counts)s", counts=counts))
    if key.shape.name == "symbols":
        return str(_("%(count)s mẫu ký hiệu", count=len(lines)))
    return "; ".join(lines)


def _plain(key: SettingKey, value: Any) -> list[str]:
    return [f"{value} {_unit(key)}".rstrip()]


def _unit(key: SettingKey) -> str:
    units = {
        "ngày làm việc": _("ngày làm việc"),
        "ngày": _("ngày"),
        "giờ Việt Nam": _("giờ Việt Nam"),
        "vòng": _("vòng"),
        "phần của tổng số đơn vị": _("tổng số đơn vị"),
    }
    return str(units.get(key.unit.value, key.unit.value))


def _choice(key: SettingKey, value: Any) -> list[str]:
    return [dict(key.shape.options).get(value, str(value))]


def _flag(key: SettingKey, value: Any) -> list[str]:
    return [str(_("Có") if value else _("Không"))]


def _days(key: SettingKey, value: Any) -> list[str]:
    return [f"{', '.join(map(str, value))} {_unit(key)}".rstrip()]


def _help(key: SettingKey, value: Mapping[str, str]) -> list[str]:
    return [value["office"], f"{value['phone']} ({value['hours']})"]


def _symbols(key: SettingKey, value: Mapping[str, str]) -> list[str]:
    return [f"{kind}: {pattern}" for kind, pattern in value.items()]


def _bases(key: SettingKey, value: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for kind, bases in value.items():
        lines.extend(f"{kind}: {basis['text']} ({_span(basis)})" for basis in bases)
    return lines


def _span(basis: Mapping[str, Any]) -> str:
    since = wording.day(date.fromisoformat(basis["from"]))
    if not basis.get("to"):
        return str(_("từ %(date)s", date=since))
    return str(
        _("từ %(since)s đến trước %(until)s", since=since, until=wording.day(date.fromisoformat(basis["to"])))
    )


_WORDS: Mapping[str, Callable[[SettingKey, Any], list[str]]] = {
    "choice": _choice,
    "flag": _flag,
    "days": _days,
    "help": _help,
    "symbols": _symbols,
    "legal_bases": _bases,
}
