"""The engine's own acts in the audit log: one event per revision of an instance."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow_app.audit.service import SYSTEM, ActorRef
from workflow_app.audit.service import record as record_event
from workflow_app.audit.wording import register
from workflow_app.engine.models import ProcessInstance, ProcessNote

By = UUID | ActorRef | None  # a person, a person in an office, or the machine itself


def person(by: By) -> UUID | None:
    """The person behind an act, None for the machine."""
    return by.person_id if isinstance(by, ActorRef) else by


def record(
    session: Session,
    instance: ProcessInstance,
    action: str,
    *,
    by: By,
    at: datetime,
    subject: tuple[str, UUID] | None = None,
    reason: str | None = None,
    **details: Any,
) -> None:
    """One event with the instance's present revision as its place in the instance's stream.

    Call it once per act, after the revision was raised. subject: (type, id) of what was acted on, default the
    instance. reason: free text, kept beside the event. details: ids, codes and counts; no names.
    """
    if reason is not None:
        note = {"action": action, "text": reason, "written_by": person(by), "written_at": at}
        session.add(ProcessNote(instance_id=instance.id, rev=instance.rev, **note))
    object_type, object_id = subject or ("process_instance", instance.id)
    record_event(
        session,
        action=action,
        actor=actor_of(by),
        at=at,
        object_type=object_type,
        object_id=object_id,
        instance_id=instance.id,
        stream_seq=instance.rev,
        details={key: value for key, value in {**details, "reason": reason}.items() if value is not None},
    )


def act(
    session: Session,
    instance: ProcessInstance,
    action: str,
    *,
    by: By,
    at: datetime,
    subject: tuple[str, UUID] | None = None,
    **details: Any,
) -> None:
    """Raises the revision of a locked instance and records the act: for acts that move no state."""
    instance.rev += 1
    record(session, instance, action, by=by, at=at, subject=subject, **details)


def actor_of(by: By) -> ActorRef:
    """How an event names the actor."""
    if isinstance(by, ActorRef):
        return by
    return SYSTEM if by is None else ActorRef(person_id=by)


register(
    {
        "definition.deployed": "nạp sơ đồ {key} | phiên bản {version}",
        "definition.activated": "đưa sơ đồ {key} vào áp dụng | phiên bản {version}",
        "definition.retired": "ngừng áp dụng sơ đồ {key} | phiên bản {version}",
        "instance.started": "bắt đầu quy trình",
        "instance.suspended": "tạm dừng quy trình",
        "instance.resumed": "cho quy trình chạy tiếp",
        "instance.cancelled": "hủy quy trình",
        "instance.migrated": "chuyển hồ sơ sang phiên bản {to_version} của sơ đồ | (trước là {from_version})",
        "fan_out.started": "gửi đến từng đơn vị | ({children} hồ sơ)",
        "fan_out.completed": "nhận đủ từ các đơn vị | ({completed}/{total} hồ sơ)",
        "child.added": "thêm đơn vị vào bước đang làm",
        "child.reopened": "mở lại hồ sơ của đơn vị",
        "service_task.completed": "hoàn thành bước tự động | “{element}”",
        "service_task.fault": "chuyển nhánh xử lý lỗi nghiệp vụ | {fault}",
        "service_task.retried": "cho bước tự động chạy lại | “{element}”",
        "timer.moved": "dời hạn | “{element}”",
        "service_task.hurried": "cho bước tự động thử lại ngay | “{element}”",
        "timer.fired": "đến hạn, quy trình tự chuyển bước",
        "message.delivered": "nhận thông báo {name}",
        "incident.opened": "ghi nhận sự cố | ở bước “{element}”",
        "incident.retried": "cho xử lý lại sau sự cố | ở bước “{element}”",
        "incident.resolved": "giải quyết sự cố | ở bước “{element}”",
        "human_task.claimed": "nhận việc",
        "human_task.unclaimed": "trả lại việc",
        "human_task.reassigned": "chuyển giao việc",
        "human_task.due_moved": "thay đổi thời hạn của việc",
    }
)
