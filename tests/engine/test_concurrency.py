"""Many people at the same moment: each act once, nobody is told an error that is none."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
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
    deploy,
    events,
    fresh,
    open_tasks,
    run_jobs,
    sign_as,
    signature,
    signing,
    start,
    start_signing,
    the_task,
    worker,
)
from workflow_app.core import database
from workflow_app.core.errors import Conflict
from workflow_app.core.ids import new_id
from workflow_app.engine import instances, tasks
from workflow_app.engine.models import HumanTask, InstanceStatus, ProcessInstance

pytestmark = pytest.mark.usefixtures("committed", "noon")


def _at_once(acts: Sequence[Callable[[], Any]], threads: int) -> list[str]:
    """Runs acts in so many threads that start together; the name of what each ended with."""
    barrier = threading.Barrier(threads)

    def begin() -> None:
        barrier.wait(10)

    def run(act: Callable[[], Any]) -> str:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the test counts whatever comes
            return type(error).__name__
        return "ok"

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: begin(), range(threads)))
        return list(pool.map(run, acts))


def _approval() -> tuple[UUID, UUID]:
    with database.transaction() as session:
        deploy(session, approval())
        running = start(session, "approval")
        return running.id, the_task(session, running).id


def _draft(task_id: UUID) -> None:
    with database.transaction() as session:
        complete(session, task_id, by=new_id())


def test_of_six_who_complete_the_same_task_one_succeeds_and_five_are_told(committed: None) -> None:
    running, task = _approval()
    told = Counter(_at_once([lambda: _draft(task)] * 6, 6))
    assert told == {"ok": 1, "TaskNotOpen": 5}
    with database.reading() as session:
        assert (the_task(session, running).element, fresh(session, running).rev) == ("approve", 2)


def test_without_the_lock_the_same_act_would_happen_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: two transactions that read before either writes; the revision stops the second."""
    running, task = _approval()
    first_read, second_done = threading.Event(), threading.Event()

    def slow() -> None:
        with database.transaction() as session:
            found = tasks.find(session, task)  # not locked
            first_read.set()
            second_done.wait(10)
            tasks.complete(session, found, outcome={}, by=new_id(), seat_id=None, at=NOON)

    with ThreadPoolExecutor(1) as pool:
        slow_act = pool.submit(slow)
        first_read.wait(10)
        _draft(task)
        second_done.set()
        with pytest.raises(sa.orm.exc.StaleDataError):
            slow_act.result()
    with database.reading() as session:
        assert fresh(session, running).rev == 2


def test_fifty_units_sign_at_once_and_the_parent_goes_on_once(committed: None) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 50).id
    run_jobs()
    with database.reading() as session:
        found = children(session, parent)
        session.expunge_all()
    told = Counter(_at_once([lambda child=child: sign_as(child) for child in found], 8))  # type: ignore[misc]  # bound now
    assert told == {"ok": 50}
    _at_once([run_jobs] * 4, 4)
    with database.reading() as session:
        signed = sa.select(sa.func.count()).select_from(HumanTask).where(HumanTask.status == "completed")
        assert session.scalar(signed) == 50
        assert the_task(session, parent).element == "conclude"
        assert [event["action"] for event in events(session, parent)] == [
            "instance.started",
            "fan_out.started",
            "fan_out.completed",
        ]


def test_a_child_signs_while_its_parent_is_held(committed: None) -> None:
    """Children never ask for their parent's row: with it locked, they sign all the same."""
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 1).id
    run_jobs()
    with database.reading() as session:
        (child,) = children(session, parent)
        session.expunge_all()
    with database.transaction() as holder:
        instances.lock(holder, parent)
        sign_as(child)
    run_jobs()
    with database.reading() as session:
        assert the_task(session, parent).element == "conclude"


def test_signing_against_cancelling_the_round_ends_without_deadlock(committed: None) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 24).id
    run_jobs()
    with database.reading() as session:
        found = children(session, parent)
        session.expunge_all()

    def cancel() -> None:
        with database.transaction() as session:
            instances.cancel(session, parent, reason="x", by=OFFICER, at=NOON)

    acts: list[Callable[[], Any]] = [lambda child=child: sign_as(child) for child in found]  # type: ignore[misc]  # bound now
    told = Counter(_at_once([*acts[:12], cancel, *acts[12:], run_jobs], 8))
    # A chair who comes too late finds no open task (the helper unpacks nothing) or is told who was first.
    assert told.keys() <= {"ok", "TaskNotOpen", "ValueError"}
    with database.reading() as session:
        assert fresh(session, parent).status == InstanceStatus.CANCELLED
        family = session.scalars(sa.select(ProcessInstance.status)).all()
        assert set(family) <= {InstanceStatus.CANCELLED, InstanceStatus.COMPLETED}
        assert session.scalars(sa.select(HumanTask).where(HumanTask.status == "open")).all() == []


def test_the_lock_takes_the_instance_before_the_task(committed: None) -> None:
    running, task = _approval()
    waits = threading.Event()

    def wait_for_it() -> None:
        with database.transaction() as session:
            waits.set()
            tasks.lock(session, task)

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as holder:
            instances.lock(holder, running)
            waiter = pool.submit(wait_for_it)
            waits.wait(10)
            _until_waiting(holder)
            # Were the task locked first, the waiter would hold it now and this would fail at once.
            holder.execute(sa.select(HumanTask.id).where(HumanTask.id == task).with_for_update(nowait=True))
        waiter.result()


def _until_waiting(session: Session) -> None:
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(200):
        if session.scalar(query):
            return
        session.execute(sa.text("SELECT pg_sleep(0.01)"))
    raise AssertionError("nobody waits")


def test_reopening_a_unit_against_the_end_of_the_round_has_one_outcome(committed: None) -> None:
    """Either the unit is opened again and the round goes on, or the round is over and the act is refused."""
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 2).id
    run_jobs()
    with database.reading() as session:
        first, second = children(session, parent)
        session.expunge_all()
    sign_as(first)
    sign_as(second)

    def reopen() -> None:
        with database.transaction() as session:
            instances.reopen_child(
                session, parent, "sign_all", first.item_key or "", reason="x", by=OFFICER, at=NOON
            )

    told = _at_once([reopen, run_jobs], 2)
    assert told[1] == "ok"
    assert told[0] in {"ok", "FanOutClosed"}
    with database.reading() as session:
        waits = [task.element for task in open_tasks(session, parent)]
        assert (told[0], waits) in [("ok", []), ("FanOutClosed", ["conclude"])]


def test_two_operators_who_cancel_the_same_unit_do_it_once(committed: None) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 2).id
    run_jobs()
    with database.reading() as session:
        item = children(session, parent)[0].item_key or ""

    def cancel() -> None:
        with database.transaction() as session:
            instances.cancel_child(session, parent, "sign_all", item, reason="x", by=OFFICER, at=NOON)

    assert Counter(_at_once([cancel] * 4, 4)) == {"ok": 1, "ChildUnknown": 3}


def test_who_waits_too_long_is_told_that_somebody_is_at_it(committed: None) -> None:
    running, task = _approval()
    with database.transaction() as holder:
        instances.lock(holder, running)
        with pytest.raises(Conflict, match="55P03") as told, database.transaction() as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            tasks.lock(session, task)
    assert "Người khác đang xử lý" in told.value.vi


def test_the_same_job_in_four_workers_starts_the_children_once(committed: None) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 5).id
        task = str(session.scalar(sa.text("SELECT id FROM service_task")))
    assert Counter(_at_once([lambda: worker.run_service_task(task)] * 4, 4)) == {"ok": 4}
    with database.reading() as session:
        assert len(children(session, parent)) == 5
