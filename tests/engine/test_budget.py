"""What an act may cost: statements are counted, bytes are compared; a step does not know how large the bloc is."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.engine.runtime import (
    NOON,
    OFFICER,
    approval,
    children,
    complete,
    counted,
    deploy,
    fresh,
    run_jobs,
    sign_as,
    signature,
    signing,
    start,
    start_signing,
    the_task,
)
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.ids import new_id
from workflow_app.engine import instances, tasks, timers, worker
from workflow_app.engine.models import ProcessInstance

MOST = 6  # statements of lock and complete together


@pytest.fixture
def running(session: Session, noon: ScriptedClock) -> ProcessInstance:
    deploy(session, approval())
    found = start(session, "approval")
    session.expunge_all()
    return found


def test_a_step_that_opens_a_task_costs_four_statements(session: Session, running: ProcessInstance) -> None:
    task = the_task(session, running).id
    session.expunge_all()
    with counted(session) as seen:
        complete(session, task)
    assert seen.count <= MOST
    assert (len(seen.texts), seen.deferred) == (4, 0), seen
    assert [text.split()[0] for text in seen.texts] == ["SELECT", "UPDATE", "UPDATE", "INSERT"]
    assert "FOR NO KEY UPDATE" in seen.texts[0]
    assert "process_instance.rev" in seen.texts[1].split("WHERE")[1]


def test_a_step_that_starts_the_machine_costs_five(session: Session, running: ProcessInstance) -> None:
    complete(session, the_task(session, running))
    task = the_task(session, running).id
    session.expunge_all()
    with counted(session) as seen:
        complete(session, task, by=OFFICER, decision="approve")
    assert seen.count <= MOST
    assert (len(seen.texts), seen.deferred) == (4, 1), seen


def test_the_control_a_second_query_is_seen(session: Session, running: ProcessInstance) -> None:
    task = the_task(session, running).id
    session.expunge_all()
    with counted(session) as seen:
        tasks.find(session, task)
        complete(session, task)
    assert len(seen.texts) == 5


@dataclass
class Cost:
    """Of one unit's step in a round of so many units."""

    sign: int
    child_bytes: int
    deliver: int
    parent_bytes: int
    add: int


def _cost(units: int) -> Cost:
    with database.transaction() as session:
        parent = start_signing(session, units).id
    run_jobs()
    with database.transaction() as session:
        first, second = children(session, parent)[:2]
        task = the_task(session, first).id
        session.expunge_all()
        with counted(session) as signing_it:
            complete(session, task, decision="sign")
    with database.reading() as session:
        child_bytes = len(fresh(session, first).state)
        parent_bytes = len(fresh(session, parent).state)
    run_jobs()
    sign_as(second)
    deliver = _statements_of(lambda: worker.deliver_messages(str(parent)))
    add = _add(parent)
    return Cost(signing_it.count, child_bytes, deliver, parent_bytes, add)


def _statements_of(act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    sa.event.listen(database.engine(), "before_cursor_execute", note)
    try:
        act()
    finally:
        sa.event.remove(database.engine(), "before_cursor_execute", note)
    return len(seen)


def _add(parent: UUID) -> int:
    with database.transaction() as session, counted(session) as seen:
        instances.add_child(session, parent, "sign_all", str(new_id()), by=OFFICER, at=NOON)
    return len(seen.texts)


@pytest.mark.usefixtures("committed", "noon")
def test_one_unit_in_two_hundred_costs_what_one_in_five_costs() -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
    few, many = _cost(5), _cost(200)
    assert few.sign <= MOST
    assert (few.sign, few.deliver, few.add) == (many.sign, many.deliver, many.add)
    assert abs(few.child_bytes - many.child_bytes) <= few.child_bytes * 0.1
    print(f"N=5 {few}\nN=200 {many}")  # noqa: T201 - shown with -s


@pytest.mark.usefixtures("committed", "noon")
def test_starting_two_hundred_children_takes_a_few_statements_beside_their_events() -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        start_signing(session, 200)
    total = _statements_of(run_jobs)
    assert total - 200 < 30, total  # one audit event for each child


@pytest.mark.usefixtures("committed", "noon")
def test_an_idle_look_at_the_timers_is_one_statement() -> None:
    with database.transaction() as session:
        deploy(session, approval())
        start(session, "approval")
    assert _statements_of(timers.fire_due) == 1
