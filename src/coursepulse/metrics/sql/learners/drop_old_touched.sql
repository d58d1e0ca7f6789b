-- Takes away the rows of touched learners that were not written again: they have no days any more.
DELETE FROM learner_courses WHERE (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners) AND version < {cycle:UInt64};
DELETE FROM learner_watch WHERE (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners) AND version < {cycle:UInt64}
