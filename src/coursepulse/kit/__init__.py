"""Ids, clock, errors and settings: what every other room may use. No I/O."""
