-- Runs of the slow jobs.

-- name: job_note
-- Record a run, and delete runs past their retention.
WITH gone AS (DELETE FROM job_runs WHERE started_at < %(oldest)s)
INSERT INTO job_runs (job, started_at, ended_at, outcome, sentence)
VALUES (%(job)s, %(started_at)s, %(ended_at)s, %(outcome)s, %(sentence)s)

-- name: job_list
-- Runs, newest first.
SELECT job, started_at, ended_at, outcome, sentence
FROM job_runs
WHERE (%(job)s = '' OR job = %(job)s)
ORDER BY started_at DESC, job
LIMIT %(limit)s

-- name: job_summary
-- Of each job, the runs since a moment, and the latest one.
SELECT DISTINCT ON (job)
    job,
    count(*) OVER (PARTITION BY job),
    count(*) FILTER (WHERE outcome <> 'done') OVER (PARTITION BY job),
    started_at, extract(epoch FROM ended_at - started_at)::float8, outcome, sentence
FROM job_runs
WHERE started_at >= %(since)s
ORDER BY job, started_at DESC

-- name: job_claim
-- Claims a run; a row comes back for the one who has it now. Claims that nobody can want any more are let go.
WITH gone AS (DELETE FROM job_claims WHERE due_at < %(oldest)s)
INSERT INTO job_claims AS known (job, due_at, claimed_by, claimed_at)
VALUES (%(job)s, %(due_at)s, %(by)s, %(now)s)
ON CONFLICT (job, due_at) DO UPDATE SET claimed_at = excluded.claimed_at
WHERE known.claimed_by = excluded.claimed_by
RETURNING true

-- name: job_give_back
-- Lets another one try.
DELETE FROM job_claims WHERE job = %(job)s AND due_at = %(due_at)s AND claimed_by = %(by)s
