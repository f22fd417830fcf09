"""The list of pledges and opening a year."""

from collections.abc import Callable
from uuid import uuid4

from tests.processes.pledges.screens import Person, add_stranger
from tests.processes.pledges.way import go_to_comments
from tests.processes.pledges.world import SINCE, World
from workflow_app.audit import history
from workflow_app.core.database import reading, transaction
from workflow_app.organisations import service as organisations
from workflow_app.processes.pledges.models import Pledge

At = Callable[[str], Person]


def count(world: World) -> int:
    with reading() as session:
        return session.query(Pledge).count()


def test_the_list_shows_progress_and_is_narrowed_by_address(world: World, at: At) -> None:
    world.open()
    go_to_comments(world)
    world.complete("chair1", "comment", {"verdict": "agree"}, unit_id=world.unit_ids[0])
    person = at("chair2")
    person.get("/pledges/")
    assert "1/2 đã góp ý" in person.words()
    for query, shown in (
        ("year=2019&state=commenting", True),
        ("q=khoi", True),
        ("year=2018", False),
        ("state=issued", False),
        ("q=cum", False),
        (f"bloc={uuid4()}", False),
        (f"bloc={world.bloc_id}&year=x&state=nonsense", True),
    ):
        person.get(f"/pledges/?{query}")
        assert bool(person.tree().xpath("//tbody//a")) is shown, query
    assert "Không có giao ước nào" not in person.words()
    person.get("/pledges/?q=cum")
    assert "Không có giao ước nào hợp với bộ lọc" in person.words()


def test_an_empty_list_says_what_comes_next(world: World, at: At) -> None:
    chair, officer = at("chair1"), at("officer")
    chair.get("/pledges/")
    assert "Khi Liên đoàn Lao động mở năm thi đua cho khối" in chair.words()
    officer.get("/pledges/")
    assert officer.tree().xpath("//main//a[@href='/pledges/new']")


def test_only_blocs_with_a_list_and_without_a_pledge_are_offered(world: World, at: At) -> None:
    with transaction() as session:
        organisations.form_bloc(
            session, federation_id=world.federation_id, code="05", name="Khối thi đua 05", valid_from=SINCE
        )
    officer = at("officer")
    officer.get("/pledges/new")
    assert officer.tree().xpath("//input[@name='bloc']/@value") == [f"{world.bloc_id}:2019"]
    assert "2 đơn vị" in officer.words()
    world.open()
    officer.get("/pledges/new")
    assert not officer.tree().xpath("//input[@name='bloc']")
    assert "Mọi khối đã có giao ước" in officer.words()


def test_opening_is_recorded_once_and_a_second_click_opens_nothing(world: World, at: At) -> None:
    officer = at("officer")
    officer.get("/pledges/new")
    form = {"csrf_token": officer.token(), "op_id": str(uuid4()), "bloc": f"{world.bloc_id}:2019"}
    first, again = officer.send("/pledges/new", form), officer.send("/pledges/new", form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert count(world) == 1
    pledge_id = first.location.rpartition("/")[2]
    with reading() as session:
        events = history.of_object(session, pledge_id).events  # type: ignore[arg-type]  # text of a UUID
    assert [event.action for event in events] == ["pledge.opened"]


def test_a_bloc_that_has_its_pledge_is_told_so(world: World, at: At) -> None:
    world.open()
    officer = at("officer")
    officer.get("/pledges/new")
    assert (
        officer.post("/pledges/new", {"op_id": str(uuid4()), "bloc": f"{world.bloc_id}:2019"}).status_code
        == 409
    )
    assert "Khối đã có giao ước của năm này" in officer.page


def test_opening_needs_a_choice(world: World, at: At) -> None:
    officer = at("officer")
    officer.get("/pledges/new")
    assert officer.post("/pledges/new").status_code == 422
    assert officer.tree().xpath("//section[@id='loi']//a/@href") == ["#bloc"]
    assert officer.post("/pledges/new", {"bloc": "nonsense"}).status_code == 400


def test_a_chair_is_told_whose_work_opening_is(world: World, at: At) -> None:
    chair = at("chair1")
    assert chair.get("/pledges/new").status_code == 403
    assert "Chuyên viên Liên đoàn Lao động" in chair.page
    chair.get("/pledges/")
    form = {"csrf_token": chair.token(), "op_id": str(uuid4()), "bloc": f"{world.bloc_id}:2019"}
    assert chair.send("/pledges/new", form).status_code == 404, "the bloc as such is its federation's"
    assert count(world) == 0


def test_a_foreign_bloc_does_not_exist(world: World, at: At) -> None:
    add_stranger(world)
    stranger = at("stranger")
    stranger.get("/pledges/new")
    assert "Khối thi đua 04" not in stranger.words()
    stranger.get("/pledges/")
    form = {"csrf_token": stranger.token(), "op_id": str(uuid4()), "bloc": f"{world.bloc_id}:2019"}
    assert stranger.send("/pledges/new", form).status_code == 404
    assert stranger.send("/pledges/new", {**form, "bloc": f"{uuid4()}:2019"}).status_code == 404
    assert count(world) == 0


def test_a_year_without_a_list_cannot_be_opened(world: World, at: At) -> None:
    officer = at("officer")
    officer.get("/pledges/new")
    assert officer.post("/pledges/new", {"bloc": f"{world.bloc_id}:2021"}).status_code == 404
    assert "chưa có danh sách đơn vị" in officer.page
