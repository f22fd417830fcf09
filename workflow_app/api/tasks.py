"""Human tasks: the list of work, one task with its form, its completion."""

from datetime import datetime
from uuid import UUID

from apiflask import APIBlueprint
from flask import request

from workflow_app.api.shapes import Completed, Completion, TaskDetail, TaskPage, TaskRow
from workflow_app.core import clock
from workflow_app.core.errors import FieldError, Invalid
from workflow_app.engine import tasks, worklist
from workflow_app.engine.worklist import Cursor
from workflow_app.processes.completion import authorized, complete_task
from workflow_app.web.actors import current_actor
from workflow_app.web.reading import reader, stop_reading

bp = APIBlueprint("api_tasks", __name__, tag="Việc", url_prefix="/api/v1/tasks")

MOST = 100


@bp.get("")
@bp.output(TaskPage)
@bp.doc(
    summary="Việc cần làm", description="Xếp theo hạn. `after` là `next` của trang trước.", security="token"
)
def list_tasks() -> TaskPage:
    actor = current_actor()
    page = worklist.open_for(reader(), actor.pairs, actor.person_id, limit=_limit(), after=_cursor())
    following = f"{page.after.at.isoformat()}~{page.after.id}" if page.after else None
    return TaskPage(items=[TaskRow.model_validate(row) for row in page.rows], next=following)


@bp.get("/<uuid:task_id>")
@bp.output(TaskDetail)
@bp.doc(summary="Một việc và biểu mẫu của nó", security="token")
def show_task(task_id: UUID) -> TaskDetail:
    task, kind, _ = authorized(reader(), current_actor(), tasks.find(reader(), task_id))
    form = kind.form.model_json_schema()
    return TaskDetail(
        id=task.id,
        name=task.name,
        act=task.act,
        role=task.role,
        unit_id=task.unit_id,
        form_key=task.form_key,
        due_at=task.due_at,
        soft_due_at=task.soft_due_at,
        instance_id=task.instance.id,
        process_key=task.process_key,
        business_id=task.business_id,
        form=form,
    )


@bp.post("/<uuid:task_id>/completion")
@bp.input(Completion)
@bp.output(Completed)
@bp.doc(summary="Hoàn thành một việc", security="token")
def complete(task_id: UUID, json_data: Completion) -> Completed:
    actor = current_actor()
    stop_reading()
    done = complete_task(actor, task_id, json_data.values, op_id=json_data.op_id, at=clock.now())
    return Completed.model_validate(done)


def _limit() -> int:
    given = request.args.get("limit", "50")
    if not given.isdecimal() or not 1 <= int(given) <= MOST:
        raise Invalid([FieldError("limit", f"limit từ 1 đến {MOST}.")])
    return int(given)


def _cursor() -> Cursor | None:
    given = request.args.get("after")
    if not given:
        return None
    try:
        at, _, identity = given.partition("~")
        return Cursor(datetime.fromisoformat(at), UUID(identity))
    except ValueError:
        raise Invalid([FieldError("after", "after phải là giá trị next của trang trước.")]) from None
