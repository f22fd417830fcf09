"""Service tasks, business faults and call activities of a machine."""

from datetime import UTC, datetime

import pytest

from tests.engine import diagrams as d
from tests.engine.acting import begin, line, open_elements, service, stored, task
from workflow_app.core import clock
from workflow_app.engine.errors import (
    FaultNotCaught,
    OutcomeRefused,
    TaskNotActive,
)
from workflow_app.engine.machine import MarkState

NOON = datetime(2019, 3, 1, 5, tzinfo=UTC)  # 12:00 in Hanoi


@pytest.fixture(autouse=True)
def frozen():
    with clock.use(clock.ScriptedClock(NOON)) as scripted:
        yield scripted


def test_a_service_task_keeps_the_parameters_it_was_started_with():
    xml = line(
        d.user("ask"),
        d.service(
            "make", "make_document", "made", d.parameter("kind", "'GƯ'") + d.parameter("unit", "units[0]")
        ),
        inputs=["units"],
    )
    machine = begin(xml, units=["u1", "u2"])
    machine.complete_human(task(machine, "ask").id, {})
    machine = stored(machine)
    made = service(machine, "make")
    assert (made.operation, dict(made.params)) == ("make_document", {"kind": "GƯ", "unit": "u1"})
    machine.complete_service(made.id, {"document_id": "d1", "pages": 3})
    assert machine.data()["made"] == {"document_id": "d1", "pages": 3}
    assert machine.completed


def test_a_result_without_a_variable_becomes_variables():
    machine = begin(line(d.service("check", "check")))
    machine.complete_service(service(machine, "check").id, {"ok": True, "score": 3})
    assert machine.data() == {"ok": True, "score": 3}
    machine = begin(line(d.service("check", "check")))
    with pytest.raises(OutcomeRefused, match="must be a mapping"):
        machine.complete_service(service(machine, "check").id, "text")
    machine.complete_service(service(machine, "check").id)
    assert machine.completed


def test_a_service_task_is_completed_once_and_other_branches_go_on():
    xml = d.process(
        d.start(), d.parallel("fork"), d.service("slow"), d.user("work"), d.parallel("join"), d.end(),
        d.chain("start", "fork", "slow", "join", "end"), d.chain("fork", "work", "join"),
    )  # fmt: skip
    machine = begin(xml)
    machine.complete_human(task(machine, "work").id, {})
    machine = stored(machine)
    slow = service(machine, "slow").id
    with pytest.raises(TaskNotActive):
        machine.complete_human(slow, {})
    machine.complete_service(slow, {})
    assert stored(machine).completed
    with pytest.raises(TaskNotActive):
        machine.complete_service(slow, {})


FAULTS = d.process(
    d.start(), d.parallel("fork"), d.service("one", "check"), d.service("two", "check"),
    d.boundary("one_e1", "one", d.error_event("E1")), d.boundary("one_any", "one", d.error_event()),
    d.boundary("two_e1", "two", d.error_event("E1")),
    d.user("mend_one"), d.user("mend_any"), d.user("mend_two"), d.end("end_one"), d.end("end_two"),
    d.chain("start", "fork", "one", "end_one"), d.chain("fork", "two", "end_two"),
    d.chain("one_e1", "mend_one", "end_one"), d.chain("one_any", "mend_any", "end_one"),
    d.chain("two_e1", "mend_two", "end_two"), before=d.error("E1") + d.error("E2"),
)  # fmt: skip


def test_a_business_fault_takes_the_error_event_of_its_own_element():
    machine = begin(FAULTS)
    machine.business_fault(service(machine, "one").id, "E1")
    machine = stored(machine)
    assert open_elements(machine) == ["mend_one", "two"]
    marks = machine.marks()
    assert marks["one"].state == MarkState.CANCELLED
    assert "two_e1" in marks
    assert marks["one_e1"].state == MarkState.DONE


def test_an_error_event_without_a_code_takes_any_fault():
    machine = begin(FAULTS)
    machine.business_fault(service(machine, "one").id, "E2")
    assert open_elements(stored(machine)) == ["mend_any", "two"]


def test_a_fault_that_nobody_catches_is_named_and_changes_nothing():
    machine = begin(FAULTS)
    with pytest.raises(FaultNotCaught, match="element two has no error event for E2"):
        machine.business_fault(service(machine, "two").id, "E2")
    assert open_elements(stored(machine)) == ["one", "two"]


def test_a_fault_inside_a_sub_process_is_caught_around_it():
    xml = d.process(
        d.start(), d.subprocess("part", d.start("s"), d.service("check", "check"), d.end("e"), d.chain("s", "check", "e")),
        d.boundary("failed", "part", d.error_event("E1")), d.user("mend"), d.end(), d.chain("start", "part", "end"),
        d.chain("failed", "mend", "end"), before=d.error("E1"),
    )  # fmt: skip
    machine = stored(begin(xml))
    machine.business_fault(service(machine, "check").id, "E1")
    machine = stored(machine)
    assert open_elements(machine) == ["mend"]
    assert machine.marks()["part"].state == MarkState.CANCELLED


def test_a_parallel_call_activity_waits_as_one_fan_out():
    machine = stored(begin(d.pledge(), unit_ids=["u1", "u2"], year=2019, deadline="2019-03-05"))
    (calls,) = machine.service_tasks()
    assert (calls.element, calls.operation) == ("comments", "fan_out")
    assert dict(calls.params) == {
        "process": "pledge_comment",
        "items": ["u1", "u2"],
        "item": "unit_id",
        "inputs": {"year": 2019},
    }
    machine.complete_service(calls.id, {"completed": 2})
    machine = stored(machine)
    assert open_elements(machine) == ["conclude"]
    assert machine.timers() == []
    assert machine.data()["comments_result"] == {"completed": 2}


def test_a_plain_call_activity_is_a_fan_out_of_one():
    machine = begin(line(d.call("ask", "child", None, result="asked")))
    (calls,) = machine.service_tasks()
    assert dict(calls.params) == {"process": "child", "items": [None], "item": None, "inputs": {}}
    machine.complete_service(calls.id, {"completed": 1})
    assert machine.data() == {"asked": {"completed": 1}}


def test_the_name_of_the_item_goes_before_its_id():
    xml = line(
        d.call("ask", "child").replace(
            '<bpmn:inputDataItem id="unit_id"/>', '<bpmn:inputDataItem id="x1" name="unit_id"/>'
        ),
        inputs=["unit_ids"],
    )
    assert begin(xml, unit_ids=[]).service_tasks()[0].params["item"] == "unit_id"


def test_pictures_of_documents_do_not_disturb():
    pictures = (
        '<bpmn:dataObject id="object"/><bpmn:dataObjectReference id="paper" name="Giao ước" dataObjectRef="object"/>'
        '<bpmn:dataStoreReference id="store" name="Kho"/>'
        '<bpmn:textAnnotation id="note"><bpmn:text>Ghi chú</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="a" sourceRef="work" targetRef="note"/>'
    )
    arrow = '<bpmn:dataOutputAssociation id="arrow"><bpmn:targetRef>paper</bpmn:targetRef></bpmn:dataOutputAssociation>'
    machine = begin(
        line(d.user("work", inner=arrow)).replace(b"</bpmn:process>", pictures.encode() + b"</bpmn:process>")
    )
    machine.complete_human(task(machine, "work").id, {})
    assert stored(machine).completed
