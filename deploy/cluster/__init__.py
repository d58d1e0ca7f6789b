"""A whole cluster on this machine's loopback addresses, supervised, in one terminal: ``make cluster``."""
