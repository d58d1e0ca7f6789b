-- What the slow jobs did and when, for administrators.
CREATE TABLE job_runs (
    job text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'failed', 'crashed')),
    sentence text NOT NULL
);
CREATE INDEX job_runs_by_time ON job_runs (started_at DESC);
