"""`python -m tests.migrations`: migrations against models, up, down, up, and one head."""

import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from app.db import embedded, migrate


def compare(url: str) -> None:
    """Raise when the models say something that the migrations do not make. CHECKs have tests of their own."""
    engine = create_engine(url)
    with engine.connect() as connection:
        config = migrate.config(connection)
        config.attributes["compare"] = True
        command.check(config)
    engine.dispose()


def down(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        command.downgrade(migrate.config(connection), "base")
        connection.commit()
        left = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
        )
        assert left.scalars().all() == []
    engine.dispose()


def main() -> None:
    heads = ScriptDirectory.from_config(migrate.config()).get_heads()
    assert len(heads) == 1, heads
    with tempfile.TemporaryDirectory(prefix="diandan-migrations-") as folder:
        Path(folder).chmod(0o755)
        with embedded.running(Path(folder), throwaway=True) as url:
            migrate.upgrade(url)
            compare(url)
            down(url)
            migrate.upgrade(url)
            compare(url)
    print("Migrations: up, down, up; one head; the models say the same.")


if __name__ == "__main__":
    main()
