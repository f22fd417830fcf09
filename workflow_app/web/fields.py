"""Small helpers of hand-written forms: dates in three boxes, files, errors by field."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.exceptions import BadRequest

from workflow_app.core import vietnamese
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.documents.uploads import safe_filename

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


def posted_file(name: str) -> tuple[str, bytes]:
    """Name and bytes of the file in a box of the form; both empty when none was chosen."""
    return next(iter(posted_files(name)), ("", b""))


def posted_files(name: str) -> list[tuple[str, bytes]]:
    """Names, as they can be shown and stored, and bytes of every file in a box of the form."""
    found = []
    for file in request.files.getlist(name):
        with closing(file):  # a large one lies in a temporary file
            if file.filename:  # an empty box comes as a file without a name
                found.append((safe_filename(file.filename), file.read()))
    return found


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
