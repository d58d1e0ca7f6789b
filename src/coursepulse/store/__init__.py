"""The databases: PostgreSQL for records, ClickHouse for the numbers. SQL lives in named files."""
