"""A pledge in the hands of an administrator: said on its page, cancelled only with its own rows, migrated whole."""

from collections.abc import Callable

import pytest

import bpmn
from tests.processes.pledges import way
from tests.processes.pledges.screens import Person
from tests.processes.pledges.world import World
from workflow_app.core import clock, jobs
from workflow_app.core.clock import ScriptedClock
from workflow_app.core.database import reading, transaction
from workflow_app.engine import definitions, incidents, instances, migration, projection
from workflow_app.engine.errors import StepFailed
from workflow_app.engine.incidents import Trouble
from workflow_app.engine.models import IncidentKind, ProcessInstance
from workflow_app.processes.pledges.models import PledgeState
from workflow_app.processes.registry import catalogue

At = Callable[[str], Person]

SENTENCE = "Giao ước đang chờ xử lý sự cố kỹ thuật. Người phụ trách đã được báo."


def test_everybody_sees_on_the_pledge_that_somebody_is_at_it(world: World, at: At) -> None:
    world.open()
    page = f"/pledges/{world.pledge_id}"
    assert SENTENCE not in at("chair2").get(page).get_data(as_text=True)
    instance_id = world.pledge().instance_id
    assert instance_id
    trouble = Trouble(instance_id, IncidentKind.HUMAN_TASK, world.task("draft"), "draft")
    incidents.report(trouble, StepFailed("x"), at=clock.now())
    assert SENTENCE in at("chair2").get(page).get_data(as_text=True)


@pytest.mark.parametrize("step", ["comments", "signing"])
def test_a_pledge_goes_over_to_a_newer_diagram_in_mid_round_and_is_signed_to_its_end(
    world: World, february: ScriptedClock, step: str
) -> None:
    world.open()
    (way.go_to_comments if step == "comments" else lambda one: way.go_to_signing(one, february))(world)
    instance_id = world.pledge().instance_id
    assert instance_id
    changed = bpmn.diagram("pledge").replace(b"</bpmn:definitions>", b"<!-- newer -->\n</bpmn:definitions>")
    with transaction() as session:
        newer = definitions.deploy(session, changed, by=None, at=clock.now(), known=catalogue())
        before = migration.outdated(session, newer)
        assert [each.id for each in before] == [instance_id]
        moved = migration.migrate(
            session, instance_id, newer.id, reason="Bản mới", by=None, at=clock.now(), known=catalogue()
        )
        assert projection.differences(session, moved) == []
    if step == "signing":
        for number in (1, 2):
            way.sign(world, number)
        jobs.run_until_idle()
        assert world.task("witness")
        assert world.pledge().state is PledgeState.SIGNING
    else:
        with reading() as session:
            assert session.get_one(ProcessInstance, instance_id).open_children == len(world.unit_ids)
        with transaction() as session:
            instances.suspend(session, instance_id, reason="x", by=None, at=clock.now())
            instances.resume(session, instance_id, reason="x", by=None, at=clock.now())
