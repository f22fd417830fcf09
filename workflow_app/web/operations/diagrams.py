"""The state of an instance on its diagram: for the drawing, and first of all in words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.engine import definitions, diagram
from workflow_app.engine.diagram import Mark
from workflow_app.engine.elements import Element
from workflow_app.engine.models import ProcessInstance
from workflow_app.engine.steps import MarkState
from workflow_app.organisations.models.people import Person
from workflow_app.web import wording

_DRAWN = {
    MarkState.DONE: "done",
    MarkState.ACTIVE: "active",
    MarkState.WAITING: "active",
    MarkState.CANCELLED: "cancelled",
}
_STEP = {"done": "done", "active": "now", "cancelled": "todo", "error": "stop"}
_WORK = frozenset({"userTask", "serviceTask", "callActivity"})


def marks_of(session: Session, instance: ProcessInstance) -> dict[str, Any]:
    """The shape that the drawing script reads: elements with state, count and title; flows that were taken."""
    found = diagram.marks(session, instance.id)
    names = _names(session, found)
    return {
        "elements": {element: _drawn(mark, names) for element, mark in found.items()},
        "flows": sorted(diagram.taken(session, instance.id)),
    }


def steps_of(
    session: Session, definition_id: UUID, marks: Mapping[str, Mark], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What people do, in the order of the diagram; machine's steps only when they are under way or in trouble."""
    steps = []
    elements = definitions.compiled(session, definition_id).elements
    for element in _ordered(session, definition_id, elements):
        mark = marks.get(element.id)
        if element.kind not in _WORK or (element.kind == "serviceTask" and not _needs_eyes(mark)):
            continue
        state = _STEP[_state(mark)] if mark else "todo"
        steps.append({"label": names.get(element.id, element.id), "state": state, "note": _note(mark)})
    return steps


def legend_of(marks: Mapping[str, Mark]) -> dict[str, int]:
    """How many elements stand in which state."""
    counted: dict[str, int] = {}
    for mark in marks.values():
        counted[_state(mark)] = counted.get(_state(mark), 0) + 1
    return counted


def _state(mark: Mark) -> str:
    return "error" if mark.incident else _DRAWN[mark.state]


def _drawn(mark: Mark, names: Mapping[UUID, str]) -> dict[str, Any]:
    total, ended = sum(mark.children.values()), mark.children.get("completed", 0)
    count = f"{ended}/{total}" if total else (str(mark.count) if mark.count > 1 else None)
    who = names.get(mark.who, "") if mark.who else ""
    title = " · ".join(filter(None, [who, wording.at(mark.when)]))
    return {"state": _state(mark), "count": count, "title": title}


def _note(mark: Mark | None) -> str:
    if mark is None:
        return ""
    if total := sum(mark.children.values()):
        done = mark.children.get("completed", 0) + mark.children.get("cancelled", 0)
        return str(_("%(done)s/%(total)s đơn vị", done=done, total=total))
    return wording.day(mark.when)


def _names(session: Session, marks: Mapping[str, Mark]) -> dict[UUID, str]:
    ids = {mark.who for mark in marks.values() if mark.who}
    if not ids:
        return {}
    return dict(session.execute(select(Person.id, Person.full_name).where(Person.id.in_(ids))).all())


def _ordered(session: Session, definition_id: UUID, elements: Mapping[str, Element]) -> list[Element]:
    """From the start onwards, breadth first along the flows; what no flow reaches comes last."""
    following: dict[str, list[str]] = {}
    for _flow_id, source, target in diagram.flows_of(session, definition_id):
        following.setdefault(source, []).append(target)
    waiting = [element.id for element in elements.values() if element.kind == "startEvent"]
    order: dict[str, None] = {}
    while waiting:
        element_id = waiting.pop(0)
        if element_id not in order:
            order[element_id] = None
            waiting += following.get(element_id, ())
    rest = (element_id for element_id in elements if element_id not in order)
    return [elements[element_id] for element_id in [*order, *rest] if element_id in elements]


def _needs_eyes(mark: Mark | None) -> bool:
    return mark is not None and (mark.incident or mark.state is MarkState.ACTIVE)
