"""The database: schema, rollups, queries, and the typed functions that run them."""
