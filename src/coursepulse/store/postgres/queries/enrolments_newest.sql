-- The number of the latest change of enrolments.
SELECT revision FROM enrolment_revision
