"""The connection to the database breaks at COMMIT: nobody knows whether the act was done, and it is done once."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.faults import workers
from tests.faults.wire import DONE_BUT_UNHEARD, SENT_BUT_LOST, BreakingLine
from tests.faults.workers import RUN, Effects
from tests.processes.pledges import texts
from tests.processes.pledges.way import CONFERENCE
from tests.processes.pledges.world import World, found, install
from workflow_app.audit import service as audit
from workflow_app.audit.errors import ActRepeated
from workflow_app.audit.models import AuditEvent
from workflow_app.audit.service import ActorRef
from workflow_app.core import clock, database, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.core.embedded import Addresses
from workflow_app.core.errors import OutcomeUnknown, Unavailable
from workflow_app.core.ids import new_id
from workflow_app.engine import operations
from workflow_app.engine.refusals import TaskNotOpen
from workflow_app.organisations import service as organisations
from workflow_app.organisations.models.people import Person
from workflow_app.processes.completion import Completed, complete_task
from workflow_app.processes.once import perform
from workflow_app.processes.pledges.handlers import opening
from workflow_app.processes.pledges.models import Pledge, PledgeState

UNITS = 5
BOTH = [SENT_BUT_LOST, DONE_BUT_UNHEARD]


@pytest.fixture
def line(addresses: Addresses, folder: Path) -> Iterator[BreakingLine]:
    """The application's own database behind a line that breaks when it is told to."""
    with BreakingLine(addresses.app, folder) as line:
        database.bind(line.url)
        yield line
        database.bind(addresses.app)


@pytest.fixture
def five(committed: None, february: clock.ScriptedClock, store_root: Path, line: BreakingLine) -> World:
    with transaction() as session:
        install(session, store_root)
        return found(session, units=UNITS)


class Sender:
    """Sends each act under one op_id until it is answered; the line breaks at the first try or the first two."""

    def __init__(self, world: World, line: BreakingLine, seed: int) -> None:
        self.world, self.line = world, line
        self.sent: Counter[UUID] = Counter()
        self.answers: list[Completed] = []
        self._chance = random.Random(seed)  # noqa: S311 - faults, not secrets

    def complete(
        self, who: str, element: str, values: dict[str, Any], *, unit_id: UUID | None = None
    ) -> None:
        actor, task, op_id = self.world.actor(who), self.world.task(element, unit_id), new_id()
        breaks = self._chance.choice([[SENT_BUT_LOST], [DONE_BUT_UNHEARD], BOTH])
        self.answers.append(
            self.insist(
                op_id, breaks, lambda: complete_task(actor, task, values, op_id=op_id, at=clock.now())
            )
        )
        jobs.run_until_idle()

    def insist(self, op_id: UUID, breaks: list[str], act: Callable[[], Any]) -> Any:
        for fault in (*breaks, None):
            self.line.cut = fault
            self.sent[op_id] += 1
            try:
                return act()
            except Unavailable:
                continue
            finally:
                self.line.cut = None
        raise AssertionError("without a break there is an answer")


def test_every_act_of_a_pledge_is_done_once_though_the_line_broke_at_each_commit(
    five: World, line: BreakingLine, february: clock.ScriptedClock
) -> None:
    sender = Sender(five, line, 20190305)
    five.open()
    opened = recorded()
    sender.complete("chair1", "draft", texts.text())
    for number, unit_id in enumerate(five.unit_ids, start=1):
        sender.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
    sender.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})
    sender.complete("standing", "approve", {"verdict": "approve"})
    sender.complete("chair1", "invite", texts.invitation())
    february.set(CONFERENCE)
    sender.complete("chair1", "conference", texts.minutes(five.unit_ids))
    frozen = five.pledge().frozen_content_id or ""
    for number, unit_id in enumerate(five.unit_ids, start=1):
        sender.complete(f"chair{number}", "sign", texts.signature(frozen), unit_id=unit_id)
    sender.complete("standing", "witness", texts.witness(frozen))
    sender.complete("clerk", "issue", {"recipients": "Ban Tuyên giáo"})
    assert five.pledge().state is PledgeState.ISSUED
    assert recorded() == opened | dict.fromkeys(sender.sent, 1)
    assert line.cuts >= len(sender.sent)
    repeated = sum(answer.repeated for answer in sender.answers)
    print(f"{len(sender.sent)} acts, {line.cuts} cuts, {repeated} told again")  # noqa: T201 - figures for the reader
    assert repeated > 0
    assert workers.faults() == {}


def test_a_job_whose_finish_broke_at_commit_has_one_effect(
    five: World, line: BreakingLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = str(workers.go_to_freezing(five))

    def arm() -> None:
        line.cut = DONE_BUT_UNHEARD

    # Armed only now: the first COMMIT of a job is that of its attempt, the second that of its finish.
    freeze = workers.after_work(operations.get(workers.FREEZE), arm)
    monkeypatch.setitem(operations._operations, workers.FREEZE, freeze)
    jobs.run(RUN, {"task_id": task_id})
    assert line.cuts == 1
    jobs.run_until_idle()
    assert workers.effects() == Effects(frozen=1, numbers=[1], events=1)
    assert workers.faults() == {}


@pytest.mark.parametrize("fault", BOTH)
def test_with_a_new_op_id_for_each_try_the_state_refuses_and_says_who_was_first(
    five: World, line: BreakingLine, fault: str
) -> None:
    """The control for acts with a task: the repeat looks like somebody else's act."""
    five.open()
    task, leader = five.task("draft"), five.actor("chair1")
    line.cut = fault
    if fault == DONE_BUT_UNHEARD:
        answer = complete_task(leader, task, texts.text(), op_id=new_id(), at=clock.now())
        assert answer.repeated, "the record was asked whether it is done"
    else:
        with pytest.raises(OutcomeUnknown):
            complete_task(leader, task, texts.text(), op_id=new_id(), at=clock.now())
        assert not complete_task(leader, task, texts.text(), op_id=new_id(), at=clock.now()).repeated
        return
    with pytest.raises(TaskNotOpen) as refused:
        complete_task(leader, task, texts.text(), op_id=new_id(), at=clock.now())
    assert refused.value.facts["by"] == leader.person_id


def test_an_act_without_a_task_is_done_once_and_its_repeat_is_known(five: World, line: BreakingLine) -> None:
    officer, op_id = five.actor("officer"), new_id()

    def open_year() -> Pledge | None:
        return perform(
            officer,
            op_id,
            lambda session: opening.open_year(
                session, officer, five.bloc_id, 2019, op_id=op_id, at=clock.now()
            ),
        )

    line.cut = DONE_BUT_UNHEARD
    assert open_year() is None, "the record was asked whether it is done"
    assert open_year() is None, "done before, under the same op_id"
    assert recorded() == {op_id: 1}
    with reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Pledge)) == 1


@pytest.mark.parametrize("same", [True, False], ids=["one op_id", "a new op_id for each try"])
def test_where_no_state_refuses_only_the_op_id_keeps_an_act_from_being_doubled(
    five: World, line: BreakingLine, same: bool
) -> None:
    """The control: a person is added; with a new op_id for each try there are two of him."""
    admin, first = ActorRef(five.people["officer"]), new_id()

    def add(op_id: UUID) -> None:
        with transaction() as session:
            person = organisations.add_person(session, full_name="Trịnh Văn Một")
            audit.record(
                session,
                action="person.added",
                actor=admin,
                at=clock.now(),
                object_type="person",
                object_id=person.id,
                op_id=op_id,
            )

    line.cut = DONE_BUT_UNHEARD
    with pytest.raises(Unavailable):
        add(first)
    if same:
        with pytest.raises(ActRepeated):
            add(first)
    else:
        add(new_id())
    with reading() as session:
        query = sa.select(sa.func.count()).where(Person.full_name == "Trịnh Văn Một")
        assert session.scalar(query) == (1 if same else 2)


def test_nobody_is_told_that_nothing_changed_when_the_act_is_done(five: World, line: BreakingLine) -> None:
    line.cut = DONE_BUT_UNHEARD
    with pytest.raises(OutcomeUnknown) as refused, transaction() as session:
        person = organisations.add_person(session, full_name="Trịnh Văn Hai")
    with reading() as session:
        assert session.get(Person, person.id), "it is done"
    assert "Chưa có gì thay đổi" not in refused.value.vi


def recorded() -> dict[UUID, int]:
    """How often each op_id is in the record."""
    query = sa.select(AuditEvent.op_id, sa.func.count().label("times")).where(AuditEvent.op_id.is_not(None))
    with reading() as session:
        return {row.op_id: row.times for row in session.execute(query.group_by(AuditEvent.op_id))}
