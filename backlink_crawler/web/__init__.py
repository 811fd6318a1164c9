"""The explorer, its API and the report: what ask/ answers, as pages."""
