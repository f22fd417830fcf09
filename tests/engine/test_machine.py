"""The machine: what it shows, how tasks are completed, and what it refuses."""

import random
import threading
import unicodedata
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.engine import diagrams as d
from tests.engine.acting import begin, line, open_elements, service, stored, task
from workflow_app.core import clock
from workflow_app.engine.compiled import compile_diagram
from workflow_app.engine.errors import (
    DiagramUnreadable,
    ExpressionFailed,
    LoopCap,
    MomentRefused,
    OutcomeRefused,
    StepFailed,
    TaskNotActive,
    WrongDiagram,
)
from workflow_app.engine.machine import Machine, MarkState

NOON = datetime(2019, 3, 1, 5, tzinfo=UTC)  # 12:00 in Hanoi


@pytest.fixture(autouse=True)
def frozen():
    with clock.use(clock.ScriptedClock(NOON)) as scripted:
        yield scripted


def test_a_compiled_diagram_tells_names_lanes_forms_and_calls():
    compiled = compile_diagram(d.pledge())
    assert (compiled.key, compiled.name) == ("pledge", "Quy trình mẫu")
    assert compiled.inputs == ("unit_ids", "year", "deadline")
    assert dict(compiled.called) == {"comments": "pledge_comment"}
    conclude = compiled.elements["conclude"]
    assert (conclude.kind, conclude.name, conclude.lane, conclude.form) == (
        "userTask",
        "Việc",
        "unit_chair",
        "conclude_form",
    )
    assert compiled.elements["comments"].kind == "callActivity"


def test_the_suffix_of_a_lane_id_and_its_label_are_not_the_role():
    inner = d.user("deep")
    xml = d.process(
        d.start(), d.subprocess("part", d.start("s"), inner, d.end("e"), d.chain("s", "deep", "e")), d.end(),
        d.chain("start", "part", "end"), lanes=d.lane("bloc_leader__2", "Khối trưởng", "part"),
    )  # fmt: skip
    assert compile_diagram(xml).elements["deep"].lane == "bloc_leader"
    assert begin(xml).human_tasks()[0].lane == "bloc_leader"


def test_the_inner_lane_counts():
    inner = '<bpmn:childLaneSet id="inner"><bpmn:lane id="bloc_deputy" name="Khối phó"><bpmn:flowNodeRef>work</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet>'
    lanes = f'<bpmn:laneSet id="outer"><bpmn:lane id="bloc_leader" name="Khối"><bpmn:flowNodeRef>work</bpmn:flowNodeRef>{inner}</bpmn:lane></bpmn:laneSet>'
    assert compile_diagram(line(d.user("work"), lanes=lanes)).elements["work"].lane == "bloc_deputy"


def test_the_same_bytes_are_compiled_once_by_any_thread():
    xml, found = d.approval("approval_threads"), []
    threads = [threading.Thread(target=lambda: found.append(compile_diagram(xml))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(compiled) for compiled in found}) == 1


def test_many_threads_run_instances_of_one_compiled_diagram():
    compiled, ended = compile_diagram(d.approval()), []

    def walk():
        for _ in range(10):
            machine = Machine.start(compiled, {"deadline": "2019-03-01"})
            machine.complete_human(task(machine, "draft").id, {})
            machine = stored(machine)
            machine.complete_human(task(machine, "approve").id, {"decision": "approve"})
            machine.complete_service(service(machine, "make").id, "doc")
            ended.append(stored(machine).completed)

    threads = [threading.Thread(target=walk) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [True] * 60


@pytest.mark.parametrize(
    "xml",
    [
        d.process(d.start(), d.user("work"), d.end(), d.chain("start", "work", "nowhere")),
        d.process(d.user("work"), d.end(), d.chain("work", "end")),
        d.process(d.start(), '<bpmn:serviceTask id="work"/>', d.end(), d.chain("start", "work", "end")),
        d.process(
            d.start(), d.catch("wait", d.message_event("unknown")), d.end(), d.chain("start", "wait", "end")
        ),
        d.process(
            d.start(),
            d.catch("wait", "<bpmn:timerEventDefinition/>"),
            d.end(),
            d.chain("start", "wait", "end"),
        ),
        d.definitions(""),
    ],
)
def test_a_file_that_cannot_be_parsed_is_unreadable(xml):
    with pytest.raises(DiagramUnreadable):
        compile_diagram(xml)


def test_an_approval_is_returned_once_and_then_done():
    machine = begin(d.approval(), deadline="2019-03-05")
    machine.complete_human(task(machine, "draft").id, {})
    machine = stored(machine)
    machine.complete_human(task(machine, "approve").id, {"decision": "return"})
    machine = stored(machine)
    assert open_elements(machine) == ["draft"]
    machine.complete_human(task(machine, "draft").id, {})
    machine.complete_human(task(machine, "approve").id, {"decision": "approve"})
    machine = stored(machine)
    machine.complete_service(service(machine, "make").id, "doc-1")
    machine = stored(machine)
    assert machine.completed
    assert machine.ended == ("end",)
    assert machine.data() == {"deadline": "2019-03-05", "decision": "approve", "document_id": "doc-1"}


def test_a_due_day_lasts_until_its_last_second_in_hanoi():
    machine = begin(d.approval(), deadline="2019-03-05")
    machine.complete_human(task(machine, "draft").id, {})
    assert task(machine, "approve").due == datetime(2019, 3, 5, 16, 59, 59, tzinfo=UTC)


def test_a_due_time_has_an_offset_and_follows_the_data():
    machine = begin(d.approval(), deadline="2019-03-05T17:00:00+07:00")
    machine.complete_human(task(machine, "draft").id, {"deadline": None})
    assert task(machine, "approve").due is None
    machine = begin(d.approval(), deadline="2019-03-05T17:00:00")
    with pytest.raises(MomentRefused, match=r"element approve, variable deadline: .* no offset"):
        machine.complete_human(task(machine, "draft").id, {})
        machine.human_tasks()


def test_a_task_is_completed_once():
    machine = begin(d.approval(), deadline="2019-03-05")
    done = task(machine, "draft").id
    machine.complete_human(done, {})
    for forbidden in (done, uuid4()):
        with pytest.raises(TaskNotActive):
            machine.complete_human(forbidden, {})
    with pytest.raises(TaskNotActive):
        machine.complete_service(task(machine, "approve").id, {})
    assert open_elements(stored(machine)) == ["approve"]


@pytest.mark.parametrize(
    "outcome",
    [
        {"typename": "x"},
        {"a": {"typename": "x"}},
        {"a": [{"b": [{"typename": "x"}]}]},
        {"__class__": 1},
        {"a": {"__x": 1}},
        {"_sys_actor": 1},
        {"a": {"_sysx": 1}},
        {"_private": 1},
        {"": 1},
        {"two words": 1},
        {"a-b": 1},
        {"a": {1: 2}},
        {1: 2},
        {"a": {1, 2}},
        {"a": b"x"},
        {"a": NOON},
        {"a": uuid4()},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 2**63},
        {"a": "x" * 2001},
        {"a": "NUL\x00"},
        {"a": "\ud800"},
        {"a": list(range(6000))},
        {"a": [[[[[[[[[[1]]]]]]]]]]},
        {"é": 1, "e\u0301": 2},
        {"ﬁeld": 1},
        {"a": object()},
    ],
    ids=range(28),
)
def test_an_outcome_that_may_not_enter_is_refused_and_changes_nothing(outcome):
    machine = begin(d.approval(), deadline="2019-03-05")
    before = machine.dump()
    with pytest.raises(OutcomeRefused):
        machine.complete_human(task(machine, "draft").id, outcome)
    assert open_elements(machine) == ["draft"]
    assert machine.dump() == before


def test_names_and_texts_are_stored_in_nfc():
    xml = line(d.user("work"), d.user("after"))
    machine = begin(xml)
    machine.complete_human(
        task(machine, "work").id,
        {unicodedata.normalize("NFD", "đồng_ý"): unicodedata.normalize("NFD", "có lý")},
    )
    assert machine.data() == {"đồng_ý": "có lý"}


def test_a_gateway_hears_a_vietnamese_name_typed_in_nfd():
    xml = d.process(
        d.start(), d.user("ask"), d.exclusive("way", "way_no"), d.end("yes"), d.end("no"), d.chain("start", "ask", "way"),
        d.flow("way", "yes", unicodedata.normalize("NFD", "quyết_định == 'đồng ý'")), d.flow("way", "no"),
    )  # fmt: skip
    machine = begin(xml)
    machine.complete_human(task(machine, "ask").id, {unicodedata.normalize("NFD", "quyết_định"): "đồng ý"})
    assert machine.ended == ("yes",)


def test_missing_inputs_are_named_at_the_start():
    with pytest.raises(OutcomeRefused, match="needs the inputs unit_ids, deadline"):
        begin(d.pledge(), year=2019)


def test_a_loop_ends_at_its_cap():
    machine = Machine.start(compile_diagram(d.approval()), {"deadline": "2019-03-05"}, loop_cap=3)
    with pytest.raises(LoopCap) as caught:
        for _ in range(4):
            machine.complete_human(task(machine, "draft").id, {})
            machine.complete_human(task(machine, "approve").id, {"decision": "return"})
    assert caught.value.facts == {"element": "draft"}


def test_a_loop_without_a_person_ends_at_the_cap_too():
    xml = d.process(
        d.start(), d.exclusive("a"), d.exclusive("b", "b_a"), d.end(), d.chain("start", "a", "b"),
        d.flow("b", "a"), d.flow("b", "end", "1 == 2"),
    )  # fmt: skip
    with pytest.raises(LoopCap):
        begin(xml)


def test_a_condition_without_its_variable_names_the_element_and_breaks_the_machine():
    machine = begin(d.approval(), deadline="2019-03-05")
    machine.complete_human(task(machine, "draft").id, {})
    with pytest.raises(ExpressionFailed, match="element decided: no variable decision"):
        machine.complete_human(task(machine, "approve").id, {})
    with pytest.raises(StepFailed):
        machine.dump()


def test_a_state_belongs_to_its_diagram():
    machine = begin(d.approval(), deadline="2019-03-05")
    with pytest.raises(WrongDiagram):
        Machine.load(compile_diagram(d.approval("another")), machine.dump())


def test_loading_and_storing_again_gives_the_same_bytes():
    compiled = compile_diagram(d.pledge())
    state = Machine.start(compiled, {"unit_ids": ["u1"], "year": 2019, "deadline": "2019-03-05"}).dump()
    assert Machine.load(compiled, state).dump() == state


def test_the_size_of_a_state_does_not_depend_on_the_data_of_its_steps():
    def size(note):
        machine = begin(d.approval(), deadline="2019-03-05")
        for _ in range(5):
            machine.complete_human(task(machine, "draft").id, {"note": note})
            machine.complete_human(task(machine, "approve").id, {"decision": "return"})
        return len(machine.dump())

    noise = random.Random(1).randbytes(750).hex()  # noqa: S311 - only to be incompressible
    assert size(noise) - size("x") < 1500  # once, not once per task


def test_cancelling_ends_everything():
    xml = d.process(
        d.start(), d.parallel("fork"), d.user("work"), d.subprocess("part", d.start("s"), d.user("deep"), d.end("e"), d.chain("s", "deep", "e")),
        d.service("make"), d.end("a"), d.end("b"), d.end("c"), d.chain("start", "fork", "work", "a"), d.chain("fork", "part", "b"),
        d.chain("fork", "make", "c"), d.boundary("late", "work", d.timer("timeDuration", '"P1D"')), d.end("z"), d.flow("late", "z"),
    )  # fmt: skip
    machine = stored(begin(xml))
    assert open_elements(machine) == ["deep", "make", "work"]
    machine.cancel()
    machine = stored(machine)
    assert machine.completed
    assert (open_elements(machine), machine.timers(), machine.ended) == ([], [], ())
    assert {name for name, mark in machine.marks().items() if mark.state == MarkState.CANCELLED} == {
        "work",
        "part",
        "deep",
        "make",
    }


def test_a_terminate_end_cancels_the_other_branches():
    xml = d.process(
        d.start(), d.parallel("fork"), d.user("work"), d.user("stop"), d.end("a"),
        d.end("halt", "<bpmn:terminateEventDefinition/>"), d.chain("start", "fork", "work", "a"), d.chain("fork", "stop", "halt"),
    )  # fmt: skip
    machine = stored(begin(xml))
    machine.complete_human(task(machine, "stop").id, {})
    machine = stored(machine)
    assert machine.completed
    assert machine.ended == ("halt",)
    assert machine.marks()["work"].state == MarkState.CANCELLED


def test_an_inclusive_gateway_waits_only_for_the_branches_it_has_opened():
    xml = d.process(
        d.start(), d.inclusive("fork", "fork_a"), d.user("a"), d.user("b"), d.user("c"), d.inclusive("join"), d.user("after"), d.end(),
        d.chain("start", "fork"), d.flow("fork", "a"), d.flow("fork", "b", "size > 1"), d.flow("fork", "c", "size > 2"),
        d.chain("a", "join", "after", "end"), d.chain("b", "join"), d.chain("c", "join"), inputs=["size"],
    )  # fmt: skip
    assert open_elements(begin(xml, size=1)) == ["a"]
    machine = begin(xml, size=3)
    assert open_elements(machine) == ["b", "c"]
    for element in ("b", "c"):
        machine.complete_human(task(machine, element).id, {})
        machine = stored(machine)
    assert open_elements(machine) == ["after"]
