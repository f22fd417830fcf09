"""Gateways against an oracle: random block-structured diagrams, played by the machine and by a tiny interpreter.

The interpreter knows no gateways, only blocks (sequence, parallel, inclusive, exclusive, loop), so a join
that fires too early, too late or twice shows as another set of open tasks.
"""

import itertools
import random

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.util.task import TaskState

from tests.engine import diagrams as d
from tests.engine.samples import codes
from workflow_app.engine.compiled import compile_diagram
from workflow_app.engine.machine import Machine
from workflow_app.engine.reading import read

LOOPED = d.process(
    d.start(), d.user("ask"), d.parallel("fork"), d.user("a"), d.user("b"), d.parallel("join"), d.user("decide"),
    d.exclusive("again", "again_end"), d.end(), d.chain("start", "ask", "fork", "a", "join", "decide", "again"),
    d.chain("fork", "b", "join"), d.flow("again", "ask", "note == 'again'"), d.flow("again", "end"),
)  # fmt: skip


def spiffs_second_round(xml):
    """Open tasks of SpiffWorkflow itself after the first round and one branch of the second."""
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(read(xml))
    workflow = BpmnWorkflow(parser.get_spec("sample"))
    workflow.do_engine_steps()
    for name in ("ask", "a", "b", "decide", "ask", "b"):
        (task,) = workflow.get_tasks(state=TaskState.READY, spec_name=name)
        task.data["note"] = "again"
        task.run()
        workflow.do_engine_steps()
    return sorted(task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True))


def ours_second_round(xml):
    machine = Machine.start(compile_diagram(xml), {})
    for name in ("ask", "a", "b", "decide", "ask", "b"):
        machine = Machine.load(compile_diagram(xml), machine.dump())
        machine.complete_human(
            next(task.id for task in machine.human_tasks() if task.element == name), {"note": "again"}
        )
    return sorted(task.element for task in machine.human_tasks())


def test_spiffworkflow_does_not_wait_for_both_branches_in_a_second_round_and_we_do():
    assert spiffs_second_round(LOOPED) == ["a", "decide"]
    assert ours_second_round(LOOPED) == ["a"]


def test_the_same_for_an_inclusive_gateway():
    xml = LOOPED.replace(
        b'<bpmn:parallelGateway id="fork"/>', b'<bpmn:inclusiveGateway id="fork" default="fork_a"/>'
    )
    xml = xml.replace(b'<bpmn:parallelGateway id="join"/>', b'<bpmn:inclusiveGateway id="join"/>').replace(
        d.flow("fork", "b").encode(), d.flow("fork", "b", "1 == 1").encode()
    )
    xml = xml.replace(b'id="fork" default="fork_a"', b'id="fork" default="fork_none"').replace(
        d.flow("fork", "a").encode(),
        (
            d.flow("fork", "a", "1 == 1") + d.user("none") + d.flow("fork", "none") + d.flow("none", "join")
        ).encode(),
    )
    assert spiffs_second_round(xml) == ["a", "decide"]
    assert ours_second_round(xml) == ["a"]


def test_a_second_arrival_on_one_flow_waits_for_the_second_firing():
    """Two tokens on one flow and one on the other fire once; the second of the two is kept."""
    xml = d.process(
        d.start(), d.parallel("fork"), d.user("a"), d.user("b"), d.user("c"), d.exclusive("both"), d.parallel("join"),
        d.user("after"), d.end(), d.chain("start", "fork", "a", "both", "join", "after", "end"),
        d.chain("fork", "b", "both"), d.chain("fork", "c", "join"),
    )  # fmt: skip
    machine = Machine.start(compile_diagram(xml), {})
    for name in ("a", "b", "c"):
        machine = Machine.load(compile_diagram(xml), machine.dump())
        machine.complete_human(next(task.id for task in machine.human_tasks() if task.element == name), {})
    assert [task.element for task in machine.human_tasks()] == ["after"]


def test_the_dry_walk_finds_a_join_that_waits_for_a_branch_not_taken():
    xml = d.process(
        d.start(), d.user("ask", "approve_form"), d.exclusive("way", "way_b"), d.user("a"), d.user("b"), d.parallel("join"), d.end(),
        d.chain("start", "ask", "way"), d.flow("way", "a", "decision == 'approve'"), d.flow("way", "b"),
        d.chain("a", "join", "end"), d.chain("b", "join"),
    )  # fmt: skip
    assert codes(xml) == {"stalls"}


# --- blocks --------------------------------------------------------------------------------------------


class Blocks:
    """Makes a random tree of blocks, its diagram, and its interpreter."""

    def __init__(self, rng):
        self.rng = rng
        self.count = itertools.count(1)
        self.parts, self.flows = [], []
        self.root = self.tree(3)
        first, last = self.draw(self.root)
        self.flows += [d.flow("start", first), d.flow(last, "end")]

    def xml(self):
        return d.process(d.start(), *self.parts, d.end(), *self.flows)

    def tree(self, depth):
        kind = self.rng.choice(["user", "seq", "and", "or", "xor", "loop"]) if depth else "user"
        number = next(self.count)
        if kind == "user":
            return ("user", number, [])
        size = {"loop": 1}.get(kind, self.rng.randint(2, 3))
        return (kind, number, [self.tree(depth - 1) for _ in range(size)])

    def draw(self, block):
        """Ids of the first and last node of a block."""
        kind, number, inner = block
        drawn = [self.draw(each) for each in inner]
        match kind:
            case "user":
                self.parts.append(d.user(f"u{number}"))
                return f"u{number}", f"u{number}"
            case "seq":
                for (_, last), (first, _) in itertools.pairwise(drawn):
                    self.flows.append(d.flow(last, first))
                return drawn[0][0], drawn[-1][1]
            case "loop":
                self.parts += [
                    d.exclusive(f"top{number}"),
                    d.user(f"u{number}"),
                    d.exclusive(f"g{number}", f"out{number}"),
                    d.exclusive(f"x{number}"),
                ]
                self.flows += [
                    d.flow(f"top{number}", drawn[0][0]), d.flow(drawn[0][1], f"u{number}"), d.flow(f"u{number}", f"g{number}"),
                    d.flow(f"g{number}", f"top{number}", f"pick{number} == 1"),
                    d.flow(f"g{number}", f"x{number}", id_=f"out{number}"),
                ]  # fmt: skip
                return f"top{number}", f"x{number}"
        return self.split(kind, number, drawn)

    def split(self, kind, number, drawn):
        make = {"and": lambda id_, _="": d.parallel(id_), "or": d.inclusive, "xor": d.exclusive}[kind]
        self.parts += [d.user(f"u{number}"), make(f"s{number}", f"s{number}_0"), make(f"j{number}")]
        self.flows.append(d.flow(f"u{number}", f"s{number}"))
        for place, (first, last) in enumerate(drawn):
            condition = f"{place} in pick{number}" if place and kind != "and" else ""
            self.flows += [
                d.flow(f"s{number}", first, condition, f"s{number}_{place}"),
                d.flow(last, f"j{number}"),
            ]
        return f"u{number}", f"j{number}"


class Player:
    """Interprets one block: which tasks are open, what completing one does."""

    def __init__(self, block):
        self.kind, self.number, self.inner = block
        self.begin()

    def begin(self):
        self.done = False
        self.asked = self.kind in ("user", "and", "or", "xor")  # its own task comes first
        self.running = [] if self.asked else [Player(self.inner[0])]
        self.place = 0

    def open(self):
        return [f"u{self.number}"] * self.asked + [name for player in self.running for name in player.open()]

    def complete(self, name, picked):
        if self.asked and name == f"u{self.number}":
            self.answer(picked)
            return
        for player in self.running:
            if name in player.open():
                player.complete(name, picked)
                break
        self.running = [player for player in self.running if not player.done]
        if not self.running:
            self.next()

    def answer(self, picked):
        self.asked = False
        if self.kind == "user":
            self.done = True
        elif self.kind == "loop":
            again = picked == 1
            self.running = [Player(self.inner[0])] if again else []
            self.done = not again
        else:
            self.running = [Player(self.inner[place]) for place in self.chosen(picked)]

    def chosen(self, picked):
        later = [place for place in range(1, len(self.inner)) if place in picked]
        return {"and": range(len(self.inner)), "or": later or [0], "xor": later[:1] or [0]}[self.kind]

    def next(self):
        self.place += 1
        if self.kind == "seq" and self.place < len(self.inner):
            self.running = [Player(self.inner[self.place])]
        elif self.kind == "loop":
            self.asked = True
        else:
            self.done = True


def answer(rng, name, root):
    """A random choice for the task of a block, as data and as the interpreter takes it."""
    number = int(name[1:])

    def find(block):
        return (
            block if block[1] == number else next((found for each in block[2] if (found := find(each))), None)
        )

    kind, _, inner = find(root)
    if kind == "loop":
        picked = rng.choice([0, 0, 1])
    else:
        picked = sorted(rng.sample(range(len(inner)), rng.randint(0, len(inner)))) if inner else []
    return picked, {f"pick{number}": picked}


@pytest.mark.parametrize("seed", range(120))
def test_a_random_diagram_plays_as_its_blocks_say(seed):
    rng = random.Random(seed)  # noqa: S311 - not a secret: the same diagrams every time
    blocks = Blocks(rng)
    compiled = compile_diagram(blocks.xml())
    machine, player = Machine.start(compiled, {}, loop_cap=1000), Player(blocks.root)
    for _ in range(60):
        machine.check_alive()
        assert sorted(task.element for task in machine.human_tasks()) == sorted(player.open())
        if player.done:
            break
        machine = Machine.load(compiled, machine.dump(), loop_cap=1000)
        task = rng.choice(sorted(machine.human_tasks(), key=lambda each: each.element))
        picked, data = answer(rng, task.element, blocks.root)
        machine.complete_human(task.id, data)
        player.complete(task.element, picked)
    assert machine.completed == player.done
