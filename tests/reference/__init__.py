"""The definitions in their plainest form, event by event: what the aggregates are checked against.

Nothing in the product imports them.
"""
