-- Mutations that are still under way, and why the last attempt failed, if it did.
SELECT count(), max(latest_fail_reason) FROM system.mutations
WHERE database = currentDatabase() AND NOT is_done AND table IN {tables:Array(String)}
