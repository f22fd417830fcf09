"""What Alembic runs: our metadata on the connection that `migrations.upgrade` opened."""

from alembic import context

from workflow_app.migrations.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata(), compare_type=True)
context.run_migrations()
