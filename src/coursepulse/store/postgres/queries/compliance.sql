-- The figures of the compliance report.

-- name: compliance_consents
-- Decisions in a period, by purpose, and how many students agree at its end.
WITH last AS (
    SELECT DISTINCT ON (student_id, purpose) student_id, purpose, granted
    FROM consents
    WHERE recorded_at < %(end)s
    ORDER BY student_id, purpose, recorded_at DESC, seq DESC
),
made AS (
    SELECT purpose, count(*) FILTER (WHERE granted) AS given, count(*) FILTER (WHERE NOT granted) AS withdrawn
    FROM consents
    WHERE recorded_at >= %(start)s AND recorded_at < %(end)s
    GROUP BY purpose
)
SELECT purpose, coalesce(max(given), 0), coalesce(max(withdrawn), 0), count(*) FILTER (WHERE last.granted)
FROM last LEFT JOIN made USING (purpose)
GROUP BY purpose
ORDER BY purpose

-- name: compliance_requests
-- Requests of students in a period, by kind and mode: how many are completed, how long they took, and how many took over a month.
SELECT
    kind,
    mode,
    count(*),
    count(done_at),
    count(*) FILTER (WHERE coalesce(done_at, %(now)s) > asked_at + interval '1 month'),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM done_at - asked_at) / 3600),
    (max(extract(epoch FROM done_at - asked_at)) / 3600)::double precision
FROM privacy_requests
WHERE asked_at >= %(start)s AND asked_at < %(end)s
GROUP BY kind, mode
ORDER BY kind, mode

-- name: compliance_accesses
-- Entries of the trail in a period, by role and tag, without refusals.
SELECT role, tag, count(*), count(DISTINCT actor)
FROM audit_trail
WHERE at >= %(start)s AND at < %(end)s AND tag NOT LIKE '%%:refuse' AND tag NOT LIKE '%%:refused'
GROUP BY role, tag
ORDER BY role, tag

-- name: compliance_refusals
-- Refused requests in a period, by role, tag and the reason, which is only in the trail.
SELECT role, tag, coalesce(substring(detail FROM 'reason=(\S+)'), '') AS reason, count(*)
FROM audit_trail
WHERE at >= %(start)s AND at < %(end)s AND (tag LIKE '%%:refuse' OR tag LIKE '%%:refused')
GROUP BY role, tag, reason
ORDER BY role, tag, reason

-- name: compliance_openings
-- Access grants, tied accounts and reading keys in a period, and who acknowledged them. Without the student and the reason, which are personal.
SELECT id, account, role, opened_at, acknowledged_at, acknowledged_by, kind
FROM break_glass
WHERE opened_at >= %(start)s AND opened_at < %(end)s
ORDER BY opened_at, id

-- name: compliance_retention
-- What retention removed in a period, by kind, and the oldest that stayed after the last run.
SELECT what, count(*), sum(removed)::bigint, max(at), (array_agg(oldest_left ORDER BY at DESC))[1]
FROM retention_runs
WHERE at >= %(start)s AND at < %(end)s
GROUP BY what
ORDER BY what
