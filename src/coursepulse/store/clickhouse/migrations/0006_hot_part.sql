-- The hot part: what the last cycles have read of the students at work, so that the next need not look for it.

-- A copy in memory of a part of `session_parts`: for each (day, student) all parts or none. A part that was written
-- again is there in both versions. Emptied whenever it may be wrong (a cycle failed) or has grown too large.
CREATE TABLE IF NOT EXISTS hot_parts AS session_parts
ENGINE = Memory;

CREATE MATERIALIZED VIEW IF NOT EXISTS hot_parts_from_fresh TO hot_parts AS
SELECT * EXCEPT (videos) FROM fresh_parts;

-- Hours in which sessions have events. A row with a `day` says that the hours of two days around it are all here.
CREATE TABLE IF NOT EXISTS hot_hours
(
    student_id UUID,
    session_id UUID,
    hour       DateTime('UTC'),
    day        Date COMMENT '1970-01-01: found while looking for the hours around another day'
)
ENGINE = Memory;

-- The work tables of one cycle, emptied when the next begins. Losing them loses nothing.

-- Where the fresh events lie.
CREATE TABLE IF NOT EXISTS touched_hours
(
    student_id UUID,
    session_id UUID,
    hour       DateTime('UTC')
)
ENGINE = Memory;

-- All hours in which the touched sessions have events that the cycle must read.
CREATE TABLE IF NOT EXISTS session_hours
(
    student_id UUID,
    session_id UUID,
    hour       DateTime('UTC')
)
ENGINE = Memory;

-- The raw events of the touched sessions, each once.
CREATE TABLE IF NOT EXISTS session_events AS events
ENGINE = Memory;

-- The parts to be written: every day of a touched session within one day of a fresh event.
CREATE TABLE IF NOT EXISTS touched_days
(
    n          UInt32 COMMENT 'a number for the row: sorting by it is twice as cheap as by the ids',
    student_id UUID,
    session_id UUID,
    day        Date
)
ENGINE = Memory
