-- For a rebuild: takes away the rows that it did not write again.
DELETE FROM learner_courses WHERE version < {cycle:UInt64};
DELETE FROM learner_watch WHERE version < {cycle:UInt64}
