"""From the draft to the federation's word."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.processes.pledges import texts
from tests.processes.pledges.way import go_to_approval, go_to_comments
from tests.processes.pledges.world import World
from workflow_app.core import clock, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import Forbidden, Invalid, NotFound
from workflow_app.documents.models import DocumentVersion
from workflow_app.engine import timers
from workflow_app.engine.refusals import TaskNotOpen
from workflow_app.organisations.errors import FourEyes
from workflow_app.processes.completion import complete_task
from workflow_app.processes.pledges.errors import PledgeExists, RoundsExhausted
from workflow_app.processes.pledges.models import CommentState, PledgePoint, PledgeState


def test_a_bloc_has_one_pledge_a_year(world: World) -> None:
    world.open()
    with pytest.raises(PledgeExists):
        world.open()


def test_silence_to_the_deadline_is_agreement_and_stays_silence(
    world: World, february: clock.ScriptedClock
) -> None:
    world.open()
    go_to_comments(world)
    world.complete("chair1", "comment", {"verdict": "agree"}, unit_id=world.unit_ids[0])
    due = world.pledge().comment_due
    assert due is not None
    february.advance(seconds=timedelta(days=(due - clock.today()).days).total_seconds())
    timers.fire_due()
    jobs.run_until_idle()
    assert world.pledge().units[1].comment_state is CommentState.OPEN, "the last day still counts"
    february.advance(seconds=timedelta(days=1).total_seconds())
    timers.fire_due()
    jobs.run_until_idle()
    states = [unit.comment_state for unit in world.pledge().units]
    assert states == [CommentState.AGREED, CommentState.SILENT]
    assert world.task("consolidate")


def test_remarks_are_pinned_and_answered(world: World) -> None:
    world.open()
    go_to_comments(world)
    point = {"ref": "target:party", "text": "Đơn vị nhỏ, 02 đoàn viên ưu tú là khó."}
    world.complete("chair2", "comment", {"verdict": "comment", "points": [point]}, unit_id=world.unit_ids[1])
    world.complete("chair1", "comment", {"verdict": "agree"}, unit_id=world.unit_ids[0])
    with reading() as session:
        remark = session.scalars(select(PledgePoint)).one()
    reply = {"point_id": str(remark.id), "accepted": "on", "reply": "Giảm còn 01."}
    world.complete("chair1", "consolidate", {**texts.text(), "replies": [reply], "decision": "submit"})
    with reading() as session:
        answered = session.scalars(select(PledgePoint)).one()
    assert (answered.accepted, answered.reply, answered.unit_id) == (True, "Giảm còn 01.", world.unit_ids[1])


def test_a_remark_without_a_sentence_is_refused_and_nothing_is_written(world: World) -> None:
    world.open()
    go_to_comments(world)
    with pytest.raises(Invalid, match="invalid fields"):
        world.complete("chair2", "comment", {"verdict": "comment", "points": []}, unit_id=world.unit_ids[1])
    assert world.pledge().units[1].comment_state is CommentState.OPEN


def test_registered_values_titles_and_works_are_kept(world: World) -> None:
    world.open()
    go_to_comments(world)
    form = {
        "verdict": "agree",
        "values": [{"target_key": "party", "value": "2"}],
        "titles": "Công đoàn cơ sở vững mạnh",
        "works": "Góc đọc sách\nTủ thuốc",
    }
    world.complete("chair2", "comment", form, unit_id=world.unit_ids[1])
    unit = world.pledge().units[1]
    assert (unit.registered_values, unit.works) == ({"party": "2"}, ["Góc đọc sách", "Tủ thuốc"])


def test_rounds_of_comments_are_capped(world: World) -> None:
    world.open()
    go_to_comments(world)
    for _ in range(2):
        for number, unit_id in enumerate(world.unit_ids, start=1):
            world.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
        world.complete("chair1", "consolidate", {**texts.text(), "decision": "new_round"})
    for number, unit_id in enumerate(world.unit_ids, start=1):
        world.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
    with pytest.raises(RoundsExhausted):
        world.complete("chair1", "consolidate", {**texts.text(), "decision": "new_round"})
    world.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})
    assert world.pledge().round == 3


def test_the_federation_returns_with_pinned_points_and_approves_the_next_version(world: World) -> None:
    world.open()
    go_to_approval(world)
    points = [{"ref": "clause:1", "text": "Ghi rõ ngày gửi báo cáo quý."}]
    world.complete("standing", "approve", {"verdict": "return", "points": points})
    assert world.pledge().state is PledgeState.CONSOLIDATING
    world.complete("chair1", "consolidate", {**texts.text(), "decision": "submit"})
    world.complete("standing", "approve", {"verdict": "approve"})
    with reading() as session:
        versions = session.scalars(select(DocumentVersion).order_by(DocumentVersion.number)).all()
    assert [version.state.value for version in versions][-1] == "frozen"
    assert world.pledge().frozen_content_id == versions[-1].content_id


def test_a_return_without_a_point_is_refused(world: World) -> None:
    world.open()
    go_to_approval(world)
    with pytest.raises(Invalid) as refused:
        world.complete("standing", "approve", {"verdict": "return"})
    assert "ít nhất một chỗ cần sửa" in refused.value.vi


def test_the_author_never_approves_his_own_text(world: World) -> None:
    world.open()
    go_to_approval(world)
    with transaction() as session:
        from workflow_app.processes.pledges.models import Pledge

        session.get_one(Pledge, world.pledge_id).author_id = world.people["standing"]
    with pytest.raises(FourEyes):
        world.complete("standing", "approve", {"verdict": "approve"})


def test_a_chair_of_another_unit_is_told_who_may_comment(world: World) -> None:
    world.open()
    go_to_comments(world)
    with pytest.raises((Forbidden, NotFound)):
        world.complete("chair2", "comment", {"verdict": "agree"}, unit_id=world.unit_ids[0])
    assert world.pledge().units[0].comment_state is CommentState.OPEN


def test_a_second_click_gets_the_first_answer(world: World) -> None:
    world.open()
    go_to_comments(world)
    task, op_id, actor = world.task("comment", world.unit_ids[1]), uuid4(), world.actor("chair2")
    first = complete_task(actor, task, {"verdict": "agree"}, op_id=op_id, at=clock.now())
    again = complete_task(actor, task, {"verdict": "agree"}, op_id=op_id, at=clock.now())
    assert (first.repeated, again.repeated) == (False, True)


def test_a_stale_tab_hears_who_was_first(world: World) -> None:
    world.open()
    go_to_comments(world)
    task, actor = world.task("comment", world.unit_ids[1]), world.actor("chair2")
    complete_task(actor, task, {"verdict": "agree"}, op_id=uuid4(), at=clock.now())
    with pytest.raises(TaskNotOpen) as refused:
        complete_task(actor, task, {"verdict": "agree"}, op_id=uuid4(), at=clock.now())
    assert refused.value.facts["by"] == world.people["chair2"]
