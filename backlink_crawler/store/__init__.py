"""The only SQL: what the project remembers, in PostgreSQL."""
