-- A grade counts as a hand-in: results of earlier presentations, and work handed in on paper, are missed by nobody.

-- Of assignments every try counts: one that was not handed in is a grade.
ALTER TABLE learner_courses MODIFY COLUMN handed_in
    Array(Tuple(assessment_id String, day Date))
    MATERIALIZED arrayFilter(
        (hand, nth) -> nth = 1,
        arraySort(arrayMap(t -> (tupleElement(t, 'assessment_id'), toDate(tupleElement(t, 'at'))),
                           arrayFilter(t -> tupleElement(t, 'handed_in') OR tupleElement(t, 'work') = 'assignment', tries))),
        arrayEnumerateUniq(arraySort(tupleElement(
            arrayFilter(t -> tupleElement(t, 'handed_in') OR tupleElement(t, 'work') = 'assignment', tries), 'assessment_id'))))
    COMMENT 'each assessment with the day on which something was first handed in or graded';

ALTER TABLE learner_courses MATERIALIZE COLUMN handed_in
