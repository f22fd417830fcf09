"""A checked form schema as a `TaskForm`: from here on it is like every form that a process writes by hand."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Optional
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator

from workflow_app.processes.form_schemas.shape import LARGEST, FieldSchema, FormSchema, Kind
from workflow_app.processes.forms import (
    MAX_ROWS,
    Day,
    FieldFault,
    FormPart,
    Line,
    OptionalDay,
    TaskForm,
    Text,
    as_number,
)

_SUFFIXES = {Kind.MONEY: "đồng", Kind.PERCENT: "%"}
YES, NO = "true", "false"


def _none_if_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _truth(value: object) -> object:
    """A box that was ticked, or a choice between yes and no, as the browser sends them."""
    return {"on": True, YES: True, NO: False, "": None}.get(value, value) if isinstance(value, str) else value


def _agreed(value: object) -> object:
    if value is not True:
        raise ValueError("Đánh dấu vào ô này để gửi.")
    return value


class DeployedForm(TaskForm):
    """A form that was made from a schema; what a choice asks for is checked after its fields."""

    made_from: ClassVar[FormSchema]

    @model_validator(mode="after")
    def _required_by_choice(self) -> "DeployedForm":
        schema = self.made_from
        decision = schema.decision
        if decision is None:
            return self
        chosen = next(
            (option for option in decision.options if option.code == getattr(self, decision.name)), None
        )
        for name in chosen.requires if chosen else ():
            if getattr(self, name) in (None, "", []):
                field = schema.field_named(name)
                label = field.title if field else name
                word = chosen.title if chosen else ""
                raise FieldFault(name, f"Nhập {label[:1].lower()}{label[1:]} khi chọn “{word}”.")
        return self


@lru_cache(maxsize=512)
def build(schema: FormSchema) -> type[DeployedForm]:
    """The pydantic model of a form; the same schema gives the same class while it is remembered."""
    fields: Any = {field.name: _definition(field) for field in schema.fields}
    form = create_model(f"Form_{schema.key}", __base__=DeployedForm, __doc__=schema.title, **fields)
    form.outcomes = frozenset(field.name for field in schema.outcome_fields())
    form.choices = {
        field.name: tuple(option.code for option in field.options)
        for field in schema.outcome_fields()
        if field.kind is Kind.CHOICE and field.required
    }
    form.made_from = schema
    return form


def _definition(field: FieldSchema) -> tuple[Any, Any]:
    bounds = _bounds(field)
    extra: dict[str, Any] = {}
    if field.kind in _SUFFIXES:
        extra["suffix"] = _SUFFIXES[field.kind]
    if field.kind in {Kind.UNIT, Kind.PERSON}:
        extra["widget"] = "choice"  # the web gives the choices; an id alone would be a hidden field
    if field.kind is Kind.CHOICE:
        extra["options"] = [
            *([] if field.required else [["", "Không chọn"]]),
            *([option.code, option.title, option.note] for option in field.options),
        ]
    if field.kind is Kind.YES_NO and field.required and not field.must_agree:
        extra["options"] = [[YES, "Có"], [NO, "Không"]]
    default: dict[str, Any] = {} if field.required else {"default": _empty(field)}
    if field.must_agree:  # a box that is not ticked is not sent at all
        default = {"default": False, "validate_default": True}
    info = Field(
        title=field.title,
        description=field.description or None,
        json_schema_extra=extra or None,
        **default,
        **bounds,
    )
    return _annotation(field), info


def _annotation(field: FieldSchema) -> Any:
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            return _text(field)
        case Kind.NUMBER | Kind.MONEY | Kind.PERCENT:
            return _number(field)
        case Kind.DATE:
            return Day if field.required else OptionalDay
        case Kind.CHOICE:
            return _choice(field)
        case Kind.YES_NO:
            checks = (BeforeValidator(_agreed),) if field.must_agree else ()
            return Annotated[bool, *checks, BeforeValidator(_truth)]
        case Kind.UNIT | Kind.PERSON:
            return UUID if field.required else Annotated[UUID | None, BeforeValidator(_none_if_empty)]
        case Kind.ROWS:
            inner: Any = {each.name: _definition(each) for each in field.fields}
            row: Any = create_model(f"Row_{field.name}", __base__=FormPart, **inner)
            return list[row]


def _text(field: FieldSchema) -> Any:
    text: Any = Line if field.kind is Kind.TEXT else Text
    if field.required or not field.low:
        return text
    least = int(field.low)

    def long_enough(value: str) -> str:
        if value and len(value) < least:
            raise ValueError(f"Viết dài ít nhất {least} ký tự, hoặc để trống ô này.")
        return value

    return Annotated[text, AfterValidator(long_enough)]


def _number(field: FieldSchema) -> Any:
    low = -LARGEST if field.low is None else field.low
    high = LARGEST if field.high is None else field.high
    least, most = Decimal(str(low)), Decimal(str(high))
    inner: Any = (
        Annotated[int, Field(ge=int(least), le=int(most))]
        if field.whole
        else Annotated[Decimal, Field(max_digits=18, decimal_places=2, ge=least, le=most)]
    )
    # The bounds belong to the number inside: an empty box has no value to compare.
    return Annotated[inner if field.required else inner | None, BeforeValidator(as_number)]


def _choice(field: FieldSchema) -> Any:
    words: Any = Literal[tuple(option.code for option in field.options)]
    if field.required:
        return words
    return Annotated[Optional[words], BeforeValidator(_none_if_empty)]  # noqa: UP045 - `|` fails on a Literal made at run time


def _bounds(field: FieldSchema) -> Mapping[str, Any]:
    low = max(int(field.low or 0), 1) if field.required else 0
    if field.kind in {Kind.TEXT, Kind.LONG_TEXT}:
        return {"min_length": low} | ({"max_length": int(field.high)} if field.high is not None else {})
    if field.kind is Kind.ROWS:
        return {
            "min_length": max(low, int(field.low or 0)),
            "max_length": int(MAX_ROWS if field.high is None else field.high),
        }
    return {}


def _empty(field: FieldSchema) -> Any:
    if field.kind in {Kind.TEXT, Kind.LONG_TEXT}:
        return ""
    return {Kind.YES_NO: False, Kind.ROWS: []}.get(field.kind)
