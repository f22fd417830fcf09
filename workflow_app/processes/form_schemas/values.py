"""What was filled in: kept as JSON, shown again in the form, printed for people and for Word."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from workflow_app.core.vietnamese import (
    decree_date,
    end_of_day,
    format_number,
    format_percent,
    iso_local,
    spell,
)
from workflow_app.processes.form_schemas.building import NO, YES
from workflow_app.processes.form_schemas.shape import NUMBERS, FieldSchema, FormSchema, Kind
from workflow_app.processes.forms import TaskForm

Names = Mapping[str, str]  # id of a unit or person -> its name
_MOST_SPELLED = 999_999_999


def kept(form: TaskForm) -> dict[str, Any]:
    """Plain JSON values: numbers as text without loss, dates as ISO, ids as text."""
    return form.model_dump(mode="json")


def outcome_of(schema: FormSchema, form: TaskForm) -> dict[str, Any]:
    """The values that become variables of the process; a date is the end of its day in Viet Nam, ISO 8601."""
    return {field.name: _variable(getattr(form, field.name)) for field in schema.outcome_fields()}


def ids_in(schema: FormSchema | FieldSchema, values: Mapping[str, Any]) -> set[str]:
    """The ids of units and people among kept values."""
    found: set[str] = set()
    for field in schema.fields:
        value = values.get(field.name)
        if field.kind in {Kind.UNIT, Kind.PERSON} and value:
            found.add(str(value))
        if field.kind is Kind.ROWS:
            for row in value or ():
                found |= ids_in(field, row)
    return found


def initial(fields: Sequence[FieldSchema], values: Mapping[str, Any]) -> dict[str, Any]:
    """Kept values as the form shows them to be mended; decisions are made anew."""
    return {
        field.name: _typed(field, values[field.name])
        for field in fields
        if field.name in values and not field.decision and not field.must_agree
    }


def shown(field: FieldSchema, value: Any, names: Names) -> str:
    """One kept value for people: "5.000.000 đồng", "05/3/2019", the words of a choice; "" for nothing."""
    if field.kind is Kind.DATE:
        return decree_date(date.fromisoformat(value)) if value else ""
    text = printed(field, value, names)
    return f"{text} đồng" if field.kind is Kind.MONEY and text else text


def printed(field: FieldSchema, value: Any, names: Names) -> str:
    """One kept value as a Word template gets it: words and figures ready to print, a date as ISO."""
    if value is None or value == "":
        return ""
    printers: dict[Kind, Callable[[], str]] = {
        Kind.NUMBER: lambda: format_number(Decimal(value)),
        Kind.MONEY: lambda: format_number(Decimal(value)),
        Kind.PERCENT: lambda: format_percent(Decimal(value)),
        Kind.CHOICE: lambda: next((each.title for each in field.options if each.code == value), str(value)),
        Kind.YES_NO: lambda: "Có" if value else "Không",
        Kind.UNIT: lambda: names.get(str(value), ""),
        Kind.PERSON: lambda: names.get(str(value), ""),
    }
    return printers.get(field.kind, lambda: str(value))()


def in_words(value: Any) -> str:
    """An amount of money in words, "Năm triệu đồng"; "" for nothing, a fraction or more than can be spelled."""
    if value in (None, ""):
        return ""
    amount = Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
    if not 0 <= amount <= _MOST_SPELLED:
        return ""
    words = spell(int(amount))
    return f"{words[:1].upper()}{words[1:]} đồng"


def _typed(field: FieldSchema, value: Any) -> Any:
    if field.kind in NUMBERS and value is not None:
        return Decimal(value)
    if field.kind is Kind.YES_NO and field.required:
        return YES if value else NO
    if field.kind is Kind.ROWS:
        return [initial(field.fields, row) for row in value]
    return value


def _variable(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return iso_local(end_of_day(value))
    return value
