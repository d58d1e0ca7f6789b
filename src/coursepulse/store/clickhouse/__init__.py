"""ClickHouse, in this process (chDB) or over HTTP: the same SQL either way."""
