"""The list of dossiers: what a person may see, narrowed by process, state and words."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.core.vietnamese import decree_date, local_date, matches
from workflow_app.engine.models import HumanTask, ProcessDefinition, TaskStatus
from workflow_app.organisations.trees import units_at
from workflow_app.organisations.types import Actor
from workflow_app.processes.dossiers.models import Dossier, DossierState
from workflow_app.processes.dossiers.service.access import visible_to

SHOWN = 50
SEARCHED = 1000  # the newest visible dossiers that a search without diacritics looks through
STATES: dict[DossierState, tuple[str, str, str]] = {
    DossierState.OPEN: ("Đang xử lý", "now", "dot"),
    DossierState.COMPLETED: ("Đã xong", "done", "check"),
    DossierState.CANCELLED: ("Đã hủy", "stop", "x"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked for; empty = everything."""

    process: str = ""
    state: DossierState | None = None
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.process or self.state or self.words)


@dataclass(frozen=True, slots=True)
class Row:
    """One dossier in the list; waiting: the open task, "" for none."""

    dossier: Dossier
    process: str
    unit: str
    opened: str
    waiting: str

    @property
    def state(self) -> tuple[str, str, str]:
        return STATES[self.dossier.state]


def rows(session: Session, actor: Actor, wanted: Wanted) -> tuple[list[Row], int]:
    """The newest first, at most `SHOWN`, and how many were found among the newest `SEARCHED`."""
    query = (
        select(Dossier, ProcessDefinition.name)
        .join(ProcessDefinition, ProcessDefinition.id == Dossier.definition_id)
        .where(visible_to(actor))
        .order_by(Dossier.opened_at.desc(), Dossier.id.desc())
        .limit(SEARCHED)
    )
    if wanted.process:
        query = query.where(Dossier.process_key == wanted.process)
    if wanted.state is not None:
        query = query.where(Dossier.state == wanted.state)
    pairs = [(dossier, name) for dossier, name in session.execute(query)]
    asked = [(each, name) for each, name in pairs if matches(wanted.words, f"{each.title} {name}")]
    return _rows(session, asked[:SHOWN]), len(asked)


def processes_of(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """(key, name) of the processes of which the person sees a dossier, for the filter."""
    query = (
        select(Dossier.process_key, func.max(ProcessDefinition.name))
        .join(ProcessDefinition, ProcessDefinition.id == Dossier.definition_id)
        .where(visible_to(actor))
        .group_by(Dossier.process_key)
        .order_by(func.max(ProcessDefinition.name))
    )
    return [(key, name) for key, name in session.execute(query)]


def _rows(session: Session, pairs: list[tuple[Dossier, str]]) -> list[Row]:
    ids = frozenset(dossier.unit_id for dossier, _ in pairs if dossier.unit_id)
    units = units_at(session, ids, clock.today()) if ids else {}
    waiting = _waiting(session, [dossier.instance_id for dossier, _ in pairs])
    return [_row(dossier, name, units, waiting) for dossier, name in pairs]


def _row(dossier: Dossier, name: str, units: Any, waiting: dict[Any, str]) -> Row:
    unit = units.get(dossier.unit_id)
    return Row(
        dossier,
        name,
        unit.short_name if unit else "",
        decree_date(local_date(dossier.opened_at)),
        waiting.get(dossier.instance_id, ""),
    )


def _waiting(session: Session, instances: list[Any]) -> dict[Any, str]:
    query = (
        select(HumanTask.instance_id, HumanTask.name)
        .where(HumanTask.instance_id.in_(instances), HumanTask.status == TaskStatus.OPEN)
        .order_by(HumanTask.order_at)
    )
    found: dict[Any, str] = {}
    for instance_id, name in session.execute(query):
        found[instance_id] = f"{found[instance_id]}; {name}" if instance_id in found else name
    return found
