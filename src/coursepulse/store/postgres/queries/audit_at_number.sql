-- The hash of one entry.
SELECT hash FROM audit_trail WHERE number = %(number)s
