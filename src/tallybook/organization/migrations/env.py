"""How Alembic runs the steps: on the connection, and in the transaction, of whoever asked."""

from alembic import context

from tallybook.organization.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
)
context.run_migrations()
