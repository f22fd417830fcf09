"""Small helpers of hand-written forms: dates in three boxes, errors by field."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from werkzeug.exceptions import BadRequest

from workflow_app.core import vietnamese
from workflow_app.core.errors import FieldError, Invalid

PARTS = ("day", "month", "year")


def posted_day(form: Mapping[str, str], name: str, errors: list[FieldError]) -> date | None:
    """The day of three boxes; None when all are empty; what cannot be read is added to `errors`."""
    parts = [form.get(f"{name}-{part}", "").strip() for part in PARTS]
    if not any(parts):
        return None
    try:
        return vietnamese.parse_date("/".join(parts))
    except ValueError as error:
        errors.append(FieldError(name, str(error)))
        return None


def posted_op_id(form: Mapping[str, str]) -> UUID:
    """The id that the page gave to this act; raises BadRequest."""
    try:
        return UUID(form.get("op_id", ""))
    except ValueError:
        raise BadRequest("op_id missing") from None


def require_none(errors: Sequence[FieldError]) -> None:
    """Raises Invalid with all of them."""
    if errors:
        raise Invalid(errors)


def typed_day(typed: Mapping[str, str], name: str) -> dict[str, str]:
    """What stands in the three boxes, as typed."""
    return {part: typed.get(f"{name}-{part}", "") for part in PARTS}


def field_errors(errors: Sequence[FieldError]) -> dict[str, Any]:
    """`form_errors` for the summary and `errors` by field name, for a template."""
    by_field: dict[str, list[str]] = {}
    for error in errors:
        by_field.setdefault(error.field, []).append(error.vi)
    return {
        "form_errors": [{"field": error.field, "text": error.vi} for error in errors],
        "errors": by_field,
    }
