"""One process instance in memory: start it, load it, move it by one step, store it. Knows no database.

    compiled = compile_diagram(xml)
    machine = Machine.start(compiled, {"unit_ids": [...]})
    task = machine.human_tasks()[0]
    machine.complete_human(task.id, {"decision": "approve"})
    machine.check_alive()
    state = machine.dump()

A method that raises while it moves the instance leaves a broken machine, which refuses to be stored: throw
it away, the stored state is unchanged. A machine belongs to one thread; a Compiled may be shared.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from SpiffWorkflow.exceptions import SpiffWorkflowException

from workflow_app.engine import outcomes, packing, refit, rescheduling, spiff, tree
from workflow_app.engine.compiled import Compiled, compile_diagram
from workflow_app.engine.errors import (
    FaultNotCaught,
    Finding,
    MessageNotExpected,
    OutcomeRefused,
    Stalled,
    StepFailed,
    TaskNotActive,
    TimerNotWaiting,
    WrongDiagram,
)
from workflow_app.engine.standing import Standing
from workflow_app.engine.steps import (
    Mark,
    MarkState,
    OutgoingMessage,
    ReadyTask,
    StartedService,
    WaitingMessage,
    WaitingTimer,
)

__all__ = [
    "LOOP_CAP", "Compiled", "Machine", "Mark", "MarkState", "OutgoingMessage", "ReadyTask", "StartedService",
    "WaitingMessage", "WaitingTimer", "compile_diagram",
]  # fmt: skip

LOOP_CAP = 50  # completions of one element: more than that is a diagram that runs in circles
_FORMAT = 1  # of the stored state


class Machine(Standing):
    """A running instance. Made by `start` or `load`."""

    def __init__(self, compiled: Compiled, workflow: spiff.Workflow, loop_cap: int) -> None:
        super().__init__(compiled, workflow, loop_cap)
        self._loop_cap = loop_cap
        self._outgoing: list[OutgoingMessage] = []
        self._broken = False

    @classmethod
    def start(cls, compiled: Compiled, data: Mapping[str, Any], *, loop_cap: int = LOOP_CAP) -> Self:
        """A new instance, moved as far as it goes without a person, an operation, a timer or a message.

        Raises OutcomeRefused when a declared input is missing or a value may not enter a process,
        ExpressionFailed, MomentRefused, LoopCap or StepFailed when the first step is impossible.
        """
        values = outcomes.clean(data)
        if missing := [name for name in compiled.inputs if name not in values]:
            raise OutcomeRefused(f"process {compiled.key} needs the inputs {', '.join(missing)}")
        workflow = spiff.Workflow(compiled.spec, dict(compiled.subspecs))
        machine = cls(compiled, workflow, loop_cap)
        with machine._step():
            workflow.variables.update(values)
        return machine

    @classmethod
    def load(cls, compiled: Compiled, state: bytes, *, loop_cap: int = LOOP_CAP) -> Self:
        """The instance that `dump` has stored. Raises WrongDiagram when another diagram had written it."""
        stored = packing.unpack(state)
        if stored["format"] != _FORMAT or stored["diagram"] != compiled.sha256:
            raise WrongDiagram(
                f"state of diagram {stored['diagram'][:12]}, opened with {compiled.sha256[:12]}"
            )
        workflow = packing.restore(compiled, stored["state"])
        machine = cls(compiled, workflow, loop_cap)
        workflow.variables.update(stored["data"])
        machine._visits.restore(stored["visits"])
        machine._outgoing.extend(OutgoingMessage(name, payload) for name, payload in stored["outgoing"])
        return machine

    def dump(self) -> bytes:
        """The instance as zstd(JSON), without its diagram. Raises StepFailed after a failed step."""
        self._refuse_if_broken()
        stored = {
            "format": _FORMAT,
            "diagram": self._compiled.sha256,
            "state": packing.workflows(self._workflow),
            "data": self._workflow.variables,
            "visits": self._visits.store(),
            "outgoing": [(message.name, message.payload) for message in self._outgoing],
        }
        return packing.pack(stored)

    def obstacles(self, other: Compiled) -> list[Finding]:
        """What keeps the instance from going on with another version of its diagram; empty when nothing does.

        It compares what the instance has behind it and stands on; whether the way ahead leads to an end is for
        `dry_walk.findings_from`.
        """
        return list(refit.obstacles(self._workflow, self._visits.begun(), self._compiled, other))

    def on(self, other: Compiled) -> Self:
        """The same instance on another version of its diagram: same tasks, same ids, same times due.

        Raises WrongDiagram when `obstacles` has any.
        """
        self._refuse_if_broken()
        if found := self.obstacles(other):
            raise WrongDiagram(f"{found[0].code} at {found[0].element}")
        machine = type(self)(other, refit.refit(self._workflow, other), self._loop_cap)
        machine._workflow.variables.update(self.data())
        machine._visits.restore(self._visits.store())
        machine._outgoing.extend(self._outgoing)
        return machine

    def complete_human(self, task_id: UUID, outcome: Mapping[str, Any]) -> None:
        """Completes a READY human task; every name of the outcome replaces the variable of that name.

        Raises TaskNotActive when the task is not open, OutcomeRefused, ExpressionFailed, MomentRefused,
        LoopCap, StepFailed.
        """
        values = outcomes.clean(outcome)
        task = self._live(task_id, tree.READY)
        if not task.task_spec.manual:
            raise TaskNotActive(f"task {task_id} is no human task")
        with self._step():
            self._workflow.variables.update(values)
            task.run()
            self._completed(task)

    def complete_service(self, task_id: UUID, result: Any = None) -> None:
        """Completes a STARTED service task with what its operation returned, JSON only.

        With a resultVariable in the diagram the result becomes that variable; without one it must be a
        mapping (or None), whose names become variables.
        """
        task = self._job(task_id)
        variable = task.task_spec.result_variable
        # SpiffWorkflow makes up this name when the diagram gives none.
        given = (result or {}) if variable.startswith("spiff__") else {variable: result}
        if not isinstance(given, Mapping):
            raise OutcomeRefused(
                f"element {task.task_spec.name}: a result without resultVariable must be a mapping"
            )
        values = outcomes.clean(given)
        with self._step():
            self._workflow.variables.update(values)
            task.complete()
            self._completed(task)

    def business_fault(self, task_id: UUID, code: str) -> None:
        """Leaves a STARTED service task through the error boundary event for this code.

        The event is looked for on the element, then on the sub-processes around it; one with the code goes
        before one without. Raises FaultNotCaught when there is none.
        """
        task = self._job(task_id)
        boundary = self._tree.catcher(task, code)
        if boundary is None:
            raise FaultNotCaught(f"element {task.task_spec.name} has no error event for {code}", fault=code)
        with self._step():
            tree.throw_error(boundary, code)

    def fire_timers(self, now: datetime) -> list[WaitingTimer]:
        """Fires what is due at an aware moment, in the order of due times; returns what has fired.

        A timer that an earlier one has cancelled does not fire; one that comes up by firing waits for the
        next call. Reminders missed in between are made up for by one.
        """
        fired = []
        for timer in sorted(self.timers(), key=lambda waiting: waiting.due_at):
            task = self._tree.find(timer.id, tree.WAITING)
            if task is None or timer.due_at > now:
                continue
            with self._step():
                self._workflow.fire(task, now)
                if tree.is_cycle(task):
                    self._visits.add(timer.element)
            fired.append(timer)
        return fired

    def move_timer(self, element: str, to: datetime) -> datetime:
        """Gives the timer of an element another aware moment; returns the moment it had.

        One that has gone off without taking away what it sits on is set once more. Raises TimerNotWaiting.
        """
        with self._step():
            before = rescheduling.move(self._tree, element, to)
        if before is None:
            raise TimerNotWaiting(f"element {element} of process {self._compiled.key} has no waiting timer")
        return before

    def deliver(self, name: str, payload: Mapping[str, Any] | None = None) -> None:
        """Hands a message to every element that waits for it. Raises MessageNotExpected when none does."""
        waiting = {message.id for message in self.waiting_messages() if message.name == name}
        if not waiting:
            raise MessageNotExpected(f"process {self._compiled.key} does not wait for message {name}")
        variable = self._compiled.messages.get(name)
        values = outcomes.clean({variable: payload or {}} if variable else payload or {})
        with self._step():
            self._workflow.variables.update(values)
            for task in [task for task in self._tree.waiting() if task.id in waiting]:
                if task.state == tree.WAITING:  # the one before may have cancelled it
                    tree.hand_message(task, name)

    def outgoing(self) -> list[OutgoingMessage]:
        """Messages thrown since the last call; each is handed out once."""
        drained, self._outgoing = self._outgoing, []
        return drained

    def cancel(self) -> None:
        """Cancels everything that is open; the instance is completed afterwards."""
        with self._step():
            self._workflow.cancel()

    def check_alive(self) -> None:
        """Raises Stalled when nothing is ready, works or waits and yet the end is not reached.

        SpiffWorkflow stops like that without an exception: in trees deeper than 1,000 tasks, on a broken
        join. To be called after every step, before `dump`.
        """
        self._refuse_if_broken()
        if self._tree.stalled():
            elements = sorted({task.task_spec.name for task, _ in self._open()})
            raise Stalled(f"process {self._compiled.key} stalled at {elements}", elements=elements)

    # --- inside ----------------------------------------------------------------------------------------

    @contextmanager
    def _step(self) -> Iterator[None]:
        """One movement: what the caller does, then everything that follows without anybody's help."""
        self._refuse_if_broken()
        before = {task.id: task.task_spec.name for task, _ in self._open()}
        self._visits.begin()
        self._broken = True
        try:
            yield
            self._workflow.do_engine_steps(did_complete_task=self._completed)
            self._drain()
        except (SpiffWorkflowException, RecursionError) as error:
            raise StepFailed(f"process {self._compiled.key}: {error}") from error
        self._broken = False
        self._visits.end(before, [task.id for task, _ in self._open()])
        self._visits.passed |= self._tree.passages(self._compiled.elements)

    def _refuse_if_broken(self) -> None:
        if self._broken:
            raise StepFailed(
                f"process {self._compiled.key}: an earlier step has failed; load the stored state"
            )

    def _drain(self) -> None:
        # Events left in the workflow would pile up in every stored state.
        for event in self._workflow.get_events():
            if tree.is_termination(event):
                continue  # has done its work inside
            if not tree.is_message(event):
                raise StepFailed(
                    f"process {self._compiled.key}: nobody catches {event.event_definition.name}"
                )
            payload = outcomes.clean(event.payload or {})
            self._outgoing.append(OutgoingMessage(event.event_definition.name, payload))

    def _completed(self, task: Any) -> None:
        known = task.task_spec.name in self._compiled.elements
        # A cycle timer is counted when it fires; its end is no event of its own.
        if known and task.state == tree.COMPLETED and not tree.is_cycle(task):
            self._visits.complete(task.id, task.task_spec.name, ends=self._tree.ends_process(task))

    def _live(self, task_id: UUID, state: int) -> Any:
        found = self._tree.find(task_id, state)
        if found is None:
            raise TaskNotActive(f"task {task_id} is not open in process {self._compiled.key}")
        return found

    def _job(self, task_id: UUID) -> Any:
        task = self._live(task_id, tree.STARTED)
        if spiff.JOB not in task.internal_data:
            raise TaskNotActive(f"task {task_id} is no service task")
        return task
