"""The page of a pledge, and what the leader and the federation do from it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.processes.pledges import texts
from tests.processes.pledges.screens import Person, add_stranger
from tests.processes.pledges.way import go_to_comments, sign
from tests.processes.pledges.world import SINCE, World, found, install
from tests.support.statements import counted
from workflow_app.audit import history
from workflow_app.core import clock, database, jobs
from workflow_app.core.database import reading, transaction
from workflow_app.core.settings import Settings
from workflow_app.notifications.models import Notification
from workflow_app.organisations import service as organisations
from workflow_app.organisations.types import Capacity
from workflow_app.processes.pledges.models import PledgeState, SignState
from workflow_app.web.app import create_app

At = Callable[[str], Person]


def page_of(person: Person) -> str:
    path = f"/pledges/{person.world.pledge_id}"
    answer = person.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return path


def actions(world: World) -> list[str]:
    with reading() as session:
        return [event.action for event in history.of_object(session, world.pledge_id, limit=500).events]


def refuse(world: World, number: int, reason: str) -> None:
    content_id = world.pledge().frozen_content_id or ""
    form = {"result": "refused", "content_id": content_id, "reason": reason}
    world.complete(f"chair{number}", "sign", form, unit_id=world.unit_ids[number - 1])


def let_vice_chair_sign(world: World) -> None:
    """The vice-chair of unit 2 signs for its chair."""
    with transaction() as session:
        deputy = organisations.add_person(session, full_name="Phan Thị Mai")
        own = organisations.appoint(
            session,
            person_id=deputy.id,
            unit_id=world.unit_ids[1],
            office_code="vice_chair",
            valid_from=SINCE,
        )
        organisations.open_account(session, deputy.id, username="phochutich2", at=clock.now())
        organisations.set_pin(session, deputy.id, pin="271828")
        organisations.delegate(
            session,
            principal_appointment_id=world.actor("chair2").seats[0].id,
            delegate_person_id=deputy.id,
            delegate_appointment_id=own.id,
            valid_from=date(2019, 3, 1),
            valid_to=None,
            scope=["sign"],
            capacity=Capacity.FOR_HEAD,
            basis_number="02/GUQ-CĐCS",
        )
        world.people["vice2"] = deputy.id
    content_id = world.pledge().frozen_content_id or ""
    world.complete("vice2", "sign", texts.signature(content_id), unit_id=world.unit_ids[1])


def test_the_page_says_how_many_signed_and_who_is_missing(signing: World, at: At) -> None:
    sign(signing, 1)
    person = at("chair2")
    page_of(person)
    words = person.words()
    assert "1/2" in words
    assert "Còn một đơn vị" in words
    assert "Sở số 2 chưa ký." in words
    assert "Đang ký, bước 5 trong 7" in words
    assert "Đã ký 01/3, 17:00" in words
    assert "Chờ ký, còn 5 ngày làm việc" in words
    assert "Đã qua bốn bước" in words
    assert [step.get("class") for step in person.tree().xpath("//ol[@class='gu-steps']/li")].count(
        "t-done"
    ) == 4


def test_a_refusal_stands_with_its_reason_and_leads_the_leader_to_his_task(signing: World, at: At) -> None:
    sign(signing, 1)
    refuse(signing, 2, "Chưa họp Ban Chấp hành.")
    leader, second = at("chair1"), at("chair2")
    page_of(leader)
    assert "từ chối ký ngày 01/3: “Chưa họp Ban Chấp hành.”" in leader.words()
    task = f"/tasks/{signing.task('settle', signing.unit_ids[1])}"
    assert leader.tree().xpath(f"//main//a[@href='{task}']")
    page_of(second)
    assert not second.tree().xpath(f"//main//a[@href='{task}']")


def test_a_substitute_stands_with_his_office_power_and_paper(signing: World, at: At) -> None:
    sign(signing, 1)
    let_vice_chair_sign(signing)
    person = at("chair1")
    page_of(person)
    tile = person.tree().xpath("//li[contains(@class, 'gu-sign')][.//h3[text()='Sở số 2']]")[0].text_content()
    assert "Trần Quốc Bảo" in tile
    assert "Phó Chủ tịch Phan Thị Mai ký KT., 02/GUQ-CĐCS" in tile
    assert "Ký thay 01/3, 17:00" in tile


def test_the_readers_own_task_comes_first(signing: World, at: At) -> None:
    person = at("chair1")
    page_of(person)
    task = f"/tasks/{signing.task('sign', signing.unit_ids[0])}"
    primary = person.tree().xpath("//main//*[contains(@class, 'btn-primary')]")
    assert [each.get("href") for each in primary] == [task], "one primary act on a page"


def test_documents_stand_with_number_state_and_files(signing: World, at: At) -> None:
    person = at("chair2")
    page_of(person)
    for text in ("01/GƯ-KTĐ04", "02/GM-KTĐ04", "03/BB-KTĐ04", "04/KH-KTĐ04", "Biên bản hội nghị", "Đang ký"):
        assert text in person.words()
    word = person.tree().xpath("//table//a[starts-with(text(), 'Word')]/@href")[0]
    assert person.get(word).mimetype.endswith("wordprocessingml.document")


def test_remarks_stand_with_their_answers(world: World, at: At) -> None:
    world.open()
    go_to_comments(world)
    point = {"ref": "target:party", "text": "Đơn vị nhỏ."}
    form = {"verdict": "comment", "points": [point], "works": "Góc đọc sách"}
    world.complete("chair2", "comment", form, unit_id=world.unit_ids[1])
    person = at("chair1")
    page_of(person)
    words = person.words()
    assert "1 trong 2 đơn vị đã góp ý" in words
    assert "CĐCS Sở số 2: “Đơn vị nhỏ.”" in words
    assert "Chưa trả lời" in words
    assert "Góc đọc sách" in words


def test_the_page_of_a_pledge_asks_nothing_once_for_each_unit(
    committed: None, february: clock.ScriptedClock, store_root: Path, tmp_path: Path
) -> None:
    with transaction() as session:
        install(session, store_root)
        world = found(session, units=6)
    world.open()
    go_to_comments(world)
    app = create_app(Settings(data_dir=tmp_path, secret_key="k" * 48))
    person = Person(app, world, "chair1")
    page_of(person)
    with counted(database.engine()) as six:
        page_of(person)
    assert len(six) <= 30, six
    assert not [text for text in set(six.statements) if six.statements.count(text) > 3], six


def test_a_stranger_does_not_learn_that_the_pledge_exists(signing: World, at: At) -> None:
    add_stranger(signing)
    stranger = at("stranger")
    for path in ("", "/closure", "/extension", "/cancellation", "/readmission"):
        assert stranger.get(f"/pledges/{signing.pledge_id}{path}").status_code == 404
    assert stranger.get(f"/pledges/{uuid4()}").status_code == 404
    stranger.get("/pledges/")
    assert "Khối thi đua 04" not in stranger.words()


def test_only_the_leader_gets_the_leaders_acts(signing: World, at: At) -> None:
    sign(signing, 1)
    leader, second = at("chair1"), at("chair2")
    page_of(leader)
    page_of(second)
    for label in ("Nhắc 1 đơn vị chưa ký", "Gia hạn ký", "Chốt với 1 đơn vị đã ký"):
        assert label in leader.words()
        assert label not in second.words()
    assert second.get(f"/pledges/{signing.pledge_id}/closure").status_code == 403


def test_a_reminder_reaches_the_chair_once_a_day(
    signing: World, at: At, february: clock.ScriptedClock
) -> None:
    sign(signing, 1)
    leader = at("chair1")
    path = page_of(leader)
    assert leader.post(f"{path}/reminders").status_code == 303
    with reading() as session:
        notes = session.query(Notification).filter(Notification.event_key.startswith("remind:")).all()
    assert [note.person_id for note in notes] == [signing.people["chair2"]]
    assert notes[0].target == f"/tasks/{signing.task('sign', signing.unit_ids[1])}"
    page_of(leader)
    assert "Hôm nay đã nhắc mọi đơn vị" in leader.words()
    assert (
        leader.send(f"{path}/reminders", {"csrf_token": leader.token(), "op_id": str(uuid4())}).status_code
        == 409
    )
    february.advance(seconds=24 * 3600)
    leader = at("chair1")
    page_of(leader)
    assert "đã nhắc một lần" in leader.words()
    assert leader.post(f"{path}/reminders").status_code == 303
    assert actions(signing).count("pledge.reminded") == 2


def test_the_ready_sentence_names_unit_deadline_and_address(signing: World, at: At) -> None:
    sign(signing, 1)
    leader = at("chair1")
    page_of(leader)
    text = leader.tree().xpath("//textarea[@id='loi-nhac']")[0].text
    task = signing.task("sign", signing.unit_ids[1])
    assert text.strip().startswith("Kính gửi CĐCS Sở số 2: xin nhắc việc ký giao ước thi đua năm 2019")
    assert f"http://localhost/tasks/{task}" in text


def test_an_extension_moves_the_deadline_and_a_day_out_of_range_is_explained(signing: World, at: At) -> None:
    leader = at("chair1")
    path = f"/pledges/{signing.pledge_id}/extension"
    leader.get(path)
    wrong = {"to-day": "1", "to-month": "6", "to-year": "2019", "reason": "Họp muộn"}
    assert leader.post(path, wrong).status_code == 422
    assert "không muộn hơn 15/3/2019" in leader.words()
    assert leader.tree().xpath("//input[@name='to-month']/@value") == ["6"]
    assert leader.post(path, {**wrong, "to-day": "12", "to-month": "3"}).status_code == 303
    assert signing.pledge().sign_hard_due == date(2019, 3, 12)
    assert actions(signing)[-1] == "pledge.extended"


def test_closing_names_units_and_reason_and_says_what_follows(signing: World, at: At) -> None:
    sign(signing, 1)
    leader, unit = at("chair1"), str(signing.unit_ids[1])
    path = f"/pledges/{signing.pledge_id}/closure"
    leader.get(path)
    assert "Tên đơn vị và lý do được in" in leader.words()
    assert leader.post(path, {"reason": ""}).status_code == 422
    told = {each.get("href"): each.text for each in leader.tree().xpath("//section[@id='loi']//a")}
    assert told == {"#units": "Chọn ít nhất một đơn vị.", "#reason": "Nhập lý do."}
    form = {"csrf_token": leader.token(), "op_id": str(uuid4()), "units": [unit], "reason": "Đang kiện toàn"}
    assert leader.send(path, form).status_code == 303
    assert leader.send(path, form).status_code == 303, "a second click is no second act"
    jobs.run_until_idle()
    assert signing.pledge().units[1].sign_state is SignState.NOT_SIGNED
    assert actions(signing).count("pledge.not_signed") == 1
    page_of(leader)
    assert "Đã chốt với 1 đơn vị" in leader.words()
    assert "Chờ chứng kiến, bước 6 trong 7" in leader.words()


def test_two_units_are_closed_out_in_one_act(signing: World, at: At) -> None:
    leader = at("chair1")
    path = f"/pledges/{signing.pledge_id}/closure"
    leader.get(path)
    assert (
        leader.post(path, {"units": [str(each) for each in signing.unit_ids], "reason": "Hoãn"}).status_code
        == 303
    )
    assert [unit.sign_state for unit in signing.pledge().units] == [SignState.NOT_SIGNED] * 2
    assert actions(signing).count("pledge.not_signed") == 2


def test_a_closed_unit_is_readmitted_and_signs(signing: World, at: At) -> None:
    leader = at("chair1")
    path = f"/pledges/{signing.pledge_id}"
    leader.get(f"{path}/closure")
    leader.post(f"{path}/closure", {"units": [str(signing.unit_ids[1])], "reason": "Vắng"})
    jobs.run_until_idle()
    page_of(leader)
    link = leader.tree().xpath("//a[contains(text(), 'ký bổ sung')]/@href")[0]
    leader.get(link)
    assert leader.tree().xpath("//input[@name='unit' and @checked]/@value") == [str(signing.unit_ids[1])]
    answer = leader.post(f"{path}/readmission", {"unit": str(signing.unit_ids[1]), "reason": "Đã họp xong"})
    assert answer.status_code == 303
    jobs.run_until_idle()
    sign(signing, 1)
    sign(signing, 2)
    assert [unit.sign_state for unit in signing.pledge().units] == [SignState.SIGNED] * 2


def test_the_federation_cancels_with_a_reason_that_stays_on_the_page(signing: World, at: At) -> None:
    officer, leader = at("officer"), at("chair1")
    path = f"/pledges/{signing.pledge_id}/cancellation"
    assert leader.get(path).status_code == 403
    officer.get(path)
    assert "Không khôi phục được" in officer.words()
    assert officer.post(path, {"reason": " "}).status_code == 422
    assert officer.post(path, {"reason": "Khối giải thể từ tháng 3."}).status_code == 303
    assert signing.pledge().state is PledgeState.CANCELLED
    page_of(leader)
    assert "Đã hủy" in leader.words()
    assert not leader.tree().xpath("//aside//button")


@pytest.mark.parametrize("path", ["reminders", "extension", "closure", "readmission", "cancellation"])
def test_an_act_without_the_pages_id_or_token_is_refused(signing: World, at: At, path: str) -> None:
    leader = at("chair1")
    page_of(leader)
    address = f"/pledges/{signing.pledge_id}/{path}"
    assert leader.send(address, {"csrf_token": leader.token()}).status_code == 400
    assert leader.send(address, {"op_id": str(UUID(int=1))}).status_code == 400
