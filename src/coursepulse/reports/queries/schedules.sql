-- Reports that are sent at regular times.

-- name: add
-- A new report. Nothing if the account has its letter already, or is gone.
INSERT INTO report_schedules (
    report_id, account_id, kind, title, address, student_id, form, weekday, month_day, hour, time_zone, paused, created_at,
    created_by, next_at
)
SELECT
    %(report)s, account_id, %(kind)s, %(title)s, %(address)s, %(student)s, %(form)s, %(weekday)s, %(month_day)s, %(hour)s,
    %(time_zone)s, %(paused)s, %(now)s, %(by)s, %(next)s
FROM accounts WHERE account_id = %(account)s
ON CONFLICT DO NOTHING
RETURNING report_id

-- name: list
-- Reports of one account, or of all, oldest first.
SELECT
    report_id, account_id, kind, title, address, form, weekday, month_day, hour, r.time_zone, paused, trouble,
    r.created_at, created_by, next_at
FROM report_schedules AS r
WHERE (%(account)s::uuid IS NULL OR account_id = %(account)s) AND (%(report)s::uuid IS NULL OR report_id = %(report)s)
ORDER BY r.created_at, report_id

-- name: remove
-- Take a report away, with what waits of it.
DELETE FROM report_schedules WHERE report_id = %(report)s RETURNING report_id

-- name: rest
-- Pause a report, or let it go on from a moment.
UPDATE report_schedules SET paused = %(paused)s, trouble = %(trouble)s, next_at = coalesce(%(next)s, next_at)
WHERE report_id = %(report)s
RETURNING report_id

-- name: rest_all
-- Pause every report of an account.
UPDATE report_schedules SET paused = true WHERE account_id = %(account)s AND NOT paused RETURNING report_id

-- name: drop_waiting
-- Forget what waits of some reports and was not tried yet.
DELETE FROM mails WHERE report_id = ANY(%(reports)s) AND state = 'waiting' AND claimed_until IS NULL AND NOT maybe_sent

-- name: due
-- Reports that are due; nobody else plans them until the end of the transaction.
SELECT
    r.report_id, r.account_id, r.kind, r.title, r.address, r.form, r.weekday, r.month_day, r.hour, r.time_zone,
    r.paused, r.trouble, r.created_at, r.created_by, r.next_at, coalesce(p.time_zone, 'UTC')
FROM report_schedules AS r
JOIN accounts AS a USING (account_id)
LEFT JOIN people AS p ON p.student_id = a.student_id
WHERE r.next_at <= %(now)s AND NOT r.paused
ORDER BY r.next_at, r.report_id
LIMIT %(limit)s
FOR UPDATE OF r SKIP LOCKED

-- name: plan_mail
-- The mail of a report. Planning it twice makes one.
INSERT INTO mails (mail_id, account_id, due_at, try_at, report_id)
VALUES (%(mail)s, %(account)s, %(due)s, %(due)s, %(report)s)
ON CONFLICT DO NOTHING

-- name: move
-- When a report is due next.
UPDATE report_schedules SET next_at = %(next)s WHERE report_id = %(report)s

-- name: next
-- When the next report is due.
SELECT min(next_at) FROM report_schedules WHERE NOT paused

-- name: without_letter
-- Accounts that have neither chosen the weekly letter nor refused it, with the zone of their person.
SELECT a.account_id, coalesce(p.time_zone, 'UTC')
FROM accounts AS a
LEFT JOIN people AS p ON p.student_id = a.student_id
WHERE a.role IN ('student', 'instructor', 'manager') AND NOT a.disabled
  AND NOT EXISTS (SELECT FROM report_schedules AS r WHERE r.account_id = a.account_id AND r.kind = 'letter')
ORDER BY a.account_id
LIMIT %(limit)s
