-- Erasing students.

-- name: erasure_copy_events
-- Copies the raw events of the student under the replacement and new session ids, without the country and the thread,
-- whose id the platform may have made from a name.
INSERT INTO {table:Identifier}
SELECT * REPLACE (
    (SELECT any(replacement) FROM erasing) AS student_id,
    if(session_id = toUUID('00000000-0000-0000-0000-000000000000'), session_id,
       toUUID(lower(hex(MD5(concat((SELECT any(salt) FROM erasing), toString(session_id))))))) AS session_id,
    '' AS country, '' AS thread_id)
FROM (SELECT * FROM {table:Identifier} FINAL WHERE student_id IN (SELECT student_id FROM erasing))

-- name: erasure_copy_sessions
-- Copies the rows of the student under the replacement and new session ids.
INSERT INTO {table:Identifier}
SELECT * REPLACE (
    (SELECT any(replacement) FROM erasing) AS student_id,
    if(session_id = toUUID('00000000-0000-0000-0000-000000000000'), session_id,
       toUUID(lower(hex(MD5(concat((SELECT any(salt) FROM erasing), toString(session_id))))))) AS session_id)
FROM (SELECT * FROM {table:Identifier} FINAL WHERE student_id IN (SELECT student_id FROM erasing))

-- name: erasure_copy_acts
-- The same of what learners did in a course, without the threads.
INSERT INTO {table:Identifier}
SELECT * REPLACE (
    (SELECT any(replacement) FROM erasing) AS student_id,
    if(startsWith(event_type, 'forum_'), '', item_id) AS item_id)
FROM (SELECT * FROM {table:Identifier} FINAL WHERE student_id IN (SELECT student_id FROM erasing))

-- name: erasure_copy
-- Copies the rows of the student under the replacement.
INSERT INTO {table:Identifier}
SELECT * REPLACE ((SELECT any(replacement) FROM erasing) AS student_id)
FROM (SELECT * FROM {table:Identifier} FINAL WHERE student_id IN (SELECT student_id FROM erasing))

-- name: erasure_begin
-- Sets the student of the next statements.
INSERT INTO erasing SELECT {student:UUID}, {replacement:UUID}, {salt:String}

-- name: erasure_note_replacement
-- Remembers that the replacement stands for somebody who was anonymised.
INSERT INTO anonymised SELECT replacement FROM erasing

-- name: erasure_days
-- The UTC days on which the student was active.
SELECT DISTINCT day FROM active_days WHERE student_id = {student:UUID}

-- name: erasure_courses
-- The courses in which the student has events or is listed.
SELECT DISTINCT course_id FROM student_days WHERE student_id = {student:UUID} AND course_id != ''
UNION DISTINCT
SELECT course_id FROM roster_enrolments WHERE student_id = {student:UUID}

-- name: erasure_stop
-- Stops mutations of an interrupted attempt: they would continue, and apply to the next student.
KILL MUTATION WHERE database = currentDatabase() AND NOT is_done AND command LIKE '%erasing%'

-- name: erasure_end
-- Clears the student. TRUNCATE would wait for current readers of the table and make all others wait behind it.
ALTER TABLE erasing DELETE WHERE true

-- name: erasure_empty
-- Empties a table in memory. Like all changes, and unlike TRUNCATE, this reaches every node of a cluster.
ALTER TABLE {table:Identifier} DELETE WHERE true

-- name: erasure_work_tables
-- The tables in memory, of every process that writes.
SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'Memory' AND name != 'erasing'

-- name: erasure_masked
-- Tables with rows that are only marked as deleted.
SELECT DISTINCT table FROM system.parts
WHERE database = currentDatabase() AND active AND has_lightweight_delete AND table IN {tables:Array(String)}

-- name: erasure_unmask
-- Rewrites the parts of a table without the rows that are only marked as deleted.
ALTER TABLE {table:Identifier} APPLY DELETED MASK

-- name: erasure_remove
-- Rewrites every part with rows of the student, without them.
ALTER TABLE {table:Identifier} DELETE WHERE student_id IN (SELECT student_id FROM erasing)

-- name: erasure_old_parts
-- Tables with replaced parts that are still on disk.
SELECT DISTINCT table FROM system.parts
WHERE database = currentDatabase() AND NOT active AND table IN {tables:Array(String)}

-- name: erasure_release
-- Removes replaced parts at once: dropping a partition does that, and none has this name.
ALTER TABLE {table:Identifier} MODIFY SETTING old_parts_lifetime = 0;
ALTER TABLE {table:Identifier} DROP PARTITION ID '00000000none';
ALTER TABLE {table:Identifier} RESET SETTING old_parts_lifetime

-- name: erasure_pending
-- Running mutations, and why the last attempt failed, if it did.
SELECT count(), max(latest_fail_reason) FROM system.mutations
WHERE database = currentDatabase() AND NOT is_done AND table IN {tables:Array(String)}

-- name: erasure_count
-- How many rows of a table are about the student.
SELECT count() FROM {table:Identifier} FINAL WHERE student_id IN (SELECT student_id FROM erasing)
