-- Runs of the slow jobs.

-- name: job_note
-- Record a run, and delete runs past their retention.
WITH gone AS (DELETE FROM job_runs WHERE started_at < %(oldest)s)
INSERT INTO job_runs (job, started_at, ended_at, outcome, sentence, planned_for, planned_by)
VALUES (%(job)s, %(started_at)s, %(ended_at)s, %(outcome)s, %(sentence)s, %(planned_for)s, %(planned_by)s)

-- name: job_list
-- Runs, newest first.
SELECT job, started_at, ended_at, outcome, sentence, planned_for, planned_by
FROM job_runs
WHERE (%(job)s = '' OR job = %(job)s)
ORDER BY started_at DESC, job
LIMIT %(limit)s

-- name: job_last
-- The last run for a time.
SELECT job, started_at, ended_at, outcome, sentence, planned_for, planned_by
FROM job_runs
WHERE job = %(job)s AND planned_for = %(planned_for)s
ORDER BY started_at DESC
LIMIT 1

-- name: job_summary
-- Of each job, the runs since a moment, and the latest one.
SELECT DISTINCT ON (job)
    job,
    count(*) OVER (PARTITION BY job),
    count(*) FILTER (WHERE outcome <> 'done') OVER (PARTITION BY job),
    started_at, extract(epoch FROM ended_at - started_at)::float8, nullif(planned_by, ''), outcome, sentence
FROM job_runs
WHERE started_at >= %(since)s
ORDER BY job, started_at DESC

-- name: job_claim
-- Claims a run; a row comes back for the one who has it now. Claims made long ago are let go, whatever time they are for:
-- a run may be asked for that was due years ago.
WITH gone AS (DELETE FROM job_claims WHERE claimed_at < %(oldest)s AND due_at < %(oldest)s)
INSERT INTO job_claims AS known (job, due_at, claimed_by, claimed_at)
VALUES (%(job)s, %(due_at)s, %(by)s, %(now)s)
ON CONFLICT (job, due_at) DO UPDATE SET claimed_at = excluded.claimed_at
WHERE known.claimed_by = excluded.claimed_by
RETURNING true

-- name: job_give_back
-- Lets another one try.
DELETE FROM job_claims WHERE job = %(job)s AND due_at = %(due_at)s AND claimed_by = %(by)s

-- name: job_let_go
-- Takes away a claim that nobody has renewed since a moment, of a run that was not done.
DELETE FROM job_claims
WHERE job = %(job)s AND due_at = %(due_at)s AND claimed_at < %(before)s
    AND NOT EXISTS (
        SELECT FROM job_runs
        WHERE job_runs.job = job_claims.job AND planned_for = job_claims.due_at AND outcome = 'done'
    )

-- name: job_is_claimed
-- Whether somebody has a run.
SELECT EXISTS (SELECT FROM job_claims WHERE job = %(job)s AND due_at = %(due_at)s)

-- name: job_latest_claim
-- The latest time of a job that anybody has claimed.
SELECT max(due_at) FROM job_claims WHERE job = %(job)s
