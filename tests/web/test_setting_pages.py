"""Dated settings, days off and the first start on the pages."""

import json
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.datastructures import MultiDict

from tests.web.house import Browser, House
from workflow_app.audit.models import AuditEvent
from workflow_app.core.database import reading, transaction
from workflow_app.core.errors import FieldError
from workflow_app.organisations import service as organisations
from workflow_app.organisations.beginning import setup_code
from workflow_app.organisations.settings_catalogue import KEYS
from workflow_app.organisations.settings_data import setting, working_calendar
from workflow_app.web.settings.setting_forms import editor_of, lines_of
from workflow_app.web.settings.setting_words import brief_of, words_of

Browse = Callable[[str], Browser]
TODAY = date(2019, 3, 1)
KEY = "/administration/settings/pledge.comment_days"


def days(unit_id: UUID | None, on: date = TODAY) -> int:
    with reading() as session:
        found: int = setting(session, "pledge.comment_days", unit_id=unit_id, on=on)
        return found


@pytest.fixture
def alone(house: House) -> House:
    """The house with one federation: the other one moved below it."""
    with transaction() as session:
        organisations.move_unit(
            session,
            house.units["elsewhere"],
            parent_id=house.units["federation"],
            effective=TODAY,
            basis="",
        )
    return house


def test_a_new_value_holds_from_its_day_for_the_federation(house: House, browse: Browse) -> None:
    browser = browse("admin")
    browser.get(KEY)
    typed = {"value": "10", "valid_from-day": "1", "valid_from-month": "4", "valid_from-year": "2019"}
    answer = browser.post(KEY, typed | {"basis": "Hướng dẫn 30/HD-LĐLĐ"})
    assert answer.status_code == 303
    federation = house.units["federation"]
    assert (days(federation), days(federation, date(2019, 4, 1)), days(house.units["elsewhere"])) == (
        7,
        10,
        7,
    )
    page = browser.get(KEY).get_data(as_text=True)
    assert "Sắp áp dụng" in page
    assert "Hướng dẫn 30/HD-LĐLĐ" in page
    assert "10 ngày làm việc từ 01/4/2019" in browser.get("/administration/settings").get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"value": "0", "basis": "x"}, "số nguyên từ 1 đến 60"),
        ({"value": "bảy", "basis": "x"}, "số nguyên từ 1 đến 60"),
        ({"value": "7" * 30, "basis": "x"}, "số nguyên từ 1 đến 60"),
        ({"value": "8", "basis": " "}, "Ghi văn bản hoặc quyết định làm căn cứ"),
        ({"value": "8", "basis": "x", "valid_from-day": "32"}, "Thiếu năm"),
    ],
)
def test_the_catalogue_decides_what_fits(
    house: House, browse: Browse, typed: dict[str, str], sentence: str
) -> None:
    browser = browse("admin")
    browser.get(KEY)
    answer = browser.post(KEY, typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page or "Nhập" in page
    assert f'value="{typed["value"]}"' in page
    assert days(house.units["federation"]) == 7


def test_history_is_not_overwritten(house: House, browse: Browse) -> None:
    browser = browse("admin")
    for value, month in (("10", "4"), ("11", "2")):
        browser.get(KEY)
        day = {"valid_from-day": "1", "valid_from-month": month, "valid_from-year": "2019"}
        answer = browser.post(KEY, {"value": value, "basis": "x", **day})
    assert answer.status_code == 422
    assert "Hãy chọn ngày hiệu lực muộn hơn" in answer.get_data(as_text=True)


def test_a_value_corrected_on_its_first_day_shows_both(house: House, browse: Browse) -> None:
    browser = browse("admin")
    for value in ("10", "12"):
        browser.get(KEY)
        assert browser.post(KEY, {"value": value, "basis": "30/HD"}).status_code == 303
    page = browser.get(KEY).get_data(as_text=True)
    assert "<s>10 ngày làm việc</s>" in page
    assert days(house.units["federation"]) == 12


def test_a_button_pressed_twice_changes_once_and_another_value_is_another_act(
    house: House, browse: Browse
) -> None:
    browser = browse("admin")
    browser.get(KEY)
    send = browser.sending(KEY)
    for value in ("10", "10", "11"):  # the third: gone back, changed, sent again
        assert send({"value": value, "basis": "30/HD"}).status_code == 303
    assert days(house.units["federation"]) == 11
    with reading() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.action == "setting.changed")).all()
    assert [json.loads(event.body)["details"]["value"] for event in found] == [10, 11]


def test_only_whoever_stands_above_all_sets_common_values(house: House, browse: Browse) -> None:
    browser = browse("admin")
    browser.get(KEY)
    answer = browser.post(f"{KEY}?unit=all", {"value": "10", "basis": "x"})
    assert answer.status_code == 403
    assert "đơn vị đứng đầu" in answer.get_data(as_text=True)
    assert browser.get(f"{KEY}?unit={house.units['far']}").status_code == 404
    assert days(None) == 7


def test_one_federation_sets_the_common_values_and_those_of_a_unit(alone: House, browse: Browse) -> None:
    browser = browse("admin")
    assert "Toàn hệ thống" in browser.get(KEY).get_data(as_text=True)
    browser.post(KEY, {"value": "10", "basis": "x"})
    own = f"{KEY}?unit={alone.units['one']}"
    browser.get(own)
    assert browser.post(own, {"unit": str(alone.units["one"]), "value": "5", "basis": "x"}).status_code == 303
    assert (days(None), days(alone.units["one"]), days(alone.units["two"])) == (10, 5, 10)


def test_a_value_common_to_all_is_not_set_for_one_unit(alone: House, browse: Browse) -> None:
    browser, path = browse("admin"), "/administration/settings/housekeeping.hour"
    assert "Ghi giá trị mới" in browser.get(path).get_data(as_text=True)
    own = f"{path}?unit={alone.units['federation']}"
    page = browser.get(own).get_data(as_text=True)
    assert "chung cho toàn hệ thống" in page
    assert "Ghi giá trị mới" not in page
    browser.get(path)
    assert browser.post(own, {"value": "3", "basis": "x"}).status_code == 403


def test_a_first_value_is_confirmed(alone: House, browse: Browse) -> None:
    browser = browse("admin")
    assert "Xác nhận giá trị này" in browser.get(KEY).get_data(as_text=True)
    browser.post(f"{KEY}/confirmation", {"confirm_basis": "30/HD-LĐLĐ"})
    page = browser.get(KEY).get_data(as_text=True)
    assert "Xác nhận giá trị này" not in page
    assert "30/HD-LĐLĐ" in page


def test_a_common_value_that_a_federation_confirms_becomes_its_own(house: House, browse: Browse) -> None:
    browser = browse("admin")
    browser.get(KEY)
    assert browser.post(f"{KEY}/confirmation", {"confirm_basis": "30/HD"}).status_code == 303
    page = browser.get(KEY).get_data(as_text=True)
    assert "Lấy theo giá trị chung" not in page
    assert days(house.units["federation"]) == 7
    with reading() as session:
        common = "SELECT confirmed FROM dated_setting WHERE unit_id IS NULL AND key = 'pledge.comment_days'"
        assert session.scalar(text(common)) is False


@pytest.mark.parametrize("key", [key for key in KEYS if key != "calendar"])
def test_every_value_survives_its_form(app: Flask, house: House, key: str) -> None:
    setting_key, errors = KEYS[key], list[FieldError]()
    with app.test_request_context("/"):
        editor = editor_of(setting_key)
        typed = editor.fill(setting_key, setting_key.default)
        read = editor.read(setting_key, MultiDict(typed), errors)
        assert words_of(setting_key, read)
        assert brief_of(setting_key, read, TODAY)
    assert (read, errors) == (setting_key.default, [])
    setting_key.validate(read)


def test_every_setting_has_its_page(house: House, browse: Browse) -> None:
    browser = browse("admin")
    for key in KEYS:
        expected = 404 if key == "calendar" else 200
        assert browser.get(f"/administration/settings/{key}").status_code == expected, key
    assert browser.get("/administration/settings/pledge.colour").status_code == 404


def test_one_more_line_keeps_what_was_typed(house: House, browse: Browse) -> None:
    browser, path = browse("admin"), "/administration/settings/pledge.symbol"
    browser.get(path)
    page = browser.post(
        path, {"line-kind-0": "QĐ", "line-pattern-0": "{number}/QĐ", "add_row": "1"}
    ).get_data(as_text=True)
    assert 'value="{number}/QĐ"' in page
    assert 'name="line-kind-2"' in page
    assert lines_of({"line-kind-999999": "x"}) == 100


def test_a_legal_basis_with_a_wrong_day_is_said_at_its_line(house: House, browse: Browse) -> None:
    browser, path = browse("admin"), "/administration/settings/legal_bases"
    browser.get(path)
    typed = {"line-kind-0": "GƯ, KH", "line-text-0": "Luật mới", "line-since-0": "31/2/2019", "basis": "x"}
    answer = browser.post(path, typed)
    assert answer.status_code == 422
    assert 'id="line-since-0-loi"' in answer.get_data(as_text=True)
    typed["line-since-0"] = "1/3/2019"
    assert browser.post(path, typed).status_code == 303
    with reading() as session:
        bases = setting(session, "legal_bases", unit_id=house.units["federation"], on=TODAY)
    assert bases == {"GƯ": ["Luật mới"], "KH": ["Luật mới"]}


CALENDAR = "/administration/calendar/2026"
CULTURE_DAY = {
    "day-day": "24",
    "day-month": "11",
    "day-year": "2026",
    "works": "no",
    "name": "Ngày Văn hóa",
    "source": "Luật số 1",
}


def works(house: House, day: date) -> bool:
    with reading() as session:
        calendar = working_calendar(session, unit_id=house.units["federation"], on=TODAY)
        return calendar.is_working_day(day)


def test_a_day_off_is_added_corrected_and_taken_out(house: House, browse: Browse) -> None:
    browser, day = browse("admin"), date(2026, 11, 24)
    assert "Ngày 24/11" in browser.get(CALENDAR).get_data(as_text=True)
    assert browser.post(f"{CALENDAR}/days", CULTURE_DAY).status_code == 303
    assert not works(house, day)
    page = browser.get(f"{CALENDAR}?day=2026-11-24").get_data(as_text=True)
    assert 'value="Ngày Văn hóa"' in page
    moved = CULTURE_DAY | {"day-day": "23", "instead_of": "2026-11-24"}
    assert browser.post(f"{CALENDAR}/days", moved).status_code == 303
    assert (works(house, day), works(house, date(2026, 11, 23))) == (True, False)
    browser.get(f"{CALENDAR}?day=2026-11-23")
    dropped = {"act": "drop", "instead_of": "2026-11-23"}
    assert browser.post(f"{CALENDAR}/days", dropped).status_code == 303
    assert works(house, date(2026, 11, 23))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"works": "yes"}, "Chỉ làm bù vào thứ Bảy hoặc Chủ nhật"),
        ({"day-year": "2025"}, "Ngày phải thuộc năm 2026"),
        ({"day-day": "", "day-month": "", "day-year": ""}, "Nhập ngày, ví dụ 30/4/2026"),
        ({"source": ""}, "Ghi văn bản làm căn cứ"),
    ],
)
def test_a_day_that_cannot_be_is_refused(
    house: House, browse: Browse, wrong: dict[str, str], sentence: str
) -> None:
    browser = browse("admin")
    browser.get(CALENDAR)
    answer = browser.post(f"{CALENDAR}/days", CULTURE_DAY | wrong)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_a_year_is_confirmed_with_its_announcement(house: House, browse: Browse) -> None:
    browser = browse("admin")
    browser.get(CALENDAR)
    answer = browser.post(f"{CALENDAR}/completeness", {"complete": "yes"})
    assert (answer.status_code, "Ghi văn bản thông báo" in answer.get_data(as_text=True)) == (422, True)
    done = {"complete": "yes", "basis": "Thông báo 9/TB-BNV"}
    assert browser.post(f"{CALENDAR}/completeness", done).status_code == 303
    assert "Đã xác nhận theo Thông báo 9/TB-BNV." in browser.get(CALENDAR).get_data(as_text=True)
    assert browser.post(f"{CALENDAR}/completeness", {"complete": "no"}).status_code == 303
    assert "Chưa xác nhận đủ" in browser.get(CALENDAR).get_data(as_text=True)


@pytest.mark.parametrize("year", [0, 1899, 2101, 99999])
def test_a_year_that_is_none_has_no_page(house: House, browse: Browse, year: int) -> None:
    assert browse("admin").get(f"/administration/calendar/{year}").status_code == 404


def test_the_page_of_the_first_start_is_gone_once_somebody_can_sign_in(app: Flask, house: House) -> None:
    visitor = Browser(app)
    visitor.get("/login")
    send = visitor.sending("/setup")
    typed = {"setup_code": setup_code("k" * 48), "name": "Liên đoàn", "kind": "federation"}
    assert (visitor.get("/setup").status_code, send(typed).status_code) == (404, 404)
