"""The dashboard: a Dash application on FastAPI that reads through `sql` only."""
