"""The verdict over a data folder after a story with faults: the sender's ledger against the product's record.

Runs in a child (see `children`), which binds the database for itself.
"""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storage import FileStore, ObjectStore
from tests.faults.application import UNITS, assembled
from tests.faults.ledger import Act, Ledger
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import SYSTEM
from workflow_app.cli.health import invariants
from workflow_app.cli.health.findings import Level
from workflow_app.core.database import reading
from workflow_app.engine.models import HumanTask, ProcessInstance, TaskStatus
from workflow_app.processes.pledges.models import Pledge
from workflow_app.scenarios import checks
from workflow_app.scenarios.checks import Expected

EXPECTED = Expected(
    comments={"agreed": UNITS}, signs={"signed": UNITS}, late=0, documents=("GƯ", "GM", "BB", "KH")
)


def judge(folder: Path, ledger: Path, verdict: Path) -> None:
    """Writes {"faults": {check: [what is wrong]}, "tampers": {tamper: [checks that found it]}, figures}."""
    acts = Ledger(ledger).acts()
    with assembled(folder) as installation:
        with reading() as session:
            faults = {
                name: found for name, found in all_checks(session, installation.store, acts).items() if found
            }
            if wrong := _held(checks.second_reading(session)):
                faults["second reading"] = wrong
            (pledge_id,) = session.scalars(sa.select(Pledge.id))
            told = {
                "events": session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)),
                "signatures": sum(
                    unit.signature_id is not None for unit in session.get_one(Pledge, pledge_id).units
                ),
                "orphans": len(_orphans(session, installation.store)),
            }
        found = _tampered(installation.addresses.owner, installation.store, acts)
    verdict.write_text(json.dumps({"faults": faults, "tampers": found, **told}, ensure_ascii=False))


def all_checks(session: Session, store: ObjectStore, acts: list[Act]) -> dict[str, list[str]]:
    """What is wrong, by check; an empty list is what should be."""
    look = invariants.Look(session, store, deep=True)
    found = {
        each.code: [] if each.level is Level.OK else [f"{each.title}: {each.detail}"]
        for each in invariants.check_all(look)
    }
    found["lost or doubled"] = lost_or_doubled(session, acts)
    found["nobody sent"] = sent_by_nobody(session, acts)
    found["tasks"] = tasks_by_ledger(session, acts)
    found["unfinished"] = unfinished(session)
    found["queue"] = left_in_queue(session)
    found["numbers"] = numbers(session)
    for pledge_id in session.scalars(sa.select(Pledge.id)):
        for check in checks.outcome(session, pledge_id, EXPECTED):
            found[check.name] = _held(check)
    return found


def lost_or_doubled(session: Session, acts: list[Act]) -> list[str]:
    """I1, I3: each acknowledged act is in the record exactly once; one without an answer at most once."""
    times = Counter(_recorded(session))
    wrong = []
    for act in acts:
        seen = times[(act.person, act.op_id)]
        if seen > 1 or (act.acknowledged and seen != 1):
            wrong.append(f"{act.op_id}: {seen} times, sent {act.tries}, acknowledged {act.acknowledged}")
    return wrong


def sent_by_nobody(session: Session, acts: list[Act]) -> list[str]:
    """I2: no act in the record that is not in the ledger."""
    sent = {(act.person, act.op_id) for act in acts}
    return [f"{op_id} of {person}" for person, op_id in _recorded(session) if (person, op_id) not in sent]


def tasks_by_ledger(session: Session, acts: list[Act]) -> list[str]:
    """Every completed human task was completed by the person who sent it, and no other one was."""
    query = sa.select(HumanTask.id, HumanTask.completed_by).where(HumanTask.status == TaskStatus.COMPLETED)
    done = {(row.id, row.completed_by) for row in session.execute(query)}
    sent = {(act.task, act.person) for act in acts if act.task is not None and act.acknowledged}
    return [f"task {task} by {person}" for task, person in done ^ sent]


def unfinished(session: Session) -> list[str]:
    rows = session.execute(sa.select(ProcessInstance.process_key, ProcessInstance.status))
    return [f"{key} is {status}" for key, status in rows if status != "completed"]


def left_in_queue(session: Session) -> list[str]:
    """Nothing waits, runs or has failed, except what the queue does by itself now and then."""
    query = """
        SELECT task_name, status::text, count(*) FROM procrastinate_jobs
        WHERE status = 'failed'
           OR (status IN ('todo', 'doing') AND task_name NOT IN (
               'engine.fire_timers', 'engine.requeue_lost', 'core.return_stalled_jobs'))
        GROUP BY 1, 2"""
    return [f"{count} {name} {status}" for name, status, count in session.execute(sa.text(query))]


def numbers(session: Session) -> list[str]:
    """Each book counts 1, 2, … n: counted here without the product's own check."""
    query = "SELECT book_id, array_agg(number ORDER BY number) FROM register_entry GROUP BY 1"
    return [
        f"book {book}: {taken}"
        for book, taken in session.execute(sa.text(query))
        if taken != list(range(1, len(taken) + 1))
    ]


def _recorded(session: Session) -> list[tuple[UUID, UUID]]:
    query = sa.select(AuditEvent.actor_id, AuditEvent.op_id).where(AuditEvent.op_id.is_not(None))
    assert SYSTEM.person_id not in {person for person, _ in session.execute(query)}
    return [(person, op_id) for person, op_id in session.execute(query)]


def _held(check: checks.Check) -> list[str]:
    return [] if check.ok else [check.detail]


def _orphans(session: Session, store: ObjectStore) -> set[str]:
    """Objects without a row: allowed, a killed worker leaves them."""
    query = """
        SELECT object_key FROM document_template UNION SELECT object_key FROM document_version
        UNION SELECT pdf_object_key FROM document_version UNION SELECT object_key FROM issued_copy"""
    return set(store.keys()) - set(session.scalars(sa.text(query)))


# The control: each of these is what a broken product would have left, and must be found.
TAMPERS = {
    "an acknowledged act is lost": "DELETE FROM audit_event WHERE id = (SELECT min(id) FROM audit_event WHERE op_id IS NOT NULL)",
    "an act is doubled": """
        ALTER TABLE audit_event DROP CONSTRAINT IF EXISTS uq_audit_event_op;
        DROP INDEX IF EXISTS uq_audit_event_op;
        INSERT INTO audit_event (at, action, actor_id, object_type, object_id, op_id, body, leaf)
        SELECT at, action, actor_id, object_type, object_id, op_id, body, leaf FROM audit_event
        WHERE op_id IS NOT NULL LIMIT 1""",
    "an approval that nobody sent": """
        INSERT INTO audit_event (at, action, actor_id, object_type, object_id, op_id, body, leaf)
        SELECT at, action, actor_id, object_type, object_id, gen_random_uuid(), body, leaf FROM audit_event
        WHERE op_id IS NOT NULL LIMIT 1""",
    "a number is missing": "DELETE FROM register_entry WHERE number = 2",
    "a task of somebody else": "UPDATE human_task SET completed_by = gen_random_uuid() WHERE element = 'approve'",
    "a step is missing in the record": "DELETE FROM audit_event WHERE stream_seq = 2",
    "an instance is left behind": "UPDATE process_instance SET status = 'running', ended_at = NULL WHERE process_key = 'pledge'",
    "a signature is lost": "DELETE FROM signature WHERE role = 'witness'",
    "another digest": "UPDATE document_version SET file_sha256 = repeat('0', 64)",
    "a job has failed": "UPDATE procrastinate_jobs SET status = 'failed'; INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status, priority) VALUES ('default', 'engine.run_service_task', NULL, '{}', 'failed', 0)",
}


def _tampered(owner_url: str, store: ObjectStore, acts: list[Act]) -> dict[str, list[str]]:
    engine = sa.create_engine(owner_url)
    found = {}
    for name, statement in TAMPERS.items():
        found[name] = _within_a_lost_transaction(
            engine, statement, lambda session: all_checks(session, store, acts)
        )
    with reading() as session:
        found["a flipped byte"] = _with_a_flipped_byte(session, store, acts)
    engine.dispose()
    return found


def _within_a_lost_transaction(
    engine: sa.Engine, statement: str, look: Callable[[Session], dict[str, list[str]]]
) -> list[str]:
    with engine.connect() as connection, Session(connection) as session, ExitStack() as stack:
        stack.callback(session.rollback)
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for part in statement.split(";"):
            connection.exec_driver_sql(part)
        return sorted(name for name, wrong in look(session).items() if wrong)


def _with_a_flipped_byte(session: Session, store: ObjectStore, acts: list[Act]) -> list[str]:
    assert isinstance(store, FileStore)
    key = session.scalars(sa.text("SELECT object_key FROM document_version ORDER BY id LIMIT 1")).one()
    file = store._root / key
    kept = file.read_bytes()
    file.write_bytes(kept[:100] + bytes([kept[100] ^ 1]) + kept[101:])
    try:
        return sorted(
            name
            for name, wrong in {
                each.code: each.level is not Level.OK
                for each in invariants.check_all(invariants.Look(session, store, deep=True))
            }.items()
            if wrong
        )
    finally:
        file.write_bytes(kept)
