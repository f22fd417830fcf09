"""The first version: every table with its triggers and grants, and the queue's own schema.

Revision ID: 0001
Revises: none

The SQL lies beside this file, one file for each package, in the order of the layers. It is history:
a change of the models is a new migration, never an edit here.
"""

from pathlib import Path
from typing import Any, cast

import procrastinate.schema
from alembic import op
from psycopg import Connection

from workflow_app.core import ddl
from workflow_app.core.database import RUNTIME_ROLE

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FILES = Path(__file__).parent / "first"


def upgrade() -> None:
    run(ddl.CREATE_ROLE)
    for statement in ddl.DEFAULT_PRIVILEGES:
        run(statement)
    run(procrastinate.schema.SchemaManager.get_schema())
    for file in sorted(FILES.glob("*.sql")):
        run(file.read_text(encoding="utf-8"))
    run(f"GRANT SELECT ON alembic_version TO {RUNTIME_ROLE}")


def run(statements: str) -> None:
    # Several statements at once, percent signs as they are: only the driver's own cursor takes that.
    connection = cast("Connection[Any]", op.get_bind().connection.driver_connection)
    with connection.cursor() as cursor:
        cursor.execute(statements.encode())
