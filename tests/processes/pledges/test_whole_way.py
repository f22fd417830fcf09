"""A pledge from draft to issued document, through the real transaction."""

from datetime import UTC, datetime

from tests.processes.pledges import texts
from tests.processes.pledges.world import World
from workflow_app.core import clock
from workflow_app.processes.pledges.models import PledgeState, SignState


def test_two_units_go_the_whole_way(world: World, february: clock.ScriptedClock) -> None:
    world.open()
    world.complete("chair1", "draft", texts.text())
    assert world.pledge().state is PledgeState.COMMENTING
    for number, unit_id in enumerate(world.unit_ids, start=1):
        world.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
    world.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})
    world.complete("standing", "approve", {"verdict": "approve"})
    frozen = world.pledge()
    assert frozen.state is PledgeState.CONVENING
    assert frozen.frozen_content_id is not None
    world.complete("chair1", "invite", texts.invitation())
    february.set(datetime(2019, 3, 1, 10, tzinfo=UTC))
    world.complete("chair1", "conference", texts.minutes(world.unit_ids))
    for number, unit_id in enumerate(world.unit_ids, start=1):
        world.complete(f"chair{number}", "sign", texts.signature(frozen.frozen_content_id), unit_id=unit_id)
    world.complete("standing", "witness", texts.witness(frozen.frozen_content_id))
    world.complete("clerk", "issue", {"recipients": "Ban Tuyên giáo"})
    issued = world.pledge()
    assert issued.state is PledgeState.ISSUED
    assert [unit.sign_state for unit in issued.units] == [SignState.SIGNED] * 2
