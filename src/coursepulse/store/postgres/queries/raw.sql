-- Raw events in their partitions, and how far the log has been read.

-- name: read_ids
-- The number of events of a day, and their ids concatenated, up to a limit.
SELECT count(*), string_agg(uuid_send(event_id), ''::bytea)
FROM (SELECT event_id FROM student_activity_events WHERE event_date = %(day)s LIMIT %(most)s) AS of_day

-- name: copy_events
-- Insert new events of one day as binary rows, in the order of rows.TYPES.
COPY {partition} (
    event_id, student_id, session_id, event_timestamp, event_date, log_position, received_at,
    event_type, course_id, lesson_id, video_id, assessment_id,
    device_type, browser, os, ip_address, country_code, event_data
) FROM STDIN (FORMAT binary)

-- name: take_back_events
-- Removes events of one day by their ids.
DELETE FROM student_activity_events WHERE event_date = %(day)s AND event_id = ANY (%(events)s::uuid[])

-- name: find_withdrawn
-- Events that their senders took back: their ids are all that is left of them.
SELECT event_id FROM student_activity_events WHERE event_type = 'x_withdrawn'

-- name: get_position
-- The progress of a consumer.
SELECT position, latest_event_at, applied_at FROM pipeline_positions WHERE name = %(name)s

-- name: find_expired_days
-- Days before a day for which nothing has been received since.
SELECT expired_days(%(day)s)

-- name: drop_partitions
-- Drop the partitions of some days; returns how many there were.
SELECT drop_day_partitions(%(days)s)

-- name: find_stored
-- Which of these ids are stored on a day, and the log positions that carried them. LATERAL with LIMIT: one index look-up each.
SELECT sent.event_id, stored.log_position
FROM unnest(%(events)s::uuid[]) AS sent (event_id)
CROSS JOIN LATERAL (
    SELECT log_position
    FROM student_activity_events
    WHERE event_id = sent.event_id AND event_date = %(day)s
    LIMIT 1
) AS stored

-- name: create_partitions
-- Create missing day partitions; returns how many, and the names of all in the order of the days.
SELECT
    create_day_partitions(%(days)s::date[]),
    ARRAY(SELECT day_partition(day) FROM unnest(%(days)s::date[]) WITH ORDINALITY AS d (day, place) ORDER BY place)

-- name: advance_position
-- Save the progress of a consumer; its position and freshness never go back.
INSERT INTO pipeline_positions AS known (name, position, latest_event_at, applied_at)
VALUES (%(name)s, %(position)s, %(latest_event_at)s, %(applied_at)s)
ON CONFLICT (name) DO UPDATE SET
    position = greatest(known.position, excluded.position),
    latest_event_at = greatest(known.latest_event_at, excluded.latest_event_at),
    applied_at = greatest(known.applied_at, excluded.applied_at)

-- name: reach
-- Raw events are here up to these positions. It writes fewer rows than partitions when one was taken by another worker, or
-- when the database has less than this worker has written: it is a copy that lacked the rest, such as a promoted replica.
-- The database ends a session that is stopped between here and the end of its transaction, as the rows are locked.
INSERT INTO log_partitions AS known (partition, epoch, stored)
SELECT partition, epoch, position
FROM unnest(%(partitions)s::int[], %(epochs)s::bigint[], %(positions)s::bigint[], %(written)s::bigint[])
    AS e (partition, epoch, position, written),
    set_config('idle_in_transaction_session_timeout', '5s', true)
WHERE written <= coalesce((SELECT stored FROM log_partitions AS here WHERE here.partition = e.partition), 0)
ON CONFLICT (partition) DO UPDATE SET stored = greatest(known.stored, excluded.stored)
WHERE known.epoch = excluded.epoch

-- name: find_gone
-- Partitions of which the database has less than this worker has written.
SELECT partition
FROM unnest(%(partitions)s::int[], %(written)s::bigint[]) AS e (partition, written)
LEFT JOIN log_partitions AS known USING (partition)
WHERE coalesce(known.stored, 0) < e.written

-- name: next_version
-- A version larger than all before, unless another worker has taken one of the partitions.
SELECT nextval('row_versions')
WHERE NOT EXISTS (
    SELECT FROM unnest(%(partitions)s::int[], %(epochs)s::bigint[]) AS own (partition, epoch)
    JOIN log_partitions AS known USING (partition)
    WHERE known.epoch <> own.epoch
)

-- name: get_served
-- Up to where numbers are made of a partition.
SELECT served FROM log_partitions WHERE partition = %(partition)s

-- name: publish
-- Numbers are made up to these positions, if nobody else has taken one of the partitions and what was written is there. Each call has a mark of its own,
-- drawn while it holds the row: marks become visible in their order. Its position and freshness never go back.
WITH ends AS (
    SELECT *
    FROM unnest(%(partitions)s::int[], %(epochs)s::bigint[], %(positions)s::bigint[], %(written)s::bigint[])
        AS e (partition, epoch, position, written)
    WHERE written <= coalesce((SELECT stored FROM log_partitions AS here WHERE here.partition = e.partition), 0)
),
moved AS (
    INSERT INTO log_partitions AS known (partition, epoch, served)
    SELECT partition, epoch, position FROM ends
    ON CONFLICT (partition) DO UPDATE SET served = greatest(known.served, excluded.served)
    WHERE known.epoch = excluded.epoch
    RETURNING 1
),
marked AS (
    INSERT INTO pipeline_positions AS known (name, position, latest_event_at, applied_at)
    SELECT 'served', nextval('row_versions'), %(latest_event_at)s, %(applied_at)s
    WHERE (SELECT count(*) FROM moved) = cardinality(%(partitions)s::int[])
    ON CONFLICT (name) DO UPDATE SET
        position = nextval('row_versions'),
        latest_event_at = greatest(known.latest_event_at, excluded.latest_event_at),
        applied_at = greatest(known.applied_at, excluded.applied_at)
    RETURNING position
),
told AS (
    INSERT INTO changed_keys (number, kind, latest_event_at, noted_at, learners, days)
    SELECT position, 'served', %(latest_event_at)s, %(applied_at)s, %(learners)s, %(days)s FROM marked WHERE %(tells)s
)
SELECT position FROM marked
