"""Process instances: where they stand, what happened in them."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import request
from sqlalchemy import select

from workflow_app.api.shapes import Event, EventPage, Instance, Mark
from workflow_app.audit import history
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.engine import diagram
from workflow_app.engine.models import ProcessInstance
from workflow_app.web.actors import current_actor
from workflow_app.web.operations.dossiers import instance_of
from workflow_app.web.reading import reader

bp = APIBlueprint("api_instances", __name__, tag="Hồ sơ", url_prefix="/api/v1/instances")


@bp.get("/<uuid:instance_id>")
@bp.output(Instance)
@bp.doc(summary="Một hồ sơ và trạng thái trên sơ đồ", security="token")
def show_instance(instance_id: UUID) -> Instance:
    found = instance_of(reader(), instance_id, current_actor())
    marks = diagram.marks(reader(), instance_id)
    shown = Instance.model_validate(found)
    shown.elements = {name: Mark(state=mark.state, count=mark.count) for name, mark in marks.items()}
    return shown


@bp.get("/<uuid:instance_id>/history")
@bp.output(EventPage)
@bp.doc(summary="Nhật ký của hồ sơ, cũ trước", security="token")
def show_history(instance_id: UUID) -> EventPage:
    found = instance_of(reader(), instance_id, current_actor())
    children = reader().scalars(select(ProcessInstance.id).where(ProcessInstance.root_id == found.id)).all()
    page = history.of_instance(reader(), found.id, children=children, after=_after())
    return EventPage(items=[Event.model_validate(event) for event in page.events], next=page.after)


def _after() -> int:
    given = request.args.get("after", "0")
    if not given.isdecimal():
        raise Invalid([FieldError("after", "after phải là giá trị next của trang trước.")])
    return int(given)
