"""Writes the SQL of migration 0001 from the models: `python -m tests.migrations.freeze`.

Only until the first release: afterwards 0001 is history, and a change of the models is a new migration.
"""

import importlib
import sys
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from workflow_app.core.database import Base
from workflow_app.migrations import FOLDER
from workflow_app.migrations.tables import MODEL_MODULES

INTO = FOLDER / "versions" / "first"


def main() -> None:
    INTO.mkdir(exist_ok=True)
    seen: set[str] = set()
    done: set[str] = set()
    for number, module in enumerate(MODEL_MODULES, start=1):
        importlib.import_module(module)
        fresh = [table for table in Base.metadata.sorted_tables if table.name not in done]
        done.update(table.name for table in fresh)
        package = module.removesuffix(".models").rpartition(".")[2]
        file = INTO / f"{number:02}_{package}.sql"
        file.write_text(_sql(fresh, seen), encoding="utf-8")


def _sql(tables: list[sa.Table], seen: set[str]) -> str:
    statements: list[str] = []

    for table in tables:  # a set: its order would differ with every run
        table.indexes = sorted(table.indexes, key=lambda index: str(index.name))  # type: ignore[assignment]  # iterated only

    def keep(element: Any, *_: Any, **__: Any) -> None:
        text = _tidy(str(element.compile(dialect=postgresql.dialect(paramstyle="named"))))
        if text not in seen:  # functions are repeated by every table that uses them
            seen.add(text)
            statements.append(text)

    mock = sa.create_mock_engine("postgresql+psycopg://", keep)
    Base.metadata.create_all(mock, tables=tables, checkfirst=False)  # type: ignore[arg-type]  # a mock stands for the engine
    return ";\n\n".join(statements) + ";\n"


def _tidy(text: str) -> str:
    lines = (line.rstrip().replace("\t", "  ") for line in text.strip().rstrip(";").splitlines())
    return "\n".join(line for line in lines if line)


if __name__ == "__main__":
    sys.exit(main())
