"""The database: one declarative base, one bound engine, one way to open a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, Numeric, Text, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator, Uuid

from workflow_app.core.errors import Conflict, OutcomeUnknown, Unavailable

RUNTIME_ROLE = "giao_uoc_runtime"  # the group role of the web and the worker: see each package's ddl.py

_LOCK_NOT_AVAILABLE = "55P03"
_DEADLOCK = "40P01"


class AwareTime(TypeDecorator[datetime]):
    """A timestamptz that refuses a naive time on the way in and is aware UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive time must not reach the database")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


UtcTime = Annotated[datetime, mapped_column(AwareTime)]


class Base(DeclarativeBase):
    """The base of every table; names of constraints are stable, so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: AwareTime(),
        str: Text(),
        UUID: Uuid(as_uuid=True),
        Decimal: Numeric(20, 4),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }


def enum_column(kind: type[StrEnum], **options: Any) -> Mapped[Any]:
    """A column that holds a StrEnum's VALUES as text, with the CHECK that repeats them."""
    # Without values_callable a StrEnum column holds member NAMES, and CHECKs on values lie.
    column = Enum(
        kind,
        native_enum=False,
        length=None,
        create_constraint=True,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )
    return mapped_column(column, **options)


_factory: sessionmaker[Session] = sessionmaker(expire_on_commit=False)
_engine: Engine | None = None


class NotBound(RuntimeError):
    """The process has not been told which database to use."""


def bind(url: str, *, pool_size: int = 20, lock_timeout_ms: int = 3000) -> Engine:
    """Binds this process to a database.

    url: `postgresql+psycopg://…`; the application role, not the owner.
    lock_timeout_ms: how long an act waits for somebody else's before it is told so.
    """
    global _engine  # noqa: PLW0603 - one database per process is a decision (design: one database)
    unbind()
    options = f"-c lock_timeout={lock_timeout_ms} -c idle_in_transaction_session_timeout=60000 -c timezone=UTC -c jit=off"
    _engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=20,
        pool_pre_ping=False,
        connect_args={"options": options, "application_name": "workflow_app", "prepare_threshold": 2},
    )
    event.listen(_engine, "handle_error", _drop_dead_connections)
    _factory.configure(bind=_engine)
    return _engine


def unbind() -> None:
    """Closes the pool; a later `bind` starts anew."""
    global _engine  # noqa: PLW0603 - see bind
    if _engine is not None:
        _engine.dispose()
        _engine = None
        _factory.configure(bind=None)


def engine() -> Engine:
    """The bound engine; raises NotBound."""
    if _engine is None:
        raise NotBound("call core.database.bind first")
    return _engine


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction: commits when the block ends, rolls back when it raises.

    Raises Conflict when another act holds the row for too long, Unavailable when the database is away,
    OutcomeUnknown when it went away during the commit.
    """
    session, committing = _factory(), False
    try:
        with session.begin():
            yield session
            committing = True
    except OperationalError as error:
        if committing and error.connection_invalidated:
            raise OutcomeUnknown("connection lost at COMMIT") from error
        raise _named(error) from error
    finally:
        session.close()


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads: what it would write is refused by the server."""
    session = _factory()
    try:
        try:
            session.connection(execution_options={"postgresql_readonly": True})
            yield session
        finally:
            session.expunge_all()  # what was read stays readable after the block
            session.rollback()
    except OperationalError as error:
        raise _named(error) from error
    finally:
        session.close()


def _named(error: OperationalError) -> Exception:
    state = getattr(error.orig, "sqlstate", None)
    if state in {_LOCK_NOT_AVAILABLE, _DEADLOCK}:
        return Conflict(
            f"lock not obtained ({state})",
            vi="Người khác đang xử lý đúng việc này. Hãy đợi vài giây rồi tải lại trang.",
        )
    return Unavailable(f"database error ({state or 'connection'})")


def _drop_dead_connections(context: Any) -> None:
    # 57P01: the server was stopped under us; the whole pool is stale, not this connection alone.
    if getattr(context.original_exception, "sqlstate", None) == "57P01":
        context.is_disconnect = True
