"""A PostgreSQL of the union's own: made ready by its owner, used by a login that can do less."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli import program
from tests.cli.test_serving import free_port, get, wait_until_it_answers
from workflow_app.core.postgres import Postgres

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(server: Postgres) -> Iterator[dict[str, str]]:
    """An empty database with an owner who is no superuser, and a login for the application."""
    owner = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with owner.connect() as connection:
        # The tests' own database has made the group role already; a DBA would hand it over like this.
        connection.exec_driver_sql("CREATE ROLE union_owner LOGIN CREATEROLE PASSWORD 'one'")
        connection.exec_driver_sql("GRANT giao_uoc_runtime TO union_owner WITH ADMIN OPTION")
        connection.exec_driver_sql("CREATE ROLE union_app LOGIN PASSWORD 'two'")
        connection.exec_driver_sql("CREATE DATABASE union_data OWNER union_owner")
    yield {
        "DATABASE_OWNER_URL": server.url(database="union_data", user="union_owner", password="one"),
        "DATABASE_URL": server.url(database="union_data", user="union_app", password="two"),
    }
    with owner.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE union_data WITH (FORCE)")
        connection.exec_driver_sql("REVOKE giao_uoc_runtime FROM union_app GRANTED BY union_owner")
        connection.exec_driver_sql("REVOKE giao_uoc_runtime FROM union_owner")
        connection.exec_driver_sql("DROP ROLE union_app, union_owner")


def test_the_owner_upgrades_and_the_application_works_with_less(
    addresses: object, environment: dict[str, str], folder: Path
) -> None:
    data = str(folder / "data")
    behind = program.run("user", "list", "--data-dir", data, environment=environment)
    assert behind.returncode == 2
    assert "workflow-app db upgrade" in behind.stderr
    upgraded = program.run("db", "upgrade", "--data-dir", data, environment=environment)
    assert upgraded.returncode == 0, upgraded.stderr
    assert "từ trống lên" in upgraded.stdout
    assert (
        "Đã ở phiên bản" in program.run("db", "upgrade", "--data-dir", data, environment=environment).stdout
    )
    examined = program.run("doctor", "--data-dir", data, environment=environment)
    assert examined.returncode == 0, examined.stdout
    engine = sa.create_engine(environment["DATABASE_URL"], poolclass=sa.NullPool)
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        connection.exec_driver_sql("DELETE FROM audit_event")


def test_web_server_and_worker_are_processes_of_their_own(
    addresses: object, environment: dict[str, str], folder: Path
) -> None:
    data, port = str(folder / "data"), free_port()
    assert program.run("db", "upgrade", "--data-dir", data, environment=environment).returncode == 0
    settings = program.clean({**environment, "WORKFLOW_APP_DATA_DIR": data})
    worker = subprocess.Popen(
        program.command("worker"), cwd=program.ROOT, env=settings, stdout=subprocess.PIPE, text=True
    )
    web = subprocess.Popen(
        ["waitress-serve", f"--listen=127.0.0.1:{port}", "--call", "workflow_app.cli.application:wsgi"],
        executable=str(Path(program.command()[0]).with_name("waitress-serve")),
        cwd=program.ROOT,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until_it_answers(web, port)
        assert get(port, "/readyz") == 200
        assert worker.stdout is not None
        assert "Tiến trình nền đang chạy" in worker.stdout.readline()
        engine = sa.create_engine(environment["DATABASE_URL"], poolclass=sa.NullPool)
        end = time.monotonic() + 30
        with engine.connect() as connection:
            while not (
                workers := connection.exec_driver_sql("SELECT count(*) FROM procrastinate_workers").scalar()
            ):
                assert time.monotonic() < end
                time.sleep(0.1)
        assert workers == 1
        worker.terminate()
        assert worker.wait(30) == 0
    finally:
        for process in (web, worker):
            process.kill()
            process.communicate()
