"""Random walks: a machine restored at every step does what one in memory does."""

import random
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.engine import diagrams as d
from tests.engine.acting import act, acts, begin, picture, stored
from workflow_app.core import clock
from workflow_app.engine.compiled import compile_diagram
from workflow_app.engine.machine import Machine

NOON = datetime(2019, 3, 1, 5, tzinfo=UTC)  # 12:00 in Hanoi


@pytest.fixture(autouse=True)
def frozen():
    with clock.use(clock.ScriptedClock(NOON)) as scripted:
        yield scripted


@pytest.mark.parametrize("seeds", [range(n * 25, n * 25 + 25) for n in range(4)], ids=str)
def test_a_machine_restored_at_every_step_does_what_one_in_memory_does(seeds):
    compiled, completed = compile_diagram(d.everything()), 0
    for seed in seeds:
        rng = random.Random(seed)  # noqa: S311 - not a secret: the same walks every time
        data = {"unit_ids": ["u1", "u2"], "year": 2019, "deadline": "2019-03-05"}
        kept, restored = Machine.start(compiled, data), Machine.start(compiled, data)
        for _ in range(120):
            kept.check_alive()
            restored = stored(restored)
            assert picture(kept) == picture(restored), f"seed {seed}"
            if kept.completed:
                completed += 1
                break
            chosen = rng.choice(acts(kept, rng))
            act(kept, *chosen)
            act(restored, *chosen)
    assert completed >= len(seeds) * 0.9


def test_ids_of_tasks_survive_a_stay_in_the_database():
    machine = begin(d.everything(), unit_ids=["u1"], year=2019, deadline="2019-03-05")
    before = {each.id for each in machine.human_tasks()}
    assert {each.id for each in stored(machine).human_tasks()} == before
    assert all(isinstance(each, UUID) for each in before)
