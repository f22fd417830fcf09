"""The web application over a small house in a database that really commits."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from tests.web import letters
from tests.web.house import Browser, House, found_house
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.settings import Settings
from workflow_app.engine.machine import compile_diagram
from workflow_app.organisations import passwords
from workflow_app.processes import registry
from workflow_app.web.app import create_app
from workflow_app.web.limits import limiter


@pytest.fixture
def letter_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product with one process, made for these tests."""
    monkeypatch.setattr(registry, "processes", lambda: (letters.LETTERS,))
    monkeypatch.setattr(registry, "_diagrams", lambda: {"letter": compile_diagram(letters.diagram())})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key="k" * 48)


@pytest.fixture
def house(committed: None, noon: clock.ScriptedClock, letter_process: None) -> Iterator[House]:
    # A hash of full strength takes 0.1 s, and a house has a dozen people.
    with passwords.using(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)):
        with transaction() as session:
            built = found_house(session)
        yield built


@pytest.fixture
def app(house: House, settings: Settings) -> Flask:
    if limiter.initialized:
        limiter.reset()
    app = create_app(settings)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def browse(app: Flask) -> Callable[[str], Browser]:
    """`browse("chair")`: a browser in which that person has signed in."""

    def signed_in(who: str) -> Browser:
        browser = Browser(app)
        answer = browser.sign_in(who)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return browser

    return signed_in
