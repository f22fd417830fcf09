"""The steps of the way, for tests that begin somewhere in the middle."""

from datetime import UTC, datetime

from tests.processes.pledges import texts
from tests.processes.pledges.world import World
from workflow_app.core import clock

CONFERENCE = datetime(2019, 3, 1, 10, tzinfo=UTC)  # 17:00 in Viet Nam


def go_to_comments(world: World) -> None:
    world.complete("chair1", "draft", texts.text())


def go_to_approval(world: World) -> None:
    go_to_comments(world)
    for number, unit_id in enumerate(world.unit_ids, start=1):
        world.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
    world.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})


def go_to_conference(world: World) -> None:
    go_to_approval(world)
    world.complete("standing", "approve", {"verdict": "approve"})
    world.complete("chair1", "invite", texts.invitation())


def go_to_signing(world: World, scripted: clock.ScriptedClock) -> None:
    go_to_conference(world)
    scripted.set(CONFERENCE)
    world.complete("chair1", "conference", texts.minutes(world.unit_ids))


def sign(world: World, number: int) -> None:
    content_id = world.pledge().frozen_content_id or ""
    world.complete(f"chair{number}", "sign", texts.signature(content_id), unit_id=world.unit_ids[number - 1])
