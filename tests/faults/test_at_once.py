"""Several people on the same task at the same moment, through sockets, server, rights, transaction and answer."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import pytest

from tests.faults import application, workers
from tests.faults.driver import Driver
from tests.faults.ledger import Ledger
from tests.faults.product import Answer, Product
from tests.processes.pledges import texts
from tests.processes.pledges.way import go_to_approval
from tests.processes.pledges.world import SINCE, World
from tests.web.house import PASSWORD, Browser
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.settings import load
from workflow_app.organisations import service as organisations
from workflow_app.organisations.accounts import set_password
from workflow_app.web.app import create_app

TRIES = 6
Made = TypeVar("Made")


def at_once(acts: int, act: Callable[[int], Made]) -> list[Made]:
    """So many acts, each in its thread, none before all are ready."""
    together = threading.Barrier(acts)

    def begin(number: int) -> Made:
        together.wait(20)
        return act(number)

    with ThreadPoolExecutor(acts) as pool:
        return list(pool.map(begin, range(acts)))


def test_of_six_at_once_one_counts_and_the_others_hear_who_was_first(product: Product, folder: Path) -> None:
    """Two of the standing committee, three tries each; then one chair, one act, sent six times at once."""
    product.be_up()
    driver = Driver(product, Ledger(folder / "ledger"))
    driver.go_to_approval(application.UNITS)
    task = driver.task("standing", "pledge_approve")

    def approve(number: int) -> tuple[str, Answer]:
        who = ("standing", "other")[number % 2]
        return who, send(product, who, task, {"verdict": "approve"}, uuid4())

    answers = at_once(TRIES, approve)
    assert Counter(answer.status for _, answer in answers) == {200: 1, 409: TRIES - 1}
    (first,) = [who for who, answer in answers if answer.status == 200]
    for told in (answer.body for _, answer in answers if answer.status == 409):
        assert (told["code"], told["by"]) == ("task_not_open", str(product.person(first)))
        assert told["at"]
        assert told["detail"].startswith("Việc này đã được xử lý xong")
    task, op_id = driver.task("chair1", "pledge_invite"), uuid4()
    same = at_once(TRIES, lambda _: send(product, "chair1", task, texts.invitation(), op_id))
    assert Counter(answer.body["repeated"] for answer in same) == {False: 1, True: TRIES - 1}
    product.stop()


def send(product: Product, who: str, task: UUID, values: dict[str, object], op_id: UUID) -> Answer:
    return product.ask(
        "POST",
        f"/api/v1/tasks/{task}/completion",
        who=who,
        body={"op_id": str(op_id), "values": values},
    )


@pytest.fixture
def browsers(world: World, tmp_path: Path) -> dict[str, Browser]:
    """Two of the standing committee, both before the page of the same approval; by name."""
    world.open()
    go_to_approval(world)
    with transaction() as session:
        person = organisations.add_person(session, full_name="Lương Thị Hồng Vân")
        organisations.appoint(
            session,
            person_id=person.id,
            unit_id=world.federation_id,
            office_code="standing_member",
            valid_from=SINCE,
        )
        organisations.open_account(session, person.id, username="thuongvu", at=clock.now())
        for person_id in (person.id, world.people["standing"]):
            set_password(session, person_id, password=PASSWORD, at=clock.now())
    app = create_app(load(data_dir=tmp_path / "app"))
    both = {"Phạm Ngọc Diệp": Browser(app), "Lương Thị Hồng Vân": Browser(app)}
    for username, browser in zip(("standing", "thuongvu"), both.values(), strict=True):
        browser.sign_in(username)
        assert browser.get(f"/tasks/{world.task('approve')}").status_code == 200
    return both


def test_on_the_page_the_second_of_two_reads_the_name_of_the_first(
    world: World, browsers: dict[str, Browser]
) -> None:
    path = f"/tasks/{world.task('approve')}"
    names = list(browsers)
    statuses = at_once(
        2, lambda number: browsers[names[number]].post(path, {"verdict": "approve"}).status_code
    )
    assert sorted(statuses) == [303, 409]
    first, second = names if statuses[0] == 303 else reversed(names)
    assert first in browsers[second].page
    assert workers.faults() == {}
