"""Rules that SQL leaves to ``coursepulse.definitions``: from compact rows to the rows of a metric. Pure."""
