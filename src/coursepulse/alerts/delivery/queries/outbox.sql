-- The outbox: what is to be sent, to whom, and what came of it.

-- name: position
-- How far the changes of alerts are in the outbox.
SELECT number FROM alert_outbox_position

-- name: lock_position
-- The same, and nobody else plans until the end of the transaction.
SELECT number FROM alert_outbox_position FOR UPDATE

-- name: move_position
-- Everything up to this change is in the outbox.
UPDATE alert_outbox_position SET number = greatest(number, %(number)s)

-- name: candidates_instructors
-- Accounts of people who teach some courses, each with a course.
SELECT t.course_id, a.account_id
FROM teaching AS t
JOIN accounts AS a ON a.student_id = t.teacher_id
WHERE t.course_id = ANY(%(courses)s) AND a.role = 'instructor' AND NOT a.disabled

-- name: candidates_managers
-- Accounts of people who lead a team of some students, each with a student.
SELECT DISTINCT m.student_id, a.account_id
FROM team_people AS m
JOIN team_people AS lead ON lead.team_id = m.team_id AND lead.manages
JOIN accounts AS a ON a.student_id = lead.student_id
WHERE m.student_id = ANY(%(students)s) AND NOT m.manages AND a.role = 'manager' AND NOT a.disabled

-- name: candidates_admins
-- Accounts of administrators.
SELECT account_id FROM accounts WHERE role = 'admin' AND NOT disabled

-- name: recipients
-- Accounts with what they have chosen, and what the roster says of their person.
SELECT
    a.account_id, a.role, a.student_id, a.organisation_id, a.login_name, p.email, coalesce(p.time_zone, 'UTC'),
    a.language, c.pace, c.hour, c.quiet_from, c.quiet_until, c.time_zone, c.language
FROM accounts AS a
LEFT JOIN people AS p ON p.student_id = a.student_id
LEFT JOIN mail_choices AS c ON c.account_id = a.account_id
WHERE a.account_id = ANY(%(accounts)s) AND NOT a.disabled

-- name: mail_new_alerts
-- Those of some alerts that are in no mail of an account yet. What has been erased meanwhile is left out.
SELECT alert_id FROM alerts
WHERE alert_id = ANY(%(alerts)s)
  AND NOT EXISTS (
    SELECT FROM mail_alerts AS m WHERE m.account_id = %(account)s AND m.alert_id = alerts.alert_id
)
FOR KEY SHARE

-- name: mail_open
-- A mail of an account that is sent no later than wished and that nobody has tried to send: more fits into it.
SELECT mail_id FROM mails
WHERE account_id = %(account)s AND state = 'waiting' AND claimed_until IS NULL AND NOT maybe_sent AND due_at <= %(due)s
  AND report_id IS NULL
ORDER BY due_at
LIMIT 1
FOR UPDATE

-- name: mail_add
-- A new mail; nothing if there was one for this moment.
INSERT INTO mails (mail_id, account_id, due_at, try_at) VALUES (%(mail)s, %(account)s, %(due)s, %(due)s)
ON CONFLICT DO NOTHING
RETURNING mail_id

-- name: mail_fill
-- Put alerts into a mail.
INSERT INTO mail_alerts (account_id, alert_id, mail_id)
SELECT %(account)s::uuid, alert_id, %(mail)s::uuid FROM unnest(%(alerts)s::uuid[]) AS alert_id
ON CONFLICT DO NOTHING

-- name: mail_claim
-- The mail that has waited longest; nobody else sends it until the claim ends.
UPDATE mails
SET claimed_until = %(until)s, attempts = attempts + 1
WHERE mail_id = (
    SELECT mail_id FROM mails
    WHERE state = 'waiting' AND try_at <= %(now)s AND coalesce(claimed_until <= %(now)s, true)
    ORDER BY try_at, mail_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING mail_id, account_id, due_at, attempts, maybe_sent, report_id,
    ARRAY(SELECT alert_id FROM mail_alerts AS m WHERE m.mail_id = mails.mail_id ORDER BY alert_id)

-- name: mail_begin
-- From here on it may have been sent, whatever happens to this process.
UPDATE mails SET maybe_sent = true WHERE mail_id = %(mail)s

-- name: mail_done
-- What became of a mail.
UPDATE mails SET state = %(state)s, trouble = %(trouble)s, done_at = %(now)s, claimed_until = NULL
WHERE mail_id = %(mail)s

-- name: mail_later
-- Try a mail again.
UPDATE mails
SET try_at = %(at)s, trouble = %(trouble)s, claimed_until = NULL, maybe_sent = %(maybe)s,
    attempts = attempts - CASE WHEN %(counts)s THEN 0 ELSE 1 END
WHERE mail_id = %(mail)s

-- name: mail_next
-- When the next mail is to be tried, or its claim ends.
SELECT min(greatest(try_at, coalesce(claimed_until, try_at))) FROM mails WHERE state = 'waiting'

-- name: mail_stop
-- Forget the alerts that wait for an account.
DELETE FROM mails WHERE account_id = %(account)s AND state = 'waiting' AND claimed_until IS NULL AND report_id IS NULL

-- name: mail_latest
-- What became of the latest mails of an account.
SELECT due_at, state, trouble, done_at FROM mails
WHERE account_id = %(account)s AND state <> 'empty' AND (state <> 'waiting' OR trouble <> '')
ORDER BY due_at DESC
LIMIT 1

-- name: mail_purge
-- Remove mails that were done long ago.
DELETE FROM mails WHERE done_at < %(before)s

-- name: choice_put
-- Keep what an account has chosen.
INSERT INTO mail_choices (account_id, pace, hour, quiet_from, quiet_until, time_zone, language)
VALUES (%(account)s, %(pace)s, %(hour)s, %(quiet_from)s, %(quiet_until)s, %(time_zone)s, %(language)s)
ON CONFLICT (account_id) DO UPDATE SET
    pace = EXCLUDED.pace, hour = EXCLUDED.hour, quiet_from = EXCLUDED.quiet_from, quiet_until = EXCLUDED.quiet_until,
    time_zone = EXCLUDED.time_zone, language = EXCLUDED.language

-- name: webhook_add
-- A new webhook; nothing if there is no such course.
INSERT INTO webhooks (webhook_id, name, kind, url, course_id, owner_id, salt, created_at, created_by)
SELECT %(webhook)s, %(name)s, %(kind)s, %(url)s, %(course)s, %(owner)s, %(salt)s, %(now)s, %(by)s
WHERE %(course)s::text IS NULL OR EXISTS (SELECT FROM courses WHERE course_id = %(course)s)
RETURNING webhook_id

-- name: webhook_list
-- Every webhook, or those of one owner.
SELECT
    w.webhook_id, w.name, w.kind, w.url, w.course_id, w.owner_id, w.salt, w.created_at, w.created_by,
    (SELECT count(*) FROM webhook_messages AS m WHERE m.webhook_id = w.webhook_id AND m.state = 'waiting'),
    (SELECT count(*) FROM webhook_messages AS m WHERE m.webhook_id = w.webhook_id AND m.state = 'dead')
FROM webhooks AS w
WHERE %(owner)s::uuid IS NULL OR w.owner_id = %(owner)s
ORDER BY w.created_at, w.webhook_id

-- name: webhook_remove
-- Take a webhook away, with everything that waits for it.
DELETE FROM webhooks WHERE webhook_id = %(webhook)s AND (%(owner)s::uuid IS NULL OR owner_id = %(owner)s)
RETURNING name

-- name: webhook_any
-- Whether there is any webhook.
SELECT EXISTS (SELECT FROM webhooks)

-- name: webhook_wanted
-- The webhooks that hear of some courses, and with an empty text among them of the platform, each with its owner.
SELECT webhook_id, course_id, owner_id FROM webhooks WHERE course_id IS NULL OR course_id = ANY(%(courses)s)

-- name: webhook_plan
-- A message, if it is news to the webhook: it is told of an alert that is open, and then that it has cleared.
INSERT INTO webhook_messages (message_id, webhook_id, alert_id, turn, happened, try_at, created_at)
SELECT
    gen_random_uuid(),
    %(webhook)s, alerts.alert_id, coalesce(last.turn + 1, 1), %(happened)s, %(now)s, %(now)s
FROM alerts
LEFT JOIN LATERAL (
    SELECT turn, happened FROM webhook_messages
    WHERE webhook_id = %(webhook)s AND alert_id = %(alert)s
    ORDER BY turn DESC
    LIMIT 1
) AS last ON true
WHERE alerts.alert_id = %(alert)s AND coalesce(last.happened, 'cleared') <> %(happened)s
ON CONFLICT DO NOTHING

-- name: webhook_claim
-- The next messages of each webhook; nobody else sends them until the claim ends.
WITH ready AS (
    SELECT message_id, webhook_id, created_at, row_number() OVER (PARTITION BY webhook_id ORDER BY created_at, turn) AS place
    FROM webhook_messages
    WHERE state = 'waiting' AND try_at <= %(now)s AND coalesce(claimed_until <= %(now)s, true)
        AND NOT webhook_id = ANY(%(others)s::uuid[])
), chosen AS (
    SELECT m.message_id FROM webhook_messages AS m
    JOIN ready USING (message_id)
    WHERE ready.place <= %(each)s AND m.state = 'waiting'
    FOR UPDATE OF m SKIP LOCKED
)
UPDATE webhook_messages AS m
SET claimed_until = %(until)s, attempts = attempts + 1
FROM chosen, webhooks AS w
WHERE m.message_id = chosen.message_id AND w.webhook_id = m.webhook_id
RETURNING m.message_id, m.webhook_id, coalesce(m.alert_id, m.gone_id), m.happened, m.attempts, m.created_at, m.turn,
    w.name, w.kind, w.url, w.course_id, w.owner_id, w.salt

-- name: webhook_done
-- What became of a message.
UPDATE webhook_messages SET state = %(state)s, trouble = %(trouble)s, done_at = %(now)s, claimed_until = NULL
WHERE message_id = %(message)s

-- name: webhook_told
-- A receiver knows that an alert is no more: nothing is left of it here.
DELETE FROM webhook_messages WHERE message_id = %(message)s

-- name: webhook_later
-- Try a message again.
UPDATE webhook_messages
SET try_at = %(at)s, trouble = %(trouble)s, claimed_until = NULL,
    attempts = attempts - CASE WHEN %(counts)s THEN 0 ELSE 1 END
WHERE message_id = %(message)s

-- name: webhook_next
-- When the next message is to be tried, or its claim ends.
SELECT min(greatest(try_at, coalesce(claimed_until, try_at))) FROM webhook_messages WHERE state = 'waiting'

-- name: webhook_dead
-- Messages that were given up, newest first.
SELECT m.message_id, m.webhook_id, w.name, coalesce(m.alert_id, m.gone_id), m.happened, m.attempts, m.trouble, m.created_at,
    m.done_at
FROM webhook_messages AS m
JOIN webhooks AS w USING (webhook_id)
WHERE m.state = 'dead' AND (%(owner)s::uuid IS NULL OR w.owner_id = %(owner)s)
ORDER BY m.created_at DESC, m.message_id
LIMIT %(limit)s

-- name: webhook_replay
-- Try messages that were given up once more: some of them, or all.
UPDATE webhook_messages AS m
SET state = 'waiting', attempts = 0, try_at = %(now)s, done_at = NULL, claimed_until = NULL
FROM webhooks AS w
WHERE w.webhook_id = m.webhook_id AND m.state = 'dead'
  AND (%(messages)s::uuid[] IS NULL OR m.message_id = ANY(%(messages)s))
  AND (%(owner)s::uuid IS NULL OR w.owner_id = %(owner)s)
RETURNING m.message_id

-- name: webhook_purge
-- Remove messages that were done long ago.
DELETE FROM webhook_messages WHERE done_at < %(before)s
