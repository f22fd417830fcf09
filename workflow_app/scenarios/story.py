"""A story: people act one after another through the application's own services, on a clock that it moves.

Nothing here knows a shortcut: every task is found in its actor's own list of work and completed as the
pages do it; jobs and timers run as the worker runs them.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow_app.audit import service as audit
from workflow_app.core import clock, jobs
from workflow_app.core.clock import HANOI, ScriptedClock
from workflow_app.core.database import reading, transaction
from workflow_app.core.ids import new_id
from workflow_app.engine import timers, worklist
from workflow_app.engine.models import ProcessInstance, Timer
from workflow_app.engine.worklist import WorkRow
from workflow_app.organisations.actors import load_actor
from workflow_app.organisations.types import Actor, Seat
from workflow_app.processes.completion import Completed, complete_task

BETWEEN_ACTS = timedelta(minutes=2)  # people are not faster


class StoryBroken(Exception):
    """The story cannot go on as it is written; the message says where."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the story, as the summary tells it.

    act: the audit log's word. task: the name of the task, empty for an act without one.
    seconds: real time, with the jobs that followed.
    """

    act: str
    actor: str
    office: str
    unit: str
    task: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Operation:
    """What the audit log must hold exactly once."""

    person_id: UUID
    op_id: UUID


class Story:
    """people: person by user name. tell: called with a line for each act."""

    def __init__(
        self,
        scripted: ScriptedClock,
        people: Mapping[str, UUID],
        *,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.clock = scripted
        self.people = dict(people)
        self.steps: list[Step] = []
        self.operations: list[Operation] = []
        self._tell = tell or (lambda line: None)

    def at(self, local_time: str) -> None:
        """Moves on to a time of Viet Nam ("2019-03-01 14:00"); what falls due before it happens at its own time."""
        target = datetime.fromisoformat(local_time).replace(tzinfo=HANOI)
        if target < self.clock.now():
            raise StoryBroken(f"{local_time} is before {clock.local(self.clock.now()):%Y-%m-%d %H:%M}")
        self.until(target)

    def until(self, target: datetime) -> None:
        """As `at`, for an aware instant; one that has passed moves nothing."""
        while (due := _next_timer(target)) is not None:
            self.clock.set(max(due, self.clock.now()))
            if not timers.fire_due():
                raise StoryBroken(f"a timer due at {due.isoformat()} does not fire")
            jobs.run_until_idle()
        self.clock.set(max(target, self.clock.now()))
        jobs.run_until_idle()

    def as_(self, username: str) -> "Hand":
        """Somebody to act, in today's offices."""
        with reading() as session:
            actor = load_actor(session, self.people[username], on=clock.today())
        return Hand(self, actor)

    def note(self, step: Step) -> None:
        self.steps.append(step)
        when = clock.local(self.clock.now())
        self._tell(
            f"{when:%d/%m/%Y %H:%M}  {step.actor} ({step.office}, {step.unit}): {step.task or step.act}"
        )


@dataclass(frozen=True, slots=True)
class Doing:
    """What an act without a task is given. seat: the office in which it is done."""

    session: Session
    actor: Actor
    seat: Seat
    op_id: UUID
    at: datetime


class Hand:
    """One person at work in a story."""

    def __init__(self, story: Story, actor: Actor) -> None:
        self._story = story
        self.actor = actor

    def complete(
        self, form_key: str, values: Mapping[str, Any], *, of: UUID, about: UUID | None = None
    ) -> Completed:
        """Completes the task with this form from the person's own list of work.

        of: the domain row that the task's instance moves. about: the unit that it concerns, where the
        person has several such tasks.
        Raises StoryBroken when it is not there; refusals as they come.
        """
        started, op_id = time.perf_counter(), new_id()
        row = self.find(form_key, of=of, about=about)
        done = complete_task(self.actor, row.id, values, op_id=op_id, at=clock.now())
        self._end(started, op_id, row.name)
        return done

    def find(self, form_key: str, *, of: UUID, about: UUID | None = None) -> WorkRow:
        """The person's open task with this form; raises StoryBroken unless there is exactly one."""
        with reading() as session:
            page = worklist.open_for(session, self.actor.pairs, self.actor.person_id, limit=500)
            rows = [row for row in page.rows if row.form_key == form_key and row.business_id == of]
            if about is not None:
                rows = [
                    row for row in rows if session.get_one(ProcessInstance, row.instance_id).unit_id == about
                ]
        if len(rows) != 1:
            raise StoryBroken(f"{self.actor.account_name} has {len(rows)} open tasks {form_key}")
        return rows[0]

    @contextmanager
    def doing(self, act: str, *, role: str | None = None) -> Iterator[Doing]:
        """An act without a task, in one transaction. role: the office to act in, else the first one."""
        started, op_id = time.perf_counter(), new_id()
        seat = next((seat for seat in self.actor.seats if role is None or role in seat.roles), None)
        if seat is None:
            raise StoryBroken(f"{self.actor.account_name} holds no {role}")
        with transaction() as session:
            yield Doing(session, self.actor, seat, op_id, clock.now())
        self._after(started, Step(act, self.actor.full_name, seat.title, seat.unit_name, "", 0.0))
        with reading() as session:
            if audit.repeat(session, self.actor.person_id, op_id) is not None:
                self._story.operations.append(Operation(self.actor.person_id, op_id))

    def _end(self, started: float, op_id: UUID, task: str) -> None:
        self._story.operations.append(Operation(self.actor.person_id, op_id))
        with reading() as session:
            event = audit.repeat(session, self.actor.person_id, op_id)
        if event is None:
            raise StoryBroken(f"operation {op_id} is not in the record")
        unit = next((seat.unit_name for seat in self.actor.seats if seat.id == event.seat_id), "")
        office = f"{event.told['capacity']} {event.told['office']}".strip()
        self._after(started, Step(event.action, self.actor.full_name, office, unit, task, 0.0))

    def _after(self, started: float, step: Step) -> None:
        jobs.run_until_idle()
        seconds = round(time.perf_counter() - started, 3)
        self._story.note(Step(step.act, step.actor, step.office, step.unit, step.task, seconds))
        self._story.clock.advance(seconds=BETWEEN_ACTS.total_seconds())


def _next_timer(before: datetime) -> datetime | None:
    query = select(func.min(Timer.due_at)).where(Timer.due_at <= before, Timer.blocked.is_(False))
    with reading() as session:
        return session.scalar(query)
