-- The names that students chose for leaderboards.

-- name: board_names_of
-- The name of a student.
SELECT shown_as, removed_at FROM leaderboard_names WHERE student_id = %(student)s

-- name: board_names_choose
-- Gives a student a name, unless it was removed from them before.
INSERT INTO leaderboard_names (student_id, shown_as, folded, chosen_at)
VALUES (%(student)s, %(name)s, %(folded)s, %(at)s)
ON CONFLICT (student_id) DO UPDATE
SET shown_as = excluded.shown_as, folded = excluded.folded, chosen_at = excluded.chosen_at
WHERE excluded.folded <> ALL (leaderboard_names.refused)
RETURNING student_id

-- name: board_names_find
-- The student with a name.
SELECT student_id FROM leaderboard_names WHERE folded = %(folded)s

-- name: board_names_remove
-- Takes the name of a student away, and remembers it so that the student does not choose it again.
UPDATE leaderboard_names
SET shown_as = '', folded = NULL, removed_at = %(at)s, refused = array_append(refused, folded)
WHERE student_id = %(student)s AND folded IS NOT NULL
RETURNING student_id
