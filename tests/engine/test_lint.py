"""Every rule of the deploy check: a diagram that breaks exactly this rule, and good ones that pass."""

import re
import time
from pathlib import Path

import pytest

from tests.engine import diagrams as d
from tests.engine.samples import KNOWN, codes, refused
from workflow_app.engine import dry_walk, lint, lint_rules
from workflow_app.engine.catalogue import Catalogue, FormSpec
from workflow_app.engine.errors import DiagramRefused
from workflow_app.engine.lint import check

GOOD = {
    "approval": d.approval(),
    "pledge": d.pledge(),
    "all sorts": d.process(
        d.start(), d.user("ask", "approve_form", act="Xem xét", soft_due="deadline"), d.parallel("fork"),
        d.call("calls", "child", inputs="year", result="called"), d.service("check", "check", "checked", d.parameter("kind", "'GƯ'")),
        d.boundary("failed", "check", d.error_event("E1")), d.user("mend"),
        d.boundary("nudge", "mend", d.timer("timeCycle", '"R3/PT24H"'), interrupting=False), d.service("remind"), d.end("reminded"),
        d.parallel("join"), '<bpmn:eventBasedGateway id="first"/>', d.catch("answer", d.message_event("answered")),
        d.catch("silence", d.timer("timeDuration", '"P3D"')), d.exclusive("merge"),
        d.subprocess("part", d.start("s"), d.user("deep"), d.exclusive("bad", "bad_e"), d.end("e"), d.end("broken", d.error_event("E2")),
                     d.chain("s", "deep", "bad"), d.flow("bad", "broken", "note == 'x'"), d.flow("bad", "e")),
        d.boundary("part_failed", "part", d.error_event("E2")), d.exclusive("way", "way_say"),
        d.throw("say", d.message_event("issued")), d.end(), d.end("halt", "<bpmn:terminateEventDefinition/>"),
        d.chain("start", "ask", "fork", "calls", "join", "first", "answer", "merge", "part", "way", "say", "end"),
        d.chain("fork", "check", "fixed", "join"), d.exclusive("fixed"), d.chain("failed", "mend", "fixed"), d.chain("nudge", "remind", "reminded"),
        d.chain("first", "silence", "merge"), d.chain("part_failed", "halt"),
        d.flow("way", "ask", "decision == 'return' and called['completed'] > 0"),
        before=d.error("E1") + d.error("E2") + d.message("answered") + d.message("issued"), inputs=["unit_ids", "year", "deadline"],
    ),
    "votes": d.process(
        d.start(), d.user("vote", "vote_form"), d.inclusive("fork", "fork_c"), d.user("a"), d.user("b"), d.user("c"), d.inclusive("join"), d.end(),
        d.chain("start", "vote", "fork"), d.flow("fork", "a", "votes * 3 &gt;= members * 2"), d.flow("fork", "b", "votes == members"),
        d.flow("fork", "c"), d.chain("a", "join", "end"), d.chain("b", "join"), d.chain("c", "join"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_good_diagram_passes(name):
    assert [finding.en for finding in refused(GOOD[name])] == []
    assert check(GOOD[name], known=KNOWN).key


def line(*parts, **more):
    """start -> the parts -> end."""
    ids = [re.search(r' id="([^"]+)"', part)[1] for part in parts]
    return d.process(d.start(), *parts, d.end(), d.chain("start", *ids, "end"), **more)


def swap(xml, old, new):
    assert old.encode() in xml
    return xml.replace(old.encode(), new.encode())


WORK = line(d.user("work"))
CALL = line(d.call("calls", "child"), inputs=["unit_ids"])
CHECK = line(d.service("check", "check"))
CHOICE = d.process(
    d.start(), d.user("ask", "approve_form"), d.exclusive("way", "way_b"), d.end("a"), d.end("b"), d.chain("start", "ask", "way"),
    d.flow("way", "a", "decision == 'approve'"), d.flow("way", "b"),
)  # fmt: skip


def wait(kind, expression, **more):
    return line(d.catch("wait", d.timer(kind, expression)), **more)


def event(definition):
    return line(d.catch("wait", definition))


def choice(condition):
    return swap(CHOICE, "decision == 'approve'", condition)


def loop(inner, sequential="false"):
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}">{inner}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def extension(inner, **namespaces):
    names = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in namespaces.items())
    return f"<bpmn:extensionElements{names}>{inner}</bpmn:extensionElements>"


SUB = d.subprocess("part", d.start("s"), d.user("deep"), d.end("e"), d.chain("s", "deep", "e"))
FAILING = d.subprocess(
    "part", d.start("s"), d.user("deep"), d.end("e", d.error_event("E1")), d.chain("s", "deep", "e")
)
EVENTS = d.process(
    d.start(), '<bpmn:eventBasedGateway id="first"/>', d.catch("a", d.message_event("answered")), d.user("b"), d.end(),
    d.chain("start", "first", "a", "end"), d.chain("first", "b", "end"), before=d.message("answered"),
)  # fmt: skip
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"

# code -> diagram that breaks exactly this rule, and the element that is named
BAD = {
    "unreadable": (b"<x/>", ""),
    "one_process": (d.definitions('<bpmn:process id="one"/><bpmn:process id="two"/>'), ""),
    "duplicate_id": (line(d.user("work"), d.user("other", name="A")).replace(b'id="other"', b'id="work"').replace(b'id="work_other"', b'id="x"'), "work"),
    "bad_id": (swap(WORK, 'id="start_work"', 'id=""'), ""),
    "schema": (swap(WORK, "</bpmn:process>", "<bpmn:unknown/></bpmn:process>"), ""),
    "dangling_flow": (swap(WORK, 'targetRef="end"', 'targetRef="nowhere"'), "work_end"),
    "crossing_flow": (d.process(d.start(), SUB, d.end(), d.chain("start", "part", "end"), d.flow("deep", "end")), "deep_end"),
    "process_key": (line(d.user("work"), key="Giao-Uoc"), "Giao-Uoc"),
    "not_executable": (swap(WORK, 'isExecutable="true"', 'isExecutable="false"'), "sample"),
    "too_many_nodes": (line(*(d.user(f"u{n}") for n in range(300))), "sample"),
    "complex_gateway": (d.process(d.start(), '<bpmn:complexGateway id="way"/>', d.end(), d.chain("start", "way", "end")), "way"),
    "ad_hoc": (d.process(d.start(), '<bpmn:adHocSubProcess id="part"><bpmn:userTask id="deep" name="Việc"><bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="form" value="form"/></spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask></bpmn:adHocSubProcess>', d.end(), d.chain("start", "part", "end")), "part"),
    "transaction": (swap(line(SUB), "bpmn:subProcess", "bpmn:transaction"), "part"),
    "script_task": (line('<bpmn:scriptTask id="run"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>'), "run"),
    "business_rule": (line('<bpmn:businessRuleTask id="rule"/>'), "rule"),
    "plain_task": (line('<bpmn:task id="work" name="Việc"/>'), "work"),
    "event_subprocess": (d.process(d.start(), d.user("work"), d.end(), SUB.replace("<bpmn:subProcess", '<bpmn:subProcess triggeredByEvent="true"'), d.chain("start", "work", "end")), "part"),
    "compensation": (line(d.throw("undo", "<bpmn:compensateEventDefinition/>")), "undo"),
    "one_start": (d.process(d.start(), d.start("again"), d.user("work"), d.end(), d.chain("start", "work", "end"), d.flow("again", "work")), "sample"),
    "no_end": (d.process(d.start(), d.user("work"), d.chain("start", "work")), "sample"),
    "link": (event('<bpmn:linkEventDefinition name="x"/>'), "wait"),
    "conditional_event": (event('<bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">1 == 1</bpmn:condition></bpmn:conditionalEventDefinition>'), "wait"),
    "signal": (event("<bpmn:signalEventDefinition/>"), "wait"),
    "escalation": (line(d.throw("wait", "<bpmn:escalationEventDefinition/>")), "wait"),
    "cancel_event": (d.process(d.start(), SUB, d.boundary("gone", "part", "<bpmn:cancelEventDefinition/>"), d.end(), d.chain("start", "part", "end"), d.flow("gone", "end")), "gone"),
    "event_not_allowed": (swap(WORK, '<bpmn:startEvent id="start" name="Bắt đầu"/>', f'<bpmn:startEvent id="start">{d.timer("timeDuration", chr(34) + "P1D" + chr(34))}</bpmn:startEvent>'), "start"),
    "boundary_host": (d.process(d.start(), d.exclusive("way"), d.boundary("late", "way", d.timer("timeDuration", '"P1D"')), d.end(), d.chain("start", "way", "end"), d.flow("late", "end")), "late"),
    "error_host": (d.process(d.start(), d.user("work"), d.boundary("failed", "work", d.error_event("E1")), d.end(), d.chain("start", "work", "end"), d.flow("failed", "end"), before=d.error("E1")), "failed"),
    "error_interrupts": (d.process(d.start(), d.service("check", "check"), d.boundary("failed", "check", d.error_event("E1"), interrupting=False), d.end(), d.chain("start", "check", "end"), d.flow("failed", "end"), before=d.error("E1")), "failed"),
    "error_end": (d.process(d.start(), FAILING.replace(d.chain("s", "deep", "e"), d.chain("s", "deep", "e")), d.end(), d.chain("start", "part", "end"), before=d.error("E1")), "e"),
    "error_unknown": (d.process(d.start(), d.service("check", "check"), d.boundary("failed", "check", d.error_event("E9")), d.end(), d.chain("start", "check", "end"), d.flow("failed", "end"), before=d.error("E9")), "failed"),
    "message_unknown": (line(d.catch("wait", d.message_event("strange")), before=d.message("strange")), "wait"),
    "message_variable": (line(d.catch("one", d.message_event("answered", variable="a")), d.catch("two", d.message_event("answered", variable="b")), before=d.message("answered")), "two"),
    "correlation": (swap(line(d.catch("wait", d.message_event("answered")), before=d.message("answered")), "<bpmn:process", '<bpmn:correlationProperty id="key"><bpmn:correlationPropertyRetrievalExpression id="k" messageRef="message_answered"><bpmn:messagePath xsi:type="bpmn:tFormalExpression">a</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty><bpmn:process'), "key"),
    "event_gateway": (EVENTS, "first"),
    "condition_misplaced": (d.process(d.start(), d.user("ask", "approve_form"), d.end(), d.flow("start", "ask"), d.flow("ask", "end", "decision == 'approve'")), "ask_end"),
    "default_condition": (swap(CHOICE, d.flow("way", "b"), d.flow("way", "b", "decision == 'return'")), "way_b"),
    "condition_missing": (swap(CHOICE, d.flow("way", "a", "decision == 'approve'"), d.flow("way", "a")), "way_a"),
    "default_missing": (swap(swap(CHOICE, ' default="way_b"', ""), d.flow("way", "b"), d.flow("way", "b", "decision == 'return'")), "way"),
    "implicit_split": (d.process(d.start(), d.user("work"), d.end("a"), d.end("b"), d.chain("start", "work", "a"), d.flow("work", "b")), "work"),
    "double_flow": (d.process(d.start(), d.parallel("fork"), d.user("work"), d.end(), d.chain("start", "fork", "work", "end"), d.flow("fork", "work", id_="again")), "fork"),
    "wrong_way": (d.process(d.start(), d.user("work"), d.exclusive("way", "way_end"), d.end(), d.chain("start", "work", "way"), d.flow("way", "start", "note == 1"), d.flow("way", "end")), "way_start"),
    "unreachable": (d.process(d.start(), d.user("work"), d.user("lost"), d.end(), d.chain("start", "work", "end"), d.flow("lost", "end")), "lost"),
    "no_way_to_end": (d.process(d.start(), d.parallel("fork"), d.user("work"), d.user("stuck"), d.end(), d.chain("start", "fork", "work", "end"), d.flow("fork", "stuck")), "stuck"),
    "restless_cycle": (d.process(d.start(), d.user("ask", "approve_form"), d.service("work"), d.exclusive("way", "way_end"), d.end(), d.chain("start", "ask", "work", "way"), d.flow("way", "work", "decision == 'return'"), d.flow("way", "end")), "work"),
    "lane_role": (line(d.user("work"), lanes=d.lane("stranger", "Người lạ", "work")), "stranger"),
    "task_lane": (line(d.user("work"), lanes=""), "work"),
    "task_form": (line(d.user("work", form="")), "work"),
    "form_unknown": (line(d.user("work", "no_such_form")), "work"),
    "task_name": (line(d.user("work", name="")), "work"),
    "property_unknown": (line(d.user("work", duee="x")), "work"),
    "extension_script": (line(d.user("work").replace("<spiffworkflow:properties>", "<spiffworkflow:preScript>import os</spiffworkflow:preScript><spiffworkflow:properties>")), "work"),
    "extension_unknown": (line(d.user("work").replace("<spiffworkflow:properties>", "<spiffworkflow:instructionsForEndUser>x</spiffworkflow:instructionsForEndUser><spiffworkflow:properties>")), "work"),
    "foreign_extension": (line(d.user("work").replace('name="Việc"', f'name="Việc" xmlns:camunda="{CAMUNDA}" camunda:assignee="me"')), "work"),
    "operation_missing": (line('<bpmn:serviceTask id="make" name="Việc"/>'), "make"),
    "operation_unknown": (line(d.service("make", "rm_rf")), "make"),
    "standard_loop": (line(d.user("work", inner='<bpmn:standardLoopCharacteristics loopMaximum="3"/>')), "work"),
    "multi_instance": (line(d.user("work", inner=loop("<bpmn:loopDataInputRef>unit_ids</bpmn:loopDataInputRef>")), inputs=["unit_ids"]), "work"),
    "cardinality": (swap(CALL, "<bpmn:loopDataInputRef>unit_ids</bpmn:loopDataInputRef>", '<bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">200000</bpmn:loopCardinality>'), "calls"),
    "collection": (swap(CALL, '<bpmn:inputDataItem id="unit_id"/>', ""), "calls"),
    "multi_instance_part": (swap(CALL, '<bpmn:inputDataItem id="unit_id"/>', '<bpmn:inputDataItem id="unit_id"/><bpmn:completionCondition xsi:type="bpmn:tFormalExpression">1 == 1</bpmn:completionCondition>'), "calls"),
    "call_self": (line(d.call("calls", "sample"), inputs=["unit_ids"]), "calls"),
    "call_unknown": (line(d.call("calls", "stranger"), inputs=["unit_ids"]), "calls"),
    "call_inputs": (line(d.call("calls", "pledge_comment"), inputs=["unit_ids"]), "calls"),
    "call_circle": (line(d.call("calls", "other"), inputs=["unit_ids"]), "calls"),
    "variable_name": (line(d.user("work"), inputs=["class"]), "sample"),
    "variable_undeclared": (choice("verdict == 'approve'"), "way_a"),
    "expression": (choice("decision.upper() == 'X'"), "way_a"),
    "choice_unknown": (choice("decision == 'aprove'"), "way_a"),
    "timer_text": (event("<bpmn:timerEventDefinition/>"), "wait"),
    "timer_unquoted": (wait("timeDuration", "PT1H"), "wait"),
    "timer_offset": (wait("timeDate", '"2019-03-01T17:00:00"'), "wait"),
    "timer_cycle": (d.process(d.start(), d.user("work"), d.boundary("nudge", "work", d.timer("timeCycle", '"R12/2027-01-31T08:00:00+07:00/P3M"'), interrupting=False), d.end(), d.end("b"), d.chain("start", "work", "end"), d.flow("nudge", "b")), "nudge"),
    "cycle_misplaced": (wait("timeCycle", '"R3/PT24H"'), "wait"),
    "stalls": (d.process(d.start(), d.user("ask", "approve_form"), d.exclusive("way", "way_b"), d.user("a"), d.user("b"), d.parallel("join"), d.end(), d.chain("start", "ask", "way"), d.flow("way", "a", "decision == 'approve'"), d.flow("way", "b"), d.chain("a", "join", "end"), d.chain("b", "join")), "join"),
    "variable_unset": (d.process(d.start(), d.user("work"), d.exclusive("way", "way_b"), d.user("ask", "approve_form"), d.end("a"), d.end("b"), d.chain("start", "work", "way"), d.flow("way", "a", "decision == 'approve'"), d.flow("way", "b", id_="way_b0").replace("way_b0", "way_b").replace('targetRef="b"', 'targetRef="ask"'), d.flow("ask", "b")), "way"),
    "never_ends": (d.process(d.start(), d.user("ask", "approve_form"), d.exclusive("way", "way_ask"), d.end(), d.chain("start", "ask", "way"), d.flow("way", "ask"), d.flow("way", "end", "decision == 'approve' and decision == 'return'")), "sample"),
    "step_fails": (d.process(d.start(), d.call("calls", "child"), d.exclusive("way", "way_b"), d.end("a"), d.end("b"), d.chain("start", "calls", "way"), d.flow("way", "a", "calls_result['outcomes']['signed'] == 3"), d.flow("way", "b"), inputs=["unit_ids"]), "way"),
}  # fmt: skip

# Further ways to break a rule; the code comes first.
MORE = [
    ("event_not_allowed", d.process(d.start(), d.user("work"), d.end("end", '<bpmn:messageEventDefinition/><bpmn:terminateEventDefinition/>'), d.chain("start", "work", "end"))),
    ("compensation", line(d.user("work").replace("<bpmn:userTask", '<bpmn:userTask isForCompensation="true"'))),
    ("plain_task", line('<bpmn:manualTask id="work" name="Việc"/>')),
    ("task_lane", line(d.user("work"), lanes=d.lane("system", "Hệ thống", "work"))),
    ("condition_misplaced", line(d.user("work").replace("<bpmn:userTask", '<bpmn:userTask default="work_end"'))),
    ("condition_misplaced", swap(WORK, d.flow("start", "work"), d.flow("start", "work", "1 == 2"))),
    ("one_start", swap(line(SUB), d.start("s"), d.start("s") + d.start("s2") + d.flow("s2", "deep"))),
    ("no_end", d.process(d.start(), d.subprocess("part", d.start("s"), d.user("deep"), d.chain("s", "deep")), d.end(), d.chain("start", "part", "end"))),
    ("error_end", d.process(d.start(), d.user("work"), d.end("end", d.error_event("E1")), d.chain("start", "work", "end"), before=d.error("E1"))),
    ("error_end", d.process(d.start(), d.parallel("fork"), FAILING, d.boundary("f1", "part", d.error_event("E1")), d.service("check", "check"), d.boundary("f2", "check", d.error_event()), d.end("a"), d.end("b"), d.chain("start", "fork", "part", "a"), d.chain("fork", "check", "b"), d.flow("f1", "a"), d.flow("f2", "b"), before=d.error("E1"))),
    ("message_unknown", event("<bpmn:messageEventDefinition/>")),
    ("multi_instance", line(SUB.replace("<bpmn:startEvent", loop("<bpmn:loopDataInputRef>unit_ids</bpmn:loopDataInputRef>") + "<bpmn:startEvent", 1), inputs=["unit_ids"])),
    ("multi_instance", swap(CALL, 'isSequential="false"', 'isSequential="true"')),
    ("extension_script", line(d.user("work").replace("<spiffworkflow:properties>", "<spiffworkflow:postScript>x</spiffworkflow:postScript><spiffworkflow:properties>"))),
    ("extension_unknown", swap(CHECK, "</spiffworkflow:serviceTaskOperator>", '<spiffworkflow:retry retries="9"/></spiffworkflow:serviceTaskOperator>')),
    ("foreign_extension", line(d.user("work").replace("<spiffworkflow:properties>", '<z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0" type="x"/><spiffworkflow:properties>'))),
    ("operation_missing", line(d.service("make", "fan_out"))),
    ("expression", line(d.service("make", "work", params=d.parameter("x", "__import__('os').system('id')")))),
    ("variable_undeclared", line(d.service("make", "work", params=d.parameter("x", "somebody")))),
    ("variable_undeclared", line(d.user("work", due="someday"))),
    ("variable_undeclared", line(d.user("work", soft_due="someday"))),
    ("variable_undeclared", line(d.call("calls", "child"))),
    ("variable_undeclared", line(d.call("calls", "child", inputs="year"), inputs=["unit_ids"])),
    ("variable_undeclared", wait("timeDate", "deadline")),
    ("variable_undeclared", line(d.throw("say", d.message_event("issued", "number")), before=d.message("issued"))),
    ("expression", wait("timeDate", "datetime.now()")),
    ("variable_name", line(d.service("make", "work", "__class__"))),
    ("variable_name", line(d.call("calls", "child", result="a-b"), inputs=["unit_ids"])),
    ("choice_unknown", choice("decision in ['approve', 'aprove']")),
    ("choice_unknown", choice("decision != 'no'")),
    ("timer_text", wait("timeDuration", '"soon"')),
    ("timer_offset", wait("timeDate", '"2019-03-01"')),
    ("timer_offset", wait("timeDate", '"01/03/2019"')),
    ("timer_unquoted", wait("timeDate", "2019-03-01T17:00:00+07:00")),
    ("timer_unquoted", wait("timeDate", "2019-03-01")),
    ("timer_cycle", swap(BAD["timer_cycle"][0], '"R12/2027-01-31T08:00:00+07:00/P3M"', '"R/PT1H"')),
    ("timer_cycle", swap(BAD["timer_cycle"][0], '"R12/2027-01-31T08:00:00+07:00/P3M"', "0 0 9-17 * * MON-FRI")),
    ("timer_cycle", swap(BAD["timer_cycle"][0], '"R12/2027-01-31T08:00:00+07:00/P3M"', '"0 0 9 * * ?"')),
    ("timer_cycle", swap(BAD["timer_cycle"][0], '"R12/2027-01-31T08:00:00+07:00/P3M"', '"R200000/PT1S"')),
    ("restless_cycle", d.process(d.start(), d.exclusive("a"), d.exclusive("b", "b_end"), d.end(), d.chain("start", "a", "b"), d.flow("b", "a", "1 == 1"), d.flow("b", "end"))),
    ("unreachable", swap(CHOICE, "</bpmn:process>", d.user("lost") + d.end("c") + d.flow("lost", "c") + "</bpmn:process>")),
    ("unreadable", b""),
    ("unreadable", swap(WORK, "<bpmn:definitions", "<!DOCTYPE x><bpmn:definitions")),
    ("unreadable", WORK + b" " * 2_000_000),
]  # fmt: skip


@pytest.mark.parametrize("code", BAD)
def test_a_diagram_that_breaks_one_rule_is_refused_for_it_alone(code):
    xml, element = BAD[code]
    known = KNOWN
    found = refused(xml, known)
    assert {finding.code for finding in found} == {code}
    assert element in {finding.element for finding in found}


@pytest.mark.parametrize(("code", "xml"), MORE, ids=[f"{n}-{code}" for n, (code, _) in enumerate(MORE)])
def test_other_ways_to_break_a_rule_are_found_too(code, xml):
    assert code in codes(xml)


@pytest.mark.parametrize("code", BAD)
def test_every_finding_names_the_element_and_says_what_to_do_in_both_languages(code):
    xml, _ = BAD[code]
    for finding in refused(xml):
        assert finding.vi.endswith(".")
        assert finding.element in finding.vi
        assert finding.element in finding.en
        assert finding.vi != finding.en
        assert len(finding.vi) < 400


def test_a_finding_shows_the_name_people_see():
    (finding,) = refused(line(d.user("work", "no_such_form", name="Duyệt giao ước")))
    assert (
        finding.vi
        == "«Duyệt giao ước» (work): biểu mẫu «no_such_form» không có trong hệ thống. Hãy chọn biểu mẫu đã có."
    )
    assert finding.en == "«Duyệt giao ước» (work): form no_such_form does not exist. Choose an existing one."


def test_a_finding_at_a_flow_says_between_which_elements():
    (finding,) = refused(choice("verdict == 1"))
    assert finding.vi.startswith("«way → Kết thúc» (way_a): biến «verdict» chưa được khai báo.")


def test_every_rule_has_a_diagram_that_breaks_it():
    sources = [*Path(lint_rules.__file__).parent.glob("*.py"), Path(dry_walk.__file__), Path(lint.__file__)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    written = set(re.findall(r'(?:inding|yield Finding)\(\s*"([a-z_]+)"', text))
    assert len(written) > 50
    assert written - BAD.keys() == set()


def test_all_faults_are_told_at_once_each_only_once():
    xml = d.process(
        d.start(), d.user("a", ""), d.user("b", "no_such_form", duee="x"), d.service("c", "rm_rf"), d.end(),
        d.chain("start", "a", "b", "c", "end"), lanes=d.lane("stranger", "Lạ", "a"),
    )  # fmt: skip
    with pytest.raises(DiagramRefused) as caught:
        check(xml, known=KNOWN)
    found = [(finding.code, finding.element) for finding in caught.value.findings]
    assert len(set(found)) == len(found)
    assert {code for code, _ in found} == {
        "task_form",
        "task_lane",
        "form_unknown",
        "property_unknown",
        "operation_unknown",
        "lane_role",
    }
    assert len(caught.value.facts["findings"]) == len(found)


def test_a_variable_that_several_forms_set_differently_may_have_any_value():
    known = Catalogue(
        forms={
            "one": FormSpec(frozenset({"decision"}), {"decision": ("a",)}),
            "two": FormSpec(frozenset({"decision"})),
        },
        roles=KNOWN.roles,
    )
    xml = d.process(
        d.start(), d.user("x", "one"), d.user("y", "two"), d.exclusive("way", "way_b"), d.end("a"), d.end("b"),
        d.chain("start", "x", "y", "way"), d.flow("way", "a", "decision == 'free'"), d.flow("way", "b"),
    )  # fmt: skip
    assert codes(xml, known) == set()


@pytest.mark.parametrize("place", ["condition", "parameter", "timer", "collection", "payload"])
@pytest.mark.parametrize(
    "attack",
    [
        "__import__('os').system('id')",
        "().__class__.__base__.__subclasses__()",
        "random._os.getpid()",
        "9**9**9",
        "[x for x in ().__class__.__mro__]",
        "(lambda: 1)()",
        "open('/etc/passwd')",
        "eval('1')",
    ],
)
def test_python_is_refused_wherever_an_expression_may_stand(place, attack):
    quoted = attack.replace("<", "&lt;")
    xml = {
        "condition": choice(quoted),
        "parameter": line(d.service("make", "work", params=d.parameter("x", quoted))),
        "timer": wait("timeDuration", quoted),
        "collection": line(d.call("calls", "child", quoted)),
        "payload": line(d.throw("say", d.message_event("issued", quoted)), before=d.message("issued")),
    }[place]
    assert codes(xml) == {
        "schema" if place == "collection" else "expression"
    }  # a collection is a name by the schema


def test_a_check_is_quick():
    begun = time.process_time()
    check(GOOD["all sorts"], known=Catalogue(**{**_fields(KNOWN), "roles": KNOWN.roles | {"auditor"}}))
    assert time.process_time() - begun < 10


def _fields(known):
    return {name: getattr(known, name) for name in known.__dataclass_fields__}
