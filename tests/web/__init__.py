"""The tests of the FastAPI glue."""
