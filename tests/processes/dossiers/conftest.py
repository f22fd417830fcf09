"""A federation with two units and two authors of processes, at browsers, in a database that really commits."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.processes.dossiers.office import Office, add_authors
from tests.processes.pledges.screens import Person
from tests.processes.pledges.world import found, install
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.settings import Settings
from workflow_app.web.app import create_app


@pytest.fixture
def march() -> Iterator[clock.ScriptedClock]:
    """Monday 4 March 2019, 09:00 in Viet Nam."""
    scripted = clock.ScriptedClock(datetime(2019, 3, 4, 2, tzinfo=UTC))
    with clock.use(scripted):
        yield scripted


@pytest.fixture(scope="session")
def store_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("objects")


@pytest.fixture
def office(committed: None, march: clock.ScriptedClock, store_root: Path) -> Office:
    with transaction() as session:
        install(session, store_root)
        world = found(session)
        add_authors(session, world)
    return Office(world.federation_id, world.bloc_id, world.unit_ids, world.people)


@pytest.fixture
def app(office: Office, tmp_path: Path) -> Flask:
    """The web application over the office."""
    app = create_app(Settings(data_dir=tmp_path, secret_key="k" * 48))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def at(app: Flask, office: Office) -> Callable[[str], Person]:
    """`at("author")`: that person, signed in, at a browser."""
    return lambda who: Person(app, office, who)
