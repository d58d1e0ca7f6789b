-- Ends the enrolments that came from a source, hold today, and are not named by its latest delivery.
UPDATE enrolments
SET status = 'ended', ended_on = %(today)s, revision = (SELECT revision FROM enrolment_revision)
WHERE source = %(source)s
    AND delivery IS DISTINCT FROM %(delivery)s
    AND status = 'active'
    AND coalesce(ends_on, 'infinity') >= %(today)s
