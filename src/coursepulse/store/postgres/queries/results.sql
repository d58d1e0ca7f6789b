-- Results that servers keep for each other.

-- name: results_forget
-- Nothing that was kept before may be shown to anybody.
UPDATE result_changes SET forgotten = forgotten + 1

-- name: results_renew
-- What was kept before is of a moment ago.
UPDATE result_changes SET renewed = renewed + 1
