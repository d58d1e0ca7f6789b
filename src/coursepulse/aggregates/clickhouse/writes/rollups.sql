-- The rollups of days.

-- name: freeze_day
-- Freezes one day, and only then drops its raw events: a crash in between loses nothing.
INSERT INTO frozen_days VALUES ({day:Date});
ALTER TABLE events DROP PARTITION {day:Date}

-- name: read_day
-- For a rebuild: the events of one day, the day before and the day after, of one slice of the students. The students come
-- second in the key of `events`, so that of each hour only their part is read.
SELECT
    event_id, event_type, at, student_id, session_id, course_id, lesson_id, video_id, assessment_id,
    position, position_to, duration, rate, segments, score, passed, attempt, clicks
FROM events
WHERE toDate(at) IN ({day:Date} - 1, {day:Date}, {day:Date} + 1)
  AND student_id BETWEEN {first:UUID} AND {last:UUID}
  AND NOT startsWith(event_type, 'x_')
LIMIT 1 BY event_id, at

-- name: slice_day
-- For a rebuild of one day: its students in slices of some {some:UInt64} events, each from its first to its last student
-- in the database's own order. The days beside it are read as well, so their events count.
SELECT min(student_id), max(student_id)
FROM
(
    SELECT student_id, intDiv(sum(own) OVER (ORDER BY student_id ROWS UNBOUNDED PRECEDING) - own, {some:UInt64}) AS slice
    FROM
    (
        SELECT student_id, count() AS own
        FROM events
        WHERE toDate(at) IN ({day:Date} - 1, {day:Date}, {day:Date} + 1)
        GROUP BY student_id
    )
)
GROUP BY slice
ORDER BY slice

-- name: find_events
-- The raw events of the sessions in `session_hours`, in those hours, without the platform's own `x_` types.
-- GLOBAL: on a cluster, what PREWHERE asks of a work table would otherwise be asked of each shard's own.
SELECT
    event_id, event_type, at, student_id, session_id, course_id, lesson_id, video_id, assessment_id,
    position, position_to, duration, rate, segments, score, passed, attempt, clicks
FROM events
PREWHERE (student_id, session_id) GLOBAL IN (SELECT student_id, session_id FROM session_hours)
WHERE toDate(at) IN (SELECT toDate(hour) FROM session_hours)
  AND (toStartOfHour(at), student_id) IN (SELECT hour, student_id FROM session_hours)
  AND NOT startsWith(event_type, 'x_')
LIMIT 1 BY event_id, at

-- name: list_active_days
-- The days that have course days, with raw events or without.
SELECT DISTINCT day FROM active_days

-- name: list_days
-- The days that have raw events.
SELECT DISTINCT toDate(at) FROM events

-- name: take_back
-- Removes events by their ids, and what was copied of them when they came.
DELETE FROM events WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {ids:Array(UUID)};

DELETE FROM quiz_answers WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {ids:Array(UUID)};

DELETE FROM course_acts WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {ids:Array(UUID)};

DELETE FROM enrolments WHERE toDate(at) IN {days:Array(Date)} AND event_id IN {ids:Array(UUID)}

-- name: list_frozen
-- The days whose rows are never written again.
SELECT day FROM frozen_days

-- name: drop_old_rows
-- For a rebuild: takes away the rows of days that the rebuild did not write again.
DELETE FROM session_parts WHERE day IN {days:Array(Date)} AND version < {version:UInt64};
DELETE FROM video_watch WHERE day IN {days:Array(Date)} AND version < {version:UInt64};
DELETE FROM student_watch WHERE day IN {days:Array(Date)} AND version < {version:UInt64};
DELETE FROM student_course_days WHERE day IN {days:Array(Date)} AND version < {version:UInt64};
DELETE FROM student_days WHERE day IN {days:Array(Date)} AND version < {version:UInt64};
DELETE FROM active_days WHERE day IN {days:Array(Date)} AND version < {version:UInt64}

-- name: write_platform
-- The platform-wide row of each given day, without the students that numbers about behaviour leave out.
-- Never older than the newest version: a changed consent starts no batch, and of equal versions the later row counts.
INSERT INTO platform_days
SELECT
    day,
    (SELECT greatest({version:UInt64}, max(version)) FROM platform_days) AS version,
    uniqExactIf(student_id, counts AND a.learning_events > 0) AS active_students,
    uniqExactIf(course_id, counts AND a.learning_events > 0 AND course_id != '') AS active_courses,
    sumIf(a.events, counts) AS events,
    sumIf(a.learning_events, counts) AS learning_events,
    sumIf(a.visits, counts) AS visits,
    sumIf(a.time_on_task, counts) AS time_on_task
FROM
(
    SELECT day, student_id, course_id, events, learning_events, visits, time_on_task,
        student_id NOT IN (SELECT student_id FROM left_out) AS counts
    FROM active_days FINAL
    WHERE day IN {days:Array(Date)}
    UNION ALL
    -- A day that has lost everybody would have no row, and keep what it said before.
    SELECT day, toUUID('00000000-0000-0000-0000-000000000000'), '', 0, 0, 0, 0, false
    FROM platform_days
    WHERE day IN {days:Array(Date)}
) AS a
GROUP BY day

-- name: find_parts
-- All parts of the days of students in `wanted_days`. GLOBAL as above.
SELECT *
FROM session_parts FINAL
PREWHERE (day, student_id) GLOBAL IN (SELECT day, student_id FROM wanted_days)

-- name: clear_table
-- Empties a work table before it is filled.
TRUNCATE TABLE {table:Identifier}
