"""What the database is told before the first table: who the application is and what it may do.

The owner makes and changes tables; the web and the worker log in as a member of a role that
can read and write rows but change no table. Packages narrow it further (the audit log).
"""

from workflow_app.core.database import RUNTIME_ROLE

CREATE_ROLE = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{RUNTIME_ROLE}') THEN
    CREATE ROLE {RUNTIME_ROLE} NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of the cluster was faster
END $$
"""

# Set before the tables are made, so that a later REVOKE on one table stands.
DEFAULT_PRIVILEGES = (
    f"GRANT USAGE ON SCHEMA public TO {RUNTIME_ROLE}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {RUNTIME_ROLE}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {RUNTIME_ROLE}",
)
