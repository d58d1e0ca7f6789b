-- Let one writer of the trail at a time through, of all processes. The number spells "audit" in ASCII.
SELECT pg_advisory_xact_lock(418581342580)
