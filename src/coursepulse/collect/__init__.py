"""The collector: bytes from a platform become events in the log, and each event gets a verdict."""
