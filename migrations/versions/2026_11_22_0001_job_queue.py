"""The job queue's own tables: the schema of procrastinate 3.10.0 (MIT licence), copied beside this file.

A later version of the package brings its changes in a migration of ours; a test says when the copy is behind.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    # On the driver itself, and without parameters: the text is full of percent signs and colons.
    op.get_bind().connection.driver_connection.execute(SCHEMA.read_bytes())


def downgrade() -> None:
    raw = op.get_bind().connection.driver_connection
    raw.execute(
        r"""
        DO $$
        DECLARE found record;
        BEGIN
            FOR found IN SELECT tablename AS name FROM pg_tables
                WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate\_%'
            LOOP EXECUTE format('DROP TABLE %I CASCADE', found.name); END LOOP;
            FOR found IN SELECT p.oid::regprocedure AS name FROM pg_proc p
                WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'procrastinate\_%'
            LOOP EXECUTE format('DROP FUNCTION %s CASCADE', found.name); END LOOP;
            FOR found IN SELECT t.typname AS name FROM pg_type t
                WHERE t.typnamespace = current_schema()::regnamespace AND t.typname LIKE 'procrastinate\_%'
                AND t.typtype IN ('c', 'e')
            LOOP EXECUTE format('DROP TYPE %I CASCADE', found.name); END LOOP;
        END
        $$
        """
    )
