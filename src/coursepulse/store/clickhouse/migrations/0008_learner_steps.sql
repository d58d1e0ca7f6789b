-- What a learner had reached at the end of each day, ready to be looked up: any past day, and the present, is one step.

-- Every column follows from the arrays beside it, so the database computes it when a row is written. Rows that are
-- there already get it when they are read, until the last statement has written it for them too.
-- Why: docs/decisions/0008-steps-of-learners.md. `tupleElement` in full, because a mutation takes `e.at` for a column.

-- The moment of the first enrolment, and of the platform's word that the course is completed.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS enrolled_at Nullable(DateTime64(6, 'UTC'))
    MATERIALIZED nullIf(arrayFirst(e -> tupleElement(e, 'event_type') = 'course_enroll', enrolments).at, toDateTime64(0, 6, 'UTC'));
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS declared_at Nullable(DateTime64(6, 'UTC'))
    MATERIALIZED nullIf(arrayFirst(e -> tupleElement(e, 'event_type') = 'course_complete', enrolments).at, toDateTime64(0, 6, 'UTC'));

ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS handed_in
    Array(Tuple(assessment_id String, day Date))
    MATERIALIZED arrayMap(
        id -> (id, toDate(arrayMin(arrayMap(t -> tupleElement(t, 'at'), arrayFilter(t -> tupleElement(t, 'handed_in') AND tupleElement(t, 'assessment_id') = id, tries))))),
        arrayDistinct(arrayMap(t -> tupleElement(t, 'assessment_id'), arrayFilter(t -> tupleElement(t, 'handed_in'), tries))))
    COMMENT 'each assessment with the day on which something was first handed in';

-- Of all results so far the last of each attempt, then the best of each assessment.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS bests
    Array(Tuple(day Date, scores Array(Float64)))
    MATERIALIZED arrayMap(
        (on, ranked) -> (on, arrayMap(
            r -> assumeNotNull(tupleElement(r, 'score')),
            arraySort(
                r -> (tupleElement(r, 'at'), tupleElement(r, 'tie')),
                arrayFilter((r, i) -> tupleElement(r, 'score') IS NOT NULL AND indexOf(tupleElement(ranked, 'assessment_id'), tupleElement(r, 'assessment_id')) = i,
                            ranked, arrayEnumerate(ranked))))),
        arraySort(arrayDistinct(arrayMap(r -> toDate(tupleElement(r, 'at')), results))),
        arrayMap(
            ending -> arraySort(r -> (-ifNull(tupleElement(r, 'score'), -1), tupleElement(r, 'at'), tupleElement(r, 'tie')),
                                arrayFilter(r -> tupleElement(r, 'at') < ending AND tupleElement(r, 'until') >= ending, results)),
            arrayMap(on -> toDateTime64(on + 1, 6, 'UTC'), arraySort(arrayDistinct(arrayMap(r -> toDate(tupleElement(r, 'at')), results))))))
    COMMENT 'the best score of each assessment at the end of each day with results, in the order in which they were reached';

-- `rhythm` is usual_gap of learning/risk_facts.py, `falling` is _falls of learning/risk.py.
-- Kahan: the mean must not depend on the order of its terms, as little as the one of learning/stats.py does.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS steps
    Array(Tuple(day Date, micros Int64, visits UInt32, days_active UInt32, last_learning_at DateTime64(6, 'UTC'), gone Bool,
                rhythm Float64, score_pct Nullable(Float64), falling Bool))
    MATERIALIZED arrayMap(
        (d, micros, visits, active, latest, scores, i) -> (
            tupleElement(d, 'day'), micros, toUInt32(visits), toUInt32(active), latest,
            arrayLast(e -> tupleElement(e, 'event_type') IN ('course_enroll', 'course_unenroll') AND tupleElement(e, 'at') < toDateTime64(tupleElement(d, 'day') + 1, 6, 'UTC'),
                      enrolments).event_type = 'course_unenroll',
            if(active < 2, 7, least(7, greatest(1, arrayReduce('quantileExactInclusive(0.5)', arrayPopFront(arrayDifference(
                arrayMap(past -> toUInt16(tupleElement(past, 'day')), arrayFilter(past -> tupleElement(past, 'learned'), arraySlice(days, 1, i))))))))),
            if(empty(scores), NULL, arrayReduce('sumKahan', scores) / length(scores)),
            length(scores) > 2
                AND arrayReduce('sumKahan', arraySlice(scores, -2)) / 2
                    <= arrayReduce('sumKahan', arraySlice(scores, 1, length(scores) - 2)) / (length(scores) - 2) - 15),
        days,
        arrayCumSum(tupleElement(days, 'micros')),
        arrayCumSum(tupleElement(days, 'visits')),
        arrayCumSum(tupleElement(days, 'learned')),
        arrayFill(at -> at > toDateTime64(0, 6, 'UTC'), tupleElement(days, 'last_learning_at')),
        arrayMap(d -> arrayLast(best -> tupleElement(best, 'day') <= tupleElement(d, 'day'), bests).scores, days),
        arrayEnumerate(days))
    COMMENT 'sums and states at the end of each day with events; 1970 before any learning; rhythm: usual days between active days';

ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS assessments
    Array(Tuple(assessment_id String, day Date, until Date, work String, attempts UInt32, begun UInt32,
                handed_in_at DateTime64(6, 'UTC'), resulted Bool, best Nullable(Float64), passed Nullable(Bool),
                undeclared_best Nullable(Float64)))
    MATERIALIZED arrayFlatten(arrayMap(
        (id, own, told, dates) -> arrayMap(
            (on, next, past, valid) -> (
                id, on, next,
                arrayMax(tupleElement(past, 'work')),
                length(arrayDistinct(tupleElement(past, 'attempt'))),
                length(arrayDistinct(arrayMap(t -> (tupleElement(t, 'attempt'), tupleElement(t, 'work')), arrayFilter(t -> (tupleElement(t, 'work') = 'quiz') != tupleElement(t, 'handed_in'), past)))),
                arrayMin(arrayMap(t -> tupleElement(t, 'at'), arrayFilter(t -> tupleElement(t, 'handed_in'), past))),
                notEmpty(valid),
                arrayReduce('max', tupleElement(valid, 'score')),
                arrayReduce('max', tupleElement(valid, 'passed')),
                arrayReduce('max', arrayMap(r -> if(tupleElement(r, 'passed') IS NULL, tupleElement(r, 'score'), NULL), valid))),
            dates,
            arrayPushBack(arrayPopFront(dates), toDate(65535)),
            arrayMap(on -> arrayFilter(t -> toDate(tupleElement(t, 'at')) <= on, own), dates),
            arrayMap(ending -> arrayFilter(r -> tupleElement(r, 'at') < ending AND tupleElement(r, 'until') >= ending, told),
                     arrayMap(on -> toDateTime64(on + 1, 6, 'UTC'), dates))),
        arrayDistinct(tupleElement(tries, 'assessment_id')),
        arrayMap(id -> arrayFilter(t -> tupleElement(t, 'assessment_id') = id, tries), arrayDistinct(tupleElement(tries, 'assessment_id'))),
        arrayMap(id -> arrayFilter(r -> tupleElement(r, 'assessment_id') = id, results), arrayDistinct(tupleElement(tries, 'assessment_id'))),
        arrayMap(id -> arraySort(arrayDistinct(arrayMap(t -> toDate(tupleElement(t, 'at')), arrayFilter(t -> tupleElement(t, 'assessment_id') = id, tries)))),
                 arrayDistinct(tupleElement(tries, 'assessment_id')))))
    COMMENT 'what had come of each assessment from the end of `day` until that of the day before `until`; begun: attempts at a quiz, hand-ins of an assignment';

ALTER TABLE learner_courses
    MATERIALIZE COLUMN enrolled_at, MATERIALIZE COLUMN declared_at, MATERIALIZE COLUMN handed_in,
    MATERIALIZE COLUMN bests, MATERIALIZE COLUMN steps, MATERIALIZE COLUMN assessments
