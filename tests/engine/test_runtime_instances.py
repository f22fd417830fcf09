"""Suspend, resume, cancel; one audit event per revision."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.engine.runtime import (
    LEADER,
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
    signature,
    signing,
    start,
    start_signing,
    the_service,
    the_task,
)
from workflow_app.audit.models import AuditEvent
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.ids import new_id
from workflow_app.engine import hooks, instances
from workflow_app.engine.models import (
    HumanTask,
    InstanceStatus,
    ProcessInstance,
    ProcessNote,
    ServiceStatus,
    ServiceTask,
    Timer,
)
from workflow_app.engine.refusals import (
    InstanceEnded,
    InstanceNotSuspended,
    InstanceSuspended,
    InstanceUnknown,
    ReasonMissing,
)


@pytest.fixture
def running(session: Session, noon: ScriptedClock) -> ProcessInstance:
    deploy(session, approval())
    return start(session, "approval")


@pytest.fixture
def round_of_three(committed: None, noon: ScriptedClock) -> UUID:
    """A signing round whose three children are running."""
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 3).id
    run_jobs()
    return parent


def test_each_revision_has_one_event_without_gaps(session: Session, running: ProcessInstance) -> None:
    instances.suspend(session, running.id, reason="x", by=OFFICER, at=NOON)
    instances.resume(session, running.id, reason="x", by=OFFICER, at=NOON)
    instances.cancel(session, running.id, reason="x", by=OFFICER, at=NOON)
    told = events(session, running.id)
    assert [(event["stream_seq"], event["action"]) for event in told] == [
        (1, "instance.started"),
        (2, "instance.suspended"),
        (3, "instance.resumed"),
        (4, "instance.cancelled"),
    ]
    assert {event["actor_id"] for event in told} == {OFFICER}
    assert fresh(session, running).rev == 4


def test_the_reason_stays_beside_its_event(session: Session, running: ProcessInstance) -> None:
    instances.cancel(session, running.id, reason="Đơn vị đã giải thể", by=OFFICER, at=NOON)
    note = session.get_one(ProcessNote, (running.id, 2))
    assert (note.action, note.text, note.written_by) == ("instance.cancelled", "Đơn vị đã giải thể", OFFICER)
    event = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "instance.cancelled")).one()
    assert event.details["reason"].startswith("sha256:")


@pytest.mark.parametrize("act", [instances.suspend, instances.resume, instances.cancel])
def test_an_act_against_the_course_needs_a_reason(
    session: Session, running: ProcessInstance, act: object
) -> None:
    with pytest.raises(ReasonMissing):
        act(session, running.id, reason="  ", by=OFFICER, at=NOON)  # type: ignore[operator]  # one of three services


def test_an_unknown_instance_is_not_found(session: Session) -> None:
    with pytest.raises(InstanceUnknown):
        instances.cancel(session, new_id(), reason="x", by=OFFICER, at=NOON)
    with pytest.raises(InstanceUnknown):
        instances.get(session, new_id())


def test_a_suspended_instance_cannot_be_suspended_again_nor_a_running_one_resumed(
    session: Session, running: ProcessInstance
) -> None:
    with pytest.raises(InstanceNotSuspended):
        instances.resume(session, running.id, reason="x", by=OFFICER, at=NOON)
    instances.suspend(session, running.id, reason="x", by=OFFICER, at=NOON)
    with pytest.raises(InstanceSuspended):
        instances.suspend(session, running.id, reason="x", by=OFFICER, at=NOON)


def test_a_cancelled_instance_stays_cancelled(session: Session, running: ProcessInstance) -> None:
    instances.cancel(session, running.id, reason="x", by=OFFICER, at=NOON)
    assert open_tasks(session, running) == []
    for act in (instances.cancel, instances.suspend):
        with pytest.raises(InstanceEnded):
            act(session, running.id, reason="x", by=OFFICER, at=NOON)
    with pytest.raises(sa.exc.IntegrityError, match="is final"):
        session.execute(sa.update(ProcessInstance).values(status="running", ended_at=None))


def test_cancelling_the_parent_cancels_children_tasks_timers_and_jobs(round_of_three: UUID) -> None:
    ended: list[UUID] = []

    def listen(_: Session, end: hooks.InstanceEnd) -> None:
        ended.append(end.instance.id)

    hooks.on_instance_end("pledge", listen)
    try:
        with database.transaction() as session:
            instances.cancel(session, round_of_three, reason="x", by=OFFICER, at=NOON)
    finally:
        hooks.forget_instance_end("pledge", listen)
    with database.reading() as session:
        family = [fresh(session, round_of_three), *children(session, round_of_three)]
        assert {one.status for one in family} == {InstanceStatus.CANCELLED}
        assert set(ended) == {one.id for one in family}
        assert {task.status.value for task in session.scalars(sa.select(HumanTask))} == {"cancelled"}
        assert {task.status.value for task in session.scalars(sa.select(ServiceTask))} == {"cancelled"}
        assert session.scalars(sa.select(Timer)).all() == []


def test_a_job_of_a_cancelled_instance_does_nothing(committed: None, noon: ScriptedClock) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 3).id
        instances.cancel(session, parent, reason="x", by=OFFICER, at=NOON)
    assert run_jobs() == 1
    with database.reading() as session:
        assert children(session, parent) == []
        assert the_service(session, parent).status == ServiceStatus.CANCELLED


def test_suspending_the_parent_suspends_its_children_and_resuming_wakes_those(round_of_three: UUID) -> None:
    with database.transaction() as session:
        first = children(session, round_of_three)[0]
        instances.suspend(session, first.id, reason="Đơn vị xin hoãn", by=OFFICER, at=NOON.replace(hour=1))
        instances.suspend(session, round_of_three, reason="x", by=OFFICER, at=NOON)
        assert {child.status for child in children(session, round_of_three)} == {InstanceStatus.SUSPENDED}
    with database.transaction() as session:
        instances.resume(session, round_of_three, reason="x", by=OFFICER, at=NOON)
        told = [child.status for child in children(session, round_of_three)]
    assert told == [InstanceStatus.SUSPENDED, InstanceStatus.RUNNING, InstanceStatus.RUNNING]


def test_a_queued_service_task_waits_for_the_resumption(committed: None, noon: ScriptedClock) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 2).id
        instances.suspend(session, parent, reason="x", by=OFFICER, at=NOON)
    run_jobs()
    with database.transaction() as session:
        assert children(session, parent) == []
        instances.resume(session, parent, reason="x", by=OFFICER, at=NOON)
    run_jobs()
    with database.reading() as session:
        assert len(children(session, parent)) == 2


def test_a_child_cancelled_while_its_parent_rests_is_noticed_when_the_parent_goes_on(
    committed: None, noon: ScriptedClock
) -> None:
    with database.transaction() as session:
        deploy(session, signature(), signing())
        parent = start_signing(session, 1).id
    run_jobs()
    with database.transaction() as session:
        instances.suspend(session, parent, reason="x", by=OFFICER, at=NOON)
        (child,) = children(session, parent)
        instances.cancel(session, child.id, reason="x", by=OFFICER, at=NOON)
    run_jobs()
    with database.transaction() as session:
        assert open_tasks(session, parent) == []
        instances.resume(session, parent, reason="x", by=OFFICER, at=NOON)
    run_jobs()
    with database.reading() as session:
        assert the_task(session, parent).element == "conclude"


def test_process_data_can_be_read_and_hold_what_was_decided(
    session: Session, running: ProcessInstance
) -> None:
    complete(session, the_task(session, running))
    complete(session, the_task(session, running), by=LEADER, decision="return")
    assert instances.data_of(session, fresh(session, running)) == {
        "deadline": "2019-04-01T17:00:00+07:00",
        "decision": "return",
    }
