"""A person's act on a task: complete, claim, hand over, move the deadline."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.engine.runtime import (
    FEDERATION,
    LEADER,
    LEADER_UNIT,
    NOON,
    OFFICER,
    SCOPE,
    approval,
    complete,
    deploy,
    events,
    fresh,
    open_tasks,
    signature,
    start,
    the_service,
    the_task,
)
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.ids import new_id
from workflow_app.engine import hooks, instances, tasks
from workflow_app.engine.errors import OutcomeRefused
from workflow_app.engine.models import HumanTask, InstanceStatus, ProcessInstance, ServiceStatus, TaskStatus
from workflow_app.engine.refusals import InstanceSuspended, TaskHeld, TaskNotOpen, TaskUnknown
from workflow_app.organisations.errors import UnknownRole

DEADLINE = datetime(2019, 4, 1, 10, tzinfo=UTC)


@pytest.fixture
def running(session: Session, noon: ScriptedClock) -> ProcessInstance:
    """An approval that waits for the leader's draft."""
    deploy(session, approval())
    return start(session, "approval")


def test_a_new_instance_shows_its_first_task_to_the_office_of_its_lane(
    session: Session, running: ProcessInstance
) -> None:
    task = the_task(session, running)
    assert (task.element, task.name, task.role, task.unit_id) == (
        "draft",
        "Soạn dự thảo",
        "bloc_leader",
        LEADER_UNIT,
    )
    assert (task.form_key, task.due_at, task.order_at, task.created_at) == (
        "draft_form",
        DEADLINE,
        DEADLINE,
        NOON,
    )
    assert (running.rev, running.status, running.engine) == (1, InstanceStatus.RUNNING, "spiffworkflow 3.2.0")


def test_completing_a_task_opens_the_next_and_raises_the_revision(
    session: Session, running: ProcessInstance
) -> None:
    draft = the_task(session, running)
    step = complete(session, draft)
    assert (step.rev, step.ended) == (2, False)
    assert [(task.element, task.role, task.unit_id) for task in step.new_tasks] == [
        ("approve", "federation_officer", FEDERATION)
    ]
    session.refresh(draft)
    assert (draft.status, draft.completed_by, draft.ended_at, draft.outcome) == (
        TaskStatus.COMPLETED,
        LEADER,
        NOON,
        {},
    )


def test_the_decision_chooses_the_way_back(session: Session, running: ProcessInstance) -> None:
    complete(session, the_task(session, running))
    complete(session, the_task(session, running), by=OFFICER, decision="return")
    assert the_task(session, running).element == "draft"
    complete(session, the_task(session, running))
    complete(session, the_task(session, running), by=OFFICER, decision="approve")
    assert open_tasks(session, running) == []
    service = the_service(session, running)
    assert (service.operation, service.status) == ("test.make", ServiceStatus.QUEUED)


def test_a_finished_task_says_who_was_first_and_when(session: Session, running: ProcessInstance) -> None:
    draft = the_task(session, running)
    complete(session, draft)
    with pytest.raises(TaskNotOpen) as refused:
        complete(session, draft, by=OFFICER)
    assert refused.value.facts == {"status": "completed", "by": LEADER, "at": NOON, "outcome": {}}


def test_an_unknown_task_is_not_found(session: Session) -> None:
    with pytest.raises(TaskUnknown):
        tasks.lock(session, new_id())


@pytest.mark.parametrize("outcome", [{"typename": "x"}, {"_sys": 1}, {"a": {"__b": 1}}, {"when": NOON}])
def test_values_that_may_not_enter_a_process_change_nothing(
    session: Session, running: ProcessInstance, outcome: dict[str, Any]
) -> None:
    with pytest.raises(OutcomeRefused):
        complete(session, the_task(session, running), **outcome)
    session.expire_all()
    assert the_task(session, running).element == "draft"
    assert fresh(session, running).rev == 1


def test_the_last_task_ends_the_instance_with_the_end_it_reached(
    session: Session, noon: ScriptedClock
) -> None:
    deploy(session, signature())
    seen: list[hooks.InstanceEnd] = []

    def listen(_: Session, end: hooks.InstanceEnd) -> None:
        seen.append(end)

    hooks.on_instance_end("pledge", listen)
    hooks.on_instance_end("pledge", listen)
    try:
        running = start(session, "signature", SCOPE.for_unit(new_id()), unit_id="x", year=2019)
        step = complete(session, the_task(session, running), decision="refuse")
    finally:
        hooks.forget_instance_end("pledge", listen)
    assert step.ended
    stored = fresh(session, running)
    assert (stored.status, stored.outcome, stored.ended_at) == (InstanceStatus.COMPLETED, "refused", NOON)
    assert [(end.instance.id, end.data["decision"], end.by) for end in seen] == [
        (running.id, "refuse", LEADER)
    ]


def test_a_lane_without_a_unit_in_scope_stops_the_start(session: Session) -> None:
    deploy(session, signature())
    with pytest.raises(UnknownRole, match="unit_chair"):
        start(session, "signature", unit_id="x", year=2019)


def test_the_open_task_names_whom_it_is_for(session: Session, running: ProcessInstance) -> None:
    found = tasks.lock(session, the_task(session, running).id)
    assert found.grants("complete") == [("bloc_leader", LEADER_UNIT)]
    assert found.visible_units == {LEADER_UNIT, FEDERATION}
    assert (found.process_key, found.business_type, found.business_id) == (
        "approval",
        "pledge",
        running.business_id,
    )
    assert (found.element, found.form_key, found.act, found.due_at) == ("draft", "draft_form", None, DEADLINE)


def test_who_claims_a_task_keeps_others_from_completing_it(
    session: Session, running: ProcessInstance
) -> None:
    task = the_task(session, running)
    tasks.claim(session, task.id, by=LEADER, at=NOON)
    with pytest.raises(TaskHeld) as refused:
        complete(session, task, by=OFFICER)
    assert refused.value.facts["assignee_id"] == LEADER
    with pytest.raises(TaskHeld):
        tasks.claim(session, task.id, by=OFFICER, at=NOON)
    tasks.unclaim(session, task.id, by=LEADER, at=NOON)
    complete(session, task, by=OFFICER)


def test_claiming_twice_is_one_act(session: Session, running: ProcessInstance) -> None:
    task = the_task(session, running)
    tasks.claim(session, task.id, by=LEADER, at=NOON)
    tasks.claim(session, task.id, by=LEADER, at=NOON + timedelta(hours=1))
    assert [event["action"] for event in events(session, running.id)] == [
        "instance.started",
        "human_task.claimed",
    ]


def test_a_task_can_be_handed_to_somebody_else(session: Session, running: ProcessInstance) -> None:
    task = the_task(session, running)
    tasks.claim(session, task.id, by=LEADER, at=NOON)
    tasks.reassign(session, task.id, to=OFFICER, by=LEADER, at=NOON)
    assert the_task(session, running).assignee_id == OFFICER
    complete(session, task, by=OFFICER)


def test_deadlines_can_be_moved_and_the_list_order_follows(
    session: Session, running: ProcessInstance
) -> None:
    task = the_task(session, running)
    later, soft = DEADLINE + timedelta(days=7), DEADLINE + timedelta(days=3)
    tasks.set_due(session, task.id, due_at=later, soft_due_at=soft, by=OFFICER, at=NOON)
    moved = the_task(session, running)
    assert (moved.due_at, moved.soft_due_at, moved.order_at) == (later, soft, later)
    tasks.set_due(session, task.id, due_at=None, soft_due_at=soft, by=OFFICER, at=NOON)
    assert the_task(session, running).order_at == soft
    tasks.set_due(session, task.id, due_at=None, soft_due_at=None, by=OFFICER, at=NOON)
    assert the_task(session, running).order_at == NOON + timedelta(days=3650)


def test_a_naive_deadline_is_refused(session: Session, running: ProcessInstance) -> None:
    naive = datetime(2019, 5, 1)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(sa.exc.StatementError, match="naive"):
        tasks.set_due(
            session, the_task(session, running).id, due_at=naive, soft_due_at=None, by=OFFICER, at=NOON
        )


def test_a_task_of_a_suspended_instance_waits(session: Session, running: ProcessInstance) -> None:
    task = the_task(session, running)
    instances.suspend(session, running.id, reason="Chờ ý kiến cấp trên", by=OFFICER, at=NOON)
    for act in (
        lambda: complete(session, task),
        lambda: tasks.claim(session, task.id, by=LEADER, at=NOON),
        lambda: tasks.unclaim(session, task.id, by=LEADER, at=NOON),
    ):
        with pytest.raises(InstanceSuspended) as refused:
            act()
        assert refused.value.facts["reason"] == "Chờ ý kiến cấp trên"
    instances.resume(session, running.id, reason="Đã có ý kiến", by=OFFICER, at=NOON)
    complete(session, task)


def test_the_database_lets_no_finished_task_come_back(session: Session, running: ProcessInstance) -> None:
    draft = the_task(session, running)
    complete(session, draft)
    with pytest.raises(sa.exc.IntegrityError, match="is final"):
        session.execute(
            sa.update(HumanTask)
            .where(HumanTask.id == draft.id)
            .values(status="open", ended_at=None, completed_by=None)
        )
