-- What the numbers must know of an enrolment: since when the roster knows of it, when it ended, and that it has changed.

ALTER TABLE enrolments
    -- Where no first day is said, the student is in the course since then at the latest.
    ADD COLUMN IF NOT EXISTS told_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    -- The day on which an end was told; null while the enrolment holds.
    ADD COLUMN IF NOT EXISTS ended_on date,
    ADD COLUMN IF NOT EXISTS revision bigint NOT NULL DEFAULT 1;

UPDATE enrolments SET ended_on = told_on WHERE status = 'ended';

CREATE INDEX IF NOT EXISTS enrolments_by_revision ON enrolments (revision);

-- Who changes enrolments takes the next number first and keeps the row until the end: so numbers come in order, and
-- whoever has read up to one has missed nothing below.
CREATE TABLE IF NOT EXISTS enrolment_revision (revision bigint NOT NULL);
INSERT INTO enrolment_revision SELECT 1 WHERE NOT EXISTS (SELECT FROM enrolment_revision);

GRANT SELECT, UPDATE ON enrolment_revision TO coursepulse_service;
