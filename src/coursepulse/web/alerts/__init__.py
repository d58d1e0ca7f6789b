"""Alerts: who may see which, and the thresholds of courses."""
