"""The worklist: order, words, tabs, filters, pages, numbers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.support.statements import counted
from tests.web.house import Browser, House
from workflow_app.core import clock, database, vietnamese
from workflow_app.core.database import transaction
from workflow_app.engine import tasks

Browse = Callable[[str], Browser]


def at(day: int, month: int = 3) -> datetime:
    return datetime(2019, month, day, 10, tzinfo=UTC)


def test_who_has_nothing_to_do_is_told_so(browse: Browse) -> None:
    page = browse("chair").get("/").get_data(as_text=True)
    assert "Không còn việc nào chờ Trần Quốc Bảo" in page
    assert page.count("<h1") == 1


def test_work_stands_in_groups_of_urgency_in_working_days(house: House, browse: Browse) -> None:
    house.letter(due=vietnamese.end_of_day(at(28, 2).date()), title="Thư đã trễ")
    house.letter(due=at(6), title="Thư gần hạn")
    house.letter(due=at(20), title="Thư còn lâu")
    house.letter(title="Thư không hạn")
    page = browse("chair").get("/").get_data(as_text=True)
    assert "Bốn việc đang chờ Trần Quốc Bảo." in page
    assert "Một việc đã quá hạn" in page
    places = [
        page.index(text)
        for text in ("Đã quá hạn</h2>", "Thư đã trễ", "Trong ba ngày làm việc tới</h2>", "Thư gần hạn")
    ]
    assert places == sorted(places)
    assert "Quá 1 ngày làm việc" in page
    assert "Còn 3 ngày làm việc" in page
    assert "Còn 13 ngày làm việc" in page
    assert "Không có hạn" in page


def test_the_next_deadline_stands_beside_the_list_with_its_days(house: House, browse: Browse) -> None:
    house.letter(due=at(6), title="Thư gần hạn")
    page = browse("chair").get("/").get_data(as_text=True)
    assert "Hạn gần nhất" in page
    assert "3 ngày" in page
    assert page.count('class="is-off"') == 2
    assert page.count('class="is-due"') == 1


def test_the_work_of_others_is_not_shown(house: House, browse: Browse) -> None:
    house.letter(title="Thư của đơn vị một")
    assert "Thư của đơn vị một" not in browse("third").get("/").get_data(as_text=True)
    assert "Thư của đơn vị một" not in browse("stranger").get("/").get_data(as_text=True)


def test_what_i_sent_on_waits_for_others_and_is_done_for_me(house: House, browse: Browse) -> None:
    from tests.web.letters import filled

    house.letter()
    browser = browse("chair")
    task = house.task()
    browser.get(f"/tasks/{task}")
    assert browser.post(f"/tasks/{task}", filled()).status_code == 303
    assert "Ban Thường vụ" in browser.get("/?tab=waiting").get_data(as_text=True)
    assert "Soạn thư" in browser.get("/?tab=done").get_data(as_text=True)


def test_filters_stand_in_the_address_and_can_be_taken_off(house: House, browse: Browse) -> None:
    house.letter(due=at(6), title="Thư gần hạn")
    house.letter(title="Thư không hạn")
    browser = browse("chair")
    page = browser.get("/?due=none").get_data(as_text=True)
    assert "Thư không hạn" in page
    assert "<div>Thư gần hạn</div>" not in page
    page = browser.get("/?due=overdue&process=letter").get_data(as_text=True)
    assert "Không có việc nào: Thư của đơn vị, Đã quá hạn" in page
    assert "Xóa bộ lọc" in page


def test_long_lists_come_in_pages_without_loss(house: House, browse: Browse) -> None:
    with transaction() as session:
        from tests.web.house import start_letter

        for number in range(120):
            start_letter(session, house, "one", at(4) + timedelta(days=number // 3), f"Thư số {number:03}")
    browser, seen, path = browse("chair"), [], "/"
    for _turn in range(5):
        page = browser.get(path).get_data(as_text=True)
        seen += [line.split("<")[0] for line in page.split("<div>Thư số ")[1:]]
        if 'rel="next"' not in page:
            break
        path = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert sorted(seen) == [f"{number:03}" for number in range(120)]


def test_a_spoilt_page_key_begins_at_the_first_page(house: House, browse: Browse) -> None:
    house.letter()
    browser = browse("chair")
    for after in ("x", "1.2", "99999999999999999999.00000000-0000-0000-0000-000000000000", "-1.", "1e5.a"):
        assert browser.get(f"/?after={after}").status_code == 200


def test_the_badge_counts_for_the_menu(house: House, browse: Browse) -> None:
    house.letter()
    browser = browse("chair")
    assert browser.get("/tasks/count").get_json() == {"count": 1}
    page = browser.get("/").get_data(as_text=True)
    assert 'data-count-url="/tasks/count"' in page
    assert "<title>(1) Việc của tôi · Giao Ước</title>" in page


def test_a_badge_without_a_session_is_told_in_json(app: object) -> None:
    answer = Browser(app).get("/tasks/count", headers={"Accept": "application/json"})  # type: ignore[arg-type]  # a Flask
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


def test_the_page_says_who_of_the_office_has_taken_a_task(house: House, browse: Browse) -> None:
    from workflow_app.organisations import service as organisations

    house.letter()
    with transaction() as session:
        organisations.appoint(
            session,
            person_id=house.people["deputy"],
            unit_id=house.units["one"],
            office_code="chair",
            valid_from=clock.today(),
        )
        tasks.claim(session, house.task(), by=house.people["deputy"], at=clock.now())
    assert "Phạm Ngọc Diệp đã nhận" in browse("chair").get("/").get_data(as_text=True)


def test_the_inbox_costs_few_statements_whatever_its_length(house: House, browse: Browse) -> None:
    browser = browse("chair")
    for _ in range(3):
        house.letter()
    browser.get("/")
    with counted(database.engine()) as short:
        browser.get("/")
    for _ in range(30):
        house.letter(due=at(8))
    with counted(database.engine()) as long:
        browser.get("/")
    assert len(long) == len(short), f"{short}\n{long}"
    assert len(short) <= 6, str(short)
    assert short.commits == 0
