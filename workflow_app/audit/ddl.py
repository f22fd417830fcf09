"""What the database refuses: any change of the record, by anybody, and more so by the application."""

from sqlalchemy import DDL, Table, event

from workflow_app.core.database import RUNTIME_ROLE

TABLE = "audit_event"

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % refused: the record is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$
"""

# Per statement, so that even an UPDATE that hits no row is refused and seen.
TRIGGER = f"""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

GRANTS = f"""
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{RUNTIME_ROLE}') THEN
    REVOKE ALL ON {TABLE} FROM {RUNTIME_ROLE};
    GRANT SELECT, INSERT ON {TABLE} TO {RUNTIME_ROLE};
  END IF;
END $$
"""  # noqa: S608 - our own names

STATEMENTS: tuple[str, ...] = (REFUSE_CHANGE, TRIGGER, GRANTS)


def attach(table: Table) -> None:
    """Makes `create_all` run STATEMENTS after the table."""
    for statement in STATEMENTS:
        # DDL() expands percent signs; ours belong to RAISE.
        event.listen(table, "after_create", DDL(statement.replace("%", "%%")))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
