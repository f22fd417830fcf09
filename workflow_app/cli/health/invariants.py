"""The invariants of the data: what must hold after any kill, cut connection, full disk or outage.

Each has the number that it carries in the plan of faults. What cannot be seen from inside one
installation (I1, I2: the sender's own ledger; I11: signed PDF files) is not claimed here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage import ObjectStore
from storage.errors import StorageError
from workflow_app.audit.verification import check_events, check_streams
from workflow_app.cli.health.findings import Finding, Level, verdict
from workflow_app.core import clock
from workflow_app.core.database import RUNTIME_ROLE
from workflow_app.core.errors import Refusal
from workflow_app.engine import projection
from workflow_app.engine.models import (
    HumanTask,
    InstanceStatus,
    ProcessInstance,
    ServiceStatus,
    ServiceTask,
    TaskStatus,
    Timer,
)

STUCK_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Look:
    """What an invariant may use. deep: read every object and every state, however long it takes."""

    session: Session
    store: ObjectStore
    deep: bool


def check_all(look: Look) -> list[Finding]:
    """Every invariant, in the order of their numbers."""
    return [check(look) for check in _ALL]


def repeated_operations(look: Look) -> Finding:
    rows = look.session.execute(sa.text(_REPEATED)).all()
    return verdict(
        "I3", "Mỗi thao tác được ghi đúng một lần", [f"{row.op_id}: {row.times} lần" for row in rows]
    )


def documents_of_ended(look: Look) -> Finding:
    rows = look.session.execute(sa.text(_UNFINISHED_DOCUMENTS)).all()
    faults = [f"hồ sơ {row.instance_id} xong mà văn bản {row.document_id} còn {row.state}" for row in rows]
    return verdict("I4", "Quy trình đã xong có đủ văn bản", faults)


def objects_present(look: Look) -> Finding:
    """Every stored file is there; deep: and has the bytes that were stored."""
    rows = look.session.execute(sa.text(_OBJECTS)).all()
    faults = [fault for row in rows if (fault := _object_fault(look, row))]
    how = "đọc và so mã băm" if look.deep else "có mặt, đúng kích thước"
    return verdict("I5", "Tệp văn bản còn nguyên trong kho", faults, looked_at=f"{len(rows)} tệp, {how}")


def registers(look: Look) -> Finding:
    faults = list(_register_faults(look.session))
    return verdict("I6", "Sổ văn bản liền số, ngày không lùi", faults)


def instances_wait(look: Look) -> Finding:
    rows = look.session.execute(sa.text(_WAITING_FOR_NOTHING)).all()
    faults = [f"hồ sơ {row.id} ({row.process_key}) không chờ ai" for row in rows]
    return verdict("I7", "Quy trình đang chạy đều chờ một người, một việc, một hạn", faults)


def states_load(look: Look) -> Finding:
    """The state of each living instance opens, and waits for exactly what its rows say."""
    title = "Trạng thái quy trình mở được và khớp danh sách việc"
    if not look.deep:
        return Finding("I8", title, Level.OK, "chỉ kiểm với --strict")
    alive = sa.select(ProcessInstance).where(
        ProcessInstance.status.in_([InstanceStatus.RUNNING, InstanceStatus.SUSPENDED])
    )
    instances = look.session.scalars(alive).all()
    faults = [fault for instance in instances if (fault := _state_fault(look.session, instance))]
    return verdict("I8", title, faults, looked_at=f"{len(instances)} hồ sơ đang chạy")


def streams(look: Look) -> Finding:
    gaps = [
        f"{fault.instance_id}: {fault.events} sự kiện, {fault.first}-{fault.last}"
        for fault in check_streams(look.session)
    ]
    rows = look.session.execute(sa.text(_REVISIONS)).all()
    gaps += [f"{row.id}: bước {row.rev}, nhật ký đến {row.last}" for row in rows]
    return verdict("I9", "Nhật ký từng hồ sơ liền mạch, khớp số bước", gaps)


def record_unchanged(look: Look) -> Finding:
    """Deep: each event's hash and columns agree with its stored bytes. Sealing is not checked yet."""
    title = "Nhật ký không bị sửa (từng sự kiện)"
    if not look.deep:
        return Finding("I10", title, Level.OK, "chỉ kiểm với --strict")
    faults = [
        f"sự kiện {fault.event_id}: {fault.column or 'nội dung'}" for fault in check_events(look.session)
    ]
    return verdict("I10", title, faults)


def jobs(look: Look) -> Finding:
    """Jobs that failed for good, or whose worker died and nobody took them up again."""
    before = {"before": clock.now() - STUCK_AFTER}
    rows = look.session.execute(sa.text(_STUCK_JOBS), before).all()
    faults = [f"{row.task_name} {row.status}: {row.number}" for row in rows]
    return verdict("I12", "Không có việc nền bị kẹt", faults)


def queue(look: Look) -> Finding:
    """Jobs that wait although they are due: no fault where nothing runs just now, but worth a look."""
    before = {"before": clock.now() - STUCK_AFTER}
    rows = look.session.execute(sa.text(_WAITING_JOBS), before).all()
    faults = [f"{row.task_name}: {row.number}" for row in rows]
    title = "Tiến trình nền làm kịp việc"
    return verdict("queue", title, faults, level=Level.WARNING)


def letters(look: Look) -> Finding:
    rows = look.session.execute(sa.text(_STUCK_LETTERS), {"before": clock.now() - STUCK_AFTER}).all()
    faults = [f"{row.number} thư {row.state}" for row in rows]
    return verdict("I13", "Thư điện tử không bị kẹt", faults, level=Level.WARNING)


def rights(look: Look) -> Finding:
    """The application's own role can change neither the record nor any table's shape."""
    rows = look.session.execute(sa.text(_RIGHTS), {"role": RUNTIME_ROLE}).all()
    faults = [f"{row.what}" for row in rows]
    return verdict("I14", "Quyền của ứng dụng trong cơ sở dữ liệu không bị nới", faults)


def incidents(look: Look) -> Finding:
    rows = look.session.execute(sa.text(_INCIDENTS)).all()
    faults = [f"{row.kind} tại {row.element or '?'} (hồ sơ {row.instance_id})" for row in rows]
    return verdict("incidents", "Không có sự cố chờ người xử lý", faults, level=Level.WARNING)


_ALL: tuple[Callable[[Look], Finding], ...] = (
    repeated_operations,
    documents_of_ended,
    objects_present,
    registers,
    instances_wait,
    states_load,
    streams,
    record_unchanged,
    jobs,
    queue,
    letters,
    rights,
    incidents,
)


def _object_fault(look: Look, row: Any) -> str | None:
    try:
        if look.deep:
            look.store.get(row.object_key, sha256=row.sha256, size=row.size)
        elif look.store.stat(row.object_key).size != row.size:
            return f"{row.kind} {row.id}: sai kích thước"
    except StorageError as error:
        return f"{row.kind} {row.id}: {type(error).__name__}"
    return None


def _register_faults(session: Session) -> Iterator[str]:
    for book in session.execute(sa.text(_BOOKS)):
        if book.entries != book.last_number or book.highest != book.last_number or book.lowest > 1:
            yield f"sổ {book.code} {book.year}: {book.entries} số, bộ đếm {book.last_number}, cao nhất {book.highest}"
    for entry in session.execute(sa.text(_DATES_BACK)):
        yield f"sổ {entry.code} {entry.year}: số {entry.number} ghi ngày sớm hơn số trước"


def _state_fault(session: Session, instance: ProcessInstance) -> str | None:
    try:
        seen = projection.load(session, instance).before
    except (Refusal, ValueError, KeyError) as error:
        return f"hồ sơ {instance.id}: {type(error).__name__}"
    pairs = (
        (
            seen.human,
            sa.select(HumanTask.id).where(HumanTask.status.in_([TaskStatus.OPEN, TaskStatus.SUSPENDED])),
            HumanTask,
        ),
        (
            seen.services,
            sa.select(ServiceTask.id).where(
                ServiceTask.status.in_([ServiceStatus.QUEUED, ServiceStatus.WAITING, ServiceStatus.INCIDENT])
            ),
            ServiceTask,
        ),
        (seen.timers, sa.select(Timer.id), Timer),
    )
    for found, query, table in pairs:
        rows = set(session.scalars(query.where(table.instance_id == instance.id)))
        if rows != set(found):
            return f"hồ sơ {instance.id}: {table.__tablename__} lệch {len(rows ^ set(found))} dòng"
    return None


_REPEATED = """
SELECT op_id, count(*) AS times FROM audit_event WHERE op_id IS NOT NULL
GROUP BY actor_id, op_id HAVING count(*) > 1
"""

_UNFINISHED_DOCUMENTS = """
SELECT i.id AS instance_id, d.id AS document_id, d.state
FROM process_instance i JOIN document d ON d.instance_id = i.id
WHERE i.status = 'completed' AND d.state IN ('draft', 'frozen')
"""

_OBJECTS = """
SELECT 'mẫu' AS kind, id, object_key, sha256, size FROM document_template
UNION ALL SELECT 'bản', id, object_key, file_sha256, size FROM document_version
UNION ALL SELECT 'PDF', id, pdf_object_key, pdf_sha256, pdf_size FROM document_version WHERE pdf_object_key IS NOT NULL
UNION ALL SELECT 'bản ban hành', id, object_key, file_sha256, size FROM issued_copy
UNION ALL SELECT 'PDF', id, pdf_object_key, pdf_sha256, pdf_size FROM issued_copy WHERE pdf_object_key IS NOT NULL
"""

_BOOKS = """
SELECT b.code, b.year, b.last_number, count(e.id) AS entries,
       coalesce(max(e.number), 0) AS highest, coalesce(min(e.number), 1) AS lowest
FROM register_book b LEFT JOIN register_entry e ON e.book_id = b.id
GROUP BY b.id ORDER BY b.year, b.code
"""

_DATES_BACK = """
SELECT b.code, b.year, x.number FROM (
    SELECT book_id, number, date, lag(date) OVER (PARTITION BY book_id ORDER BY number) AS before
    FROM register_entry) x
JOIN register_book b ON b.id = x.book_id
WHERE x.date < x.before
"""

_WAITING_FOR_NOTHING = """
SELECT i.id, i.process_key FROM process_instance i
WHERE i.status = 'running' AND i.open_incidents = 0
  AND NOT EXISTS (SELECT FROM human_task t WHERE t.instance_id = i.id AND t.status = 'open')
  AND NOT EXISTS (SELECT FROM service_task s WHERE s.instance_id = i.id AND s.status IN ('queued', 'waiting'))
  AND NOT EXISTS (SELECT FROM timer r WHERE r.instance_id = i.id)
"""

_REVISIONS = """
SELECT i.id, i.rev, max(e.stream_seq) AS last
FROM process_instance i LEFT JOIN audit_event e ON e.instance_id = i.id
GROUP BY i.id, i.rev HAVING max(e.stream_seq) IS DISTINCT FROM i.rev
"""

_STUCK_JOBS = """
SELECT j.task_name, j.status::text AS status, count(*) AS number
FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
WHERE j.status = 'failed'
   OR (j.status = 'doing' AND coalesce(w.last_heartbeat, '-infinity') < :before)
GROUP BY j.task_name, j.status
"""

_WAITING_JOBS = """
SELECT task_name, count(*) AS number FROM procrastinate_jobs j
WHERE status = 'todo' AND coalesce(scheduled_at, (
    SELECT min(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)) < :before
GROUP BY task_name
"""

_STUCK_LETTERS = """
SELECT state, count(*) AS number FROM letter
WHERE state = 'failed' OR (state IN ('sending', 'waiting') AND created_at < :before) GROUP BY state
"""

_RIGHTS = """
SELECT 'sửa được nhật ký: ' || p AS what FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p
WHERE has_table_privilege(:role, 'audit_event', p)
UNION ALL
SELECT 'tạo được bảng trong schema public' WHERE has_schema_privilege(:role, 'public', 'CREATE')
UNION ALL
SELECT 'trigger ' || tgname || ' của nhật ký đã bị tắt' FROM pg_trigger
WHERE tgrelid = 'audit_event'::regclass AND NOT tgisinternal AND tgenabled = 'D'
UNION ALL
SELECT 'nhật ký không còn trigger nào' WHERE NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = 'audit_event'::regclass AND NOT tgisinternal)
"""

_INCIDENTS = (
    "SELECT kind, element, instance_id FROM incident WHERE resolved_at IS NULL ORDER BY opened_at LIMIT 50"
)
