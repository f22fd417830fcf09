"""What the database itself refuses: overlapping periods, and deletion of what has been."""

from sqlalchemy import DDL, Table, event

from workflow_app.core.database import RUNTIME_ROLE

# A trigger, not an exclusion constraint: that one would need the btree_gist extension for a uuid.
REFUSE_OVERLAP = """
CREATE OR REPLACE FUNCTION refuse_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  field text;
  given jsonb := to_jsonb(NEW);
  same text := '';
  lock_key text := TG_TABLE_NAME;
  taken boolean;
BEGIN
  FOREACH field IN ARRAY TG_ARGV LOOP
    lock_key := lock_key || '|' || coalesce(given ->> field, '');
    IF given ->> field IS NULL THEN
      same := same || format(' AND %I IS NULL', field);
    ELSE
      same := same || format(' AND %I = ($1).%I', field, field);
    END IF;
  END LOOP;
  -- Two transactions cannot see each other's rows: one waits here until the other has ended.
  PERFORM pg_advisory_xact_lock(hashtextextended(lock_key, 0));
  EXECUTE format(
    'SELECT EXISTS (SELECT 1 FROM %I.%I WHERE id <> ($1).id'
    || ' AND daterange(valid_from, valid_to) && daterange(($1).valid_from, ($1).valid_to)' || same || ')',
    TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO taken USING NEW;
  IF taken THEN
    RAISE EXCEPTION 'periods overlap in table %', TG_TABLE_NAME
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'no_overlap_' || TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$
"""

_TRIGGER = (
    "CREATE TRIGGER {name} AFTER INSERT OR UPDATE ON {table}"
    " FOR EACH ROW {when}EXECUTE FUNCTION refuse_overlap({fields})"
)


def _trigger(table: str, *fields: str, name: str = "no_overlap", when: str = "") -> str:
    quoted = ", ".join(f"'{field}'" for field in fields)
    condition = f"WHEN ({when}) " if when else ""
    return _TRIGGER.format(name=name, table=table, when=condition, fields=quoted)


TRIGGERS: dict[str, tuple[str, ...]] = {
    "unit_period": (_trigger("unit_period", "unit_id"),),
    "bloc_member": (
        _trigger("bloc_member", "bloc_id", "year", "unit_id"),
        _trigger("bloc_member", "bloc_id", "year", "is_leader", name="one_leader", when="NEW.is_leader"),
        _trigger("bloc_member", "bloc_id", "year", "is_deputy", name="one_deputy", when="NEW.is_deputy"),
    ),
    "bloc_name": (_trigger("bloc_name", "bloc_id"),),
    "appointment": (_trigger("appointment", "person_id", "unit_id", "office_code"),),
    "dated_setting": (
        # Corrected rows stay for the history and stand in nobody's way.
        _trigger("dated_setting", "key", "unit_id", "replaced_at", when="NEW.replaced_at IS NULL"),
    ),
}

# History is closed, never removed: the application's role cannot delete these rows.
_LASTING = (
    "unit_kind",
    "unit",
    "unit_period",
    "unit_succession",
    "reorganisation",
    "bloc",
    "bloc_member",
    "bloc_name",
    "person",
    "office",
    "appointment",
    "delegation",
    "account",
    "dated_setting",
)


def _keep(table: str) -> str:
    return (
        f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{RUNTIME_ROLE}') THEN"  # noqa: S608 - own names
        f" REVOKE DELETE, TRUNCATE ON {table} FROM {RUNTIME_ROLE}; END IF; END $$"
    )


STATEMENTS: tuple[str, ...] = (
    REFUSE_OVERLAP,
    *(statement for table in TRIGGERS.values() for statement in table),
    *(_keep(table) for table in _LASTING),
)


def attach(*tables: Table) -> None:
    """Makes `create_all` run each table's part of STATEMENTS."""
    for table in tables:
        own = TRIGGERS.get(table.name, ())
        parts = [
            *([REFUSE_OVERLAP] if own else []),
            *own,
            *([_keep(table.name)] if table.name in _LASTING else []),
        ]
        for part in parts:
            # DDL() expands percent signs; ours belong to format().
            event.listen(table, "after_create", DDL(part.replace("%", "%%")))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
