-- What a learner had reached at the end of each day, ready to be looked up: any past day, and the present, is one step.

-- Every column follows from the arrays beside it, so the database computes it when a row is written. Rows that are
-- there already get it when they are read, until the last statement has written it for them too.
-- A lambda copies what it uses from outside for each element, so none here uses a long array: blocks are small, too.
-- Why: docs/decisions/0008-steps-of-learners.md. `tupleElement` in full, because a mutation takes `e.at` for a column.

-- The moment of the first enrolment, and of the platform's word that the course is completed.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS enrolled_at Nullable(DateTime64(6, 'UTC'))
    MATERIALIZED nullIf(arrayFirst(e -> tupleElement(e, 'event_type') = 'course_enroll', enrolments).at, toDateTime64(0, 6, 'UTC'));
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS declared_at Nullable(DateTime64(6, 'UTC'))
    MATERIALIZED nullIf(arrayFirst(e -> tupleElement(e, 'event_type') = 'course_complete', enrolments).at, toDateTime64(0, 6, 'UTC'));

ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS handed_in
    Array(Tuple(assessment_id String, day Date))
    MATERIALIZED arrayFilter(
        (hand, nth) -> nth = 1,
        arraySort(arrayMap(t -> (tupleElement(t, 'assessment_id'), toDate(tupleElement(t, 'at'))),
                           arrayFilter(t -> tupleElement(t, 'handed_in'), tries))),
        arrayEnumerateUniq(arraySort(tupleElement(arrayFilter(t -> tupleElement(t, 'handed_in'), tries), 'assessment_id'))))
    COMMENT 'each assessment with the day on which something was first handed in';

-- Of all results so far the last of each attempt, then the best of each assessment.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS bests
    Array(Tuple(day Date, scores Array(Float64)))
    MATERIALIZED arrayMap(
        (on, ranked) -> (on, arrayMap(
            r -> assumeNotNull(tupleElement(r, 'score')),
            arraySort(
                r -> (tupleElement(r, 'at'), tupleElement(r, 'tie')),
                arrayFilter((r, nth) -> nth = 1 AND tupleElement(r, 'score') IS NOT NULL,
                            ranked, arrayEnumerateUniq(tupleElement(ranked, 'assessment_id')))))),
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
        (d, micros, visits, active, latest, mark) -> (
            tupleElement(d, 'day'), micros, toUInt32(visits), toUInt32(active), latest,
            arrayLast(e -> tupleElement(e, 'event_type') IN ('course_enroll', 'course_unenroll')
                          AND tupleElement(e, 'at') < toDateTime64(tupleElement(d, 'day') + 1, 6, 'UTC'),
                      enrolments).event_type = 'course_unenroll',
            if(active < 2, 7, least(7, greatest(1, arrayReduce('quantileExactInclusive(0.5)', arraySlice(
                arrayPopFront(arrayDifference(arrayMap(past -> toUInt16(tupleElement(past, 'day')),
                                                       arrayFilter(past -> tupleElement(past, 'learned'), days)))),
                1, active - 1))))),
            if(mark.1 = toDate(0), NULL, mark.2),
            mark.3),
        days,
        arrayCumSum(tupleElement(days, 'micros')),
        arrayCumSum(tupleElement(days, 'visits')),
        arrayCumSum(tupleElement(days, 'learned')),
        arrayFill(at -> at > toDateTime64(0, 6, 'UTC'), tupleElement(days, 'last_learning_at')),
        arrayMap(
            d -> arrayLast(mark -> mark.1 <= tupleElement(d, 'day'), arrayMap(
                (on, scores) -> (
                    on,
                    if(empty(scores), NULL, arrayReduce('sumKahan', scores) / length(scores)),
                    length(scores) > 2
                        AND arrayReduce('sumKahan', arraySlice(scores, -2)) / 2
                            <= arrayReduce('sumKahan', arraySlice(scores, 1, length(scores) - 2)) / (length(scores) - 2) - 15),
                tupleElement(bests, 'day'),
                tupleElement(bests, 'scores'))),
            days))
    COMMENT 'sums and states at the end of each day with events; 1970 before any learning; rhythm: usual days between active days';

-- Tries and results in one array of (assessment, when, work, attempt, handed in, score, passed, until), cut where the
-- assessment changes. A try has no `until`: 1970.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS assessments
    Array(Tuple(assessment_id String, day Date, until Date, work String, attempts UInt32, begun UInt32,
                handed_in_at DateTime64(6, 'UTC'), resulted Bool, best Nullable(Float64), passed Nullable(Bool),
                undeclared_best Nullable(Float64)))
    MATERIALIZED arrayFlatten(arrayMap(
        pair -> arrayMap(
            (on, next, tried, valid) -> (
                tried[1].1, on, next,
                arrayMax(tried.3),
                length(arrayDistinct(tried.4)),
                length(arrayDistinct(arrayMap(t -> (t.4, t.3), arrayFilter(t -> (t.3 = 'quiz') != t.5, tried)))),
                arrayMin(arrayMap(t -> t.2, arrayFilter(t -> t.5, tried))),
                notEmpty(valid),
                arrayReduce('max', valid.6),
                arrayReduce('max', valid.7),
                arrayReduce('max', arrayMap(r -> if(r.7 IS NULL, r.6, NULL), valid))),
            pair.2,
            arrayPushBack(arrayPopFront(pair.2), toDate(65535)),
            arrayMap(on -> arrayFilter(t -> t.8 = toDateTime64(0, 6, 'UTC') AND toDate(t.2) <= on, pair.1), pair.2),
            arrayMap(ending -> arrayFilter(r -> r.2 < ending AND r.8 >= ending, pair.1),
                     arrayMap(on -> toDateTime64(on + 1, 6, 'UTC'), pair.2))),
        arrayMap(own -> (own, arraySort(arrayDistinct(arrayMap(t -> toDate(t.2), own)))), arrayFilter(own -> notEmpty(own), arraySplit(
            (t, before) -> t.1 != before,
            arraySort(t -> (t.1, t.2), arrayConcat(
                arrayMap(t -> (tupleElement(t, 'assessment_id'), tupleElement(t, 'at'), tupleElement(t, 'work'), tupleElement(t, 'attempt'),
                               tupleElement(t, 'handed_in'), CAST(NULL, 'Nullable(Float64)'), CAST(NULL, 'Nullable(Bool)'),
                               toDateTime64(0, 6, 'UTC')), tries),
                arrayMap(r -> (tupleElement(r, 'assessment_id'), tupleElement(r, 'at'), tupleElement(r, 'work'), tupleElement(r, 'attempt'),
                               false, tupleElement(r, 'score'), tupleElement(r, 'passed'), tupleElement(r, 'until')), results))),
            arrayPopBack(arrayPushFront(arraySort(arrayConcat(
                tupleElement(tries, 'assessment_id'), tupleElement(results, 'assessment_id'))), '')))))))
    COMMENT 'what had come of each assessment from the end of `day` until that of the day before `until`; begun: attempts at a quiz, hand-ins of an assignment';

-- Few rows at a time when parts are written anew.
ALTER TABLE learner_courses MODIFY SETTING merge_max_block_size = 128;

ALTER TABLE learner_courses
    MATERIALIZE COLUMN enrolled_at, MATERIALIZE COLUMN declared_at, MATERIALIZE COLUMN handed_in,
    MATERIALIZE COLUMN bests, MATERIALIZE COLUMN steps, MATERIALIZE COLUMN assessments
