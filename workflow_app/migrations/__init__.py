"""The schema's history: Alembic without an ini file, run by the program itself.

`upgrade` is all that an installation needs. A new version of the schema is a module in `versions/`;
the first one is plain SQL, frozen from the models (see `first.py`).
"""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
VERSION_TABLE = "alembic_version"

_LOCK = 7_301_100  # any number of our own: two processes that start together upgrade one after the other

_NEWER = "Cơ sở dữ liệu đã ở phiên bản {version}, mới hơn phần mềm này. Hãy cài phiên bản phần mềm mới hơn."
_TOO_WEAK = (
    "Tài khoản chủ cơ sở dữ liệu thiếu quyền. Đặt DATABASE_OWNER_URL là tài khoản được tạo bảng trong schema"
    " public và có quyền CREATEROLE, hoặc nhờ quản trị máy chủ tạo trước vai trò giao_uoc_runtime."
)


class OwnerTooWeak(Exception):
    """The owner's login may not do what a schema needs; the message says what to give it."""


class SchemaNewer(Exception):
    """The database was upgraded by a later program; the message is for the person who starts this one."""


def upgrade(owner_url: str, *, revision: str = "head") -> str | None:
    """Brings a database to a version, in one transaction; returns the version it had before.

    owner_url: the role that owns the tables. Raises SchemaNewer, OwnerTooWeak; a failing step leaves what
    was there.
    """
    engine = sa.create_engine(owner_url)
    try:
        with engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            before = current(connection)
            if before is not None and before not in versions():
                raise SchemaNewer(_NEWER.format(version=before))
            if before != revision and (revision != "head" or before != head()):
                _run(connection, revision)
            return before
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):
            raise OwnerTooWeak(_TOO_WEAK) from error
        raise
    except InsufficientPrivilege as error:  # from the driver's own cursor, which runs plain SQL
        raise OwnerTooWeak(_TOO_WEAK) from error
    finally:
        engine.dispose()


def current(connection: sa.Connection) -> str | None:
    """The version a database has, None for an empty one; the application's role may ask too."""
    if not connection.scalar(sa.select(sa.func.to_regclass(VERSION_TABLE))):
        return None
    return connection.scalar(sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE)))


def versions() -> list[str]:
    """Every version that this program knows, oldest first; a module's name begins with its version."""
    # Read from the names: loading Alembic for a look takes longer than the look.
    return sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """The version that this program needs."""
    return versions()[-1]


def is_current(connection: sa.Connection) -> bool:
    """Whether the database has the version that this program needs."""
    try:
        return current(connection) == head()
    except ProgrammingError:  # no privilege on the version table: not made by our migrations
        return False


def config() -> "Config":
    """Alembic's configuration of this package, for its own commands as well."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def _run(connection: sa.Connection, revision: str) -> None:
    from alembic import command

    configuration = config()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, revision)
