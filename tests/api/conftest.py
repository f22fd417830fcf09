"""A world with the application around it, and tokens."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.processes.pledges.conftest import february, store_root, world
from tests.processes.pledges.world import World
from workflow_app.api import mount
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.core.settings import load
from workflow_app.organisations.tokens import issue_token
from workflow_app.web.app import create_app

__all__ = ["february", "store_root", "world"]  # fixtures of the pledge, used here

Call = Callable[..., TestResponse]


@pytest.fixture(scope="session")
def client(bound: object, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    app = create_app(load(data_dir=tmp_path_factory.mktemp("app")), mounts=[mount])
    return app.test_client(use_cookies=False)


@pytest.fixture
def call(client: FlaskClient, world: World) -> Call:
    """`call("chair1", "GET", "/tasks")`: one request with a token of that person."""

    def send(
        who: str, method: str, path: str, *, scopes: tuple[str, ...] = ("read", "write"), **options: Any
    ) -> Any:
        with transaction() as session:
            _, secret = issue_token(
                session, world.people[who], name="kiểm thử", scopes=scopes, days=1, at=clock.now()
            )
        headers = {"Authorization": f"Bearer {secret}"}
        return client.open("/api/v1" + path, method=method, headers=headers, **options)

    return send
