"""A machine goes over to another version of its diagram: what stays, what keeps it from going."""

import random
from datetime import datetime

import pytest

from tests.engine import diagrams as d
from tests.engine.acting import act, acts, begin, line, open_elements, picture, service, task
from workflow_app.core.clock import ScriptedClock
from workflow_app.engine.compiled import compile_diagram
from workflow_app.engine.errors import WrongDiagram
from workflow_app.engine.machine import Machine


def over(machine, xml):
    return machine.on(compile_diagram(xml))


def codes(machine, xml):
    return {(found.code, found.element) for found in machine.obstacles(compile_diagram(xml))}


def reached(machine):
    """Every task that was reached: which, in which state, what it knows."""
    return sorted(
        (str(each.id), each.task_spec.name, each.state, str(each.internal_data))
        for each in machine._tree.tasks(8 | 16 | 32 | 64 | 256)
    )


@pytest.mark.parametrize("seed", range(25))
def test_nothing_that_was_reached_is_touched_and_the_way_on_is_the_same(seed):
    rng = random.Random(seed)  # noqa: S311 - the same walk every time
    xml = d.everything()
    renamed = compile_diagram(xml.replace("Việc máy".encode(), "Việc của máy".encode()))
    machine = begin(xml, unit_ids=["u1"], year=2019, deadline="2030-01-01")
    for _ in range(25):
        moved = Machine.load(machine._compiled, machine.dump()).on(renamed)
        assert reached(moved) == reached(machine)
        assert picture(moved) == picture(machine)
        if machine.completed:
            break
        chosen = rng.choice(acts(machine, rng))
        for each in (machine, moved):
            act(each, *chosen)
            each.check_alive()
        assert [element[:2] for element in picture(moved)[1]] == [
            element[:2] for element in picture(machine)[1]
        ]
        assert moved.marks() == machine.marks()
        machine = moved if rng.random() < 0.5 else machine


def test_a_new_activity_ahead_is_done():
    machine = begin(line(d.user("one"), d.user("two")))
    moved = over(machine, line(d.user("one"), d.user("check"), d.user("two")))
    moved.complete_human(task(moved, "one").id, {})
    assert open_elements(moved) == ["check"]


def test_a_new_activity_behind_a_running_service_is_done():
    machine = begin(line(d.service("make"), d.user("two")))
    moved = over(machine, line(d.service("make"), d.user("check"), d.user("two")))
    moved.complete_service(service(moved, "make").id)
    assert open_elements(moved) == ["check"]


def test_what_is_ahead_may_go():
    machine = begin(line(d.user("one"), d.user("two"), d.user("three")))
    moved = over(machine, line(d.user("one"), d.user("three")))
    moved.complete_human(task(moved, "one").id, {})
    assert open_elements(moved) == ["three"]


def test_a_deadline_of_ten_days_does_not_begin_anew(noon: ScriptedClock):
    before = line(d.user("one"), d.catch("wait", d.timer("timeDuration", '"P10D"')))
    machine = begin(before)
    machine.complete_human(task(machine, "one").id, {})
    due = machine.timers()[0].due_at
    noon.set(datetime.fromisoformat("2019-03-05T12:00:00+07:00"))
    moved = over(
        machine, line(d.user("one"), d.catch("wait", d.timer("timeDuration", '"P10D"')), d.user("two"))
    )
    assert [timer.due_at for timer in moved.timers()] == [due]
    moved.fire_timers(due)
    assert open_elements(moved) == ["two"]


def test_a_reminder_that_is_under_way_goes_on():
    def version(*more):
        ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in more]
        return d.process(
            d.start(), d.user("one"), d.boundary("nudge", "one", d.timer("timeCycle", '"R2/PT24H"'), interrupting=False),
            d.service("remind"), d.end("reminded"), *more, d.end(), d.chain("nudge", "remind", "reminded"),
            d.chain("start", "one", *ids, "end"),
        )  # fmt: skip

    machine = begin(version())
    machine.fire_timers(machine.timers()[0].due_at)
    moved = over(machine, version(d.user("two")))
    assert open_elements(moved) == ["one", "remind"]
    moved.complete_service(service(moved, "remind").id)
    moved.fire_timers(moved.timers()[0].due_at)
    moved.complete_service(service(moved, "remind").id)
    moved.complete_human(task(moved, "one").id, {})
    assert open_elements(moved) == ["two"]


def test_a_join_remembers_who_has_arrived():
    def version(*more):
        ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in more]
        return d.process(
            d.start(), d.parallel("fork"), d.user("one"), d.user("two"), d.parallel("join"), *more, d.end(),
            d.chain("start", "fork", "one", "join", *ids, "end"), d.chain("fork", "two", "join"),
        )  # fmt: skip

    machine = begin(version())
    machine.complete_human(task(machine, "one").id, {})
    moved = over(machine, version(d.user("three")))
    moved.complete_human(task(moved, "two").id, {})
    assert open_elements(moved) == ["three"]


def test_a_label_may_change_anywhere():
    machine = begin(line(d.user("one", name="Một"), d.user("two", name="Hai"), d.user("three", name="Ba")))
    machine.complete_human(task(machine, "one").id, {})
    renamed = line(*(d.user(key, name=f"Bước {key}", act="Làm") for key in ("one", "two", "three")))
    moved = over(machine, renamed)
    assert [(each.name, each.act) for each in moved.human_tasks()] == [("Bước two", "Làm")]


ONE, TWO = d.user("one", name="Một"), d.user("two", name="Hai")


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (line(d.user("one", "other_form"), TWO), {("behind_changed", "one")}),
        (line(TWO), {("reached_removed", "one"), ("way_changed", "start")}),
        (line(ONE, d.user("between"), TWO), {("way_changed", "one")}),
        (line(ONE, d.user("two", "other_form")), {("running_changed", "two")}),
        (line(ONE, d.user("two", due="deadline")), {("running_changed", "two")}),
        (line(ONE, TWO, lanes=d.lane("bloc_leader", "x", "one", "two")), {("behind_changed", "one"), ("running_changed", "two")}),
        (line(ONE, d.user("renamed", name="Hai")), {("reached_removed", "two"), ("way_changed", "one")}),
        (d.process(d.start(), ONE, TWO, d.boundary("late", "two", d.timer("timeDate", "x")), d.end(), d.end("b"),
                   d.chain("start", "one", "two", "end"), d.chain("late", "b")), {("way_changed", "one")}),
    ],
)  # fmt: skip
def test_what_is_behind_or_under_way_may_not_change(after, found):
    machine = begin(line(ONE, TWO))
    machine.complete_human(task(machine, "one").id, {})
    assert codes(machine, after) == found
    with pytest.raises(WrongDiagram):
        over(machine, after)


def test_a_running_fan_out_stays_as_it_is_and_what_follows_may_change():
    def version(called="child", *more):
        ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in more]
        return d.process(
            d.start(), d.call("calls", called), d.boundary("late", "calls", d.timer("timeDate", "deadline")), *more,
            d.end(), d.end("over"), d.chain("start", "calls", *ids, "end"), d.chain("late", "over"),
            inputs=["unit_ids", "deadline"],
        )  # fmt: skip

    machine = begin(version(), unit_ids=["u1", "u2"], deadline="2030-01-01")
    assert codes(machine, version("other")) == {("children_running", "calls")}
    before = service(machine, "calls")
    moved = over(machine, version("child", d.user("conclude")))
    assert service(moved, "calls") == before
    moved.complete_service(before.id, {"total": 2})
    assert open_elements(moved) == ["conclude"]
    assert moved.timers() == []


def test_a_deadline_that_is_running_may_not_change_its_rule():
    def version(text):
        return line(d.user("one"), d.catch("wait", d.timer("timeDuration", text)))

    machine = begin(version('"P10D"'))
    machine.complete_human(task(machine, "one").id, {})
    assert codes(machine, version('"P20D"')) == {("running_changed", "wait")}


def test_inside_a_sub_process_the_same_holds():
    def version(first="form", *more):
        ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in more]
        inner = d.subprocess("part", d.start("s"), d.user("in1", first), d.user("in2"), *more, d.end("e"),
                             d.chain("s", "in1", "in2", *ids, "e"))  # fmt: skip
        return line(inner)

    machine = begin(version())
    machine.complete_human(task(machine, "in1").id, {})
    assert codes(machine, version("other_form")) == {("behind_changed", "in1")}
    assert codes(machine, line(d.user("part"))) >= {("reached_removed", "in1")}
    moved = over(machine, version("form", d.user("in3")))
    moved.complete_human(task(moved, "in2").id, {})
    assert open_elements(moved) == ["in3"]
    moved.complete_human(task(moved, "in3").id, {})
    assert moved.completed


def test_every_sentence_names_the_step_as_people_know_it():
    machine = begin(line(ONE, TWO))
    machine.complete_human(task(machine, "one").id, {})
    found = machine.obstacles(
        compile_diagram(line(d.user("one", "other"), d.user("two", "other", name="Khác")))
    )
    assert [("«Một»" in each.vi or "«Hai»" in each.vi) for each in found] == [True, True]
    assert all("“Một”" in each.en or "“Hai”" in each.en for each in found)
