"""Ids, clock, errors and settings: what every other room may lean on. No I/O."""
