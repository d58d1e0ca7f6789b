"""Rules that SQL leaves to ``coursepulse.learning``: from compact rows to the rows of a metric. Pure."""
