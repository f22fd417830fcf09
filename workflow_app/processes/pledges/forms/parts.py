"""Kinds of fields that the forms of a pledge share."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic.config import JsonDict


def _checked(value: object) -> object:
    return value in {"on", "yes", "true", "1"} if isinstance(value, str) else value


def labelled(**labels: str) -> JsonDict:
    """What a page shows for the values of a field, in this order."""
    return {"options": [[value, label] for value, label in labels.items()]}


Checkbox = Annotated[bool, BeforeValidator(_checked)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
Clock = Annotated[str, Field(pattern=r"^([01]?\d|2[0-3])[:hg][0-5]\d$")]
ContentId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def clock_minutes(clock: str) -> int:
    """Minutes since midnight of "14:00", "14h00" or "14g00"."""
    hours, minutes = clock.replace("h", ":").replace("g", ":").split(":")
    return int(hours) * 60 + int(minutes)
