-- Which process runs a job that must run once at each of its times.
CREATE TABLE job_claims (
    job text NOT NULL,
    due_at timestamptz NOT NULL,                          -- the time for which it is planned, not when it begins
    claimed_by text NOT NULL,
    claimed_at timestamptz NOT NULL,
    PRIMARY KEY (job, due_at)
);
