"""The task page: what it asks, what it keeps, what it refuses, what it costs."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.statements import counted
from tests.web.house import PASSWORD, Browser, House
from tests.web.letters import filled
from workflow_app.audit.models import AuditEvent
from workflow_app.core import clock, database
from workflow_app.core.database import reading, transaction
from workflow_app.engine import instances
from workflow_app.engine.models import HumanTask, TaskStatus

Browse = Callable[[str], Browser]


@pytest.fixture
def draft(house: House) -> str:
    """The address of one open task of unit one's chair."""
    house.letter()
    return f"/tasks/{house.task()}"


def state_of(house: House, path: str) -> TaskStatus:
    with reading() as session:
        found = session.get_one(HumanTask, path.rpartition("/")[2])
        return TaskStatus(found.status)


def test_the_page_asks_with_every_field_of_the_form(draft: str, browse: Browse) -> None:
    page = browse("chair").get(draft).get_data(as_text=True)
    assert page.count("<h1") == 1
    for text in (
        "Trích yếu",
        "Một dòng.",
        "Số bản",
        "Ngày gửi",
        "Mức độ",
        "Khẩn",
        "Chỉ tiêu",
        "Việc sẽ làm",
        "Nơi gửi",
    ):
        assert text in page
    for name in (
        "subject",
        "on-day",
        "aims-0-text",
        "aims-0-key",
        "place-town",
        "readers",
        "op_id",
        "csrf_token",
    ):
        assert f'name="{name}"' in page
    assert 'value="Thư mẫu"' in page
    assert "required" not in page
    assert 'type="hidden" name="aims-0-key" value="a1"' in page
    assert "Chủ tịch CĐCS Sở Nội vụ" in page


def test_a_completed_task_leads_to_the_next_one(house: House, draft: str, browse: Browse) -> None:
    house.letter(title="Thư thứ hai")
    browser = browse("chair")
    browser.get(draft)
    answer = browser.post(draft, filled())
    assert (answer.status_code, answer.location) == (303, "/tasks/next")
    following = browser.get("/tasks/next")
    assert following.status_code == 303
    assert following.location not in {draft, "/"}
    page = browser.get(following.location).get_data(as_text=True)
    assert "Đã gửi thư." in page
    assert state_of(house, draft) is TaskStatus.COMPLETED
    assert "Đã gửi thư." not in browser.get("/").get_data(as_text=True), "a message is shown once"


def test_the_last_task_leads_to_the_list(draft: str, browse: Browse) -> None:
    browser = browse("chair")
    browser.get(draft)
    browser.post(draft, filled())
    assert browser.get("/tasks/next").location == "/"


def test_a_completed_task_costs_at_most_twelve_statements_and_one_commit(
    house: House, draft: str, browse: Browse
) -> None:
    browser = browse("chair")
    browser.get(draft)
    browser.post("/seat", {"seat_id": str(house.seats["chair"])})
    browser.get(draft)
    with counted(database.engine()) as work:
        assert browser.post(draft, filled()).status_code == 303
    assert len(work) <= 12, str(work)
    assert work.commits == 1, str(work)


def test_the_task_page_costs_few_statements(draft: str, browse: Browse) -> None:
    browser = browse("chair")
    browser.get(draft)
    with counted(database.engine()) as work:
        browser.get(draft)
    assert len(work) <= 8, str(work)
    assert work.commits == 0


def test_errors_stand_at_the_top_and_at_the_field_and_the_typed_text_stays(
    house: House, draft: str, browse: Browse
) -> None:
    browser = browse("chair")
    browser.get(draft)
    wrong = filled(subject="", **{"copies": "hai", "on-day": "31", "on-month": "2", "aims-0-value": "nhiều"})
    answer = browser.post(draft, wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<title>Lỗi: " in page
    assert "Có 4 lỗi cần sửa" in page
    for anchor in ("subject", "copies", "on", "aims-0-value"):
        assert f'href="#{anchor}"' in page
        assert f'id="{anchor}"' in page
    for typed in ("hai", "31", "nhiều", "Kính gửi Liên đoàn.", "LĐLĐ tỉnh\nLưu VT"):
        assert typed in page
    assert state_of(house, draft) is TaskStatus.OPEN
    assert page.count('aria-invalid="true"') >= 4


def test_rows_are_added_and_removed_without_a_script_and_nothing_typed_is_lost(
    draft: str, browse: Browse
) -> None:
    browser = browse("chair")
    browser.get(draft)
    answer = browser.post(draft, filled(add_row="aims"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'name="aims-1-text"' in page
    assert "Giới thiệu đoàn viên ưu tú" in page
    assert "Có một lỗi" not in page
    two = filled(
        **{"aims-1-key": "b2", "aims-1-text": "Hiến máu", "aims-1-value": "2", "remove_row": "aims.0"}
    )
    page = browser.post(draft, two).get_data(as_text=True)
    assert "Hiến máu" in page
    assert "Giới thiệu đoàn viên ưu tú" not in page
    assert 'name="aims-1-text"' not in page


def test_enter_in_a_field_completes_nothing(house: House, draft: str, browse: Browse) -> None:
    browser = browse("chair")
    page = browser.get(draft).get_data(as_text=True)
    first = page.index('id="bieu-mau"')
    button = page[first : page.index("</button>", first)]
    assert 'name="stay"' in button, "the first button of the form is the one that Enter presses"
    assert browser.post(draft, filled(stay="1")).status_code == 200
    assert state_of(house, draft) is TaskStatus.OPEN


def test_a_refusal_of_the_domain_keeps_the_form(draft: str, browse: Browse) -> None:
    browser = browse("chair")
    browser.get(draft)
    answer = browser.post(draft, filled(subject="hôm nay"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Hôm nay không gửi được. Hãy chọn ngày khác." in page
    assert "Kính gửi Liên đoàn." in page
    assert 'name="op_id"' in page


def test_a_second_click_gets_the_same_answer_and_does_nothing(
    house: House, draft: str, browse: Browse
) -> None:
    browser = browse("chair")
    browser.get(draft)
    form = filled(op_id="018f0000-0000-7000-8000-000000000001", csrf_token=browser.token())
    assert browser.send(draft, form).status_code == 303
    assert browser.send(draft, form).status_code == 303
    with reading() as session:
        count = select(func.count()).where(AuditEvent.action == "letter.drafted")
        assert session.scalar(count) == 1
    browser.get("/tasks/next")
    assert "đã được ghi từ trước" in browser.get("/").get_data(as_text=True)


def test_ten_clicks_at_once_are_one_act(app: Flask, house: House, draft: str, browse: Browse) -> None:
    browser = browse("chair")
    browser.get(draft)
    form = filled(op_id="018f0000-0000-7000-8000-000000000002", csrf_token=browser.token())
    cookie, answers = browser.cookie() or "", []

    def click() -> None:
        other = Browser(app)
        other.client.set_cookie("giao_uoc", cookie)
        answers.append(other.send(draft, form).status_code)

    threads = [threading.Thread(target=click) for _ in range(10)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert answers == [303] * 10
    with reading() as session:
        assert session.scalar(select(func.count()).where(AuditEvent.action == "letter.drafted")) == 1


def test_who_comes_late_is_told_who_was_first_and_keeps_what_he_typed(
    house: House, draft: str, browse: Browse
) -> None:
    from workflow_app.organisations import service as organisations

    with transaction() as session:
        organisations.appoint(
            session, person_id=house.people["deputy"], unit_id=house.units["one"], office_code="chair", valid_from=clock.today()
        )  # fmt: skip
    early, late = browse("deputy"), browse("chair")
    early.get(draft)
    late.get(draft)
    assert early.post(draft, filled()).status_code == 303
    answer = late.post(draft, filled(subject="Bản của chủ tịch"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Phạm Ngọc Diệp" in page
    assert "01/3/2019" in page
    assert "Bản của chủ tịch" in page
    page = late.get(draft)
    assert page.status_code == 409
    assert "Phạm Ngọc Diệp" in page.get_data(as_text=True)


def test_a_stranger_learns_nothing_of_a_closed_task(house: House, draft: str, browse: Browse) -> None:
    browser = browse("chair")
    browser.get(draft)
    browser.post(draft, filled())
    stranger = browse("stranger")
    stranger.get("/")
    for answer in (
        stranger.get(draft),
        stranger.post(draft, filled(op_id="018f0000-0000-7000-8000-000000000003")),
    ):
        assert answer.status_code == 404
        assert "Trần Quốc Bảo" not in answer.get_data(as_text=True)


def test_a_resting_dossier_is_told_as_resting(house: House, draft: str, browse: Browse) -> None:
    browser = browse("chair")
    browser.get(draft)
    with transaction() as session:
        instance = session.get_one(HumanTask, draft.rpartition("/")[2]).instance_id
        instances.suspend(session, instance, reason="Chờ hướng dẫn", by=None, at=clock.now())
    answer = browser.post(draft, filled())
    assert answer.status_code == 409
    assert "đang tạm dừng" in answer.get_data(as_text=True)
    assert "Kính gửi Liên đoàn." in answer.get_data(as_text=True)


def test_who_may_see_but_not_do_is_told_who_may(draft: str, browse: Browse) -> None:
    answer = browse("officer").get(draft)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "Chủ tịch công đoàn đơn vị" in page
    assert "Chuyên viên LĐLĐ tỉnh An Giang" in page


def test_buttons_say_what_they_do_and_carry_the_decision(house: House, draft: str, browse: Browse) -> None:
    chair = browse("chair")
    chair.get(draft)
    chair.post(draft, filled())
    standing = browse("standing")
    path = f"/tasks/{house.task('approve')}"
    page = standing.get(path).get_data(as_text=True)
    assert "Đề nghị duyệt thư" in page
    assert "Thư được gửi đi." in page
    assert 'name="decision" value="approve"' in page
    assert 'type="radio"' not in page, "what a button carries is not asked again"
    assert "soạn thảo" in page.lower() or "letter.drafted" in page
    assert standing.post(path, {"decision": "return"}).status_code == 303
    assert chair.get("/").status_code == 200
    assert state_of(house, f"/{house.task('draft')}") is TaskStatus.OPEN


def test_unknown_fields_and_doubled_names_are_refused(house: House, draft: str, browse: Browse) -> None:
    browser = browse("chair")
    for extra in (
        {"approver": "me"},
        {"subject-x": "1"},
        {"_sys": "1"},
        {"__class__": "1"},
        {"aims-0-x": "1"},
    ):
        browser.get(draft)
        answer = browser.post(draft, filled(**extra))
        assert answer.status_code == 422, extra
    assert state_of(house, draft) is TaskStatus.OPEN


def test_text_is_stored_composed_whatever_the_keyboard_sent(draft: str, browse: Browse, house: House) -> None:
    import unicodedata

    from tests.web import letters

    seen: list[str] = []
    act = letters.LETTERS.tasks["letter_draft"].act

    def watch(session: object, context: object, form: letters.LetterDraft) -> object:
        seen.append(form.subject)
        return act(session, context, form)  # type: ignore[arg-type]  # passed on as it came

    object.__setattr__(letters.LETTERS.tasks["letter_draft"], "act", watch)
    try:
        browser = browse("chair")
        browser.get(draft)
        spelt = unicodedata.normalize("NFD", "Thư  về\u200b phong trào\u202e")
        assert browser.post(draft, filled(subject=spelt)).status_code == 303
    finally:
        object.__setattr__(letters.LETTERS.tasks["letter_draft"], "act", act)
    assert seen == ["Thư về phong trào"]


def test_a_nul_a_huge_word_and_a_million_fields_change_nothing(
    house: House, draft: str, browse: Browse
) -> None:
    browser = browse("chair")
    browser.get(draft)
    assert browser.post(draft, filled(subject="a\x00b")).status_code == 400
    browser.get(draft)
    assert browser.post(draft, filled(subject="ư" * 1_000_000)).status_code in {413, 422}
    browser.get(draft)
    assert browser.post(draft, filled(body="x" * 3_000_000)).status_code == 413
    browser.get(draft)
    many = filled() | {f"aims-{number}-text": "x" for number in range(5000)}
    assert browser.post(draft, many).status_code == 422
    assert state_of(house, draft) is TaskStatus.OPEN


def test_a_session_that_ends_while_typing_says_so_and_loses_nothing_silently(
    draft: str, browse: Browse, noon: clock.ScriptedClock
) -> None:
    browser = browse("chair")
    browser.get(draft)
    noon.advance(seconds=31 * 60)
    answer = browser.post(draft, filled())
    assert answer.status_code == 401
    assert "Phiên làm việc đã hết" in answer.get_data(as_text=True)


def test_a_task_is_taken_on_handed_over_and_given_back(house: House, draft: str, browse: Browse) -> None:
    from workflow_app.organisations import service as organisations

    with transaction() as session:
        organisations.appoint(
            session, person_id=house.people["deputy"], unit_id=house.units["one"], office_code="chair", valid_from=clock.today()
        )  # fmt: skip
    chair, deputy = browse("chair"), browse("deputy")
    chair.get(draft + "/handover")
    assert chair.post(draft + "/handover", {"to": "me"}).status_code == 303
    deputy.get(draft)
    assert deputy.post(draft, filled()).status_code == 409
    chair.get(draft + "/handover")
    assert chair.post(draft + "/handover", {"to": str(house.people["standing"])}).status_code == 422
    assert chair.post(draft + "/handover", {"to": str(house.people["deputy"])}).status_code == 303
    deputy.get(draft + "/handover")
    assert deputy.post(draft + "/handover", {"to": "office"}).status_code == 303
    chair.get(draft)
    assert chair.post(draft, filled()).status_code == 303


def test_switching_the_office_is_kept_and_only_ones_own_can_be_chosen(house: House, browse: Browse) -> None:
    from workflow_app.organisations import service as organisations

    with transaction() as session:
        seat = organisations.appoint(
            session, person_id=house.people["chair"], unit_id=house.units["federation"], office_code="inspection_member", valid_from=clock.today()
        ).id  # fmt: skip
    browser = browse("chair")
    browser.get("/units")
    answer = browser.post("/seat", {"seat_id": str(seat)}, headers={"Referer": "http://localhost/units"})
    assert (answer.status_code, answer.location) == (303, "/units")
    assert "<b>Ủy viên Ủy ban Kiểm tra LĐLĐ tỉnh An Giang</b>" in browser.get("/").get_data(as_text=True)
    assert browser.post("/seat", {"seat_id": str(house.seats["standing"])}).status_code == 404
    assert browser.post("/seat", {"seat_id": "x"}).status_code == 404


def test_the_password_of_the_form_is_never_sent_back(house: House, draft: str, browse: Browse) -> None:
    chair = browse("chair")
    chair.get(draft)
    chair.post(draft, filled())
    standing = browse("standing")
    path = f"/tasks/{house.task('approve')}"
    standing.get(path)
    answer = standing.post(path, {"decision": "maybe", "secret": PASSWORD})
    assert answer.status_code == 422
    assert PASSWORD not in answer.get_data(as_text=True)
