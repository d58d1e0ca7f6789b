"""The SQL of the dead letters."""
