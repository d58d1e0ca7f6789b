-- Alerts and what people did with them.

-- name: next_number
-- The number of the next change. Locks out other writers until the end of the transaction.
UPDATE alert_number SET number = number + 1 RETURNING number

-- name: latest_number
-- The number of the latest change.
SELECT number FROM alert_number

-- name: put
-- Add an alert or change it; nothing is returned if it says what it said before.
INSERT INTO alerts (
    alert_id, rule, severity, about, audience, course_id, student_id, item,
    raised_at, updated_at, cleared_at, evidence, details, number
)
VALUES (
    %(alert_id)s, %(rule)s, %(severity)s, %(about)s, %(audience)s, %(course_id)s, %(student_id)s, %(item)s,
    %(raised_at)s, %(updated_at)s, %(cleared_at)s, %(evidence)s, %(details)s, %(number)s
)
ON CONFLICT (alert_id) DO UPDATE SET
    severity = EXCLUDED.severity,
    audience = EXCLUDED.audience,
    raised_at = EXCLUDED.raised_at,
    updated_at = EXCLUDED.updated_at,
    cleared_at = EXCLUDED.cleared_at,
    evidence = EXCLUDED.evidence,
    details = EXCLUDED.details,
    number = EXCLUDED.number,
    withdrawn_at = NULL
WHERE
    (alerts.severity, alerts.audience, alerts.raised_at, alerts.cleared_at, alerts.evidence, alerts.details, alerts.withdrawn_at)
    IS DISTINCT FROM
    (EXCLUDED.severity, EXCLUDED.audience, EXCLUDED.raised_at, EXCLUDED.cleared_at, EXCLUDED.evidence, EXCLUDED.details, NULL)
RETURNING alerts.*

-- name: withdraw
-- Hide alerts that should never have been raised.
UPDATE alerts SET withdrawn_at = %(at)s, number = %(number)s
WHERE alert_id = ANY(%(alerts)s) AND withdrawn_at IS NULL
RETURNING alert_id

-- name: clear
-- The conditions of these alerts are met no more.
UPDATE alerts SET cleared_at = %(at)s, updated_at = %(at)s, number = %(number)s
WHERE alert_id = ANY(%(alerts)s) AND cleared_at IS NULL AND withdrawn_at IS NULL
RETURNING alerts.*

-- name: acknowledge
-- Somebody has seen to these alerts.
UPDATE alerts SET acknowledged_at = %(at)s, acknowledged_by = %(account)s, number = %(number)s
WHERE alert_id = ANY(%(alerts)s) AND acknowledged_at IS NULL AND withdrawn_at IS NULL
RETURNING alerts.*

-- name: snooze
-- Put alerts out of the way until a moment, or back.
UPDATE alerts
SET snoozed_until = %(until)s::timestamptz, snoozed_by = CASE WHEN %(until)s::timestamptz IS NULL THEN '' ELSE %(account)s END,
    number = %(number)s
WHERE alert_id = ANY(%(alerts)s) AND snoozed_until IS DISTINCT FROM %(until)s::timestamptz AND withdrawn_at IS NULL
RETURNING alerts.*

-- name: open_of
-- Open alerts of a rule about some courses, students or anything, and those cleared since a moment.
SELECT * FROM alerts
WHERE rule = %(rule)s AND withdrawn_at IS NULL
  AND (cleared_at IS NULL OR cleared_at > %(cleared_after)s::timestamptz)
  AND (%(courses)s::text[] IS NULL OR course_id = ANY(%(courses)s))
  AND (%(students)s::uuid[] IS NULL OR student_id = ANY(%(students)s))

-- name: search
-- Alerts that the viewer of the transaction may see, newest first.
SELECT * FROM alerts
WHERE CASE %(standing)s
        WHEN 'new' THEN cleared_at IS NULL AND acknowledged_at IS NULL AND coalesce(snoozed_until <= %(now)s, true)
        WHEN 'open' THEN cleared_at IS NULL
        WHEN 'acknowledged' THEN cleared_at IS NULL AND acknowledged_at IS NOT NULL
        WHEN 'snoozed' THEN cleared_at IS NULL AND snoozed_until > %(now)s
        WHEN 'cleared' THEN cleared_at IS NOT NULL
        ELSE true
    END
  AND (%(rule)s = '' OR rule = %(rule)s)
  AND (%(course)s = '' OR course_id = %(course)s)
  AND (%(severity)s = '' OR severity = %(severity)s)
  AND (%(student)s::uuid IS NULL OR student_id = %(student)s)
  AND (%(before)s::timestamptz IS NULL OR (raised_at, alert_id) < (%(before)s, %(before_id)s::uuid))
ORDER BY raised_at DESC, alert_id DESC
LIMIT %(limit)s

-- name: find
-- Those of some alerts that the viewer of the transaction may see.
SELECT * FROM alerts
WHERE alert_id = ANY(%(alerts)s)

-- name: changed_after
-- Alerts that have changed since a change, in the order of the changes.
SELECT * FROM alerts
WHERE number > %(after)s AND withdrawn_at IS NULL
ORDER BY number, alert_id

-- name: withdrawn_after
-- Alerts withdrawn since a change.
SELECT alert_id FROM alerts WHERE number > %(after)s AND withdrawn_at IS NOT NULL

-- name: about_students
-- Every alert about some students.
SELECT alert_id FROM alerts WHERE student_id = ANY(%(students)s)

-- name: forget
-- Remove every alert about some students.
DELETE FROM alerts WHERE student_id = ANY(%(students)s) RETURNING alert_id

-- name: tell_removed
-- Programs that have heard of these alerts, or may have, hear that they are no more; chats cannot take anything back.
-- What else waits to be sent of them is dropped.
WITH known AS (
    DELETE FROM webhook_messages WHERE alert_id = ANY(%(alerts)s)
    RETURNING webhook_id, alert_id, state = 'sent' OR (attempts > 0 AND state <> 'dropped') AS told
)
INSERT INTO webhook_messages (message_id, webhook_id, gone_id, turn, happened, try_at, created_at)
SELECT gen_random_uuid(), webhook_id, alert_id, 1, 'removed', 'epoch', now()
FROM known
JOIN webhooks USING (webhook_id)
WHERE told AND kind = 'plain'
GROUP BY webhook_id, alert_id

-- name: prune
-- Remove alerts that were over, or withdrawn, before a moment.
DELETE FROM alerts WHERE coalesce(withdrawn_at, cleared_at) < %(before)s

-- name: note_message
-- A message to a student about a course was drafted. Who goes on writing it an hour long writes one message.
INSERT INTO student_messages (student_id, course_id, at, account)
SELECT %(student)s, %(course)s, %(at)s, %(account)s
WHERE NOT EXISTS (
    SELECT FROM student_messages
    WHERE student_id = %(student)s AND course_id = %(course)s AND account = %(account)s
        AND at BETWEEN %(at)s::timestamptz - interval '1 hour' AND %(at)s
)
ON CONFLICT DO NOTHING

-- name: prune_messages
-- Forget messages that were drafted before a moment.
DELETE FROM student_messages WHERE at < %(before)s

-- name: prune_draws
-- Forget draws of who was written to that were made before a moment.
DELETE FROM message_draws WHERE at < %(before)s
