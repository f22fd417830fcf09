"""Walks before a diagram is used: what they find, what they do not hold against it, and how long they take."""

import random
import time

import pytest
from lxml import etree

from tests.engine import diagrams as d
from tests.engine.samples import KNOWN, codes, refused
from workflow_app.engine import dry_walk
from workflow_app.engine.catalogue import Catalogue, FormSpec, OperationSpec
from workflow_app.engine.compiled import compile_diagram
from workflow_app.engine.elements import B
from workflow_app.engine.errors import DiagramRefused, LoopCap, Stalled
from workflow_app.engine.guesses import Guesses
from workflow_app.engine.lint import check
from workflow_app.engine.lint_rules.view import View
from workflow_app.engine.machine import Machine
from workflow_app.engine.reading import read

EVERYTHING = d.everything("sample")


def after_calls(condition, *more):
    """A fan-out whose result a gateway decides on."""
    return d.process(
        d.start(), d.call("calls", "child"), d.exclusive("way", "way_b"), d.end("a"), d.end("b"),
        d.chain("start", "calls", "way"), d.flow("way", "a", condition), d.flow("way", "b"), *more, inputs=["unit_ids"],
    )  # fmt: skip


def test_an_outcome_that_no_child_may_have_must_be_asked_for_first():
    assert codes(after_calls("calls_result['outcomes']['signed'] == 3")) == {"step_fails"}
    asked = "'signed' in calls_result['outcomes'] and calls_result['outcomes']['signed'] == 3"
    assert codes(after_calls(asked)) == set()


@pytest.mark.parametrize(
    "condition",
    [
        "calls_result['total'] == calls_result['completed']",
        "calls_result['completed'] * 2 &gt; calls_result['total']",
        "calls_result['outcome'] == 'signed'",
        "len(unit_ids) &gt; 2",
        "'u1' in unit_ids",
        "all(u != 'x' for u in unit_ids)",
    ],
)
def test_what_a_fan_out_hands_back_can_be_decided_on(condition):
    assert codes(after_calls(condition)) == set()


@pytest.mark.parametrize(
    "condition",
    [
        "checked['ok'] and checked['score'] &gt;= 70",
        "checked['score'] in [1, 2, 3]",
        "title + ' x' == 'y x'",
        "rows[0] == 'a'",
        "sum(row['points'] for row in rows if row['valid']) &gt; 50",
        "min(rows[0], 3) == 1",
        "max(points) - min(points) &lt; 5",
        "points[0] == 3 or not points",
    ],
)
def test_a_guess_of_the_wrong_kind_is_not_held_against_the_diagram_where_a_walk_can_end(condition):
    xml = d.process(
        d.start(), d.service("check", "check", "checked"), d.exclusive("skip", "skip_way"), d.exclusive("way", "way_b"),
        d.end("a"), d.end("b"), d.end("c"), d.chain("start", "check", "skip", "way"), d.flow("skip", "c", "quick == 1"),
        d.flow("way", "a", condition), d.flow("way", "b"), inputs=["title", "rows", "points", "quick"],
    )  # fmt: skip
    assert codes(xml) == set()


def test_a_result_the_operation_does_not_have_is_found():
    xml = d.process(
        d.start(), d.service("check", "check", "checked"), d.exclusive("way", "way_b"), d.end("a"), d.end("b"),
        d.chain("start", "check", "way"), d.flow("way", "a", "checked['okay']"), d.flow("way", "b"),
    )  # fmt: skip
    (finding,) = refused(xml)
    assert (finding.code, finding.element) == ("step_fails", "way")
    assert "okay" in finding.vi


def test_the_same_diagram_is_judged_alike_every_time():
    def judge():
        view = View(read(EVERYTHING), KNOWN)
        return list(dry_walk.findings(view, compile_diagram(EVERYTHING), walks=30))

    assert judge() == judge()


def test_a_walk_reaches_every_element():
    walker = dry_walk._Walker(View(read(EVERYTHING), KNOWN), compile_diagram(EVERYTHING))
    for seed in range(40):
        assert walker.walk(random.Random(seed)) is None  # noqa: S311 - the same walks every time
    assert walker.reached == compile_diagram(EVERYTHING).elements.keys()
    assert walker.completed >= 35


def test_every_choice_is_tried():
    known = Catalogue(
        forms={"form": FormSpec(frozenset({"pick"}), {"pick": tuple("abcdefgh")})},
        roles=frozenset({"unit_chair"}),
    )
    xml = d.process(
        d.start(), d.user("ask"), d.exclusive("way", "way_end"), d.user("rare"), d.end(), d.parallel("stuck"),
        d.chain("start", "ask", "way"), d.flow("way", "rare", "pick == 'h'"), d.flow("way", "end"),
        d.parallel("fork"), d.exclusive("one", "one_x"), d.throw("x", ""), d.throw("y", ""),
        d.chain("rare", "fork", "one"), d.flow("one", "x"), d.flow("one", "y", "pick == 'a'"),
        d.chain("x", "stuck"), d.chain("y", "stuck"), d.chain("fork", "stuck"), d.chain("stuck", "end"),
    )  # fmt: skip
    assert {finding.code for finding in refused(xml, known)} == {"stalls"}


def test_guesses_follow_the_way_values_are_used():
    sources = [
        "a == 'x' or a == 'y'",
        "b['k'] &gt; 3".replace("&gt;", ">"),
        "'m' in c['n']",
        "sum(u['v'] for u in us)",
    ]
    guesses, rng = Guesses(sources, fixed={"when": "P1D"}, choices={"z": (7,)}), random.Random(1)  # noqa: S311 - fixed
    assert {guesses.value("a", rng) for _ in range(30)} == {"x", "y"}
    assert {guesses.value("b", rng)["k"] for _ in range(60)} == {2, 3, 4}
    assert {"m" in guesses.value("c", rng)["n"] for _ in range(30)} == {True, False}
    assert [set(item) for item in guesses.value("us", rng)] == [{"v"}] * 3
    assert (guesses.value("when", rng), guesses.value("z", rng)) == ("P1D", 7)


def test_a_fault_that_the_diagram_catches_is_walked_too():
    known = Catalogue(operations={"work": OperationSpec(faults=frozenset({"E1"}))}, roles=frozenset())
    xml = d.process(
        d.start(), d.service("make", "work"), d.boundary("failed", "make", d.error_event("E1")), d.exclusive("way", "way_b"),
        d.end(), d.end("a"), d.end("b"), d.chain("start", "make", "end"), d.flow("failed", "way"),
        d.flow("way", "a", "made == 1"), d.flow("way", "b"), before=d.error("E1"),
    ).replace(b'<spiffworkflow:serviceTaskOperator id="work">', b'<spiffworkflow:serviceTaskOperator id="work" resultVariable="made">')  # fmt: skip
    assert {finding.code for finding in refused(xml, known)} == {"variable_unset"}


def doubling(stages):
    """Every stage turns one token into two: 2^stages tokens without any loop."""
    parts, last = [], "start"
    for n in range(stages):
        parts += [
            d.parallel(f"f{n}"), d.throw(f"a{n}", ""), d.throw(f"b{n}", ""), d.exclusive(f"m{n}"),
            d.chain(last, f"f{n}", f"a{n}", f"m{n}"), d.chain(f"f{n}", f"b{n}", f"m{n}"),
        ]  # fmt: skip
        last = f"m{n}"
    return d.process(d.start(), *parts, d.end(), d.flow(last, "end"))


WIDE = [f"u{n}" for n in range(140)]
LARGE = {
    "doubling": (doubling(40), {"never_ends"}),
    "parallel": (
        d.process(
            d.start(), d.parallel("fork"), *map(d.user, WIDE), d.parallel("join"), d.end(), d.chain("start", "fork"),
            *(d.chain("fork", each, "join") for each in WIDE), d.flow("join", "end"),
        ), set(),
    ),
    "chain": (d.process(d.start(), *map(d.user, WIDE * 1), d.end(), d.chain("start", *WIDE, "end")), set()),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_bombs_and_the_largest_diagrams_are_answered_in_time(name):
    xml, expected = LARGE[name]
    begun = time.process_time()
    assert codes(xml) == expected
    assert time.process_time() - begun < 30  # a bound against hanging, not a measure


# --- damaged diagrams: refused by name, or they run; nothing else ------------------------------------------


def damaged(rng):
    """One of the good diagrams with one to three random changes of its structure."""
    root = etree.fromstring(rng.choice([d.approval("sample"), d.pledge("sample"), EVERYTHING]))
    for _ in range(rng.randint(1, 3)):
        rng.choice([_drop, _redirect, _retype, _swap_attribute])(root, rng)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _drop(root, rng):
    nodes = [each for each in root.iter() if each.getparent() is not None]
    if nodes:
        node = rng.choice(nodes)
        node.getparent().remove(node)


def _redirect(root, rng):
    flows = list(root.iter(f"{B}sequenceFlow"))
    nodes = [
        each.get("id") for each in root.iter() if each.tag.endswith(("Task", "Gateway", "Event", "Activity"))
    ]
    if flows and nodes:
        rng.choice(flows).set(rng.choice(["sourceRef", "targetRef"]), rng.choice(nodes))


def _retype(root, rng):
    gateways = [each for each in root.iter() if each.tag.endswith("Gateway")]
    if gateways:
        kinds = [
            "exclusiveGateway",
            "parallelGateway",
            "inclusiveGateway",
            "eventBasedGateway",
            "complexGateway",
        ]
        rng.choice(gateways).tag = B + rng.choice(kinds)


def _swap_attribute(root, rng):
    nodes = [each for each in root.iter() if each.attrib]
    node = rng.choice(nodes)
    node.set(rng.choice(list(node.attrib)), rng.choice(["", "x", "true", "work", "end", "0"]))


def judge(seed):
    """What becomes of a damaged diagram: refused, finished or alive."""
    rng = random.Random(seed)  # noqa: S311 - the same damage every time
    try:
        compiled = check(damaged(rng), known=KNOWN, walks=10)
    except DiagramRefused as error:
        assert error.findings
        return "refused"
    walker = dry_walk._Walker(View(read(damaged(random.Random(seed))), KNOWN), compiled)  # noqa: S311 - the same
    for again in range(3):
        fault = walker.walk(random.Random(1000 + again))  # noqa: S311 - other walks than those of the check
        assert fault is None or fault.code in ("stalls", "variable_unset", "step_fails")
    return "finished" if walker.completed else "alive"


@pytest.mark.parametrize("seeds", [range(n * 25, n * 25 + 25) for n in range(4)], ids=str)
def test_a_damaged_diagram_is_refused_or_runs(seeds):
    results = [judge(seed) for seed in seeds]
    assert set(results) <= {"refused", "finished", "alive"}
    assert results.count("refused") > len(seeds) / 2


@pytest.mark.slow
def test_many_damaged_diagrams_are_refused_or_run():
    results = [judge(seed) for seed in range(1000, 1600)]
    assert set(results) <= {"refused", "finished", "alive"}


def test_a_diagram_that_passed_stays_under_guard_when_it_runs():
    """The walks may miss a fault; the running machine names it all the same."""
    xml = d.process(
        d.start(), d.user("ask", "approve_form"), d.exclusive("way", "way_b"), d.user("a"), d.user("b"), d.parallel("join"), d.end(),
        d.chain("start", "ask", "way"), d.flow("way", "a", "decision == 'approve'"), d.flow("way", "b"),
        d.chain("a", "join", "end"), d.chain("b", "join"),
    )  # fmt: skip
    machine = Machine.start(check(xml, known=KNOWN, walks=0), {})
    machine.complete_human(machine.human_tasks()[0].id, {"decision": "approve"})
    machine.check_alive()
    machine.complete_human(machine.human_tasks()[0].id, {})
    with pytest.raises(Stalled) as caught:
        machine.check_alive()
    assert caught.value.facts == {"elements": ["join"]}
    with pytest.raises(LoopCap):
        Machine.start(compile_diagram(doubling(12)), {})
