"""A world of two units on a clock of its own, in a database that really commits."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.processes.pledges.screens import Person
from tests.processes.pledges.way import go_to_signing
from tests.processes.pledges.world import World, found, install
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.settings import Settings
from workflow_app.web.app import create_app


@pytest.fixture
def february() -> Iterator[clock.ScriptedClock]:
    """Monday 11 February 2019, 08:00 in Viet Nam: the first working day after Tết."""
    scripted = clock.ScriptedClock(datetime(2019, 2, 11, 1, tzinfo=UTC))
    with clock.use(scripted):
        yield scripted


@pytest.fixture(scope="session")
def store_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("objects")


@pytest.fixture
def world(committed: None, february: clock.ScriptedClock, store_root: Path) -> World:
    with transaction() as session:
        install(session, store_root)
        return found(session)


@pytest.fixture
def signing(world: World, february: clock.ScriptedClock) -> World:
    """The same world on the afternoon of 1 March 2019: adopted, both units are asked to sign."""
    world.open()
    go_to_signing(world, february)
    return world


@pytest.fixture
def app(world: World, tmp_path: Path) -> Flask:
    """The web application over the world."""
    app = create_app(Settings(data_dir=tmp_path, secret_key="k" * 48))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def at(app: Flask, world: World) -> Callable[[str], Person]:
    """`at("chair1")`: that person, signed in, at a browser."""
    return lambda who: Person(app, world, who)
