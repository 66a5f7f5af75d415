"""Plain Python that every floor stands on: no FastAPI, no SQLAlchemy, no I/O but the clock."""
