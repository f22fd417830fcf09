"""What a pledge settles beside its targets: who watches whom, how the year is scored, what is attached."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.processes.pledges import texts
from tests.processes.pledges.screens import Person
from tests.processes.pledges.way import go_to_comments
from tests.processes.pledges.world import World
from workflow_app.core.database import reading
from workflow_app.core.errors import Invalid
from workflow_app.documents.models import DocumentVersion
from workflow_app.processes.pledges.models import PledgeState

At = Callable[[str], Person]


def both_ways(world: World) -> list[dict[str, str]]:
    one, two = map(str, world.unit_ids)
    return [{"unit_id": one, "monitored_id": two}, {"unit_id": two, "monitored_id": one}]


def criterion(group: int = 1, points: str = "100", key: str = "dues") -> dict[str, Any]:
    return {"key": key, "group": str(group), "text": "Đóng đoàn phí đầy đủ", "max_points": points}


def test_the_pairs_stand_at_the_units_and_in_the_word_document(world: World) -> None:
    world.open()
    sheet = [criterion(1, "60"), criterion(2, "37,5", "news"), criterion(2, "2,5", "works")]
    form = {**texts.text(), "monitoring": both_ways(world), "score_sheet": sheet, "attachments": "Quy chế"}
    world.complete("chair1", "draft", form)
    units = world.pledge().units
    assert [unit.monitored_id for unit in units] == [world.unit_ids[1], world.unit_ids[0]]
    with reading() as session:
        data = session.query(DocumentVersion).one().data
    assert data["organisation"]["monitoring"][0] == {"monitor": units[0].name, "monitored": units[1].name}
    assert [(row["number"], row["points"]) for row in data["score_sheet"]["rows"]] == [
        ("I", "60"),
        ("1.1", "60"),
        ("II", "40"),
        ("2.1", "37,5"),
        ("2.2", "2,5"),
    ]
    assert (data["score_sheet"]["total"], data["attachments"]) == ("100", ["Quy chế"])


@pytest.mark.parametrize(
    ("watched", "field", "said"),
    [
        ((0, 0), "monitoring-0-monitored_id", "không tự giám sát mình"),
        ((1, 1), "monitoring-1-monitored_id", "không tự giám sát mình"),
        ((1, None), "monitoring", "Chưa phân công: CĐCS Sở số 2"),
    ],
)
def test_pairs_that_leave_a_unit_out_or_to_itself_are_refused_at_their_row(
    world: World, watched: tuple[int | None, int | None], field: str, said: str
) -> None:
    world.open()
    rows = [
        {
            "unit_id": str(world.unit_ids[number]),
            "monitored_id": "none" if at is None else str(world.unit_ids[at]),
        }
        for number, at in enumerate(watched)
    ]
    with pytest.raises(Invalid) as refused:
        world.complete("chair1", "draft", {**texts.text(), "monitoring": rows})
    assert [error.field for error in refused.value.errors] == [field]
    assert said in refused.value.vi
    assert world.pledge().state is PledgeState.DRAFTING


def test_a_unit_from_elsewhere_watches_nobody(world: World) -> None:
    world.open()
    rows = [{"unit_id": str(uuid4()), "monitored_id": str(world.unit_ids[0])}]
    with pytest.raises(Invalid, match="invalid") as refused:
        world.complete("chair1", "draft", {**texts.text(), "monitoring": rows})
    assert "Chọn một đơn vị trong khối" in refused.value.vi


@pytest.mark.parametrize(
    ("sheet", "field", "said"),
    [
        ([criterion(points="95")], "score_sheet", "Tổng điểm tối đa là 95, phải đúng 100"),
        ([criterion(group=3)], "score_sheet-0-group", "Nhập số từ 1 đến 2"),
        ([criterion(group=0)], "score_sheet-0-group", "không nhỏ hơn 1"),
        ([criterion(points="0")], "score_sheet-0-max_points", "lớn hơn 0"),
        ([criterion(points="2,25")], "score_sheet-0-max_points", "Điểm chia đến 0,5"),
        ([criterion(points="50"), criterion(points="50")], "score_sheet", "trùng mã"),
    ],
)
def test_a_score_sheet_that_cannot_be_scored_is_refused_at_its_cell(
    world: World, sheet: list[dict[str, Any]], field: str, said: str
) -> None:
    world.open()
    with pytest.raises(Invalid) as refused:
        world.complete("chair1", "draft", {**texts.text(), "score_sheet": sheet})
    assert [error.field for error in refused.value.errors] == [field]
    assert said in refused.value.vi


def test_the_form_proposes_that_each_watches_the_next_and_keeps_what_was_chosen(world: World, at: At) -> None:
    world.open()
    leader = at("chair1")
    path = leader.open("draft")
    one, two = map(str, world.unit_ids)
    form = leader.form()
    assert (form["monitoring-0-monitored_id"], form["monitoring-1-monitored_id"]) == (two, one)
    answer = leader.submit(path, {"monitoring-0-monitored_id": "none"})
    assert answer.status_code == 422
    assert leader.tree().xpath("//section[@id='loi']//a/@href") == ["#monitoring"]
    assert leader.form()["monitoring-0-monitored_id"] == "none"
    assert leader.submit(path, {"monitoring-0-monitored_id": two}).status_code == 303
    assert world.pledge().units[1].monitored_id == world.unit_ids[0]


def test_a_row_of_the_score_sheet_is_added_filled_and_told_on_the_page(world: World, at: At) -> None:
    world.open()
    leader = at("chair1")
    path = leader.open("draft")
    leader.submit(path, {}, "add_row=score_sheet")
    row = {
        "score_sheet-0-group": "1",
        "score_sheet-0-text": "Hội nghị đúng hạn",
        "score_sheet-0-max_points": "99",
    }
    assert leader.submit(path, row).status_code == 422
    assert "phải đúng 100" in leader.words()
    assert leader.submit(path, {**row, "score_sheet-0-max_points": "100"}).status_code == 303
    leader.get(f"/pledges/{world.pledge_id}")
    assert "Xem bảng điểm, tổng 100 điểm" in leader.words()
    assert "CĐCS Sở số 1CĐCS Sở số 2" in leader.words(), "who watches whom"


def test_a_unit_remarks_on_the_pairs_and_on_the_score_sheet(world: World) -> None:
    world.open()
    go_to_comments(world)
    points = [{"ref": ref, "text": "Cần sửa."} for ref in ("monitoring", "score_sheet")]
    done = world.complete(
        "chair2", "comment", {"verdict": "comment", "points": points}, unit_id=world.unit_ids[1]
    )
    assert "2 ý kiến" in done.said
