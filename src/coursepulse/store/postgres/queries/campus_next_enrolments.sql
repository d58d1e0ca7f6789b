-- The number of the next change of enrolments; whoever else wants one waits until this change is done.
UPDATE enrolment_revision SET revision = revision + 1
