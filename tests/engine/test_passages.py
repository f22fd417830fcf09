"""Which flows of a diagram an instance has really gone along."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.engine import diagrams as d
from tests.engine.acting import act, acts
from tests.engine.runtime import approval, complete, deploy, deploy_unchecked, lanes, start, the_task
from workflow_app.audit import history
from workflow_app.audit import service as audit
from workflow_app.audit.export import line_of
from workflow_app.audit.timeline import sentences
from workflow_app.engine import diagram, packing
from workflow_app.engine.machine import Machine, compile_diagram
from workflow_app.engine.reading import BPMN, read

NOON = datetime(2019, 3, 1, 5, tzinfo=UTC)


def again(machine: Machine, xml: bytes) -> Machine:
    """The same instance, stored and opened once more: what is told must not hang on this process."""
    return Machine.load(compile_diagram(xml), machine.dump())


def work(machine: Machine, element: str, **outcome: object) -> None:
    task = next(task for task in machine.human_tasks() if task.element == element)
    machine.complete_human(task.id, outcome)


def test_only_the_branch_that_was_chosen_is_passed() -> None:
    xml = d.approval()
    machine = Machine.start(compile_diagram(xml), {"deadline": "2019-04-01"})
    assert machine.passages() == {("start", "draft")}
    work(machine, "draft")
    work(machine, "approve", decision="make")
    passed = {("start", "draft"), ("draft", "approve"), ("approve", "decided"), ("decided", "make")}
    assert machine.passages() == passed
    assert again(machine, xml).passages() == passed


def test_a_return_is_passed_from_the_moment_it_was_made() -> None:
    xml = d.approval()
    machine = Machine.start(compile_diagram(xml), {"deadline": "2019-04-01"})
    work(machine, "draft")
    work(machine, "approve", decision="return")
    assert ("decided", "draft") in machine.passages()
    assert ("decided", "make") not in machine.passages()
    work(machine, "draft")
    work(machine, "approve", decision="make")
    assert {("decided", "draft"), ("decided", "make")} <= again(machine, xml).passages()


JOINED = d.process(
    d.start(), d.parallel("fork"), d.user("left"), d.user("right"), d.parallel("join"), d.user("after"), d.end(),
    d.chain("start", "fork", "left", "join", "after", "end"), d.chain("fork", "right", "join"),
)  # fmt: skip


def test_a_join_that_waits_has_been_reached_by_one_branch_only() -> None:
    machine = Machine.start(compile_diagram(JOINED), {})
    work(machine, "left")
    assert ("left", "join") in machine.passages()
    assert not {("right", "join"), ("join", "after")} & machine.passages()
    work(machine, "right")
    assert {("left", "join"), ("right", "join"), ("join", "after")} <= again(machine, JOINED).passages()


LATE = d.process(
    d.start(), d.user("sign"), d.boundary("overdue", "sign", d.timer("timeDate", '"2019-03-05"'), interrupting=False),
    d.user("tell"), d.end("told"), d.boundary("closed", "sign", d.timer("timeDate", '"2019-03-09"')), d.user("shut"),
    d.end(), d.chain("start", "sign", "end"), d.chain("overdue", "tell", "told"), d.chain("closed", "shut", "told"),
)  # fmt: skip


def test_what_follows_a_timer_is_passed_when_it_has_fired_and_not_before() -> None:
    machine = Machine.start(compile_diagram(LATE), {})
    assert machine.passages() == {("start", "sign")}
    machine.fire_timers(NOON + timedelta(days=5))
    assert machine.passages() == {("start", "sign"), ("overdue", "tell")}
    machine.fire_timers(NOON + timedelta(days=9))
    passed = again(machine, LATE).passages()
    assert passed == {("start", "sign"), ("overdue", "tell"), ("closed", "shut")}, "sign was never finished"


CYCLE = d.process(
    d.start(), d.user("answer"), d.boundary("reminder", "answer", d.timer("timeCycle", '"R2/PT24H"'), interrupting=False),
    d.user("remind"), d.end("reminded"), d.end(), d.chain("start", "answer", "end"),
    d.chain("reminder", "remind", "reminded"),
)  # fmt: skip


def test_a_reminder_that_will_come_again_has_passed_its_flow() -> None:
    machine = Machine.start(compile_diagram(CYCLE), {})
    first = machine.timers()[0].due_at
    machine.fire_timers(first)
    assert machine.passages() == {("start", "answer"), ("reminder", "remind")}


def test_inside_a_sub_process_too() -> None:
    xml = d.process(
        d.start(), d.subprocess("part", d.start("begin"), d.user("inner"), d.end("done"), d.chain("begin", "inner", "done")),
        d.end(), d.chain("start", "part", "end"),
    )  # fmt: skip
    machine = Machine.start(compile_diagram(xml), {})
    assert machine.passages() == {("start", "part"), ("begin", "inner")}


TWINS = d.process(
    d.start(), d.user("draft", "draft_form"), d.exclusive("which", "plain"), d.user("work", "draft_form"), d.end(),
    d.chain("start", "draft", "which"), d.flow("which", "work", "urgent == True", id_="hurry"),
    d.flow("which", "work", id_="plain"), d.chain("work", "end"), key="twins", inputs=["urgent"],
    lanes=lanes(bloc_leader=("draft", "work")),
)  # fmt: skip


@pytest.mark.usefixtures("noon")
def test_flows_are_told_by_their_ids(session: Session) -> None:
    deploy(session, approval())
    instance = start(session, "approval")
    complete(session, the_task(session, instance.id))
    complete(session, the_task(session, instance.id), decision="return")
    assert diagram.taken(session, instance.id) == {
        "start_draft", "draft_approve", "approve_decided", "decided_draft",
    }  # fmt: skip


@pytest.mark.usefixtures("noon")
def test_of_two_flows_between_the_same_elements_none_is_claimed(session: Session) -> None:
    deploy_unchecked(session, TWINS, "twins")
    instance = start(session, "twins", urgent=False)
    complete(session, the_task(session, instance.id))
    assert diagram.taken(session, instance.id) == {"start_draft", "draft_which"}


def test_on_any_walk_what_is_passed_is_a_flow_and_is_never_forgotten() -> None:
    xml = d.everything()
    compiled = compile_diagram(xml)
    flows = {
        (flow.get("sourceRef"), flow.get("targetRef")) for flow in read(xml).iter(f"{{{BPMN}}}sequenceFlow")
    }
    for seed in range(40):
        rng = random.Random(seed)  # noqa: S311 - not a secret: the same walks every time
        machine = Machine.start(compiled, {"unit_ids": ["u1"], "year": 2019, "deadline": "2019-03-05"})
        known: set[tuple[str, str]] = set()
        for _ in range(60):
            passed = machine.passages()
            assert passed <= flows
            assert known <= passed
            known |= passed
            if machine.completed:
                break
            act(machine, *rng.choice(acts(machine, rng)))
            machine = again(machine, xml) if rng.random() < 0.3 else machine
        done = {name for name, mark in machine.marks().items() if mark.count}
        reached = {target for _, target in known}
        unexplained = {
            name for name in done - reached
            if compiled.elements[name].kind not in ("startEvent", "boundaryEvent")
        }  # fmt: skip
        assert unexplained == set(), f"seed {seed}"


def test_a_state_of_an_older_release_tells_what_its_tree_still_knows() -> None:
    xml = d.approval()
    machine = Machine.start(compile_diagram(xml), {"deadline": "2019-04-01"})
    work(machine, "draft")
    stored = packing.unpack(machine.dump())
    del stored["visits"]["passed"]
    old = Machine.load(compile_diagram(xml), packing.pack(stored))
    assert old.passages() == {("start", "draft"), ("draft", "approve")}


@pytest.mark.usefixtures("noon")
def test_people_read_the_name_of_an_element_and_the_record_keeps_its_id(session: Session) -> None:
    deploy(session, approval())
    instance = start(session, "approval")
    told = {"element": "make", "due": "x"}
    for number, details in enumerate((told, {"element": "long gone"}, {}), start=50):
        audit.record(
            session, action="service_task.completed", actor=audit.SYSTEM, at=NOON, object_type="service_task",
            object_id=instance.id, instance_id=instance.id, stream_seq=number, details=details,
        )  # fmt: skip
    events = history.of_instance(session, instance.id).events[-3:]
    acts = [sentence.act for sentence in sentences(session, events)]
    assert acts[0] == "hoàn thành bước tự động “Việc máy”"
    assert acts[2] == "hoàn thành bước tự động"
    assert b'"element":"make"' in line_of(events[0]).replace(b" ", b"").replace(b"\\", b"")
