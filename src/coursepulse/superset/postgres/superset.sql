-- The tables that Superset reads, each made anew as a whole.

-- name: superset_clear_platform_totals
-- Take all rows out of platform_totals.
DELETE FROM superset.platform_totals

-- name: superset_fill_platform_totals
-- Put rows of platform_totals, given as JSON.
INSERT INTO superset.platform_totals SELECT * FROM jsonb_populate_recordset(NULL::superset.platform_totals, %(rows)s)

-- name: superset_clear_platform_days
-- Take all rows out of platform_days.
DELETE FROM superset.platform_days

-- name: superset_fill_platform_days
-- Put rows of platform_days, given as JSON.
INSERT INTO superset.platform_days SELECT * FROM jsonb_populate_recordset(NULL::superset.platform_days, %(rows)s)

-- name: superset_clear_active_users
-- Take all rows out of active_users.
DELETE FROM superset.active_users

-- name: superset_fill_active_users
-- Put rows of active_users, given as JSON.
INSERT INTO superset.active_users SELECT * FROM jsonb_populate_recordset(NULL::superset.active_users, %(rows)s)

-- name: superset_clear_courses
-- Take all rows out of courses.
DELETE FROM superset.courses

-- name: superset_fill_courses
-- Put rows of courses, given as JSON.
INSERT INTO superset.courses SELECT * FROM jsonb_populate_recordset(NULL::superset.courses, %(rows)s)

-- name: superset_clear_retention
-- Take all rows out of retention.
DELETE FROM superset.retention

-- name: superset_fill_retention
-- Put rows of retention, given as JSON.
INSERT INTO superset.retention SELECT * FROM jsonb_populate_recordset(NULL::superset.retention, %(rows)s)

-- name: superset_clear_retention_registered
-- Take all rows out of retention_registered.
DELETE FROM superset.retention_registered

-- name: superset_fill_retention_registered
-- Put rows of retention_registered, given as JSON.
INSERT INTO superset.retention_registered SELECT * FROM jsonb_populate_recordset(NULL::superset.retention_registered, %(rows)s)

-- name: superset_clear_course_totals
-- Take all rows out of course_totals.
DELETE FROM superset.course_totals

-- name: superset_fill_course_totals
-- Put rows of course_totals, given as JSON.
INSERT INTO superset.course_totals SELECT * FROM jsonb_populate_recordset(NULL::superset.course_totals, %(rows)s)

-- name: superset_clear_course_days
-- Take all rows out of course_days.
DELETE FROM superset.course_days

-- name: superset_fill_course_days
-- Put rows of course_days, given as JSON.
INSERT INTO superset.course_days SELECT * FROM jsonb_populate_recordset(NULL::superset.course_days, %(rows)s)

-- name: superset_clear_course_lessons
-- Take all rows out of course_lessons.
DELETE FROM superset.course_lessons

-- name: superset_fill_course_lessons
-- Put rows of course_lessons, given as JSON.
INSERT INTO superset.course_lessons SELECT * FROM jsonb_populate_recordset(NULL::superset.course_lessons, %(rows)s)

-- name: superset_clear_course_videos
-- Take all rows out of course_videos.
DELETE FROM superset.course_videos

-- name: superset_fill_course_videos
-- Put rows of course_videos, given as JSON.
INSERT INTO superset.course_videos SELECT * FROM jsonb_populate_recordset(NULL::superset.course_videos, %(rows)s)

-- name: superset_clear_course_assessments
-- Take all rows out of course_assessments.
DELETE FROM superset.course_assessments

-- name: superset_fill_course_assessments
-- Put rows of course_assessments, given as JSON.
INSERT INTO superset.course_assessments SELECT * FROM jsonb_populate_recordset(NULL::superset.course_assessments, %(rows)s)
