"""Rows and state say the same, whatever people, timers and operators do in whatever order."""

import contextlib
import random
from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine.runtime import (
    NOON,
    OFFICER,
    approval,
    complete,
    deploy,
    events,
    fresh,
    run_jobs,
    signature,
    signing,
    start,
    start_signing,
    the_task,
)
from workflow_app.core import database
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.errors import Refusal
from workflow_app.core.ids import new_id
from workflow_app.engine import instances, projection, timers
from workflow_app.engine.models import HumanTask, InstanceStatus, ProcessInstance

pytestmark = pytest.mark.usefixtures("committed")


def _instances() -> list[UUID]:
    with database.reading() as session:
        return list(session.scalars(sa.select(ProcessInstance.id).order_by(ProcessInstance.id)))


def _check() -> None:
    """The state loads and equals the rows; the stream of every instance is 1…rev without gaps (acts of people apart)."""
    with database.reading() as session:
        for identity in _instances():
            instance = fresh(session, identity)
            assert projection.differences(session, instance) == []
            told = [event["stream_seq"] for event in events(session, identity)]
            people = session.scalar(
                sa.select(sa.func.count()).where(
                    HumanTask.instance_id == identity, HumanTask.status == "completed"
                )
            )
            assert len(told) + (people or 0) == instance.rev
            assert len(set(told)) == len(told)


def _somebody_acts(rng: random.Random) -> None:
    with database.transaction() as session:
        waiting = session.scalars(
            sa.select(HumanTask).where(HumanTask.status == "open").order_by(HumanTask.id)
        ).all()
        if waiting:
            task = rng.choice(waiting)
            decision = (
                rng.choice(["sign", "refuse"])
                if task.element == "sign"
                else rng.choice(["approve", "return"])
            )
            complete(session, task.id, by=OFFICER, decision=decision)


def _operator_acts(rng: random.Random) -> None:
    identity = rng.choice(_instances())
    with database.transaction() as session:
        instance = fresh(session, identity)
        parent, item = instance.parent_id, instance.item_key or ""
        acts: list[Callable[[], object]] = [
            lambda: instances.suspend(session, identity, reason="x", by=OFFICER, at=NOON),
            lambda: instances.resume(session, identity, reason="x", by=OFFICER, at=NOON),
        ]
        if parent is not None:
            acts += [
                lambda: instances.cancel(session, identity, reason="x", by=OFFICER, at=NOON),
                lambda: instances.add_child(session, parent, "sign_all", str(new_id()), by=OFFICER, at=NOON),
                lambda: instances.reopen_child(
                    session, parent, "sign_all", item, reason="x", by=OFFICER, at=NOON
                ),
                lambda: instances.cancel_child(
                    session, parent, "sign_all", item, reason="x", by=OFFICER, at=NOON
                ),
            ]
        rng.choice(acts)()


@pytest.mark.parametrize("seed", range(6))
def test_a_random_history_leaves_rows_and_state_equal(seed: int, noon: ScriptedClock) -> None:
    rng = random.Random(seed)  # noqa: S311 - the same history each time, not a secret
    with database.transaction() as session:
        deploy(session, signature(), signing(), approval())
        start_signing(session, 4, deadline="2019-03-06")
        start(session, "approval")
    run_jobs()
    for _ in range(40):
        act = rng.choices([_somebody_acts, _operator_acts], [5, 2])[0]
        with contextlib.suppress(
            Refusal
        ):  # an act out of place is refused; what matters is what it leaves behind
            act(rng)
        if rng.random() < 0.5:
            run_jobs()
        if rng.random() < 0.1:
            noon.advance(seconds=86400)
            timers.fire_due()
        _check()


def test_the_control_a_row_too_many_or_too_few_is_seen(noon: ScriptedClock) -> None:
    with database.transaction() as session:
        deploy(session, approval())
        running = start(session, "approval").id
        task = the_task(session, running)
        session.execute(sa.update(HumanTask).values(status="cancelled", ended_at=NOON))
        (found,) = projection.differences(session, fresh(session, running))
        assert found.startswith("human_task: rows set(), state {UUID")
        assert str(task.id) in found
        assert fresh(session, running).status == InstanceStatus.RUNNING
