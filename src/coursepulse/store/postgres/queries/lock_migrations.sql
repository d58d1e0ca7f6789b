-- Let one process migrate at a time; released when the transaction ends. The number spells "migrate" in ASCII.
SELECT pg_advisory_xact_lock(30797968379991141)
