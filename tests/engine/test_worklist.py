"""Lists of work: right, in order, in pages, and never by reading a whole table."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.engine.runtime import (
    FEDERATION,
    LEADER,
    LEADER_UNIT,
    NOON,
    OFFICER,
    approval,
    complete,
    deploy,
    fresh,
    open_tasks,
    start,
    the_task,
)
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.ids import new_id
from workflow_app.engine import diagram, instances, tasks, worklist
from workflow_app.engine.machine import MarkState

LEADERS = {("bloc_leader", LEADER_UNIT)}
OFFICERS = {("federation_officer", FEDERATION)}


@pytest.fixture
def deployed(session: Session, noon: ScriptedClock) -> Session:
    deploy(session, approval())
    return session


def test_a_task_is_in_the_list_of_its_office_and_of_no_other(deployed: Session) -> None:
    running = start(deployed, "approval")
    (row,) = worklist.open_for(deployed, LEADERS, LEADER).rows
    assert (row.instance_id, row.element, row.title, row.year) == (running.id, "draft", "Giao ước 2019", 2019)
    assert (row.process_key, row.business_type, row.form_key) == ("approval", "pledge", "draft_form")
    for pairs in (OFFICERS, {("bloc_leader", new_id())}, {("unit_chair", LEADER_UNIT)}, set()):
        assert worklist.open_for(deployed, pairs, OFFICER).rows == ()


def test_the_list_is_ordered_by_deadline_across_offices_and_paged_without_gaps(deployed: Session) -> None:
    for day in (9, 3, 7, 1, 5):
        start(deployed, "approval", deadline=f"2019-05-0{day}")
    waiting = start(deployed, "approval", deadline="2019-05-04")
    complete(deployed, the_task(deployed, waiting))  # its next task has no deadline: the last of all
    both = LEADERS | OFFICERS
    pages, after = [], None
    while True:
        page = worklist.open_for(deployed, both, LEADER, limit=2, after=after)
        pages.append([row.due_at.astimezone().day if row.due_at else None for row in page.rows])
        after = page.after
        if after is None:
            break
    assert pages == [[1, 3], [5, 7], [9, None]]


def test_equal_places_are_not_lost_between_pages(deployed: Session) -> None:
    made = {start(deployed, "approval").id for _ in range(5)}
    first = worklist.open_for(deployed, LEADERS, LEADER, limit=3)
    second = worklist.open_for(deployed, LEADERS, LEADER, limit=3, after=first.after)
    assert [len(first.rows), len(second.rows)] == [3, 2]
    assert {row.instance_id for row in (*first.rows, *second.rows)} == made


def test_a_task_handed_to_a_person_is_in_his_list_once_and_still_in_that_of_the_office(
    deployed: Session,
) -> None:
    running = start(deployed, "approval")
    tasks.reassign(deployed, the_task(deployed, running).id, to=OFFICER, by=LEADER, at=NOON)
    assert [row.assignee_id for row in worklist.open_for(deployed, set(), OFFICER).rows] == [OFFICER]
    assert len(worklist.open_for(deployed, LEADERS, OFFICER).rows) == 1
    assert len(worklist.open_for(deployed, LEADERS, LEADER).rows) == 1


def test_done_suspended_and_cancelled_work_is_not_in_the_list(deployed: Session) -> None:
    running = start(deployed, "approval")
    instances.suspend(deployed, running.id, reason="x", by=OFFICER, at=NOON)
    assert worklist.open_for(deployed, LEADERS, LEADER).rows == ()
    instances.resume(deployed, running.id, reason="x", by=OFFICER, at=NOON)
    assert len(worklist.open_for(deployed, LEADERS, LEADER).rows) == 1
    instances.cancel(deployed, running.id, reason="x", by=OFFICER, at=NOON)
    assert worklist.open_for(deployed, LEADERS, LEADER).rows == ()


def test_what_a_person_did_is_listed_latest_first_in_pages(deployed: Session) -> None:
    for hour in range(3):
        running = start(deployed, "approval")
        complete(deployed, the_task(deployed, running), at=NOON + timedelta(hours=hour))
    first = worklist.done_by(deployed, LEADER, limit=2)
    second = worklist.done_by(deployed, LEADER, limit=2, after=first.after)
    hours = [(row.ended_at - NOON).seconds // 3600 for row in (*first.rows, *second.rows) if row.ended_at]
    assert hours == [2, 1, 0]
    assert second.after is None
    assert worklist.done_by(deployed, OFFICER).rows == ()


def test_what_waits_for_others_names_the_office_that_has_to_act(deployed: Session) -> None:
    running = start(deployed, "approval")  # started by the officer
    (row,) = worklist.waiting_for_others(deployed, OFFICERS, OFFICER)
    assert (row.instance_id, row.role, row.unit_id, row.name) == (
        running.id,
        "bloc_leader",
        LEADER_UNIT,
        "Soạn dự thảo",
    )
    assert worklist.waiting_for_others(deployed, LEADERS, LEADER) == []
    complete(deployed, the_task(deployed, running))
    (row,) = worklist.waiting_for_others(deployed, LEADERS, LEADER)
    assert (row.role, row.open_tasks) == ("federation_officer", 1)
    assert worklist.waiting_for_others(deployed, OFFICERS, OFFICER) == []
    instances.cancel(deployed, running.id, reason="x", by=OFFICER, at=NOON)
    assert worklist.waiting_for_others(deployed, LEADERS, LEADER) == []


def test_the_open_work_of_one_dossier_is_listed_for_its_page(deployed: Session) -> None:
    running, _other = start(deployed, "approval"), start(deployed, "approval")
    (row,) = worklist.open_of(deployed, "pledge", running.business_id)
    assert (row.instance_id, row.element) == (running.id, "draft")
    instances.suspend(deployed, running.id, reason="x", by=OFFICER, at=NOON)
    assert len(worklist.open_of(deployed, "pledge", running.business_id)) == 1
    instances.cancel(deployed, running.id, reason="x", by=OFFICER, at=NOON)
    assert worklist.open_of(deployed, "pledge", running.business_id) == []


def test_counts_tell_what_is_open_late_and_soon_due_in_one_query(deployed: Session) -> None:
    for deadline in ("2019-02-20", "2019-03-03", "2019-04-20"):
        start(deployed, "approval", deadline=deadline)
    soon = NOON + timedelta(days=3)
    found = worklist.counts(deployed, LEADERS, LEADER, now=NOON, soon=soon)
    assert (found.open, found.overdue, found.soon) == (3, 1, 1)
    assert worklist.counts(deployed, OFFICERS, OFFICER, now=NOON, soon=soon).open == 0


def test_the_diagram_shows_who_did_what_and_where_it_stands(deployed: Session) -> None:
    running = start(deployed, "approval")
    complete(deployed, the_task(deployed, running))
    complete(deployed, the_task(deployed, running), by=OFFICER, decision="return")
    found = diagram.marks(deployed, running.id)
    assert (found["draft"].state, found["draft"].count, found["draft"].who) == (MarkState.ACTIVE, 1, LEADER)
    assert (found["approve"].state, found["approve"].who, found["approve"].when) == (
        MarkState.DONE,
        OFFICER,
        NOON,
    )
    assert "make" not in found
    stored = fresh(deployed, running)
    assert diagram.xml_of(deployed, stored.definition_id) == approval()
    assert diagram.names_of(deployed, stored.definition_id)["approve"] == "Phê duyệt"
    assert len(open_tasks(deployed, running)) == 1


# --- a large office: nothing may read a table from end to end -----------------------------------------------

MANY = 100_000
BUSY, QUIET = new_id(), new_id()


@pytest.fixture(scope="module")
def large(bound: sa.Engine, owner_engine: sa.Engine) -> Iterator[None]:
    """100,000 open tasks, 60,000 of them in one office, and as many done ones of one person."""
    with owner_engine.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(sa.text(_INSTANCES), {"many": MANY, "person": LEADER, "federation": FEDERATION})
        bound_units = {"busy": BUSY, "quiet": QUIET, "person": LEADER, "many": MANY}
        connection.execute(sa.text(_TASKS), bound_units)
    with owner_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE process_instance, human_task")
    yield
    with owner_engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE process_instance, human_task CASCADE")


_INSTANCES = """
INSERT INTO process_instance (id, definition_id, process_key, business_type, business_id, title, federation_id,
    root_id, run, rev, engine, state, status, open_incidents, open_children, started_by, started_at)
SELECT id, gen_random_uuid(), 'approval', 'pledge', gen_random_uuid(), 'x', :federation, id, 1, 1, 'x', '', 'running',
    0, 0, CASE WHEN n % 3 = 0 THEN CAST(:person AS uuid) END, now() - n * interval '1 minute'
FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, :many) n) t
"""
_TASKS = """
INSERT INTO human_task (id, instance_id, element, name, role, unit_id, form_key, status, order_at, created_at, due_at,
    ended_at, completed_by)
SELECT gen_random_uuid(), i.id, 'draft', 'x', 'bloc_leader',
    CASE WHEN n % 10 < 6 THEN CAST(:busy AS uuid) WHEN n % 1000 = 7 THEN CAST(:quiet AS uuid) ELSE gen_random_uuid() END,
    'f', s.status, i.started_at, i.started_at, i.started_at,
    CASE WHEN s.status = 'completed' THEN i.started_at END,
    CASE WHEN s.status = 'completed' THEN CAST(:person AS uuid) END
FROM (SELECT id, started_at, row_number() OVER () AS n FROM process_instance) i,
     (VALUES ('open'), ('completed')) s(status)
"""

SOON = NOON + timedelta(days=3)
PAIRS = {("bloc_leader", BUSY), ("bloc_leader", QUIET), ("unit_chair", BUSY)}
QUERIES: dict[str, Callable[[Session], Any]] = {
    "open": lambda session: worklist.open_for(session, PAIRS, LEADER),
    "next page": lambda session: worklist.open_for(
        session, PAIRS, LEADER, after=worklist.Cursor(NOON, new_id())
    ),
    "done": lambda session: worklist.done_by(session, LEADER),
    "done, next page": lambda session: worklist.done_by(
        session, LEADER, after=worklist.Cursor(NOON, new_id())
    ),
    "waiting": lambda session: worklist.waiting_for_others(session, set(), LEADER),
    "of one dossier": lambda session: worklist.open_of(session, "pledge", new_id()),
    "counts": lambda session: worklist.counts(session, PAIRS, LEADER, now=NOON, soon=SOON),
}


def _plans(session: Session, act: Callable[[Session], Any]) -> list[dict[str, Any]]:
    """The executed plan nodes of what an act asks."""
    asked: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        asked.append((arguments[2], arguments[3]))

    connection = session.connection()
    sa.event.listen(connection, "before_cursor_execute", note)
    act(session)
    sa.event.remove(connection, "before_cursor_execute", note)
    nodes: list[dict[str, Any]] = []
    for statement, values in asked:
        told = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
        waiting = [part["Plan"] for part in (json.loads(told) if isinstance(told, str) else told)]
        while waiting:
            nodes.append(waiting.pop())
            waiting.extend(nodes[-1].get("Plans", []))
    return nodes


def _read_whole(nodes: list[dict[str, Any]]) -> list[str]:
    return [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("name", QUERIES)
def test_no_list_reads_a_table_of_100_000_rows_from_end_to_end(name: str) -> None:
    with database.reading() as session:
        nodes = _plans(session, QUERIES[name])
    assert _read_whole(nodes) == []
    most = max(node["Actual Rows"] * node["Actual Loops"] for node in nodes)
    assert most <= 3_500, f"{most} rows touched"


@pytest.mark.usefixtures("large")
def test_the_control_without_its_index_a_list_is_seen_to_read_everything(owner_engine: sa.Engine) -> None:
    with owner_engine.connect() as connection, Session(connection) as session:
        connection.exec_driver_sql("DROP INDEX ix_human_task_open_pair")
        assert _read_whole(_plans(session, QUERIES["open"])) == ["human_task"]
        session.rollback()


@pytest.mark.usefixtures("large")
def test_the_lock_of_one_task_uses_keys_only() -> None:
    with database.transaction() as session:
        task: UUID = session.scalars(sa.text("SELECT id FROM human_task WHERE status = 'open' LIMIT 1")).one()
        assert _read_whole(_plans(session, lambda one: tasks.lock(one, task))) == []


@pytest.mark.usefixtures("large")
def test_a_full_page_comes_back_and_the_count_stops_at_its_cap() -> None:
    with database.reading() as session:
        assert len(worklist.open_for(session, PAIRS, LEADER).rows) == 50
        assert worklist.counts(session, PAIRS, LEADER, now=NOON, soon=SOON).open == worklist.MANY
