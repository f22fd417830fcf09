"""The one order of locks: parent before child, instance before its tasks.

Whoever moves an instance holds its row; whoever holds a child's row never asks for its parent's. The lock is
FOR NO KEY UPDATE (`key_share=True`): under a plain FOR UPDATE the foreign key of a child's message to its parent
would wait for whoever holds the parent.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow_app.engine.models import ProcessInstance, ServiceTask
from workflow_app.engine.refusals import InstanceUnknown


def lock(session: Session, instance_id: UUID) -> ProcessInstance:
    """The instance with its row locked until the transaction ends; raises InstanceUnknown."""
    query = select(ProcessInstance).where(ProcessInstance.id == instance_id).with_for_update(key_share=True)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise InstanceUnknown(f"no instance {instance_id}")
    return found


def lock_if_free(session: Session, instance_id: UUID) -> ProcessInstance | None:
    """As `lock`, None when somebody else holds it now or it is gone."""
    query = (
        select(ProcessInstance)
        .where(ProcessInstance.id == instance_id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def lock_service(session: Session, task_id: UUID) -> tuple[ProcessInstance, ServiceTask] | None:
    """A service task with its instance, both locked, the instance first; None for an unknown id."""
    # PostgreSQL locks the rows of a join in the order of FROM.
    query = (
        select(ProcessInstance, ServiceTask)
        .select_from(ProcessInstance)
        .join(ServiceTask, ServiceTask.instance_id == ProcessInstance.id)
        .where(ServiceTask.id == task_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])
