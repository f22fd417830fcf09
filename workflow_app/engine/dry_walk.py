"""Random walks through a diagram before it is used: stub answers, stored and restored at every step.

A walk answers every human task, operation, message and timer at random. Decisions come from the catalogue's
choices; other values are guessed from how expressions use them. The seeds are fixed, so a diagram is judged
alike every time. What a walk finds is what nobody sees on paper: joins that wait for ever, a variable that one
path never sets, a loop nobody can leave.
"""

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from workflow_app.engine import expressions
from workflow_app.engine.catalogue import FormSpec, OperationSpec
from workflow_app.engine.compiled import Compiled
from workflow_app.engine.elements import B, text
from workflow_app.engine.errors import (
    ExpressionFailed,
    ExpressionRefused,
    FaultNotCaught,
    Finding,
    LoopCap,
    MomentRefused,
    OutcomeRefused,
    Stalled,
    StepFailed,
    VariableMissing,
)
from workflow_app.engine.executable import FAN_OUT, collection, result_variable
from workflow_app.engine.guesses import Guesses
from workflow_app.engine.lint_rules import data
from workflow_app.engine.lint_rules.view import View
from workflow_app.engine.machine import LOOP_CAP, Machine, StartedService

WALKS = 100  # at most
ENOUGH = 20  # walks, once every element has been reached
BUDGET = (
    100_000  # steps times elements, about five seconds; a large diagram gets fewer walks, never under LEAST
)
LEAST = 2
AHEAD = 10  # walks from where an instance stands: there are many instances, and people wait for the answer
STEPS = 400  # of one walk; a diagram of 300 nodes is walked through in fewer
_FAULT_RATE = 0.25  # how often an operation reports a business fault that the diagram catches
_EXAMPLES = {"timeDate": "2019-03-29", "timeDuration": "P3D", "timeCycle": "R2/PT24H"}


def findings(view: View, compiled: Compiled, *, walks: int) -> Iterator[Finding]:
    """Findings of these many walks, each fault once."""
    yield from _walked(_Walker(view, compiled), walks)


def findings_ahead(view: View, compiled: Compiled, stand: Callable[[], Machine]) -> Iterator[Finding]:
    """Findings of walks onwards from where an instance stands; `stand` gives it anew for each walk."""
    yield from _walked(_Walker(view, compiled, stand), AHEAD)


def _walked(walker: "_Walker", walks: int) -> Iterator[Finding]:
    view, elements = walker.view, walker.compiled.elements
    found: dict[tuple[str, str], Finding] = {}
    for seed in range(walks):
        if seed >= ENOUGH and walker.reached >= elements.keys():
            break
        if seed >= LEAST and walker.steps * len(elements) > BUDGET:
            break
        fault = walker.walk(random.Random(seed))  # noqa: S311 - not a secret: the same walks every time
        if fault is not None:
            found.setdefault((fault.code, fault.element), fault)
    yield from found.values()
    if walks and not walker.completed and not found:
        yield view.finding(
            "never_ends", view.key,
            f"chạy thử {walks} lần không lần nào đến kết thúc. Hãy kiểm tra điều kiện ra khỏi các vòng lặp.",
            f"none of {walks} trial runs came to an end. Check the conditions that leave the loops.",
        )  # fmt: skip


class _Walker:
    """Walks from the start with guessed inputs, or from where `stand` puts a machine."""

    def __init__(self, view: View, compiled: Compiled, stand: Callable[[], Machine] | None = None) -> None:
        self.view = view
        self.compiled = compiled
        self._stand = stand
        self._guesses = _guesses(view)
        self.completed = 0  # walks that came to an end
        self.reached: set[str] = set()  # elements
        self.steps = 0  # of all walks

    def walk(self, rng: random.Random) -> Finding | None:
        """One walk; the fault it met, or None."""
        try:
            machine = self._stand() if self._stand else self._start(rng)
            for _ in range(STEPS):
                machine.check_alive()
                self.reached |= machine.marks().keys()
                if machine.completed:
                    self.completed += 1
                    break
                self.steps += 1
                machine = Machine.load(self.compiled, machine.dump())
                self._act(machine, rng)
        except LoopCap:
            self.steps += LOOP_CAP
            return None  # a walk may go in circles by chance; whether any ever ends is asked afterwards
        except (Stalled, StepFailed, ExpressionFailed, MomentRefused, OutcomeRefused) as error:
            return self._fault(error)
        return None

    def _start(self, rng: random.Random) -> Machine:
        return Machine.start(
            self.compiled, {name: self._guesses.value(name, rng) for name in self.compiled.inputs}
        )

    def _act(self, machine: Machine, rng: random.Random) -> None:
        acts: list[Callable[[], object]] = []
        for task in machine.human_tasks():
            form = self.view.known.forms.get(task.form or "", FormSpec())
            acts.append(partial(machine.complete_human, task.id, self._answer(form.outcomes, form, "", rng)))
        acts += [partial(self._work, machine, service, rng) for service in machine.service_tasks()]
        acts += [partial(machine.fire_timers, timer.due_at) for timer in machine.timers()]
        for message in machine.waiting_messages():
            names = self.view.known.messages.get(message.name, frozenset())
            payload = self._answer(names, None, self.compiled.messages.get(message.name) or "", rng)
            acts.append(partial(machine.deliver, message.name, payload))
        rng.choice(acts)()

    def _work(self, machine: Machine, service: StartedService, rng: random.Random) -> None:
        spec = self.view.used_operations.get(service.element, OperationSpec())
        if rng.random() < _FAULT_RATE:
            try:
                machine.business_fault(service.id, rng.choice(sorted(spec.faults) or ["fault"]))
            except FaultNotCaught:
                pass  # nothing has happened; the operation succeeds instead
            else:
                return
        machine.complete_service(service.id, self._result(service, spec, rng))

    def _result(self, service: StartedService, spec: OperationSpec, rng: random.Random) -> dict[str, Any]:
        node = self.view.nodes[service.element]
        if service.operation == FAN_OUT:
            return self._guesses.children(result_variable(node), len(service.params["items"]), rng)
        return self._answer(spec.results, spec, self.view.result_of(service.element), rng)

    def _answer(
        self, names: frozenset[str], spec: FormSpec | OperationSpec | None, variable: str, rng: random.Random
    ) -> dict[str, Any]:
        """A value for every name; variable: the one they are put into, "" when they are variables themselves."""
        choices = spec.choices if spec else {}
        paths = {name: f"{variable}[{name!r}]" if variable else name for name in sorted(names)}
        return {
            name: rng.choice(choices[name]) if choices.get(name) else self._guesses.value(path, rng)
            for name, path in paths.items()
        }

    def _fault(self, error: Exception) -> Finding | None:
        key = self.view.key
        if isinstance(error, Stalled):
            key = next(iter(error.facts.get("elements", [])), key)
            return self.view.finding(
                "stalls", key,
                "khi chạy thử, quy trình dừng ở đây và không ai làm tiếp được. Hãy kiểm tra cổng song song: "
                "mọi nhánh vào cổng phải cùng được đi qua.",
                f"in a trial run the process stops here and nobody can go on. Check the parallel gateways. ({error})",
            )  # fmt: skip
        if isinstance(error, VariableMissing):
            name = error.facts.get("name")
            return self.view.finding(
                "variable_unset", str(error.facts.get("element", key)),
                f"có đường đi đến đây mà biến «{name}» chưa được đặt. Hãy đặt biến ở bước trước hoặc ở inputs.",
                f"a path leads here on which variable {name} is not set yet. Set it before.",
            )  # fmt: skip
        if isinstance(error, ExpressionFailed) and not error.facts.get("missing"):
            return None  # the guess was of the wrong kind; it says nothing about the diagram
        return self.view.finding(
            "step_fails", str(getattr(error, "facts", {}).get("element", key)),
            f"chạy thử không qua được bước này ({error}). Hãy kiểm tra biểu thức và dữ liệu mà nó dùng.",
            f"a trial run failed at this step ({error}). Check the expression and the data it uses.",
        )  # fmt: skip


def _guesses(view: View) -> Guesses:
    fixed: dict[str, Any] = {}
    for kind, example in _EXAMPLES.items():
        for node in view.process.iter(B + kind):
            fixed |= dict.fromkeys(_names(text(node.text)), example)
    for element in view.elements.values():
        fixed |= dict.fromkeys(filter(None, (element.due, element.soft_due)), _EXAMPLES["timeDate"])
    for _, call in view.of_kind("callActivity"):
        if (items := collection(call)) and items.isidentifier():
            fixed[items] = ["u1", "u2", "u3"]
    return Guesses((use.text for use in data.uses(view)), fixed=fixed, choices=data.all_choices(view))


def _names(source: str) -> tuple[str, ...]:
    try:
        return expressions.parse(source).names
    except ExpressionRefused:
        return ()
