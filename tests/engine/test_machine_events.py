"""Timers and messages of a machine."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.engine import diagrams as d
from tests.engine.acting import begin, line, open_elements, service, stored, task
from workflow_app.core import clock
from workflow_app.engine.errors import (
    MessageNotExpected,
    MomentRefused,
    OutcomeRefused,
)
from workflow_app.engine.machine import MarkState

NOON = datetime(2019, 3, 1, 5, tzinfo=UTC)  # 12:00 in Hanoi


@pytest.fixture(autouse=True)
def frozen():
    with clock.use(clock.ScriptedClock(NOON)) as scripted:
        yield scripted


def test_a_deadline_cancels_what_is_late():
    machine = stored(begin(d.pledge(), unit_ids=["u1"], year=2019, deadline="2019-03-05T17:00:00+07:00"))
    (late,) = machine.timers()
    assert (late.element, late.attached_to, late.due_at) == (
        "late",
        "comments",
        datetime(2019, 3, 5, 10, tzinfo=UTC),
    )
    assert machine.fire_timers(late.due_at - timedelta(seconds=1)) == []
    assert machine.fire_timers(late.due_at) == [late]
    machine = stored(machine)
    assert open_elements(machine) == ["remind"]
    assert machine.timers() == []
    assert machine.marks()["comments"].state == MarkState.CANCELLED


def test_work_done_after_the_deadline_but_before_the_timer_fires_counts():
    machine = begin(d.pledge(), unit_ids=["u1"], year=2019, deadline="2019-02-01")
    machine.complete_service(machine.service_tasks()[0].id, {})
    assert open_elements(stored(machine)) == ["conclude"]
    assert machine.fire_timers(NOON) == []


def test_a_deadline_that_is_past_on_arrival_waits_to_be_fired():
    machine = stored(begin(d.pledge(), unit_ids=["u1"], year=2019, deadline="2019-02-01"))
    assert open_elements(machine) == ["comments"]
    assert [timer.element for timer in machine.fire_timers(NOON)] == ["late"]


def test_a_duration_counts_from_the_frozen_clock(frozen):
    machine = begin(line(d.user("work"), d.catch("wait", d.timer("timeDuration", '"P10DT2H"'))))
    frozen.advance(seconds=3600)
    machine.complete_human(task(machine, "work").id, {})
    frozen.advance(seconds=3600)
    machine = stored(machine)
    assert machine.timers()[0].due_at == NOON + timedelta(days=10, hours=3)
    machine.fire_timers(machine.timers()[0].due_at)
    assert stored(machine).completed


@pytest.mark.parametrize(
    ("kind", "value", "due"),
    [
        ("timeDuration", "PT36H", NOON + timedelta(hours=36)),
        ("timeDuration", "P2W", NOON + timedelta(weeks=2)),
        ("timeDuration", "P1M", datetime(2019, 4, 1, 5, tzinfo=UTC)),
        ("timeDuration", "P1Y2M", datetime(2020, 5, 1, 5, tzinfo=UTC)),
        ("timeDate", "2019-03-05", datetime(2019, 3, 5, 16, 59, 59, tzinfo=UTC)),
        ("timeDate", "2019-03-05T17:00:00+07:00", datetime(2019, 3, 5, 10, tzinfo=UTC)),
        ("timeDate", "2019-03-05T10:00:00Z", datetime(2019, 3, 5, 10, tzinfo=UTC)),
    ],
)
def test_a_timer_is_given_by_a_variable(kind, value, due):
    machine = begin(line(d.catch("wait", d.timer(kind, "when")), inputs=["when"]), when=value)
    assert stored(machine).timers()[0].due_at == due


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("timeDate", "2019-03-05T17:00:00"),
        ("timeDate", "05/03/2019"),
        ("timeDate", "2019-02-30"),
        ("timeDate", 5),
        ("timeDate", None),
        ("timeDuration", "P"),
        ("timeDuration", "PT"),
        ("timeDuration", "10 ngày"),
        ("timeDuration", "P-1D"),
        ("timeDuration", 10),
    ],
)
def test_a_time_that_is_not_clear_is_refused(kind, value):
    with pytest.raises(MomentRefused, match="element wait"):
        begin(line(d.catch("wait", d.timer(kind, "when")), inputs=["when"]), when=value)


def test_a_month_keeps_the_day_of_the_month_where_it_can(frozen):
    frozen.set(datetime(2019, 1, 31, 5, tzinfo=UTC))
    machine = begin(line(d.catch("wait", d.timer("timeDuration", '"P1M"'))))
    assert machine.timers()[0].due_at == datetime(2019, 2, 28, 5, tzinfo=UTC)


REMINDED = d.process(
    d.start(), d.user("work"), d.boundary("nudge", "work", d.timer("timeCycle", '"R3/PT24H"'), interrupting=False),
    d.service("remind"), d.end(), d.end("reminded"), d.chain("start", "work", "end"), d.chain("nudge", "remind", "reminded"),
)  # fmt: skip


def test_a_reminder_comes_as_often_as_it_says_and_does_not_disturb():
    machine = begin(REMINDED)
    for count in (1, 2, 3):
        (nudge,) = machine.timers()
        assert nudge.due_at == NOON + timedelta(days=count)
        machine.fire_timers(nudge.due_at)
        machine = stored(machine)
        assert open_elements(machine) == ["remind", "work"]
        machine.complete_service(service(machine, "remind").id, {})
        machine = stored(machine)
    assert machine.timers() == []
    assert machine.marks()["nudge"].count == 3
    machine.complete_human(task(machine, "work").id, {})
    assert stored(machine).completed


def test_a_reminder_that_is_being_sent_is_not_started_twice_when_the_cycle_ends():
    machine = begin(REMINDED)
    for count in (1, 2, 3):
        machine.fire_timers(NOON + timedelta(days=count))
        machine = stored(machine)
    ids = {each.id for each in machine.service_tasks()}
    assert len(ids) == 3
    for task_id in ids:
        machine.complete_service(task_id, {})
        machine = stored(machine)
    assert machine.marks()["remind"].count == 3
    assert open_elements(machine) == ["work"]


def test_reminders_that_were_missed_are_made_up_for_by_one():
    machine = begin(REMINDED)
    machine.fire_timers(NOON + timedelta(days=2, hours=1))
    machine = stored(machine)
    assert len(machine.service_tasks()) == 1
    assert machine.timers()[0].due_at == NOON + timedelta(days=3)


def test_the_earlier_of_two_deadlines_wins():
    xml = d.process(
        d.start(), d.user("work"), d.boundary("first", "work", d.timer("timeDuration", '"P1D"')),
        d.boundary("second", "work", d.timer("timeDuration", '"P2D"')), d.end(), d.end("late"), d.end("later"),
        d.chain("start", "work", "end"), d.chain("first", "late"), d.chain("second", "later"),
    )  # fmt: skip
    machine = begin(xml)
    assert [timer.element for timer in machine.fire_timers(NOON + timedelta(days=9))] == ["first"]
    assert stored(machine).ended == ("late",)


WAITS = d.process(
    d.start(), d.catch("wait", d.message_event("answered")), d.end(), d.chain("start", "wait", "end"),
    before=d.message("answered") + d.message("issued"),
)  # fmt: skip


def test_a_message_is_delivered_to_who_waits_and_its_names_become_variables():
    machine = stored(begin(WAITS))
    assert [(each.element, each.name) for each in machine.waiting_messages()] == [("wait", "answered")]
    with pytest.raises(MessageNotExpected):
        machine.deliver("issued", {})
    machine.deliver("answered", {"answer": "yes"})
    machine = stored(machine)
    assert machine.completed
    assert machine.data() == {"answer": "yes"}
    with pytest.raises(MessageNotExpected):
        machine.deliver("answered", {})


def test_a_payload_goes_into_its_variable_and_is_checked():
    xml = WAITS.replace(
        b'messageRef="message_answered">',
        b'messageRef="message_answered"><bpmn:extensionElements><spiffworkflow:messageVariable>reply</spiffworkflow:messageVariable></bpmn:extensionElements>',
    )
    machine = begin(xml)
    with pytest.raises(OutcomeRefused):
        machine.deliver("answered", {"typename": "x"})
    machine.deliver("answered", {"answer": "yes"})
    assert stored(machine).data() == {"reply": {"answer": "yes"}}


def test_a_thrown_message_leaves_the_instance_with_its_payload_even_when_it_waits_itself():
    xml = d.process(
        d.start(), d.parallel("fork"), d.catch("wait", d.message_event("issued")),
        d.throw("say", d.message_event("issued", "[number][0]")), d.end("a"), d.end("b"),
        d.chain("start", "fork", "wait", "a"), d.chain("fork", "say", "b"), before=d.message("issued"), inputs=["number"],
    ).replace(b"[number][0]", b"number")  # fmt: skip
    machine = stored(begin(xml, number={"no": 5}))
    assert [(each.name, dict(each.payload)) for each in machine.outgoing()] == [("issued", {"no": 5})]
    assert [each.element for each in machine.waiting_messages()] == ["wait"]


def test_an_event_gateway_takes_what_comes_first():
    xml = d.process(
        d.start(), '<bpmn:eventBasedGateway id="first"/>', d.catch("answer", d.message_event("answered")),
        d.catch("silence", d.timer("timeDuration", '"P3D"')), d.end("a"), d.end("b"), d.chain("start", "first", "answer", "a"),
        d.chain("first", "silence", "b"), before=d.message("answered"),
    )  # fmt: skip
    machine = stored(begin(xml))
    assert [each.name for each in machine.waiting_messages()] == ["answered"]
    assert machine.timers()[0].due_at == NOON + timedelta(days=3)
    machine.deliver("answered", {"answer": 1})
    machine = stored(machine)
    assert machine.ended == ("a",)
    machine = stored(begin(xml))
    machine.fire_timers(NOON + timedelta(days=3))
    assert stored(machine).ended == ("b",)


def test_a_reminder_that_ends_late_does_not_say_how_the_process_ended():
    machine = begin(d.process(
        d.start(), d.user("sign"), d.boundary("nudge", "sign", d.timer("timeDuration", '"P1D"'), interrupting=False),
        d.service("remind"), d.end("reminded"), d.end("signed"), d.chain("start", "sign", "signed"),
        d.chain("nudge", "remind", "reminded"),
    ))  # fmt: skip
    machine.fire_timers(machine.timers()[0].due_at)
    machine.complete_human(task(machine, "sign").id, {})
    assert machine.ended_by is None
    machine = stored(machine)
    machine.complete_service(service(machine, "remind").id)
    assert machine.ended == ("signed", "reminded")
    assert stored(machine).ended_by == "signed"


def test_an_end_inside_a_sub_process_does_not_say_how_the_process_ended():
    inner = d.subprocess("part", d.start("s"), d.user("one"), d.end("inner"), d.chain("s", "one", "inner"))
    machine = begin(d.process(
        d.start(), d.parallel("fork"), d.user("sign"), d.end("signed"), inner, d.chain("start", "fork", "sign", "signed"),
        d.chain("fork", "part"),
    ))  # fmt: skip
    machine.complete_human(task(machine, "sign").id, {})
    machine.complete_human(task(machine, "one").id, {})
    assert (machine.completed, machine.ended[-1], machine.ended_by) == (True, "inner", "signed")


def test_whoever_terminates_everything_from_beside_the_way_has_ended_it():
    machine = begin(d.process(
        d.start(), d.user("sign"), d.boundary("nudge", "sign", d.timer("timeDuration", '"P1D"'), interrupting=False),
        d.end("halt", "<bpmn:terminateEventDefinition/>"), d.end("signed"), d.chain("start", "sign", "signed"),
        d.chain("nudge", "halt"),
    ))  # fmt: skip
    machine.fire_timers(machine.timers()[0].due_at)
    assert (machine.completed, machine.ended_by) == (True, "halt")
