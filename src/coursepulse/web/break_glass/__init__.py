"""Opening a record with a typed reason."""
