"""What a federation does to its blocs on the pages: founding, lists, renewals, names, the end, the history."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.web.house import Browser, House
from workflow_app.audit.models import AuditEvent
from workflow_app.core import clock
from workflow_app.core.database import reading
from workflow_app.organisations.bloc_lists import Composition, composition_on
from workflow_app.organisations.models import Bloc
from workflow_app.organisations.models.units import Unit

Browse = Callable[[str], Browser]
DAY = {"effective-day": "1", "effective-month": "7", "effective-year": "2019"}
DECISION = {**DAY, "basis": "540/QĐ-LĐLĐ ngày 26/6/2019"}
JULY = date(2019, 7, 1)


def events(action: str) -> list[AuditEvent]:
    with reading() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def listed(house: House, year: int = 2019, on: date = JULY) -> Composition:
    with reading() as session:
        assert house.bloc_id
        return composition_on(session, house.bloc_id, year, on)


def form(house: House, members: list[str], leader: str, deputy: str = "", **more: str) -> dict[str, object]:
    ids = {word: str(unit_id) for word, unit_id in house.units.items()}
    return {
        "member": [ids[word] for word in members],
        "leader": ids[leader],
        "deputy": ids[deputy] if deputy else "none",
        "first": "0",
        "act": "save",
        **DECISION,
        **more,
    }


@pytest.mark.parametrize("who", ["officer", "admin"])
def test_the_federation_founds_a_bloc_and_goes_on_to_its_list(house: House, browse: Browse, who: str) -> None:
    browser = browse(who)
    browser.get("/blocs/new")
    typed = {
        "name": "Cụm thi đua số 3",
        "kind": "cluster",
        "code": "05",
        "symbol": "CTĐ03",
        "basis": "540/QĐ",
    }
    send = browser.sending("/blocs")
    answer = send(typed)
    assert answer.status_code == 303
    assert re.fullmatch(r"/blocs/[-0-9a-f]+/2019/list", answer.headers["Location"])
    again = send(typed)
    assert (again.status_code, again.headers["Location"]) == (303, "/blocs"), "the button pressed twice"
    assert len(events("bloc.formed")) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"code": "04"}, "Mã này đã được dùng"),
        ({"symbol": "KTĐ04"}, "Ký hiệu này là của một khối khác"),
        ({"symbol": " "}, "Nhập ký hiệu của khối"),
        ({"valid_from-day": "31", "valid_from-month": "2", "valid_from-year": "2019"}, "không có ngày 31"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_the_typed_text_stays(
    house: House, browse: Browse, wrong: dict[str, str], sentence: str
) -> None:
    browser = browse("officer")
    browser.get("/blocs/new")
    typed = {"name": "Khối thi đua 05", "code": "05", "symbol": "KTĐ05", "basis": "540/QĐ", **wrong}
    answer = browser.post("/blocs", typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="Khối thi đua 05"' in page
    assert not events("bloc.formed")


def test_the_list_is_written_in_steps_that_change_nothing_until_the_decision(
    house: House, browse: Browse
) -> None:
    browser, path = browse("officer"), f"/blocs/{house.bloc_id}/2020/list"
    page = browser.get(path).get_data(as_text=True)
    assert "Chép danh sách năm 2019" in page
    one, two, three = (str(house.units[word]) for word in ("one", "two", "three"))
    page = browser.post(path, {"act": "add", "add": [one, three], "basis": "2/QĐ"}).get_data(as_text=True)
    assert (page.count('name="member"'), 'value="2/QĐ"' in page) == (2, True)
    browser.post(path, {"member": [one, three], "remove": one})
    assert browser.page.count('name="member"') == 1
    page = browser.post(path, {"member": [one, three, two], f"no-{two}": "1", "act": "order"}).get_data(
        as_text=True
    )
    assert re.findall(r'name="member" value="([^"]+)"', page) == [two, one, three]
    page = browser.post(path, {"act": "find", "q": "xay dung"}).get_data(as_text=True)
    assert "Sở Xây dựng" in page
    assert "Sở Tư pháp" not in page.split('id="them"')[1].split("</details>")[0]
    assert not listed(house, 2020, date(2020, 1, 2)).members


def test_the_first_list_of_a_year_is_written_once(house: House, browse: Browse) -> None:
    browser, path = browse("officer"), f"/blocs/{house.bloc_id}/2020/list"
    browser.get(path)
    typed = form(house, ["one", "three"], "three", first="1") | {
        "effective-day": "17",
        "effective-month": "12",
    }
    send = browser.sending(path)
    assert [send(typed).status_code for _press in range(2)] == [303, 303], "the button pressed twice"
    assert len(events("bloc.year_set")) == 1
    one, three = house.units["one"], house.units["three"]
    assert listed(house, 2020, date(2019, 12, 17)) == Composition((one, three), three, None)
    browser.get(f"/blocs/{house.bloc_id}/2019")
    other = browse("admin")
    other.get("/blocs/new")
    answer = other.post(path, typed)
    assert answer.status_code == 422
    assert "Kiện toàn khối" in answer.get_data(as_text=True), "another officer was faster, and it is said"


def test_a_copy_keeps_the_order_and_asks_for_the_leader(house: House, browse: Browse) -> None:
    page = browse("officer").get(f"/blocs/{house.bloc_id}/2020/list?from=2019").get_data(as_text=True)
    assert re.findall(r'name="member" value="([^"]+)"', page) == [
        str(house.units["two"]),
        str(house.units["one"]),
    ]
    assert "Khối trưởng năm 2019" in page
    assert re.search(r'<select[^>]*id="leader"[^>]*><option value="">Chọn…', page)


def test_leader_and_members_change_in_mid_year_by_one_decision(house: House, browse: Browse) -> None:
    browser, path = browse("officer"), f"/blocs/{house.bloc_id}/2019/list"
    browser.get(path)
    assert browser.post(path, form(house, ["one", "three"], "one", "three")).status_code == 303
    page = browser.get(f"/blocs/{house.bloc_id}/2019").get_data(as_text=True)
    assert "Đã ghi kiện toàn khối, thêm 1 đơn vị, bớt 1 đơn vị, đổi Khối trưởng hoặc Khối phó." in page
    one, two, three = (house.units[word] for word in ("one", "two", "three"))
    assert listed(house) == Composition((one, three), one, three)
    assert listed(house, on=date(2019, 6, 30)) == Composition((two, one), two, None)
    assert len(events("bloc.year_changed")) == 1
    history = browser.get(f"/blocs/{house.bloc_id}/history").get_data(as_text=True)
    assert "540/QĐ-LĐLĐ ngày 26/6/2019" in history
    assert "Ra khỏi khối: CĐCS Sở Tư pháp" in history
    assert history.index("Danh sách năm 2019: 2 đơn vị") < history.index("Kiện toàn danh sách năm 2019")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"leader": ""}, "Chọn đơn vị làm Khối trưởng"),
        ({"deputy": ""}, "Chọn Khối phó, hoặc chọn Không có"),
        ({"basis": " "}, "Ghi số và ngày của quyết định"),
        ({"effective-year": "2031"}, "có hiệu lực trong năm 2018 hoặc 2019"),
        ({"member": []}, "Thêm ít nhất một đơn vị"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(
    house: House, browse: Browse, changes: dict[str, object], sentence: str
) -> None:
    browser, path = browse("officer"), f"/blocs/{house.bloc_id}/2019/list"
    browser.get(path)
    answer = browser.post(path, form(house, ["one", "three"], "one") | changes)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert not events("bloc.year_changed")


def test_a_foreign_unit_is_refused_by_name(house: House, browse: Browse) -> None:
    browser, path = browse("officer"), f"/blocs/{house.bloc_id}/2019/list"
    browser.get(path)
    answer = browser.post(path, form(house, ["two", "one", "far"], "two"))
    assert answer.status_code == 422
    assert "không thuộc Liên đoàn vào ngày hiệu lực. CĐCS Sở Y tế." in answer.get_data(as_text=True)


def test_a_running_dossier_warns_of_a_renewal_and_stops_the_end(house: House, browse: Browse) -> None:
    house.letter()
    browser = browse("officer")
    assert "Thư của đơn vị một" in browser.get(f"/blocs/{house.bloc_id}/2019/list").get_data(as_text=True)
    browser.get(f"/blocs/{house.bloc_id}/ending")
    answer = browser.post(f"/blocs/{house.bloc_id}/ending", DECISION)
    assert answer.status_code == 422
    assert "Khối còn hồ sơ đang làm" in answer.get_data(as_text=True)
    assert not events("bloc.ended")


def test_a_bloc_ends_by_a_decision_and_stays_readable(
    house: House, browse: Browse, noon: clock.ScriptedClock
) -> None:
    browser = browse("officer")
    browser.get(f"/blocs/{house.bloc_id}/ending")
    assert browser.post(f"/blocs/{house.bloc_id}/ending", DECISION).status_code == 303
    noon.advance(seconds=200 * 86_400)
    browser = browse("officer")
    page = browser.get(f"/blocs/{house.bloc_id}/2019").get_data(as_text=True)
    assert "Khối đã kết thúc hoạt động từ 01/7/2019" in page
    assert "Công đoàn cơ sở Sở Nội vụ" in page
    assert "Kiện toàn khối" not in page
    assert "Đã kết thúc" in browser.get("/blocs").get_data(as_text=True)


def test_a_bloc_is_renamed_from_a_day_that_has_come(house: House, browse: Browse) -> None:
    browser, path = browse("officer"), f"/blocs/{house.bloc_id}/name"
    browser.get(path)
    typed = {"name": "Cụm thi đua số 4", "symbol": "CTĐ04", **DECISION}
    answer = browser.post(path, typed)
    assert (answer.status_code, "Ngày hiệu lực chưa đến" in answer.get_data(as_text=True)) == (422, True)
    browser.get(path)
    today = {"effective-day": "1", "effective-month": "3", "effective-year": "2019"}
    assert browser.post(path, typed | today).status_code == 303
    with reading() as session:
        assert session.get_one(Bloc, house.bloc_id).symbol == "CTĐ04"
    history = browser.get(f"/blocs/{house.bloc_id}/history").get_data(as_text=True)
    assert "Thành lập: Khối thi đua 04, ký hiệu KTĐ04" in history
    assert "Đổi thành Cụm thi đua số 4, ký hiệu CTĐ04" in history


def test_buttons_are_shown_to_those_who_may(house: House, browse: Browse) -> None:
    address = f"/blocs/{house.bloc_id}/2019"
    assert "Kiện toàn khối" in browse("officer").get(address).get_data(as_text=True)
    assert "Kiện toàn khối" not in browse("chair").get(address).get_data(as_text=True)


def test_a_list_with_a_first_day_ahead_is_shown_with_it(house: House, browse: Browse) -> None:
    browser, path = browse("officer"), f"/blocs/{house.bloc_id}/2020/list"
    browser.get(path)
    typed = form(house, ["one", "three"], "three", first="1") | {
        "effective-day": "17",
        "effective-month": "12",
    }
    browser.post(path, typed)
    page = browser.get(f"/blocs/{house.bloc_id}/2020").get_data(as_text=True)
    assert "Danh sách có hiệu lực từ 17/12/2019" in page


def test_a_unit_is_founded_and_the_next_one_begins_with_what_they_share(house: House, browse: Browse) -> None:
    browser = browse("admin")
    browser.get("/units/new")
    typed = {
        "parent": str(house.units["federation"]),
        "kind": "grassroots_union",
        "name": "Công đoàn cơ sở Sở Y tế",
        "short_name": "CĐCS Sở Y tế",
        "place": "An Giang",
        "phone": "0296 3 000 222",
        "next": "new",
    }
    answer = browser.post("/units", typed)
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert 'value="An Giang"' in page
    assert 'value="CĐCS Sở Y tế"' not in page
    with reading() as session:
        made = session.scalars(select(Unit).where(Unit.code == "cdcs-so-y-te")).one()
    shown = browser.get(f"/units/{made.id}").get_data(as_text=True)
    assert "0296 3 000 222" in shown
    assert [event.object_id for event in events("unit.founded")] == [made.id]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"parent": "x"}, "Chọn đơn vị cấp trên"),
        ({"kind": "club"}, "Chọn loại đơn vị"),
        ({"name": " "}, "Nhập tên đơn vị"),
        ({"code": "ONE"}, "Mã này đã được dùng"),
        ({"valid_from-day": "1", "valid_from-month": "1", "valid_from-year": "2001"}, "cấp trên không còn"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(
    house: House, browse: Browse, wrong: dict[str, str], sentence: str
) -> None:
    browser = browse("admin")
    browser.get("/units/new")
    typed = {"parent": str(house.units["federation"]), "kind": "grassroots_union", "name": "Sở Y tế", **wrong}
    answer = browser.post("/units", typed)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert not events("unit.founded")


def test_another_federation_is_no_parent(house: House, browse: Browse) -> None:
    browser = browse("admin")
    browser.get("/units/new")
    typed = {"parent": str(house.units["elsewhere"]), "kind": "grassroots_union", "name": "Sở Y tế"}
    assert browser.post("/units", typed).status_code == 422
    assert browser.get(f"/units/{house.units['far']}/facts").status_code == 404


def facts_of(browser: Browser, unit_id: UUID) -> dict[str, str]:
    page = browser.get(f"/units/{unit_id}/facts").get_data(as_text=True)
    found = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', page))
    return {name: found.get(name, "") for name in ("name", "short_name", "place", "symbol")}


def test_facts_change_from_a_day_and_the_unit_page_tells_what(house: House, browse: Browse) -> None:
    browser, unit_id = browse("admin"), house.units["one"]
    typed = facts_of(browser, unit_id) | {"kind": "grassroots_union", "symbol": "CĐCS", "place": "Long Xuyên"}
    assert browser.post(f"/units/{unit_id}/facts", typed | {"basis": "7/QĐ"}).status_code == 303
    page = browser.get(f"/units/{unit_id}").get_data(as_text=True)
    assert "Long Xuyên" in page
    assert "7/QĐ" in page
    assert len(events("unit.facts_changed")) == 1
    answer = browser.post(
        f"/units/{unit_id}/facts", facts_of(browser, unit_id) | {"kind": "grassroots_union"}
    )
    assert "Chưa có gì thay đổi" in answer.get_data(as_text=True)


def test_a_short_name_that_repeated_the_name_goes_on_doing_so(house: House, browse: Browse) -> None:
    browser, unit_id = browse("admin"), house.units["one"]
    same = facts_of(browser, unit_id) | {"kind": "grassroots_union", "short_name": "", "symbol": "CĐCS"}
    browser.post(f"/units/{unit_id}/facts", same)
    renamed = facts_of(browser, unit_id) | {"kind": "grassroots_union", "name": "CĐCS Sở Nội vụ và Lao động"}
    browser.post(f"/units/{unit_id}/facts", renamed)
    assert facts_of(browser, unit_id)["short_name"] == "CĐCS Sở Nội vụ và Lao động"
