"""The task pages of a pledge: what they show, what they keep, what they refuse, what they cost."""

from collections.abc import Callable

import pytest

from tests.processes.pledges import texts
from tests.processes.pledges.screens import Person
from tests.processes.pledges.way import go_to_approval, go_to_comments, go_to_conference, sign
from tests.processes.pledges.world import PIN, World
from tests.support.statements import counted
from workflow_app.core import clock, database, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.organisations import service as organisations
from workflow_app.processes.pledges.models import CommentState, PledgePoint, PledgeState, SignState

At = Callable[[str], Person]


@pytest.fixture
def commenting(world: World) -> World:
    world.open()
    go_to_comments(world)
    return world


def row_of(person: Person, ref: str) -> str:
    """The name of the remark's text field for a part: "points-3-text"."""
    name: str = person.tree().xpath(f"//input[@value='{ref}' and contains(@name, 'ref')]/@name")[0]
    return name.replace("ref", "text")


def test_a_comment_costs_at_most_twelve_statements_and_one_commit(commenting: World, at: At) -> None:
    warm, person = at("chair1"), at("chair2")
    warm.submit(warm.open("comment", commenting.unit_ids[0]), {}, "verdict=agree")
    jobs.run_until_idle()
    path = person.open("comment", commenting.unit_ids[1])
    with counted(database.engine()) as seen:
        answer = person.submit(path, {row_of(person, "general"): "Nên ký sớm hơn."}, "verdict=comment")
    assert answer.status_code == 303
    assert len(seen) <= 12, seen
    assert seen.commits == 1


def test_the_page_asks_for_a_remark_on_every_part_and_a_value_for_every_counted_target(
    commenting: World, at: At
) -> None:
    person = at("chair2")
    person.open("comment", commenting.unit_ids[1])
    refs = person.tree().xpath("//input[contains(@name, '-ref')]/@value")
    assert refs == [
        "content:1",
        "content:2",
        "target:grade",
        "target:party",
        "clause:1",
        "closing",
        "plan",
        "general",
    ]
    assert person.tree().xpath("//input[contains(@name, 'target_key')]/@value") == ["party"]
    assert "ít nhất 02 đoàn viên" in person.words()


def test_empty_remarks_are_left_out_and_filled_ones_pinned(commenting: World, at: At) -> None:
    person = at("chair2")
    path = person.open("comment", commenting.unit_ids[1])
    answer = person.submit(path, {row_of(person, "clause:1"): "Ghi rõ ngày gửi."}, "verdict=comment")
    assert answer.status_code == 303
    with reading() as session:
        points = session.query(PledgePoint).all()
    assert [(point.ref, point.text) for point in points] == [("clause:1", "Ghi rõ ngày gửi.")]


def test_what_was_typed_stands_at_the_same_part_after_a_refusal(commenting: World, at: At) -> None:
    person = at("chair2")
    path = person.open("comment", commenting.unit_ids[1])
    typed = {
        row_of(person, "target:party"): "Khó đạt.",
        row_of(person, "closing"): "x" * 5001,
        "works": "Góc đọc sách",
        "values-0-value": "hai",
    }
    answer = person.submit(path, typed, "verdict=comment")
    assert answer.status_code == 422
    tree = person.tree()
    assert tree.xpath(f"//textarea[@name='{row_of(person, 'target:party')}']")[0].text.strip() == "Khó đạt."
    assert tree.xpath("//textarea[@name='works']")[0].text.strip() == "Góc đọc sách"
    closing, value = row_of(person, "closing"), "values-0-value"
    for name in (closing, value):
        control = tree.xpath(f"//*[@name='{name}']")[0]
        assert control.get("aria-invalid") == "true"
        assert tree.xpath(f"//*[@id='{control.get('aria-describedby').split()[-1]}']")
    assert set(tree.xpath("//section[@id='loi']//a/@href")) == {f"#{closing}", f"#{value}"}
    assert tree.xpath("//title")[0].text.startswith("Lỗi:")
    assert commenting.pledge().units[1].comment_state is CommentState.OPEN


def test_a_comment_without_a_remark_is_told_at_the_list(commenting: World, at: At) -> None:
    person = at("chair2")
    answer = person.submit(person.open("comment", commenting.unit_ids[1]), {}, "verdict=comment")
    assert answer.status_code == 422
    assert person.tree().xpath("//section[@id='loi']//a/@href") == ["#points"]
    assert "Ghi ít nhất một ý kiến" in person.tree().xpath("//*[@id='points']")[0].text_content()


def test_a_stale_tab_hears_who_was_first_and_keeps_the_text(commenting: World, at: At) -> None:
    first, second = at("chair2"), at("chair2")
    path = first.open("comment", commenting.unit_ids[1])
    second.open("comment", commenting.unit_ids[1])
    first.submit(path, {}, "verdict=agree")
    answer = second.submit(path, {row_of(second, "general"): "Ý kiến muộn."}, "verdict=comment")
    assert answer.status_code == 409
    assert "Trần Quốc Bảo" in second.words()
    assert "Ý kiến muộn." in second.page


def test_a_second_click_gets_the_first_answer(commenting: World, at: At) -> None:
    person = at("chair2")
    path = person.open("comment", commenting.unit_ids[1])
    form = {**person.form(), "verdict": "agree"}
    assert [person.send(path, form).status_code for _ in range(2)] == [303, 303]


def test_the_leader_answers_each_remark_and_the_answer_stays_through_a_new_row(
    commenting: World, at: At
) -> None:
    point = {"ref": "target:party", "text": "Đơn vị nhỏ."}
    commenting.complete(
        "chair2", "comment", {"verdict": "comment", "points": [point]}, unit_id=commenting.unit_ids[1]
    )
    commenting.complete("chair1", "comment", {"verdict": "agree"}, unit_id=commenting.unit_ids[0])
    leader = at("chair1")
    path = leader.open("consolidate")
    answer = leader.submit(path, {"replies-0-reply": "Giảm còn 01."}, "add_row=targets")
    assert answer.status_code == 200
    assert "Giảm còn 01." in leader.page
    assert (
        len(leader.tree().xpath("//textarea[contains(@name, 'targets-') and contains(@name, '-text')]")) == 3
    )
    answer = leader.submit(path, {"replies-0-accepted": "true"}, "decision=submit")
    assert answer.status_code == 303, "the new, empty row is left out"
    with reading() as session:
        remark = session.query(PledgePoint).one()
    assert (remark.accepted, remark.reply) == (True, "Giảm còn 01.")
    assert len(commenting.pledge().text["targets"]) == 2


def test_a_return_is_pinned_to_parts_and_an_empty_one_refused(world: World, at: At) -> None:
    world.open()
    go_to_approval(world)
    standing = at("standing")
    path = standing.open("approve")
    assert standing.submit(path, {}, "verdict=return").status_code == 422
    assert standing.tree().xpath("//section[@id='loi']//a/@href") == ["#points"]
    assert standing.tree().xpath("//details[@open]//fieldset[@id='points']"), "the folded list is open"
    answer = standing.submit(path, {row_of(standing, "clause:1"): "Ghi rõ hạn."}, "verdict=return")
    assert answer.status_code == 303
    leader = at("chair1")
    jobs.run_until_idle()
    leader.open("consolidate")
    assert "Ghi rõ hạn." in leader.words()


def test_the_approver_sees_what_changed_since_the_version_he_returned(
    world: World, at: At, february: clock.ScriptedClock
) -> None:
    world.open()
    go_to_approval(world)
    points = [{"ref": "target:party", "text": "Giảm."}]
    world.complete("standing", "approve", {"verdict": "return", "points": points})
    february.advance(seconds=60)
    text = texts.text()
    text["targets"][1] |= {"text": "Giới thiệu ít nhất 01 đoàn viên ưu tú", "value": "1"}
    world.complete("chair1", "consolidate", {**text, "decision": "submit"})
    standing = at("standing")
    standing.open("approve")
    assert "Từ lần trả lại" in standing.words()
    deleted = [each.text_content() for each in standing.tree().xpath("//main//del")]
    assert any("02" in each for each in deleted)


def test_minutes_are_prefilled_with_each_chair_and_nobody_is_ticked(
    world: World, at: At, february: clock.ScriptedClock
) -> None:
    world.open()
    go_to_conference(world)
    leader = at("chair1")
    leader.open("conference")
    form = leader.form()
    assert [form[f"attendance-{n}-representative"] for n in (0, 1)] == ["Nguyễn Thị Minh An", "Trần Quốc Bảo"]
    assert not [name for name in form if name.endswith("present")]
    assert form["items-0-title"] == "Thảo luận giao ước"


def test_a_unit_that_did_not_come_keeps_its_row(world: World, at: At, february: clock.ScriptedClock) -> None:
    world.open()
    go_to_conference(world)
    february.advance(seconds=20 * 24 * 3600)
    leader = at("chair1")
    path = leader.open("conference")
    cleared = {"attendance-1-representative": "", "attendance-1-title": ""}
    more = {"ended": "16:30", "secretary_name": "A", "secretary_title": "B", "agree": "1"}
    answer = leader.submit(path, {"attendance-0-present": "true", **cleared, **more})
    assert answer.status_code == 303, leader.words()


def test_a_refusal_needs_its_reason_at_its_own_field(signing: World, at: At) -> None:
    sign(signing, 1)
    person = at("chair2")
    path = person.open("sign", signing.unit_ids[1])
    assert person.submit(path, {}, "result=refused").status_code == 422
    assert person.tree().xpath("//section[@id='loi']//a/@href") == ["#reason"]
    assert person.tree().xpath("//details[@open]//textarea[@id='reason']")
    answer = person.submit(path, {"reason": "Chưa họp Ban Chấp hành."}, "result=refused")
    assert answer.status_code == 303
    assert signing.pledge().units[1].sign_state is SignState.REFUSED


def test_signing_asks_what_is_missing_and_never_shows_the_secret_again(signing: World, at: At) -> None:
    person = at("chair1")
    path = person.open("sign", signing.unit_ids[0])
    assert person.submit(path, {"secret": "000000"}, "result=signed").status_code == 422
    assert person.tree().xpath("//section[@id='loi']//a/@href") == ["#read"]
    assert "000000" not in person.page
    assert person.submit(path, {"read": "true", "secret": "000000"}, "result=signed").status_code == 422
    assert person.tree().xpath("//section[@id='loi']//a/@href") == ["#secret"]
    assert person.submit(path, {"read": "true", "secret": PIN}, "result=signed").status_code == 303


def test_a_chair_who_must_wait_is_told_for_whom(signing: World, at: At) -> None:
    person = at("chair2")
    person.open("sign", signing.unit_ids[1])
    assert "Chưa đến lượt: CĐCS Sở số 1 ký trước" in person.words()
    assert "Giao ước thành 1/2." in person.words()


def test_the_leader_reads_the_refusal_before_answering_it(signing: World, at: At) -> None:
    sign(signing, 1)
    content_id = signing.pledge().frozen_content_id or ""
    refusal = {"result": "refused", "content_id": content_id, "reason": "Chưa họp Ban Chấp hành."}
    signing.complete("chair2", "sign", refusal, unit_id=signing.unit_ids[1])
    leader = at("chair1")
    path = leader.open("settle", signing.unit_ids[1])
    assert "“Chưa họp Ban Chấp hành.”" in leader.words()
    assert leader.submit(path, {"reply": "Mời ký lại."}, "settlement=invite_again").status_code == 303
    assert signing.pledge().units[1].sign_state is SignState.OPEN


@pytest.mark.parametrize("who", ["chair1", "officer"])
def test_somebody_else_does_not_get_the_form(commenting: World, at: At, who: str) -> None:
    answer = at(who).get(f"/tasks/{commenting.task('comment', commenting.unit_ids[1])}")
    assert answer.status_code == 403
    assert "Chủ tịch công đoàn đơn vị" in answer.get_data(as_text=True)


def test_the_next_year_begins_with_this_year(world: World, at: At, february: clock.ScriptedClock) -> None:
    world.open()
    go_to_comments(world)
    leader = at("chair1")
    with transaction() as session:
        organisations.set_bloc_year(
            session,
            world.bloc_id,
            2020,
            members=world.unit_ids,
            leader=world.unit_ids[0],
            deputy=None,
            basis="QĐ 13",
        )
    world.open(2020)
    leader.open("draft")
    form = leader.form()
    assert form["targets-1-text"] == texts.text()["targets"][1]["text"]
    assert (form["reporting-0-due-day"], form["reporting-0-due-year"]) == ("5", "2020")
    assert "Nội dung lấy từ giao ước năm 2019" in leader.words()
    assert world.pledge().state is PledgeState.DRAFTING


def test_every_page_of_a_task_says_what_each_button_does(signing: World, at: At) -> None:
    person = at("chair1")
    person.open("sign", signing.unit_ids[0])
    for act in person.tree().xpath("//form[@id='bieu-mau']//div[contains(@class, 'gu-act')][.//button]"):
        assert act.xpath(".//p[normalize-space()]"), act.text_content()
