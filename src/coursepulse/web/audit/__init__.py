"""The audit trail, and who looked at a record."""
