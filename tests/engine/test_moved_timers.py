"""A waiting timer is given another moment: state, row and record in one transaction."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

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
    lanes,
    open_tasks,
    start,
    the_task,
)
from workflow_app.audit.models import AuditEvent
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.engine import instances, projection, timers
from workflow_app.engine.errors import TimerNotWaiting
from workflow_app.engine.models import Timer
from workflow_app.engine.refusals import InstanceEnded, InstanceSuspended, InstanceUnknown

pytestmark = pytest.mark.usefixtures("committed")

DAY = 86400
OLD, NEW = datetime(2019, 3, 11, 5, tzinfo=UTC), datetime(2019, 3, 21, 5, tzinfo=UTC)
SIGNED = d.process(
    d.start(), d.user("sign", "draft_form", "Ký"),
    d.boundary("overdue", "sign", d.timer("timeDate", "deadline"), interrupting=False),
    d.user("tell", "draft_form", "Báo"), d.end("told"),
    d.boundary("closed", "sign", d.timer("timeDate", '"2019-12-31"')), d.end("shut"),
    d.boundary("reminder", "sign", d.timer("timeCycle", '"R2/P1D"'), interrupting=False), d.end("reminded"),
    d.end(), d.chain("start", "sign", "end"), d.chain("overdue", "tell", "told"), d.flow("closed", "shut"),
    d.flow("reminder", "reminded"), key="signed", inputs=["deadline"], lanes=lanes(bloc_leader=("sign", "tell")),
)  # fmt: skip


@pytest.fixture
def running(noon: ScriptedClock) -> UUID:
    """Something to be signed until 11 March, noon."""
    with database.transaction() as session:
        deploy_unchecked(session, SIGNED, "signed")
        return start(session, "signed", deadline="2019-03-11T12:00:00+07:00").id


def _move(instance_id: UUID, to: datetime = NEW, element: str = "overdue") -> None:
    with database.transaction() as session:
        timers.move(session, instance_id, element, to=to, by=OFFICER, at=NOON)


def _open(instance_id: UUID) -> list[str]:
    with database.reading() as session:
        return sorted(task.element for task in open_tasks(session, instance_id))


def _due(instance_id: UUID, element: str = "overdue") -> list[datetime]:
    with database.reading() as session:
        query = sa.select(Timer.due_at).where(Timer.instance_id == instance_id, Timer.element == element)
        return list(session.scalars(query))


def _finish(instance_id: UUID, element: str) -> None:
    with database.transaction() as session:
        complete(session, next(task for task in open_tasks(session, instance_id) if task.element == element))


def _sound(instance_id: UUID) -> bool:
    with database.reading() as session:
        return projection.differences(session, fresh(session, instance_id)) == []


def test_a_moved_timer_is_silent_on_the_old_day_and_fires_once_on_the_new(
    running: UUID, noon: ScriptedClock
) -> None:
    _move(running)
    assert _due(running) == [NEW]
    noon.set(OLD + timedelta(hours=1))
    timers.fire_due()
    assert _open(running) == ["sign"]
    noon.set(NEW + timedelta(seconds=1))
    timers.fire_due()
    timers.fire_due()
    assert _open(running) == ["sign", "tell"]
    assert _due(running) == []
    assert _sound(running)


def test_a_timer_moves_forward_too_and_a_past_moment_is_due_at_once(
    running: UUID, noon: ScriptedClock
) -> None:
    _move(running, NOON - timedelta(days=1))
    assert timers.fire_due() == 1
    assert _open(running) == ["sign", "tell"]


def test_the_record_says_who_moved_what_from_when_to_when(running: UUID) -> None:
    _move(running)
    with database.reading() as session:
        event = events(session, running)[-1]
        assert event["stream_seq"] == fresh(session, running).rev
        body = session.scalar(sa.select(AuditEvent.body).where(AuditEvent.action == "timer.moved"))
    assert (event["action"], event["actor_id"]) == ("timer.moved", OFFICER)
    moved = {"element": "overdue", "due_before": OLD.isoformat(), "due": NEW.isoformat()}
    assert json.loads(body)["details"] == moved


def test_other_timers_of_the_element_keep_their_moment(running: UUID) -> None:
    before = _due(running, "closed"), _due(running, "reminder")
    _move(running)
    assert (_due(running, "closed"), _due(running, "reminder")) == before


def test_the_next_of_a_row_of_reminders_is_moved_and_the_rest_follow_it(
    running: UUID, noon: ScriptedClock
) -> None:
    _move(running, NOON + timedelta(days=3), "reminder")
    noon.advance(seconds=2 * DAY)
    assert timers.fire_due() == 0
    noon.advance(seconds=DAY)
    assert timers.fire_due() == 1
    assert _due(running, "reminder") == [NOON + timedelta(days=4)]


def test_a_timer_that_has_gone_off_is_set_again_while_its_task_is_open(
    running: UUID, noon: ScriptedClock
) -> None:
    noon.set(OLD + timedelta(hours=1))
    timers.fire_due()
    assert _open(running) == ["sign", "tell"]
    _move(running)
    assert _due(running) == [NEW]
    assert _sound(running)
    noon.set(NEW + timedelta(hours=1))
    timers.fire_due()
    assert _open(running) == ["sign", "tell", "tell"], "told once more, for the new day"
    for element in ("tell", "sign", "tell"):
        assert _sound(running)
        _finish(running, element)
    with database.reading() as session:
        assert fresh(session, running).status == "completed"


def test_what_is_set_again_ends_with_its_task(running: UUID, noon: ScriptedClock) -> None:
    noon.set(OLD + timedelta(hours=1))
    timers.fire_due()
    _finish(running, "tell")
    _move(running)
    _finish(running, "sign")
    assert _due(running) == []
    with database.reading() as session:
        assert fresh(session, running).status == "completed"


def test_a_timer_that_waits_nowhere_is_refused_by_name_and_nothing_is_written(
    running: UUID, noon: ScriptedClock
) -> None:
    with database.reading() as session:
        before = (fresh(session, running).rev, len(events(session, running)))
    for element in ("sign", "nothing"):
        with pytest.raises(TimerNotWaiting):
            _move(running, element=element)
    with database.reading() as session:
        assert (fresh(session, running).rev, len(events(session, running))) == before
    noon.set(OLD + timedelta(hours=1))
    timers.fire_due()
    with database.transaction() as session:
        sign = next(task for task in open_tasks(session, running) if task.element == "sign")
        complete(session, sign)
    with pytest.raises(TimerNotWaiting):
        _move(running)  # "tell" is open still, but what the timer sits on is not


def test_an_ended_a_resting_and_an_unknown_instance_are_refused(running: UUID) -> None:
    with database.transaction() as session:
        instances.suspend(session, running, reason="x", by=OFFICER, at=NOON)
    with pytest.raises(InstanceSuspended):
        _move(running)
    with database.transaction() as session:
        instances.resume(session, running, reason="x", by=OFFICER, at=NOON)
        complete(session, the_task(session, running))
    with pytest.raises(InstanceEnded):
        _move(running)
    with pytest.raises(InstanceUnknown):
        _move(uuid4())
