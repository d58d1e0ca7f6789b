-- Runs of planned jobs say which time they were planned for, and who planned it: this server, Airflow or a command.
ALTER TABLE job_runs
    ADD COLUMN planned_for timestamptz,
    ADD COLUMN planned_by text NOT NULL DEFAULT '';

CREATE INDEX job_runs_by_plan ON job_runs (job, planned_for) WHERE planned_for IS NOT NULL;
