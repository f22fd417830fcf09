"""Whatever is sent to a form of the pledge: one clear sentence, at the place to mend, and nothing changed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests.processes.pledges import texts
from tests.processes.pledges.screens import Person, add_stranger
from tests.processes.pledges.way import go_to_approval, go_to_comments, go_to_conference, sign
from tests.processes.pledges.world import PIN, World
from workflow_app.audit.models import AuditEvent
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.engine.models import HumanTask
from workflow_app.organisations import service as organisations
from workflow_app.processes.pledges.models import (
    CommentState,
    Pledge,
    PledgeConference,
    PledgePoint,
    PledgeUnit,
)

At = Callable[[str], Person]
HUGE = "x" * 5_001


def rows() -> list[tuple[Any, ...]]:
    """Everything that an act of a pledge could change."""
    tables = (Pledge, PledgeUnit, PledgePoint, PledgeConference, HumanTask)
    with reading() as session:
        found = [tuple(row) for model in tables for row in session.execute(sa.select(model.__table__))]
        found.append((session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)),))
    return sorted(found, key=str)


@contextmanager
def nothing_changes() -> Iterator[None]:
    before = rows()
    yield
    assert rows() == before


def told(person: Person) -> list[str]:
    """The sentences of the error summary."""
    return [each.text_content().strip() for each in person.tree().xpath("//section[@id='loi']//li")]


def taken(
    person: Person,
    path: str,
    cases: Sequence[tuple[dict[str, str], str]],
    right: dict[str, str],
    button: str = "",
) -> list[tuple[str, list[str]]]:
    """Cases that were not refused with 422 and exactly one sentence that holds the words; nothing may change."""
    wrong = []
    form = person.form()
    name, _, value = button.partition("=")
    pressed = {name: value} if name else {}
    for changed, said in cases:
        answer = person.send(path, {**form, **pressed, **right, **changed})
        assert answer.status_code == 422, str(changed)[:200]
        sentences = told(person)
        if len(sentences) != 1 or said not in sentences[0]:
            wrong.append(
                (changed if len(str(changed)) < 200 else {"long": ""}, answer.status_code, sentences)
            )
    return wrong


@pytest.fixture
def commenting(world: World) -> World:
    world.open()
    go_to_comments(world)
    return world


@pytest.fixture
def minuting(world: World, february: clock.ScriptedClock) -> World:
    """1 March, after the conference: the leader has to write the minutes."""
    world.open()
    go_to_conference(world)
    february.advance(seconds=20 * 24 * 3600)
    return world


DRAFT = [
    ({"closing": "   "}, "Nhập câu kết"),
    ({"closing": "\u200b\u200d"}, "Nhập câu kết"),
    ({"closing": "x" * 501}, "Rút ngắn câu kết"),
    ({"contents-0-points": "x\n" * 201}, "Nhiều nhất 200"),
    ({"contents-0-points": "x" * 501}, "Rút ngắn"),
    ({"targets-1-text": " "}, "Nhập câu chỉ tiêu"),
    ({"targets-1-value": "hai"}, "chữ số"),
    ({"targets-1-value": "-1"}, "không được âm"),
    ({"targets-1-value": "1" * 30}, ""),
    ({"targets-1-value": "1,234"}, "hai chữ số thập phân"),
    ({"targets-1-value": ""}, "Nhập giá trị"),
    ({"targets-1-measure": ""}, "đơn vị tính"),
    ({"targets-0-value": "3"}, "không ghi con số"),
    ({"targets-1-kind": "percent_of_units", "targets-1-value": "101"}, "không quá 100"),
    ({"targets-0-kind": "wish"}, "Chọn một"),
    ({"targets-0-key": "grade'; --"}, "Kiểm tra lại mã chỉ tiêu"),
    ({"targets-0-key": "party_members"}, "trùng mã"),
    ({"targets-0-scope": "moon"}, "Chọn một"),
    ({"reporting-0-due-month": "13"}, "Không có tháng 13"),
    ({"reporting-0-due-year": "99999"}, ""),
    ({"plan-work_items-0-due": ""}, "Nhập thời gian"),
    ({"state": "issued"}, "không thuộc biểu mẫu"),
    ({"author_id": str(uuid4())}, "không thuộc biểu mẫu"),
    ({"__proto__": "x"}, "ô lạ"),
    ({"targets": "x"}, "Kiểm tra lại chỉ tiêu"),
    ({"-".join("a" * 3_000): "x"}, "ô lạ"),
]


def test_a_wrong_draft_is_told_and_kept(world: World, at: At) -> None:
    world.open()
    leader = at("chair1")
    path = leader.open("draft")
    right = {"targets-1-kind": "count", "targets-1-value": "2", "targets-1-measure": "người"}
    with nothing_changes():
        assert taken(leader, path, DRAFT, right) == []
        leader.submit(path, {"contents-0-points": "Việc đầu tiên", "closing": ""})
    assert "Việc đầu tiên" in leader.page


def test_a_decomposed_sentence_is_stored_composed(world: World, at: At) -> None:
    world.open()
    leader = at("chair1")
    path = leader.open("draft")
    decomposed = "Cam ke\u0302\u0301t thu\u031b\u0323c hie\u0323\u0302n"
    assert leader.submit(path, {"closing": decomposed}).status_code == 303
    assert world.pledge().text["closing"] == "Cam kết thực hiện"


COMMENT = [
    ({"points-0-ref": "content:99", "points-0-text": "x"}, "Dự thảo không có phần này"),
    ({"points-0-ref": "target:nobody", "points-0-text": "x"}, "Dự thảo không có phần này"),
    ({"points-0-ref": "state", "points-0-text": "x"}, "Kiểm tra lại"),
    ({"points-0-text": HUGE}, "Rút ngắn ý kiến"),
    ({"points-0-text": "x", "values-0-value": "-2"}, "không được âm"),
    ({"points-0-text": "x", "values-0-value": "1" * 30}, ""),
    (
        {"points-0-text": "x", "values-0-target_key": "grade", "values-0-value": "2"},
        "không đăng ký giá trị riêng",
    ),
    (
        {"points-0-text": "x", "values-9-target_key": "party", "values-9-value": "2"},
        "không đăng ký giá trị riêng",
    ),
    ({"points-0-text": "x", "unit_id": str(uuid4())}, "không thuộc biểu mẫu"),
    ({"points-0-text": "x", "works": "x\n" * 201}, "Nhiều nhất 200"),
    ({}, "Ghi ít nhất một ý kiến"),
]


def test_a_wrong_comment_is_told_and_kept(commenting: World, at: At) -> None:
    person = at("chair2")
    path = person.open("comment", commenting.unit_ids[1])
    with nothing_changes():
        assert taken(person, path, COMMENT, {"values-0-value": "1"}, "verdict=comment") == []
        for verdict in ("", "maybe"):
            assert person.submit(path, {}, f"verdict={verdict}").status_code == 422
        assert person.submit(path, {}).status_code == 422


def test_an_answer_to_another_pledges_remark_is_refused(commenting: World, at: At) -> None:
    for number, unit_id in enumerate(commenting.unit_ids, start=1):
        commenting.complete(f"chair{number}", "comment", {"verdict": "agree"}, unit_id=unit_id)
    leader = at("chair1")
    path = leader.open("consolidate")
    with nothing_changes():
        reply = {"replies-0-point_id": str(uuid4()), "replies-0-reply": "Đã sửa"}
        assert leader.submit(path, reply, "decision=submit").status_code == 422
    assert "Không có ý kiến này" in told(leader)[0]


def test_a_return_on_a_part_that_is_not_there_is_refused(world: World, at: At) -> None:
    world.open()
    go_to_approval(world)
    standing = at("standing")
    path = standing.open("approve")
    with nothing_changes():
        point = {"points-0-ref": "clause:7", "points-0-text": "Sửa"}
        assert standing.submit(path, point, "verdict=return").status_code == 422
    assert "Dự thảo không có phần này" in told(standing)[0]


INVITE = [
    ({"day-day": "12", "day-month": "2"}, "trước ít nhất"),
    ({"day-day": "1", "day-month": "1", "day-year": "1"}, ""),
    ({"day-day": "31", "day-month": "12", "day-year": "9999"}, "Năm phải từ"),
    ({"day-day": "", "day-month": "", "day-year": ""}, "ngày họp"),
    ({"time": "25:00"}, "Kiểm tra lại giờ họp"),
    ({"time": ""}, ""),
    ({"place": " "}, "Nhập địa điểm"),
    ({"agenda": ""}, "chương trình"),
]


def test_a_wrong_invitation_is_told(world: World, at: At) -> None:
    world.open()
    go_to_approval(world)
    world.complete("standing", "approve", {"verdict": "approve"})
    leader = at("chair1")
    path = leader.open("invite")
    right = {"day-day": "1", "day-month": "3", "day-year": "2019", "time": "14:00", "place": "Hội trường"}
    with nothing_changes():
        assert taken(leader, path, INVITE, {**right, "agenda": "Ký kết"}) == []


MINUTES = [
    ({"agree": "3"}, "số phiếu không thể nhiều hơn"),
    ({"agree": "-1"}, "không nhỏ hơn 0"),
    ({"agree": "1,5"}, ""),
    ({"ended": "13:00"}, "sau giờ bắt đầu"),
    ({"day-day": "10", "day-month": "2"}, "Bản ký được khóa ngày"),
    ({"day-day": "9", "day-month": "3"}, "chưa kết thúc"),
    ({"attendance-0-representative": ""}, "họ tên người dự"),
    ({"attendance-1-unit_id": str(UUID(int=7))}, "đủ mỗi đơn vị một dòng"),
    ({"attendance-1-unit_id": "x"}, "Chọn lại đơn vị"),
    ({"secretary_name": ""}, "Nhập thư ký"),
]


def test_wrong_minutes_are_told(minuting: World, at: At) -> None:
    leader = at("chair1")
    path = leader.open("conference")
    right = {
        "day-day": "1",
        "day-month": "3",
        "day-year": "2019",
        "started": "14:00",
        "ended": "16:00",
        "secretary_name": "A",
        "secretary_title": "B",
        "agree": "2",
        "attendance-0-present": "true",
        "attendance-1-present": "true",
    }
    with nothing_changes():
        assert taken(leader, path, MINUTES, right) == []


SIGN = [
    ({"read": ""}, "Đánh dấu"),
    ({"secret": ""}, "Nhập mật khẩu"),
    ({"secret": "0" * 201}, "Rút ngắn"),
    ({"content_id": "x"}, "Kiểm tra lại"),
    ({"position": "1"}, "không thuộc biểu mẫu"),
    ({"result": "yes"}, "Chọn một"),
]


def test_a_wrong_signature_is_told_and_signs_nothing(signing: World, at: At) -> None:
    person = at("chair1")
    path = person.open("sign", signing.unit_ids[0])
    with nothing_changes():
        assert taken(person, path, SIGN, {"read": "true", "secret": PIN, "result": "signed"}) == []
    assert PIN not in person.page


def test_a_signature_on_another_text_is_a_conflict_that_says_so(signing: World, at: At) -> None:
    person = at("chair1")
    path = person.open("sign", signing.unit_ids[0])
    with nothing_changes():
        form = {"read": "true", "secret": PIN, "content_id": "0" * 64}
        assert person.submit(path, form, "result=signed").status_code == 409


def test_a_unit_from_elsewhere_is_not_in_the_pledge(signing: World, at: At) -> None:
    leader = at("chair1")
    with nothing_changes():
        for path, name in (("closure", "units"), ("readmission", "unit")):
            leader.get(f"/pledges/{signing.pledge_id}/{path}")
            answer = leader.post(
                f"/pledges/{signing.pledge_id}/{path}", {name: str(uuid4()), "reason": "Vắng"}
            )
            assert answer.status_code == 404
            assert "Đơn vị không thuộc giao ước này" in leader.page


ROUND = [
    ("closure", {"units": "x", "reason": "Vắng"}),
    ("closure", {"units": "", "reason": "Vắng"}),
    ("closure", {"reason": HUGE}),
    ("readmission", {"unit": "x", "reason": "Vắng"}),
    ("readmission", {"reason": "Vắng"}),
    ("readmission", {"unit": str(UUID(int=9)), "reason": " "}),
    ("readmission", {"unit": str(UUID(int=9)), "reason": "x", "state": "signed"}),
]


def test_a_wrong_act_on_the_round_is_told(signing: World, at: At) -> None:
    leader = at("chair1")
    with nothing_changes():
        for path, form in ROUND:
            leader.get(f"/pledges/{signing.pledge_id}/{path}")
            answer = leader.post(f"/pledges/{signing.pledge_id}/{path}", form)
            assert (answer.status_code, bool(told(leader))) == (422, True), (path, form)


def test_a_cancellation_needs_a_reason_that_can_be_kept(signing: World, at: At) -> None:
    officer = at("officer")
    path = f"/pledges/{signing.pledge_id}/cancellation"
    officer.get(path)
    with nothing_changes():
        for reason in ("", " ", HUGE):
            assert officer.post(path, {"reason": reason}).status_code == 422
            assert len(told(officer)) == 1, reason


def test_a_unit_that_signed_is_neither_closed_out_nor_readmitted(signing: World, at: At) -> None:
    sign(signing, 1)
    leader, unit = at("chair1"), str(signing.unit_ids[0])
    for path, name in (("closure", "units"), ("readmission", "unit")):
        leader.get(f"/pledges/{signing.pledge_id}/{path}")
        with nothing_changes():
            answer = leader.post(f"/pledges/{signing.pledge_id}/{path}", {name: unit, "reason": "Nhầm"})
            assert answer.status_code == 409
        assert "đã ký" in leader.page


def test_a_stale_tab_closes_a_unit_once(signing: World, at: At) -> None:
    first, second = at("chair1"), at("chair1")
    path, form = (
        f"/pledges/{signing.pledge_id}/closure",
        {"units": str(signing.unit_ids[1]), "reason": "Vắng"},
    )
    first.get(path)
    second.get(path)
    assert first.post(path, form).status_code == 303
    with nothing_changes():
        assert second.post(path, form).status_code == 409


def test_acts_on_a_cancelled_pledge_are_refused(signing: World, at: At) -> None:
    leader, officer = at("chair1"), at("officer")
    leader.get(f"/pledges/{signing.pledge_id}/closure")
    path = f"/pledges/{signing.pledge_id}/cancellation"
    officer.get(path)
    assert officer.post(path, {"reason": "Khối giải thể"}).status_code == 303
    unit = str(signing.unit_ids[1])
    with nothing_changes():
        for name, form in (("closure", {"units": unit}), ("readmission", {"unit": unit})):
            leader.get(f"/pledges/{signing.pledge_id}/{name}")
            answer = leader.post(f"/pledges/{signing.pledge_id}/{name}", {**form, "reason": "x"})
            assert answer.status_code == 409, name
        officer.get(path)
        assert officer.post(path, {"reason": "Lần nữa"}).status_code == 409


def end_term(world: World, who: str) -> None:
    seat = world.actor(who).seats[0]
    with transaction() as session:
        organisations.end_appointment(session, seat.id, on=clock.today(), basis="QĐ 15")


def test_a_chair_whose_term_ended_signs_nothing_and_hears_why(signing: World, at: At) -> None:
    person = at("chair1")
    path = person.open("sign", signing.unit_ids[0])
    form = {**person.form(), "read": "true", "secret": PIN, "result": "signed"}
    end_term(signing, "chair1")
    with nothing_changes():
        answer = person.send(path, form)
        assert answer.status_code in {403, 404}
    assert person.get(path).status_code in {403, 404}


def test_a_strangers_acts_meet_nothing(signing: World, at: At) -> None:
    add_stranger(signing)
    task, stranger = signing.task("sign", signing.unit_ids[0]), at("stranger")
    stranger.get("/pledges/")
    form = {"csrf_token": stranger.token(), "op_id": str(uuid4())}
    paths = ["reminders", "closure", "readmission", "cancellation"]
    with nothing_changes():
        for path in [f"/pledges/{signing.pledge_id}/{each}" for each in paths]:
            values = {
                **form,
                "units": str(signing.unit_ids[1]),
                "unit": str(signing.unit_ids[1]),
                "reason": "x",
            }
            assert stranger.send(path, values).status_code in {404, 422}, path
        values = {**form, "result": "signed", "read": "true", "secret": PIN, "content_id": "0" * 64}
        assert stranger.send(f"/tasks/{task}", values).status_code == 404


def test_a_year_that_no_list_has_is_refused(world: World, at: At) -> None:
    officer = at("officer")
    officer.get("/pledges/new")
    with nothing_changes():
        for year in ("1999", "2101", "9" * 20, "-1", ""):
            assert officer.post("/pledges/new", {"bloc": f"{world.bloc_id}:{year}"}).status_code == 400


def test_any_filter_of_the_list_answers(world: World, at: At) -> None:
    person = at("chair1")
    for query in ("year=99999999999999999999", "year=x", "state=x", "bloc=x", "q=" + "x" * 5000):
        assert person.get(f"/pledges/?{query}").status_code == 200, query
    assert person.get("/pledges/?q=%00").status_code == 400


def test_a_nul_that_no_keyboard_sends_reaches_no_form(commenting: World, at: At) -> None:
    person = at("chair2")
    path = person.open("comment", commenting.unit_ids[1])
    with nothing_changes():
        answer = person.submit(path, {"points-0-text": "a\x00b"}, "verdict=comment")
        assert answer.status_code == 400
    assert "Chưa có gì được ghi" in person.words()


def test_two_chairs_of_one_unit_comment_once(commenting: World, at: At) -> None:
    with transaction() as session:
        other = organisations.add_person(session, full_name="Hồ Gia Hân")
        organisations.appoint(
            session,
            person_id=other.id,
            unit_id=commenting.unit_ids[1],
            office_code="chair",
            valid_from=date(2018, 1, 1),
        )
        organisations.open_account(session, other.id, username="chutich2b", at=clock.now())
    commenting.people["other"] = other.id
    first, second = at("chair2"), at("other")
    path = first.open("comment", commenting.unit_ids[1])
    second.open("comment", commenting.unit_ids[1])
    assert first.submit(path, {}, "verdict=agree").status_code == 303
    with nothing_changes():
        assert second.submit(path, {}, "verdict=agree").status_code == 409
    assert "Trần Quốc Bảo" in second.words()
    assert commenting.pledge().units[1].comment_state is CommentState.AGREED


def test_texts_of_these_tests_are_accepted_as_they_stand(world: World) -> None:
    world.open()
    world.complete("chair1", "draft", texts.text())
