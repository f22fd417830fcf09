"""Service tasks and messages: once, whatever happens to the worker."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.engine import diagrams as d
from tests.engine.runtime import (
    NOON,
    OFFICER,
    approval,
    children,
    complete,
    deploy,
    deploy_unchecked,
    events,
    fresh,
    incidents_of,
    lanes,
    open_tasks,
    run_jobs,
    start,
    the_service,
    the_task,
)
from workflow_app.core import database, jobs
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.ids import new_id
from workflow_app.engine import hooks, instances, messages, operations, repair, worker
from workflow_app.engine.models import InstanceStatus, Message, ServiceStatus, ServiceTask
from workflow_app.engine.operations import BusinessFault, OperationJob, operation
from workflow_app.engine.refusals import EngineStalled, InstanceSuspended, NotFailing, NotRetryable

pytestmark = pytest.mark.usefixtures("committed")


@dataclass
class Maker:
    """Makes a document: remembers its runs, does what a test tells it to do."""

    runs: list[OperationJob] = field(default_factory=list)
    finished: list[UUID] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    at_finish: list[Exception] = field(default_factory=list)

    def work(self, job: OperationJob) -> Mapping[str, Any]:
        self.runs.append(job)
        if self.trouble:
            raise self.trouble.pop(0)
        return {"object": str(job.task_id)}

    def finish(self, session: Session, job: OperationJob, result: Mapping[str, Any]) -> Mapping[str, Any]:
        row = {
            "instance_id": job.instance_id,
            "name": "made",
            "payload": {},
            "created_at": NOON,
            "held": True,
        }
        session.add(Message(dedupe_key=str(new_id()), **row))
        session.flush()
        if self.at_finish:
            raise self.at_finish.pop(0)
        self.finished.append(job.task_id)
        return {"document_id": result["object"]}


@pytest.fixture
def maker() -> Iterator[Maker]:
    made = Maker()
    _register(made.work, made)
    yield made
    operations.forget("test.make")


def _register(work: operations.Work, made: Maker) -> None:
    operations.forget("test.make")
    parts = {"work": staticmethod(work), "finish": staticmethod(made.finish)}
    operation("test.make", retries=3, backoff=10)(type("Registered", (), parts))


@pytest.fixture
def making(noon: ScriptedClock, maker: Maker) -> UUID:
    """An approved instance whose document is to be made."""
    with database.transaction() as session:
        deploy(session, approval())
        running = start(session, "approval")
        complete(session, the_task(session, running))
        complete(session, the_task(session, running), by=OFFICER, decision="approve")
        return running.id


def _status(instance_id: UUID) -> InstanceStatus:
    with database.reading() as session:
        return fresh(session, instance_id).status


def _made() -> int:
    """Rows that `finish` has written."""
    with database.reading() as session:
        return session.scalar(sa.text("SELECT count(*) FROM message WHERE name = 'made'")) or 0


def _service(instance_id: UUID) -> ServiceTask:
    with database.reading() as session:
        found = the_service(session, instance_id)
        session.expunge_all()  # the end of a reading session would empty it
        return found


def test_the_work_is_done_and_the_process_goes_on(making: UUID, maker: Maker) -> None:
    run_jobs()
    (job,) = maker.runs
    assert (job.instance_id, job.element, job.attempt, job.business_type) == (making, "make", 1, "pledge")
    assert job.data["decision"] == "approve"
    assert job.scope.year == 2019
    with database.reading() as session:
        stored = fresh(session, making)
        assert (stored.status, stored.outcome) == (InstanceStatus.COMPLETED, "end")
        assert instances.data_of(session, stored)["document_id"] == {"document_id": str(job.task_id)}
        assert events(session, making)[-1]["action"] == "service_task.completed"
    assert _service(making).status == ServiceStatus.COMPLETED


def test_a_job_delivered_twice_has_one_effect(making: UUID, maker: Maker) -> None:
    task_id = str(_service(making).id)
    run_jobs()
    worker.run_service_task(task_id)
    worker.run_service_task(task_id)
    assert (len(maker.runs), len(maker.finished), _made()) == (1, 1, 1)


def test_two_runs_at_once_have_one_effect(making: UUID, maker: Maker) -> None:
    task_id = str(_service(making).id)
    work = maker.work

    def overtaken(job: OperationJob) -> Mapping[str, Any]:
        result = work(job)
        if len(maker.runs) == 1:
            worker.run_service_task(task_id)  # another worker takes the same task while this one works
        return result

    _register(overtaken, maker)
    run_jobs()
    assert (len(maker.runs), len(maker.finished), _made()) == (2, 1, 1)
    assert _status(making) == InstanceStatus.COMPLETED


class Killed(BaseException):
    """The worker's process dies: no handler of ours runs."""


def test_a_worker_killed_between_work_and_finish_loses_nothing(making: UUID, maker: Maker) -> None:
    maker.at_finish.append(Killed())  # type: ignore[arg-type]  # it is no Exception on purpose
    with pytest.raises(Killed):
        run_jobs()
    assert (_made(), _status(making), _service(making).attempts) == (0, InstanceStatus.RUNNING, 1)
    worker.run_service_task(str(_service(making).id))
    assert (len(maker.runs), _made(), _status(making)) == (2, 1, InstanceStatus.COMPLETED)
    assert [job.attempt for job in maker.runs] == [1, 2]


def test_a_failure_is_tried_again_later_each_time_after_a_longer_while(
    making: UUID, maker: Maker, noon: ScriptedClock
) -> None:
    maker.trouble += [OSError("store away"), OSError("store away")]
    run_jobs()
    task = _service(making)
    assert (task.status, task.attempts, (task.next_at - NOON).total_seconds()) == (
        ServiceStatus.QUEUED,
        1,
        10,
    )
    assert task.error is not None
    assert task.error.startswith("builtins.OSError at work:")
    assert run_jobs() == 0
    noon.advance(seconds=10)
    assert run_jobs() == 1
    assert (_service(making).next_at - NOON).total_seconds() == 10 + 20
    noon.advance(seconds=20)
    run_jobs()
    assert _status(making) == InstanceStatus.COMPLETED


def test_three_failures_become_an_incident_and_a_retry_completes(
    making: UUID, maker: Maker, noon: ScriptedClock
) -> None:
    maker.trouble += [OSError("x")] * 3
    for _ in range(3):
        run_jobs()
        noon.advance(seconds=100)
    assert run_jobs() == 0
    with database.transaction() as session:
        stored, task = fresh(session, making), the_service(session, making)
        (incident,) = incidents_of(session, making)
        assert (stored.open_incidents, stored.status, task.status) == (1, "running", "incident")
        assert (incident.element, incident.kind.value, incident.times) == ("make", "service_task", 1)
        assert events(session, making)[-1]["action"] == "incident.opened"
        worker.retry(session, task.id, by=OFFICER, at=NOON)
    run_jobs()
    with database.reading() as session:
        stored = fresh(session, making)
        assert (stored.status, stored.open_incidents) == (InstanceStatus.COMPLETED, 0)
        (incident,) = incidents_of(session, making)
        assert incident.resolution == "retried"
        told = [event["action"] for event in events(session, making)]
        assert told[-2:] == ["service_task.retried", "service_task.completed"]
        assert [event["stream_seq"] for event in events(session, making)][-1] == stored.rev


def test_the_stored_error_has_no_words_of_the_exception(making: UUID, maker: Maker) -> None:
    maker.trouble.append(ValueError("Nguyễn Văn An, 0912345678"))
    run_jobs()
    error = _service(making).error
    assert error is not None
    assert "ValueError" in error
    assert "An" not in error


def test_work_that_kills_its_worker_ends_as_an_incident_too(making: UUID, maker: Maker) -> None:
    task_id = str(_service(making).id)
    maker.trouble += [Killed()] * 10  # type: ignore[list-item]  # it is no Exception on purpose
    for _ in range(3):
        with pytest.raises(Killed):
            worker.run_service_task(task_id)
    worker.run_service_task(task_id)
    assert _service(making).status == ServiceStatus.INCIDENT
    assert len(maker.runs) == 3


def test_a_business_fault_takes_the_way_of_the_diagram_and_undoes_what_finish_wrote(
    making: UUID, maker: Maker
) -> None:
    maker.at_finish.append(BusinessFault("no_paper"))
    run_jobs()
    with database.reading() as session:
        assert the_task(session, making).element == "mend"
        assert incidents_of(session, making) == []
        task = the_service(session, making)
        assert (task.status, task.error) == (ServiceStatus.COMPLETED, "business fault no_paper")
        assert events(session, making)[-1]["action"] == "service_task.fault"
    assert _made() == 0


def test_a_fault_that_no_diagram_catches_is_an_incident_at_once(making: UUID, maker: Maker) -> None:
    maker.trouble.append(BusinessFault("who_knows"))
    run_jobs()
    with database.reading() as session:
        (incident,) = incidents_of(session, making)
        assert incident.error.startswith("fault_not_caught")
    assert len(maker.runs) == 1


def test_an_operator_need_not_wait_for_the_next_attempt(
    making: UUID, maker: Maker, noon: ScriptedClock
) -> None:
    maker.trouble.append(OSError("x"))
    run_jobs()
    with database.transaction() as session:
        task = the_service(session, making)
        assert task.next_at > NOON
        repair.hurry(session, task.id, by=OFFICER, at=NOON)
        assert events(session, making)[-1]["action"] == "service_task.hurried"
    run_jobs()
    assert _status(making) == InstanceStatus.COMPLETED
    assert (len(maker.runs), _made()) == (2, 1)
    noon.advance(seconds=100)
    run_jobs()  # the job of the later time finds the work done
    assert (len(maker.runs), _made()) == (2, 1)


def test_only_what_has_failed_and_waits_can_be_hurried(making: UUID, maker: Maker) -> None:
    with pytest.raises(NotFailing), database.transaction() as session:
        repair.hurry(session, _service(making).id, by=OFFICER, at=NOON)
    with pytest.raises(NotFailing), database.transaction() as session:
        repair.hurry(session, new_id(), by=OFFICER, at=NOON)
    maker.trouble.append(OSError("x"))
    run_jobs()
    with database.transaction() as session:
        instances.suspend(session, making, reason="x", by=OFFICER, at=NOON)
    with pytest.raises(InstanceSuspended), database.transaction() as session:
        repair.hurry(session, _service(making).id, by=OFFICER, at=NOON)


def test_only_an_incident_can_be_retried_by_hand(making: UUID, maker: Maker) -> None:
    with pytest.raises(NotRetryable), database.transaction() as session:
        worker.retry(session, _service(making).id, by=OFFICER, at=NOON)
    with pytest.raises(NotRetryable), database.transaction() as session:
        worker.retry(session, new_id(), by=OFFICER, at=NOON)


def test_an_operator_resolves_with_the_result_he_made_himself(
    making: UUID, maker: Maker, noon: ScriptedClock
) -> None:
    maker.trouble += [OSError("x")] * 3
    for _ in range(3):
        run_jobs()
        noon.advance(seconds=100)
    with database.transaction() as session:
        (incident,) = incidents_of(session, making)
        worker.resolve(
            session, incident.id, by=OFFICER, at=NOON, resolution="Làm tay", result={"document_id": "d1"}
        )
    with database.reading() as session:
        stored = fresh(session, making)
        assert (stored.status, stored.open_incidents) == (InstanceStatus.COMPLETED, 0)
        assert instances.data_of(session, stored)["document_id"] == {"document_id": "d1"}
        assert events(session, making)[-1]["action"] == "incident.resolved"


def test_a_task_cancelled_while_it_is_worked_on_has_no_effect(making: UUID, maker: Maker) -> None:
    work = maker.work

    def cancelled(job: OperationJob) -> Mapping[str, Any]:
        with database.transaction() as session:
            instances.cancel(session, making, reason="x", by=OFFICER, at=NOON)
        return work(job)

    _register(cancelled, maker)
    run_jobs()
    assert (_made(), _status(making)) == (0, InstanceStatus.CANCELLED)


def test_a_suspended_instance_is_not_moved_by_work_that_was_under_way(making: UUID, maker: Maker) -> None:
    work = maker.work

    def suspended(job: OperationJob) -> Mapping[str, Any]:
        if not maker.runs:
            with database.transaction() as session:
                instances.suspend(session, making, reason="x", by=OFFICER, at=NOON)
        return work(job)

    _register(suspended, maker)
    run_jobs()
    assert (_made(), _status(making)) == (0, InstanceStatus.SUSPENDED)
    with database.transaction() as session:
        instances.resume(session, making, reason="x", by=OFFICER, at=NOON)
    run_jobs()
    assert (_made(), _status(making)) == (1, InstanceStatus.COMPLETED)


def test_a_lost_queue_is_filled_again_from_the_rows(making: UUID, maker: Maker, noon: ScriptedClock) -> None:
    with database.transaction() as session:
        session.execute(sa.text("DELETE FROM procrastinate_jobs"))
    worker.requeue_lost()
    assert run_jobs() == 0  # not yet: a healthy queue is not doubled
    noon.advance(seconds=121)
    worker.requeue_lost()
    worker.requeue_lost()
    assert run_jobs() == 1
    assert _status(making) == InstanceStatus.COMPLETED


def test_a_queued_task_that_has_its_job_is_not_queued_again(
    making: UUID, maker: Maker, noon: ScriptedClock
) -> None:
    noon.advance(seconds=1000)
    worker.requeue_lost()
    assert run_jobs() == 1


def test_an_operation_that_the_program_lacks_is_an_incident(making: UUID, maker: Maker) -> None:
    operations.forget("test.make")
    run_jobs()
    with database.reading() as session:
        (incident,) = incidents_of(session, making)
        assert incident.error.startswith("operation_unknown")
    operation("test.make")(maker.work)


WAITING = d.process(
    d.start(), d.catch("news", d.message_event("news", variable="heard")), d.user("read", "draft_form"), d.end(),
    d.chain("start", "news", "read", "end"), key="waiting", inputs=["deadline"], before=d.message("news"),
    lanes='<bpmn:laneSet id="l"><bpmn:lane id="bloc_leader" name="x"><bpmn:flowNodeRef>read</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
)  # fmt: skip


@pytest.fixture
def waiting(noon: ScriptedClock) -> UUID:
    """An instance that waits for the message `news`."""
    with database.transaction() as session:
        deploy_unchecked(session, WAITING, "waiting")
        return start(session, "waiting").id


def _send(to: UUID, name: str, key: str, **payload: Any) -> bool:
    with database.transaction() as session:
        return messages.send(session, to, name, payload, dedupe_key=key, at=NOON)


def test_the_same_news_is_delivered_once(waiting: UUID) -> None:
    assert _send(waiting, "news", "n1", number=1)
    assert not _send(waiting, "news", "n1", number=2)
    assert run_jobs() == 1
    with database.reading() as session:
        assert the_task(session, waiting).element == "read"
        assert instances.data_of(session, fresh(session, waiting))["heard"] == {"number": 1}
        assert fresh(session, waiting).rev == 2


def test_news_that_nobody_waits_for_is_an_incident_and_can_be_tried_again(waiting: UUID) -> None:
    _send(waiting, "gossip", "g1")
    run_jobs()
    with database.transaction() as session:
        (incident,) = incidents_of(session, waiting)
        assert (incident.kind.value, fresh(session, waiting).open_incidents) == ("message", 1)
        worker.resolve(session, incident.id, by=OFFICER, at=NOON, resolution="Bỏ qua")
    with database.reading() as session:
        assert fresh(session, waiting).open_incidents == 0
        assert session.scalars(sa.select(Message).where(Message.delivered_at.is_(None))).all() == []
        assert open_tasks(session, waiting) == []


def test_bad_news_does_not_hold_up_good_news(waiting: UUID) -> None:
    _send(waiting, "gossip", "g1")
    _send(waiting, "news", "n1")
    run_jobs()
    with database.reading() as session:
        assert the_task(session, waiting).element == "read"
        assert len(incidents_of(session, waiting)) == 1


TELLING = d.process(
    d.start(), d.user("draft", "draft_form"), d.throw("tell", d.message_event("gossip", "news")),
    d.user("more", "draft_form"), d.end(), d.chain("start", "draft", "tell", "more", "end"), key="telling",
    inputs=["news"], before=d.message("gossip"), lanes=lanes(bloc_leader=("draft", "more")),
)  # fmt: skip


def test_what_an_instance_says_goes_to_the_hook_of_its_process(noon: ScriptedClock) -> None:
    heard: list[hooks.Said] = []
    hooks.on_message("gossip", lambda _, said: heard.append(said))
    try:
        with database.transaction() as session:
            deploy_unchecked(session, TELLING, "telling")
            running = start(session, "telling", news={"about": 2019}).id
            complete(session, the_task(session, running))
    finally:
        hooks.forget_message("gossip")
    assert [(said.instance.id, said.payload) for said in heard] == [(running, {"about": 2019})]


def test_what_nobody_hears_is_not_lost_in_silence(noon: ScriptedClock) -> None:
    with database.transaction() as session:
        deploy_unchecked(session, TELLING, "telling")
        running = start(session, "telling", news={"about": 2019}).id
    with (
        pytest.raises(EngineStalled, match="nobody hears the message gossip"),
        database.transaction() as session,
    ):
        complete(session, the_task(session, running))
    with database.reading() as session:
        assert the_task(session, running).element == "draft"
        assert len(incidents_of(session, running)) == 1


def test_what_a_child_says_goes_to_its_parent(noon: ScriptedClock) -> None:
    listening = d.process(
        d.start(), d.parallel("both"), d.call("ask", "telling", items=None, inputs="news"),
        d.catch("news", d.message_event("gossip", variable="heard")), d.user("read", "draft_form"), d.parallel("join"), d.end(),
        d.chain("start", "both", "ask", "join", "end"), d.chain("both", "news", "read", "join"),
        key="listening", inputs=["news"], before=d.message("gossip"), lanes=lanes(bloc_leader=("read",)),
    )  # fmt: skip
    with database.transaction() as session:
        deploy_unchecked(session, TELLING, "telling")
        deploy_unchecked(session, listening, "listening")
        parent = start(session, "listening", news={"about": 2019}).id
    run_jobs()
    with database.transaction() as session:
        (child,) = children(session, parent)
        complete(session, the_task(session, child))
    run_jobs()
    with database.reading() as session:
        assert the_task(session, parent).element == "read"
        assert instances.data_of(session, fresh(session, parent))["heard"] == {"about": 2019}


def test_a_job_that_meets_a_held_instance_comes_again(
    making: UUID, maker: Maker, noon: ScriptedClock
) -> None:
    def impatient(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")

    sa.event.listen(database.engine(), "begin", impatient)
    try:
        with database.transaction() as holder:
            instances.lock(holder, making)
            run_jobs()
    finally:
        sa.event.remove(database.engine(), "begin", impatient)
    assert maker.runs == []
    noon.advance(seconds=2)
    run_jobs()
    assert _status(making) == InstanceStatus.COMPLETED
    assert _service(making).attempts == 1


def test_a_real_worker_thread_runs_the_jobs(making: UUID, maker: Maker, addresses: Any) -> None:
    running = jobs.Worker(addresses.app, concurrency=2, poll_seconds=0.1)
    running.start()
    try:
        for _ in range(100):
            if _status(making) == InstanceStatus.COMPLETED:
                break
            time.sleep(0.05)
    finally:
        running.stop()
    assert _status(making) == InstanceStatus.COMPLETED
    assert len(maker.finished) == 1
