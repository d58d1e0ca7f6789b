"""The definitions of ``coursepulse.learning`` over whole columns: what the rollups of many sessions are made with."""
