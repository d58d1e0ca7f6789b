"""The SQL of the log."""
