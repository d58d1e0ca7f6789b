-- Parts and course days are computed beside the database now: what did it inside is taken down.

DROP VIEW IF EXISTS hot_parts_from_fresh;
DROP VIEW IF EXISTS session_parts_from_fresh;
DROP VIEW IF EXISTS video_watch_from_fresh;
DROP VIEW IF EXISTS student_watch_from_fresh;
DROP VIEW IF EXISTS lessons_seen_from_events;
DROP VIEW IF EXISTS video_durations_from_events;
DROP TABLE IF EXISTS fresh_parts;
DROP TABLE IF EXISTS hot_parts;
DROP TABLE IF EXISTS hot_hours;
DROP TABLE IF EXISTS touched_hours;
DROP TABLE IF EXISTS touched_days;
DROP TABLE IF EXISTS session_events;

-- The days of students whose parts a cycle looks for. Losing them loses nothing.
CREATE TABLE IF NOT EXISTS wanted_days
(
    student_id UUID,
    day        Date
)
ENGINE = Memory
