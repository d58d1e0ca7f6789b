-- Goals that students set for themselves.

-- name: goals_set
-- Gives a student a goal, in the place of an earlier one of the kind and course.
INSERT INTO goals (student_id, kind, course_id, minutes, finish_on, set_at)
VALUES (%(student)s, %(kind)s, %(course)s, %(minutes)s, %(finish_on)s, %(at)s)
ON CONFLICT (student_id, kind, course_id)
DO UPDATE SET minutes = excluded.minutes, finish_on = excluded.finish_on, set_at = excluded.set_at

-- name: goals_drop
-- Takes a goal of a student away.
DELETE FROM goals WHERE student_id = %(student)s AND kind = %(kind)s AND course_id = %(course)s
