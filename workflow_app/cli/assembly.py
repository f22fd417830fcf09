"""From settings to a working application: the one place where the parts are put together.

`serving` owns the services and brings schema and built-in content up to date; `visiting` looks into
an installation, also while another process runs it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from storage import ObjectStore
from workflow_app import migrations
from workflow_app.cli import stores
from workflow_app.cli.refusals import NotReady
from workflow_app.core import database, embedded
from workflow_app.core.embedded import Addresses
from workflow_app.core.keeper import Keeper
from workflow_app.core.postgres import Postgres
from workflow_app.core.settings import Settings
from workflow_app.documents import objects
from workflow_app.notifications import mail
from workflow_app.organisations import passwords

POSTGRES_FOLDER = "postgres"  # below the data folder


@dataclass(frozen=True)
class Installation:
    """What a command works with: database and store are bound to this process."""

    settings: Settings
    addresses: Addresses
    store: ObjectStore


@contextmanager
def serving(
    settings: Settings, *, s3: bool = False, durable: bool = True, upgrade: bool = True
) -> Iterator[Installation]:
    """Starts what the settings do not find elsewhere, and ends it again. Call it from the main thread.

    s3: keep documents on the embedded S3 server. durable: False only where a crash may lose data.
    upgrade: bring the schema and the built-in content up to date; otherwise an old schema is refused.
    Raises NotReady, PostgresFailed, SchemaNewer, StorageError.
    """
    with ExitStack() as stack:
        addresses = _own_database(settings, stack, durable=durable)
        if upgrade:
            upgrade_schema(settings, addresses)
        store = stores.serving(settings, stack, s3=s3, durable=durable)
        with _bound(settings, addresses, store) as installation:
            from workflow_app.cli import content

            content.register()
            if upgrade:
                content.bring_up_to_date()
            mail.bind(_post(settings))
            yield installation


@contextmanager
def visiting(settings: Settings) -> Iterator[Installation]:
    """Binds this process to an installation that exists, running or not. Raises NotReady, PostgresFailed."""
    with ExitStack() as stack:
        addresses = _external(settings) or embedded.find_running(settings.data_dir / POSTGRES_FOLDER)
        if addresses is None:
            if not (settings.data_dir / POSTGRES_FOLDER).exists():
                raise NotReady(f"Chưa có dữ liệu ở {settings.data_dir}. Chạy workflow-app run trước.")
            addresses = _own_database(settings, stack, durable=True)
        store = stores.visiting(settings, stack)
        with _bound(settings, addresses, store) as installation:
            yield installation


@contextmanager
def owned(settings: Settings) -> Iterator[Addresses]:
    """The database alone, for upgrading its schema; nothing is bound."""
    with ExitStack() as stack:
        running = embedded.find_running(settings.data_dir / POSTGRES_FOLDER)
        yield _external(settings) or running or _own_database(settings, stack, durable=True)


def upgrade_schema(settings: Settings, addresses: Addresses) -> str | None:
    """Brings the schema up to date and lets the application in; returns the version before.

    Raises SchemaNewer, OwnerTooWeak.
    """
    before = migrations.upgrade(addresses.owner)
    _let_application_in(settings, addresses)
    return before


def _own_database(settings: Settings, stack: ExitStack, *, durable: bool) -> Addresses:
    if external := _external(settings):
        return external
    server = Postgres(settings.data_dir / POSTGRES_FOLDER, durable=durable)
    stack.callback(server.stop)  # first: a signal may come while it starts
    server.start()
    keeper = Keeper(server)
    stack.callback(keeper.stop)
    keeper.start()
    return embedded.prepare(server)


def _external(settings: Settings) -> Addresses | None:
    if settings.database_url is None:
        return None
    app = settings.database_url.get_secret_value()
    owner = settings.database_owner_url
    return Addresses(owner=owner.get_secret_value() if owner else app, app=app)


def _let_application_in(settings: Settings, addresses: Addresses) -> None:
    """The application's login of an external server becomes a member of the role that may read and write."""
    if settings.embedded_database or addresses.owner == addresses.app:
        return
    login = sa.engine.make_url(addresses.app).username
    engine = sa.create_engine(addresses.owner)
    try:
        with engine.begin() as connection:
            name = connection.dialect.identifier_preparer.quote(login or "")
            connection.exec_driver_sql(f"GRANT {database.RUNTIME_ROLE} TO {name}")
    finally:
        engine.dispose()


@contextmanager
def _bound(settings: Settings, addresses: Addresses, store: ObjectStore) -> Iterator[Installation]:
    passwords.configure(pepper=settings.signing_key())
    engine = database.bind(addresses.app)
    objects.bind(store)
    try:
        with engine.connect() as connection:
            if not migrations.is_current(connection):
                raise NotReady(
                    "Cơ sở dữ liệu chưa ở phiên bản của phần mềm này. Chạy: workflow-app db upgrade"
                )
        yield Installation(settings, addresses, store)
    finally:
        mail.bind(None)
        objects.bind(None)
        database.unbind()


def _post(settings: Settings) -> mail.Post | None:
    if settings.smtp_host is None or settings.mail_from is None:
        return None
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    mailer = mail.SmtpMailer(settings.smtp_host, settings.smtp_port, settings.smtp_user, password)
    return mail.Post(mailer, settings.mail_from, address(settings))


def address(settings: Settings) -> str:
    """Where people open the application, without a slash at the end."""
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return (settings.base_url or f"http://{host}:{settings.port}").rstrip("/")
