"""The schema that migrations make is the schema that the models describe, down to triggers and rights."""

from collections.abc import Iterator

import procrastinate.schema
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ProgrammingError

from tests.support import schema
from workflow_app import migrations
from workflow_app.core.embedded import Addresses, prepare
from workflow_app.core.postgres import Postgres
from workflow_app.migrations.tables import metadata

CATALOGUE = {
    "columns": """
        SELECT format('%s.%s %s %s %s %s', table_name, column_name, data_type, udt_name, is_nullable, coalesce(column_default, '-'))
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) || conname
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """
        SELECT proname || regexp_replace(prosrc, '\\s+', ' ', 'g') FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "rights": """
        SELECT format('%s %s', c.oid::regclass, p) FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND has_table_privilege('giao_uoc_runtime', c.oid, p)""",
    "storage": """
        SELECT format('%s.%s %s', attrelid::regclass, attname, attstorage) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND attnum > 0 AND NOT attisdropped
        UNION ALL SELECT format('%s %s', oid::regclass, reloptions) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL""",
}


@pytest.fixture
def migrated(server: Postgres) -> Iterator[Addresses]:
    """An empty database that only the migrations have touched."""
    yield from _database(server, "migrated", migrations.upgrade)


@pytest.fixture
def made(server: Postgres) -> Iterator[Addresses]:
    """The same from the models."""
    yield from _database(server, "made", schema.make)


def test_alembic_sees_no_difference_between_the_migrations_and_the_models(migrated: Addresses) -> None:
    with _connected(migrated.owner) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        assert compare_metadata(context, metadata()) == []


@pytest.mark.parametrize("what", CATALOGUE)
def test_the_catalogue_is_the_same_either_way(what: str, migrated: Addresses, made: Addresses) -> None:
    assert _catalogue(migrated, what) == _catalogue(made, what)
    assert _catalogue(made, what)  # a query that finds nothing would compare nothing


def test_upgrading_twice_changes_nothing(migrated: Addresses) -> None:
    before = {what: _catalogue(migrated, what) for what in CATALOGUE}
    assert migrations.upgrade(migrated.owner) == migrations.head()
    assert {what: _catalogue(migrated, what) for what in CATALOGUE} == before


def test_the_application_can_ask_for_the_version_and_cannot_change_it(migrated: Addresses) -> None:
    with _connected(migrated.app) as connection:
        assert migrations.is_current(connection)
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")


def test_a_database_of_a_later_program_is_refused(migrated: Addresses) -> None:
    with _connected(migrated.owner) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(migrations.SchemaNewer, match="9999"):
        migrations.upgrade(migrated.owner)


def test_an_owner_without_rights_is_told_what_he_lacks(server: Postgres) -> None:
    with _as_owner(server) as connection:
        connection.exec_driver_sql("CREATE ROLE weak LOGIN PASSWORD 'weak'")
        connection.exec_driver_sql("CREATE DATABASE weak_owner")
    try:
        with pytest.raises(migrations.OwnerTooWeak, match="CREATEROLE"):
            migrations.upgrade(server.url(database="weak_owner", user="weak", password="weak"))
    finally:
        with _as_owner(server) as connection:
            connection.exec_driver_sql("DROP DATABASE weak_owner WITH (FORCE)")
            connection.exec_driver_sql("DROP ROLE weak")


def test_alembic_knows_the_versions_that_the_file_names_tell() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert sorted(script.revision for script in scripts.walk_revisions()) == migrations.versions()
    assert scripts.get_heads() == [migrations.head()]


def test_the_queue_has_the_schema_that_our_migration_was_made_for() -> None:
    # A release of procrastinate with other tables needs a migration of ours for databases that exist.
    from hashlib import sha256

    text = procrastinate.schema.SchemaManager.get_schema()
    assert sha256(text.encode()).hexdigest() == SCHEMA_OF_PROCRASTINATE


SCHEMA_OF_PROCRASTINATE = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


def _database(server: Postgres, name: str, make: object) -> Iterator[Addresses]:
    addresses = prepare(server, database=name)
    make(addresses.owner)  # type: ignore[operator]  # a function of the address
    yield addresses
    with _as_owner(server) as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _connected(url: str) -> sa.Connection:
    return sa.create_engine(url, poolclass=sa.NullPool).connect()


def _as_owner(server: Postgres) -> sa.Connection:
    return _connected(server.url()).execution_options(isolation_level="AUTOCOMMIT")


def _catalogue(addresses: Addresses, what: str) -> list[str]:
    with _connected(addresses.owner) as connection:
        found = connection.exec_driver_sql(CATALOGUE[what].replace("%", "%%")).scalars()
        return sorted(line for line in found if "alembic_version" not in line)


def _ours(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or not (name == "alembic_version" or str(name).startswith("procrastinate_"))
