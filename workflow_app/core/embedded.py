"""The services that come with the product when nobody configured others."""

import fcntl
import secrets
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from workflow_app.core import ddl
from workflow_app.core.database import RUNTIME_ROLE
from workflow_app.core.jobs import conninfo
from workflow_app.core.postgres import Postgres

_SOCKET_LINE = 4  # postmaster.pid: the fifth line is the folder of the socket


@dataclass(frozen=True)
class Addresses:
    """Where the database is. owner: makes tables. app: reads and writes rows, nothing more."""

    owner: str
    app: str


def prepare(server: Postgres, *, database: str = "giao_uoc") -> Addresses:
    """Makes the database and the application's login on a running embedded server; repeatable."""
    password = _app_password(server.root / "app.password")
    with psycopg.connect(conninfo(server.url()), autocommit=True) as connection:
        connection.execute(ddl.CREATE_ROLE)
        if not _exists(connection, "pg_roles", "rolname", "app"):
            connection.execute(sql.SQL("CREATE ROLE app LOGIN"))
        connection.execute(sql.SQL("ALTER ROLE app PASSWORD {}").format(sql.Literal(password)))
        connection.execute(sql.SQL("GRANT {} TO app").format(sql.Identifier(RUNTIME_ROLE)))
        if not _exists(connection, "pg_database", "datname", database):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    return Addresses(
        owner=server.url(database=database), app=server.url(database=database, user="app", password=password)
    )


def find_running(root: Path, *, database: str = "giao_uoc") -> Addresses | None:
    """The addresses of an embedded server that another process runs on this folder; None when nobody does.

    Lets a command look into the database of an application that is at work.
    """
    password = root / "app.password"
    if not password.exists() or not _held(root / ".lock"):
        return None
    try:
        lines = (root / "pg" / "postmaster.pid").read_text().splitlines()
        socket = lines[_SOCKET_LINE].strip()
    except (FileNotFoundError, IndexError):  # it is starting or stopping at this moment
        return None
    server = Postgres(root)
    server.socket = Path(socket)
    return Addresses(
        owner=server.url(database=database),
        app=server.url(database=database, user="app", password=password.read_text()),
    )


def _held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        fcntl.flock(file, fcntl.LOCK_UN)
        return False


def _app_password(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()


def _exists(
    connection: "psycopg.Connection[tuple[object, ...]]", table: str, column: str, value: str
) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = {}").format(
        sql.Identifier(table), sql.Identifier(column), sql.Literal(value)
    )
    return connection.execute(query).fetchone() is not None
