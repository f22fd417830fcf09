"""The record refuses every change; each refusal has a control that must succeed."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.audit.conftest import AT, CHAIR
from workflow_app.audit import ddl
from workflow_app.audit.service import record
from workflow_app.core.database import RUNTIME_ROLE, transaction
from workflow_app.core.ids import new_id

CHANGES = (
    "UPDATE {table} SET action = 'forged'",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "UPDATE {table} SET action = 'forged' WHERE false",
)


@pytest.fixture
def event_id(committed: None) -> int:
    with transaction() as session:
        event = record(
            session, action="pledge.signed", actor=CHAIR, at=AT, object_type="pledge", object_id=new_id()
        )
    return event.id


@pytest.fixture
def unguarded(owner: sa.Engine, event_id: int) -> Iterator[str]:
    """The same table with the same rows and grants, without the trigger."""
    with owner.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE unguarded AS SELECT * FROM audit_event")
    yield "unguarded"
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP TABLE unguarded")


@pytest.mark.parametrize("change", CHANGES)
def test_the_trigger_refuses_even_the_owner(owner: sa.Engine, event_id: int, change: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="append-only"), owner.begin() as connection:
        connection.exec_driver_sql(change.format(table="audit_event"))


@pytest.mark.parametrize("change", CHANGES)
def test_without_the_trigger_the_same_change_succeeds(owner: sa.Engine, unguarded: str, change: str) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql(change.format(table=unguarded))


@pytest.mark.parametrize("change", CHANGES)
def test_the_application_has_no_right_to_change_it(bound: sa.Engine, event_id: int, change: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), bound.begin() as connection:
        connection.exec_driver_sql(change.format(table="audit_event"))


def test_with_the_right_granted_only_the_trigger_stands_in_the_way(
    owner: sa.Engine, bound: sa.Engine, event_id: int
) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql(f"GRANT UPDATE ON audit_event TO {RUNTIME_ROLE}")
    try:
        with pytest.raises(sa.exc.ProgrammingError, match="append-only"), bound.begin() as connection:
            connection.exec_driver_sql(CHANGES[0].format(table="audit_event"))
    finally:
        with owner.begin() as connection:
            connection.exec_driver_sql(ddl.GRANTS)


def test_the_application_may_read_and_add(bound: sa.Engine, event_id: int) -> None:
    with bound.connect() as connection:
        query = sa.text(
            "SELECT string_agg(privilege_type, ',' ORDER BY privilege_type) FROM information_schema.role_table_grants WHERE table_name = 'audit_event' AND grantee = :role"
        )
        assert connection.scalar(query, {"role": RUNTIME_ROLE}) == "INSERT,SELECT"


def test_no_id_can_be_chosen(bound: sa.Engine, event_id: int) -> None:
    insert = f"INSERT INTO audit_event (id, at, action, actor_id, object_type, object_id, body, leaf) SELECT {event_id + 1000}, at, action, actor_id, object_type, object_id, body, leaf FROM audit_event"  # noqa: S608 - numbers of this test
    with pytest.raises(sa.exc.ProgrammingError, match="GENERATED ALWAYS"), bound.begin() as connection:
        connection.exec_driver_sql(insert)
