"""For whom an administrator sets values: the whole installation, or a unit and everything below it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request

from workflow_app.core import clock
from workflow_app.core.errors import NotFound
from workflow_app.organisations.errors import NotWholeInstallation
from workflow_app.organisations.settings_overview import only_root
from workflow_app.organisations.trees import tree_at
from workflow_app.organisations.types import Seat
from workflow_app.web.actors import seat_with
from workflow_app.web.reading import reader

WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Scope:
    """unit_id None: the whole installation. asked: how it stands in an address. choices: every scope of the actor."""

    seat: Seat
    unit_id: UUID | None
    name: str
    asked: str
    choices: list[tuple[str, str]]


def asked_scope(whole: str) -> Scope:
    """The scope named by `unit` in the address or the form; the widest one without a name.

    whole: what the whole installation is called. Raises RoleNeeded for others than administrators, NotFound for a
    unit that is not below the administrator's, NotWholeInstallation where several federations share it.
    """
    seat = seat_with("administrator")
    alone = only_root(reader(), clock.today()) == seat.unit_id
    asked = request.values.get("unit", "") or (WHOLE if alone else str(seat.unit_id))
    if asked == WHOLE and not alone:
        raise NotWholeInstallation(f"unit {seat.unit_id} is not the only root")
    nodes = tree_at(reader(), seat.unit_id, clock.today())
    choices = [(WHOLE, whole)] if alone else []
    choices += [(str(node.unit_id), "\u2003" * node.depth + node.period.name) for node in nodes]
    names = {WHOLE: whole} | {str(node.unit_id): node.period.name for node in nodes}
    if asked not in names or (asked == WHOLE and not alone):
        raise NotFound(f"scope {asked[:40]!a} is not below {seat.unit_id}")
    return Scope(seat, None if asked == WHOLE else UUID(asked), names[asked], asked, choices)


def in_address(scope: Scope) -> dict[str, Any]:
    """The scope for `url_for`; the widest one needs no words."""
    return {} if scope.asked == scope.choices[0][0] else {"unit": scope.asked}
