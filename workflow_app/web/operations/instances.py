"""One running or finished process: the steps in words first, the diagram behind them, the history."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.core import clock
from workflow_app.engine import diagram, oversight
from workflow_app.engine.models import (
    DefinitionStatus,
    HumanTask,
    InstanceStatus,
    ProcessDefinition,
    ProcessInstance,
    TaskStatus,
)
from workflow_app.organisations.roles import role_name
from workflow_app.organisations.trees import units_at
from workflow_app.web import wording
from workflow_app.web.actors import current_actor
from workflow_app.web.context import calendar
from workflow_app.web.operations.diagrams import legend_of, marks_of, steps_of
from workflow_app.web.operations.dossiers import icon_of, instance_of
from workflow_app.web.reading import reader
from workflow_app.web.work import stories

bp = Blueprint("instances", __name__, url_prefix="/instances")

STATUSES: dict[InstanceStatus, tuple[str, str, str]] = {
    InstanceStatus.RUNNING: ("Đang chạy", "now", "dot"),
    InstanceStatus.SUSPENDED: ("Tạm dừng", "soon", "stop"),
    InstanceStatus.COMPLETED: ("Đã xong", "done", "check"),
    InstanceStatus.CANCELLED: ("Đã hủy", "stop", "x"),
}
_MOST_CHILDREN = 300


def status_tag(status: InstanceStatus) -> tuple[str, str, str]:
    """Word, tone and icon of an instance's state."""
    word, tone, icon = STATUSES[status]
    return str(_(word)), tone, icon


@bp.get("/<uuid:instance_id>")
def show(instance_id: UUID) -> ResponseReturnValue:
    """Where it stands, who has to act, what has happened."""
    actor = current_actor()
    instance = instance_of(reader(), instance_id, actor)
    definition = reader().get_one(ProcessDefinition, instance.definition_id)
    marks = diagram.marks(reader(), instance_id)
    names = diagram.names_of(reader(), instance.definition_id)
    return render_template(
        "instances/show.html",
        instance=instance,
        definition=definition,
        outdated=definition.status is not DefinitionStatus.ACTIVE,
        status=status_tag(instance.status),
        troubled=_troubled(instance),
        steps=steps_of(reader(), instance.definition_id, marks, names),
        waiting=_waiting(reader(), instance),
        children=_children(reader(), instance),
        events=stories.timeline_of(reader(), instance_id),
        diagram_urls=(
            url_for("instances.xml", instance_id=instance_id),
            url_for("instances.marks", instance_id=instance_id),
        ),
        legend=legend_of(marks),
    )


@bp.get("/<uuid:instance_id>/diagram.bpmn")
def xml(instance_id: UUID) -> ResponseReturnValue:
    """The diagram of the version on which the instance runs, as it was deployed."""
    instance = instance_of(reader(), instance_id, current_actor())
    return Response(diagram.xml_of(reader(), instance.definition_id), mimetype="application/xml")


@bp.get("/<uuid:instance_id>/marks.json")
def marks(instance_id: UUID) -> ResponseReturnValue:
    """What stands where on that diagram, and which flows were taken."""
    instance = instance_of(reader(), instance_id, current_actor())
    return jsonify(marks_of(reader(), instance))


def _troubled(instance: ProcessInstance) -> bool:
    return bool(instance.open_incidents) or oversight.troubled(reader(), instance.id)


def _waiting(session: Session, instance: ProcessInstance) -> list[dict[str, Any]]:
    """Open tasks of the instance and of everything below it: verb, who has it, how long."""
    below = select(ProcessInstance.id).where(ProcessInstance.root_id == instance.root_id)
    ids = below if instance.parent_id is None else [instance.id]
    query = (
        select(HumanTask)
        .where(HumanTask.instance_id.in_(ids), HumanTask.status.in_([TaskStatus.OPEN, TaskStatus.SUSPENDED]))
        .order_by(HumanTask.order_at, HumanTask.id)
        .limit(_MOST_CHILDREN)
    )
    tasks = list(session.scalars(query))
    units = units_at(session, frozenset(task.unit_id for task in tasks), clock.today()) if tasks else {}
    return [_open_task(task, units) for task in tasks]


def _open_task(task: HumanTask, units: dict[UUID, Any]) -> dict[str, Any]:
    unit = units.get(task.unit_id)
    mine = (task.role, task.unit_id) in current_actor().pairs
    due = wording.due(calendar(), task.due_at)
    return {
        "title": task.act or task.name,
        "lines": [
            " ".join(filter(None, [role_name(task.role), unit.short_name if unit else ""])),
            wording.waited(calendar(), task.created_at),
        ],
        "icon": icon_of(task.form_key),
        "tag": (due.text, due.tone, due.icon),
        "aside": due.date,
        "href": url_for("tasks.show", task_id=task.id) if mine and task.status is TaskStatus.OPEN else "",
    }


def _children(session: Session, instance: ProcessInstance) -> list[dict[str, Any]]:
    query = (
        select(ProcessInstance)
        .where(ProcessInstance.parent_id == instance.id)
        .order_by(ProcessInstance.parent_element, ProcessInstance.started_at, ProcessInstance.id)
        .limit(_MOST_CHILDREN)
    )
    children = list(session.scalars(query))
    ids = frozenset(child.unit_id for child in children if child.unit_id)
    units = units_at(session, ids, clock.today()) if ids else {}
    return [
        {
            "title": units[child.unit_id].short_name
            if child.unit_id in units
            else _("Phần %(key)s", key=child.item_key),
            "icon": "flow",
            "tag": status_tag(child.status),
            "aside": wording.at(child.ended_at),
            "href": url_for("instances.show", instance_id=child.id) if _opens(child) else "",
        }
        for child in children
    ]


def _opens(child: ProcessInstance) -> bool:
    """Whether the reader may open a child: as `dossiers.visible_to` says for one that belongs to a unit."""
    leading = {child.federation_id, child.leader_unit_id, child.deputy_unit_id, child.unit_id}
    return child.unit_id is None or not current_actor().unit_ids.isdisjoint(leading - {None})
