"""Fixtures of every test: a real PostgreSQL, a frozen clock."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from storage.errors import ServerNotInstalled
from storage.seaweed_setup import find_weed
from tests.support import schema
from workflow_app.core import clock, database
from workflow_app.core.embedded import Addresses, prepare
from workflow_app.core.postgres import Postgres


def _weed() -> bool:
    try:
        find_weed()
    except ServerNotInstalled:
        return False
    return True


_NEEDS: dict[str, tuple[Callable[[], object], str]] = {
    "browser": (
        lambda: shutil.which("chromium") or shutil.which("google-chrome"),
        "apt-get install chromium",
    ),
    "office": (
        lambda: shutil.which("soffice"),
        "apt-get install libreoffice-writer-nogui python3-uno fonts-liberation",
    ),
    "s3": (_weed, "python3 dev.py setup"),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What a machine lacks is a skip that says what to install, or a failure where it is required."""
    for need, (found, remedy) in _NEEDS.items():
        if item.get_closest_marker(need) and not found():
            required = need in os.environ.get("WORKFLOW_APP_TEST_REQUIRE", "").split(",")
            (pytest.fail if required else pytest.skip)(f"needs {need}: {remedy}")


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """One PostgreSQL for the test run (of this worker process)."""
    with tempfile.TemporaryDirectory(prefix="giao-uoc-test-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user when the tests run as root
        server = Postgres(Path(folder) / "data", durable=False).start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def addresses(server: Postgres) -> Addresses:
    """A database with every table, made once."""
    addresses = prepare(server)
    schema.make(addresses.owner)
    return addresses


@pytest.fixture(scope="session")
def owner_engine(addresses: Addresses) -> Iterator[sa.Engine]:
    """Connections of the role that owns the tables: for what the application itself may not do."""
    engine = sa.create_engine(addresses.owner)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def bound(addresses: Addresses) -> Iterator[sa.Engine]:
    yield database.bind(addresses.app)
    database.unbind()


@pytest.fixture
def session(bound: sa.Engine) -> Iterator[Session]:
    """A session of the application's role whose work is undone when the test ends."""
    with bound.connect() as connection:
        outer = connection.begin()
        make = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        with make() as session:
            yield session
        outer.rollback()


@pytest.fixture
def committed(bound: sa.Engine, owner_engine: sa.Engine) -> Iterator[None]:
    """For tests whose `transaction()` must really commit (threads, workers): empties the tables after."""
    yield
    with owner_engine.begin() as connection:
        # The audit log refuses to be emptied; a test database may, with its triggers asleep.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        tables = connection.exec_driver_sql(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).scalars()
        connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


@pytest.fixture
def noon() -> Iterator[clock.ScriptedClock]:
    """Midday of 1 March 2019 in Viet Nam, the day on which bloc 04 of An Giang signed; it stands still."""
    scripted = clock.ScriptedClock(datetime(2019, 3, 1, 5, tzinfo=UTC))
    with clock.use(scripted):
        yield scripted
