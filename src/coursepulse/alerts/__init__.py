"""Alerts: what a teacher or an administrator should look at now. Rules raise them once and clear them themselves."""
