-- Delete the entries up to a number; returns how many.
SELECT prune_audit_trail(%(through)s)
