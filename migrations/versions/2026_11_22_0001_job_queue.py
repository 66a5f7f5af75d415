"""The job queue's own tables, from the schema that its locked package carries.

The digest makes sure that the same schema is laid in every database: a later version of the package brings its changes
in a migration of ours.
"""

from hashlib import sha256
from importlib.resources import files

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


def upgrade() -> None:
    schema = files("procrastinate").joinpath("sql", "schema.sql").read_bytes()
    if sha256(schema).hexdigest() != SCHEMA:
        raise RuntimeError("procrastinate's schema is not the one this migration was written for: see docs/adr/0003")
    raw = op.get_bind().connection.driver_connection
    raw.execute(schema)


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
