"""Operations: what the administrator sees of running processes, and what he does to them."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from tests.web import letters
from tests.web.house import Browser, House
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.engine import definitions, incidents
from workflow_app.engine.errors import StepFailed
from workflow_app.engine.incidents import Trouble
from workflow_app.engine.models import (
    HumanTask,
    Incident,
    IncidentKind,
    InstanceStatus,
    ProcessDefinition,
    ProcessInstance,
)
from workflow_app.notifications.models import Notification
from workflow_app.processes.registry import catalogue

Browse = Callable[[str], Browser]

NEWER = letters.diagram().replace("Duyệt".encode(), "Xem và duyệt".encode())


@pytest.fixture
def letter(house: House) -> UUID:
    return house.letter()


@pytest.fixture
def trouble(house: House, letter: UUID) -> UUID:
    """An incident at the open task of the letter."""
    return open_incident(house, letter)


def open_incident(house: House, letter: UUID) -> UUID:
    found = Trouble(letter, IncidentKind.HUMAN_TASK, house.task(), "draft")
    incidents.report(found, StepFailed(f"process letter: element draft of {letter}"), at=clock.now())
    with reading() as session:
        return session.query(Incident.id).filter_by(resolved_at=None).one()[0]


def stored(letter: UUID) -> ProcessInstance:
    with reading() as session:
        return session.get_one(ProcessInstance, letter)


def test_an_incident_is_told_in_plain_words_and_technical_ones_are_folded_away(
    trouble: UUID, browse: Browse
) -> None:
    admin = browse("admin")
    listed = admin.get("/operations").get_data(as_text=True)
    assert f"/operations/incidents/{trouble}" in listed
    assert "quy trình không chuyển sang bước sau được" in listed
    page = admin.get(f"/operations/incidents/{trouble}").get_data(as_text=True)
    assert "Nên làm gì" in page
    before, folded = page.split("Chi tiết cho bộ phận hỗ trợ", 1)
    assert "step_failed" not in before
    assert "step_failed" in folded.split("</details>", 1)[0]
    assert str(trouble) in folded


def test_administrators_of_the_federation_are_told_once_when_it_opens(
    house: House, letter: UUID, trouble: UUID
) -> None:
    for _ in range(3):
        incidents.report(
            Trouble(letter, IncidentKind.HUMAN_TASK, house.task(), "draft"), StepFailed("x"), at=clock.now()
        )
    with reading() as session:
        found = session.query(Notification).filter(Notification.event_key.like("incident:%")).all()
        assert [(one.person_id, one.target) for one in found] == [
            (house.people["admin"], f"/operations/incidents/{trouble}")
        ]
        assert "Thư của đơn vị một" in found[0].sentence


def test_a_retried_incident_that_comes_back_the_same_day_is_no_news(house: House, letter: UUID) -> None:
    from workflow_app.engine.repair import retry_incident

    first = open_incident(house, letter)
    with transaction() as session:
        retry_incident(session, first, by=house.people["admin"], at=clock.now())
    assert open_incident(house, letter) != first
    with reading() as session:
        assert session.query(Notification).filter(Notification.event_key.like("incident:%")).count() == 1


def test_the_menu_counts_open_incidents_for_administrators_only(trouble: UUID, browse: Browse) -> None:
    menu = browse("admin").get("/inbox").get_data(as_text=True)
    assert 'href="/operations"' in menu
    group = menu.split("gu-group-nav", 1)[1].split("</details>", 1)[
        0
    ]  # one word for all that looks after the system
    assert '<span class="gu-count">1</span>' in group.split("</summary>", 1)[0]
    assert "gu-group-nav" not in browse("author").get("/inbox").get_data(as_text=True)
    assert 'href="/operations"' not in browse("officer").get("/inbox").get_data(as_text=True)


def test_closing_by_hand_needs_a_reason_and_keeps_it(trouble: UUID, letter: UUID, browse: Browse) -> None:
    admin = browse("admin")
    admin.get(f"/operations/incidents/{trouble}")
    refused = admin.post(f"/operations/incidents/{trouble}/resolution", {"reason": " "})
    assert refused.status_code == 422
    assert "Ghi lại đã xử lý thế nào" in refused.get_data(as_text=True)
    assert (
        admin.post(f"/operations/incidents/{trouble}/resolution", {"reason": "Đã sửa sơ đồ"}).status_code
        == 303
    )
    with reading() as session:
        closed = session.get_one(Incident, trouble)
        assert closed.resolution == "Đã sửa sơ đồ"
    assert stored(letter).open_incidents == 0
    assert "Sự cố đã được xử lý" in admin.get(f"/operations/incidents/{trouble}").get_data(as_text=True)
    again = admin.post(f"/operations/incidents/{trouble}/resolution", {"reason": "Lần nữa"})
    assert again.status_code == 404


def test_an_administrator_of_another_federation_finds_nothing(
    trouble: UUID, letter: UUID, browse: Browse
) -> None:
    stranger = browse("stranger_admin")
    assert f"/operations/incidents/{trouble}" not in stranger.get("/operations").get_data(as_text=True)
    assert stranger.get(f"/operations/incidents/{trouble}").status_code == 404
    assert stranger.get(f"/operations/instances/{letter}").status_code == 404
    stranger.get("/operations")
    for act in (
        f"incidents/{trouble}/attempts",
        f"incidents/{trouble}/resolution",
        f"instances/{letter}/suspension",
    ):
        assert stranger.post(f"/operations/{act}", {"reason": "x"}).status_code == 404
    assert stored(letter).status is InstanceStatus.RUNNING


def test_suspending_resuming_and_cancelling_each_need_a_reason(letter: UUID, browse: Browse) -> None:
    admin = browse("admin")
    admin.get(f"/operations/instances/{letter}")
    assert admin.post(f"/operations/instances/{letter}/suspension", {"reason": ""}).status_code == 422
    for act, status in (
        ("suspension", InstanceStatus.SUSPENDED),
        ("resumption", InstanceStatus.RUNNING),
        ("cancellation", InstanceStatus.CANCELLED),
    ):
        admin.get(f"/operations/instances/{letter}")  # the page before held no form
        assert (
            admin.post(f"/operations/instances/{letter}/{act}", {"reason": "Chờ ý kiến"}).status_code == 303
        )
        assert stored(letter).status is status
    page = admin.get(f"/operations/instances/{letter}").get_data(as_text=True)
    assert "Can thiệp" not in page


def test_instances_are_found_by_process_state_and_age(house: House, letter: UUID, browse: Browse) -> None:
    admin = browse("admin")
    link = f"/operations/instances/{letter}"
    for query, there in (
        ("", True), ("?process=letter", True), ("?process=pledge", False), ("?state=running", True),
        ("?state=suspended", False), ("?state=trouble", False), ("?age=30", False), ("?state=nonsense&age=x&before=y", True),
    ):  # fmt: skip
        page = admin.get(f"/operations/instances{query}").get_data(as_text=True)
        assert (link in page) is there, query
    open_incident(house, letter)
    assert link in admin.get("/operations/instances?state=trouble").get_data(as_text=True)


def deploy_newer(house: House, xml: bytes = NEWER) -> UUID:
    assert xml != letters.diagram()
    with transaction() as session:
        made = definitions.deploy(session, xml, by=house.people["author"], at=clock.now(), known=catalogue())
        return made.id


def test_the_page_of_a_version_says_which_dossiers_can_go_over(
    house: House, letter: UUID, browse: Browse
) -> None:
    newer = deploy_newer(house)
    page = browse("author").get(f"/definitions/{newer}").get_data(as_text=True)
    assert "1 hồ sơ đang chạy theo phiên bản cũ" in page
    assert "chuyển được" in page
    assert "không chuyển được" not in page


def test_a_dossier_goes_over_after_its_dry_run(house: House, letter: UUID, browse: Browse) -> None:
    newer = deploy_newer(house)
    admin = browse("admin")
    path = f"/operations/instances/{letter}/migration/{newer}"
    assert path in admin.get(f"/operations/instances/{letter}").get_data(as_text=True)
    assert "Đã chạy thử" in admin.get(path).get_data(as_text=True)
    assert admin.post(path, {"reason": ""}).status_code == 422
    assert admin.post(path, {"reason": "Đổi tên bước"}).status_code == 303
    assert stored(letter).definition_id == newer
    assert admin.get(path).status_code == 409


def test_what_stands_in_the_way_is_named(house: House, letter: UUID, browse: Browse) -> None:
    other_form = (
        letters.diagram()
        .replace(b'id="draft"', b'id="draft_new"')
        .replace(b'"draft"', b'"draft_new"')
        .replace(b">draft<", b">draft_new<")
    )
    with transaction() as session:
        old = definitions.active(session, "letter")
        definitions.retire(session, old.id, by=None, at=clock.now())
        target = ProcessDefinition(
            key="letter",
            version=2,
            name="Thư",
            sha256="s2",
            xml=other_form,
            status="active",
            deployed_at=clock.now(),
        )
        session.add(target)
        session.flush()
        newer = target.id
    admin = browse("admin")
    path = f"/operations/instances/{letter}/migration/{newer}"
    page = admin.get(path).get_data(as_text=True)
    assert "Chưa chuyển được" in page
    assert "không còn" in page
    assert admin.post(path, {"reason": "x"}).status_code == 422
    assert stored(letter).definition_id != newer


def test_the_dossiers_own_page_says_that_somebody_is_at_it(
    trouble: UUID, letter: UUID, browse: Browse, app: Flask
) -> None:
    page = browse("chair").get(f"/instances/{letter}").get_data(as_text=True)
    assert "sự cố kỹ thuật" in page
    with reading() as session:
        assert session.query(HumanTask).filter_by(instance_id=letter).count() == 1
