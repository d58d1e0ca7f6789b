"""The databases: PostgreSQL for the record, ClickHouse for the numbers. SQL lives in named files."""
