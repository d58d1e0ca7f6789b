"""The SQL that reads stored events for a rule that is tried."""
