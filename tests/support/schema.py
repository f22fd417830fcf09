"""The schema of a test database, from the models.

`workflow_app.migrations.upgrade(owner_url)` makes the same one and may be called instead: tests/migrations
compares both, down to triggers and rights, so a change of the models fails there until it has its migration.
"""

import importlib
import importlib.util

import procrastinate.schema
import sqlalchemy as sa

from workflow_app.core import ddl
from workflow_app.core.database import Base

MODEL_MODULES = (
    "workflow_app.organisations.models",
    "workflow_app.audit.models",
    "workflow_app.notifications.models",
    "workflow_app.documents.models",
    "workflow_app.documents.issued_copies",
    "workflow_app.signatures.models",
    "workflow_app.engine.models",
    "workflow_app.processes.pledges.models",
)


def make(owner_url: str) -> None:
    for module in MODEL_MODULES:
        if _exists(module):
            importlib.import_module(module)
    engine = sa.create_engine(owner_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(ddl.CREATE_ROLE)
        for statement in ddl.DEFAULT_PRIVILEGES:
            connection.exec_driver_sql(statement)
        with connection.connection.cursor() as cursor:
            cursor.execute(procrastinate.schema.SchemaManager.get_schema())
        Base.metadata.create_all(connection)
    engine.dispose()


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
