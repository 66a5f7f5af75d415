"""The database: engine, types, jobs and migrations; it knows no domain."""
