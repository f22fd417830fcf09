"""Deadlines: rows found by an index, fired by the application's clock."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine import diagrams as d
from tests.engine.runtime import (
    NOON,
    OFFICER,
    complete,
    deploy_unchecked,
    events,
    fresh,
    incidents_of,
    lanes,
    open_tasks,
    start,
    the_task,
    worker,
)
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.engine import instances, timers
from workflow_app.engine.locking import lock
from workflow_app.engine.models import InstanceStatus, Timer
from workflow_app.engine.repair import retry_incident

pytestmark = pytest.mark.usefixtures("committed")

ANSWER = d.process(
    d.start(), d.user("answer", "draft_form", "Trả lời"),
    d.boundary("reminder", "answer", d.timer("timeCycle", '"R3/PT24H"'), interrupting=False),
    d.user("remind", "draft_form", "Nhắc"), d.end("reminded"),
    d.boundary("late", "answer", d.timer("timeDate", "deadline")), d.user("escalate", "draft_form", "Báo cáo"), d.end(),
    d.chain("start", "answer", "end"), d.chain("reminder", "remind", "reminded"), d.chain("late", "escalate", "end"),
    key="answer", inputs=["deadline"], lanes=lanes(bloc_leader=("answer", "remind"), federation_officer=("escalate",)),
)  # fmt: skip
DAY = 86400


@pytest.fixture
def waiting(noon: ScriptedClock) -> UUID:
    """A question that must be answered within ten days, with three daily reminders."""
    return _start("2019-03-11T12:00:00+07:00")


def _start(deadline: str) -> UUID:
    with database.transaction() as session:
        found = session.scalar(sa.text("SELECT count(*) FROM process_definition"))
        if not found:
            deploy_unchecked(session, ANSWER, "answer")
        return start(session, "answer", deadline=deadline).id


def _elements(instance_id: UUID) -> list[str]:
    with database.reading() as session:
        return sorted(task.element for task in open_tasks(session, instance_id))


def _timers(instance_id: UUID) -> dict[str, datetime]:
    with database.reading() as session:
        rows = session.execute(sa.select(Timer.element, Timer.due_at).where(Timer.instance_id == instance_id))
        return {row.element: row.due_at for row in rows}


def test_timers_are_rows_with_their_next_moment(waiting: UUID) -> None:
    assert _timers(waiting) == {
        "reminder": NOON + timedelta(days=1),
        "late": datetime(2019, 3, 11, 5, tzinfo=UTC),
    }


def test_nothing_fires_before_its_time(waiting: UUID, noon: ScriptedClock) -> None:
    noon.advance(seconds=DAY - 1)
    assert timers.fire_due() == 0
    assert _elements(waiting) == ["answer"]


def test_reminders_repeat_and_the_deadline_takes_the_task_away(waiting: UUID, noon: ScriptedClock) -> None:
    for _ in range(3):
        noon.advance(seconds=DAY)
        assert timers.fire_due() == 1
        assert _elements(waiting) == ["answer", "remind"]
        with database.transaction() as session:
            reminder = next(task for task in open_tasks(session, waiting) if task.element == "remind")
            complete(session, reminder)
    assert _timers(waiting).keys() == {"late"}
    noon.advance(seconds=7 * DAY)
    worker.fire_timers()
    assert _elements(waiting) == ["escalate"]
    assert _timers(waiting) == {}
    with database.reading() as session:
        fired = [event for event in events(session, waiting) if event["action"] == "timer.fired"]
    assert [(event["stream_seq"], event["actor_id"]) for event in fired] == [
        (at, UUID(int=0)) for at in (2, 4, 6, 8)
    ]


def test_an_answered_question_has_no_deadline_any_more(waiting: UUID, noon: ScriptedClock) -> None:
    with database.transaction() as session:
        complete(session, the_task(session, waiting))
    assert _timers(waiting) == {}
    noon.advance(seconds=30 * DAY)
    assert timers.fire_due() == 0


def test_a_suspended_instance_misses_nothing_and_fires_on_resumption(
    waiting: UUID, noon: ScriptedClock
) -> None:
    with database.transaction() as session:
        instances.suspend(session, waiting, reason="x", by=OFFICER, at=NOON)
    noon.advance(seconds=11 * DAY)
    assert timers.fire_due() == 0
    with database.transaction() as session:
        instances.resume(session, waiting, reason="x", by=OFFICER, at=noon.now())
    assert timers.fire_due() == 1
    assert "escalate" in _elements(waiting)


def test_an_instance_that_somebody_holds_is_left_for_the_next_look(
    waiting: UUID, noon: ScriptedClock
) -> None:
    noon.advance(seconds=DAY)
    with database.transaction() as session:
        lock(session, waiting)
        assert timers.fire_due() == 0
    assert timers.fire_due() == 1


def test_one_bad_instance_does_not_stop_the_others(waiting: UUID, noon: ScriptedClock) -> None:
    good = _start("2019-03-11T12:00:00+07:00")
    with database.transaction() as session:
        session.execute(sa.text("UPDATE process_instance SET state = 'x' WHERE id = :id"), {"id": waiting})
    noon.advance(seconds=DAY)
    assert timers.fire_due() == 1
    assert _elements(good) == ["answer", "remind"]


BROKEN = d.process(
    d.start(), d.user("answer", "draft_form"), d.boundary("late", "answer", d.timer("timeDate", "deadline")),
    d.exclusive("which", "which_end"), d.end(), d.end("other"), d.chain("start", "answer", "end"),
    d.flow("late", "which"), d.flow("which", "other", "amount &gt; 3"), d.flow("which", "end", id_="which_end"),
    key="broken", inputs=["deadline", "amount"], lanes=lanes(bloc_leader=("answer",)),
)  # fmt: skip


def test_a_timer_whose_way_is_broken_becomes_one_incident_and_is_left_alone(noon: ScriptedClock) -> None:
    with database.transaction() as session:
        deploy_unchecked(session, BROKEN, "broken")
        broken = start(session, "broken", deadline="2019-03-02T12:00:00+07:00", amount="không phải số").id
    noon.advance(seconds=DAY)
    assert timers.fire_due() == 0
    assert timers.fire_due() == 0
    with database.transaction() as session:
        (incident,) = incidents_of(session, broken)
        assert (incident.kind.value, incident.element, incident.times) == ("timer", "late", 1)
        assert incident.error.startswith("expression_failed")
        assert (fresh(session, broken).open_incidents, fresh(session, broken).status) == (
            1,
            InstanceStatus.RUNNING,
        )
        assert [task.element for task in open_tasks(session, broken)] == ["answer"]
        retry_incident(session, incident.id, by=OFFICER, at=NOON)
    assert timers.fire_due() == 0
    with database.reading() as session:
        assert [incident.resolution for incident in incidents_of(session, broken)] == ["retried", None]


def test_many_due_instances_fire_in_one_look(noon: ScriptedClock) -> None:
    for _ in range(12):
        _start("2019-03-03T12:00:00+07:00")
    noon.advance(seconds=3 * DAY)
    assert timers.fire_due() == 12
    assert timers.fire_due() == 0
