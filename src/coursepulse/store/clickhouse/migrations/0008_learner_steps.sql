-- What a learner had reached at the end of each day, ready to be looked up: any past day, and the present, is one step.

-- Every column follows from the arrays beside it, so the database computes it when a row is written. Rows that are
-- there already get it when they are read, until the last statement has written it for them too.
-- Why: docs/decisions/0008-steps-of-learners.md.

-- The moment of the first enrolment, and of the platform's word that the course is completed.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS enrolled_at Nullable(DateTime64(6, 'UTC'))
    MATERIALIZED nullIf(arrayFirst(e -> e.event_type = 'course_enroll', enrolments).at, toDateTime64(0, 6, 'UTC'));
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS declared_at Nullable(DateTime64(6, 'UTC'))
    MATERIALIZED nullIf(arrayFirst(e -> e.event_type = 'course_complete', enrolments).at, toDateTime64(0, 6, 'UTC'));

ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS handed_in
    Array(Tuple(assessment_id String, day Date))
    MATERIALIZED arrayMap(
        id -> (id, toDate(arrayMin(arrayMap(t -> t.at, arrayFilter(t -> t.handed_in AND t.assessment_id = id, tries))))),
        arrayDistinct(arrayMap(t -> t.assessment_id, arrayFilter(t -> t.handed_in, tries))))
    COMMENT 'each assessment with the day on which something was first handed in';

-- Of all results so far the last of each attempt, then the best of each assessment.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS bests
    Array(Tuple(day Date, scores Array(Float64)))
    MATERIALIZED arrayMap(
        (on, ranked) -> (on, arrayMap(
            r -> assumeNotNull(r.score),
            arraySort(
                r -> (r.at, r.tie),
                arrayFilter((r, i) -> r.score IS NOT NULL AND indexOf(ranked.assessment_id, r.assessment_id) = i,
                            ranked, arrayEnumerate(ranked))))),
        arraySort(arrayDistinct(arrayMap(r -> toDate(r.at), results))),
        arrayMap(
            ending -> arraySort(r -> (-ifNull(r.score, -1), r.at, r.tie),
                                arrayFilter(r -> r.at < ending AND r.until >= ending, results)),
            arrayMap(on -> toDateTime64(on + 1, 6, 'UTC'), arraySort(arrayDistinct(arrayMap(r -> toDate(r.at), results))))))
    COMMENT 'the best score of each assessment at the end of each day with results, in the order in which they were reached';

-- `rhythm` is usual_gap of learning/risk_facts.py, `falling` is _falls of learning/risk.py.
-- Kahan: the mean must not depend on the order of its terms, as little as the one of learning/stats.py does.
ALTER TABLE learner_courses ADD COLUMN IF NOT EXISTS steps
    Array(Tuple(day Date, micros Int64, visits UInt32, days_active UInt32, last_learning_at DateTime64(6, 'UTC'), gone Bool,
                rhythm Float64, score_pct Nullable(Float64), falling Bool))
    MATERIALIZED arrayMap(
        (d, micros, visits, active, latest, scores, i) -> (
            d.day, micros, toUInt32(visits), toUInt32(active), latest,
            arrayLast(e -> e.event_type IN ('course_enroll', 'course_unenroll') AND e.at < toDateTime64(d.day + 1, 6, 'UTC'),
                      enrolments).event_type = 'course_unenroll',
            if(active < 2, 7, least(7, greatest(1, arrayReduce('quantileExactInclusive(0.5)', arrayPopFront(arrayDifference(
                arrayMap(past -> toUInt16(past.day), arrayFilter(past -> past.learned, arraySlice(days, 1, i))))))))),
            if(empty(scores), NULL, arrayReduce('sumKahan', scores) / length(scores)),
            length(scores) > 2
                AND arrayReduce('sumKahan', arraySlice(scores, -2)) / 2
                    <= arrayReduce('sumKahan', arraySlice(scores, 1, length(scores) - 2)) / (length(scores) - 2) - 15),
        days,
        arrayCumSum(days.micros),
        arrayCumSum(days.visits),
        arrayCumSum(days.learned),
        arrayFill(at -> at > toDateTime64(0, 6, 'UTC'), days.last_learning_at),
        arrayMap(d -> arrayLast(best -> best.day <= d.day, bests).scores, days),
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
                arrayMax(past.work),
                length(arrayDistinct(past.attempt)),
                length(arrayDistinct(arrayMap(t -> (t.attempt, t.work), arrayFilter(t -> (t.work = 'quiz') != t.handed_in, past)))),
                arrayMin(arrayMap(t -> t.at, arrayFilter(t -> t.handed_in, past))),
                notEmpty(valid),
                arrayReduce('max', valid.score),
                arrayReduce('max', valid.passed),
                arrayReduce('max', arrayMap(r -> if(r.passed IS NULL, r.score, NULL), valid))),
            dates,
            arrayPushBack(arrayPopFront(dates), toDate(65535)),
            arrayMap(on -> arrayFilter(t -> toDate(t.at) <= on, own), dates),
            arrayMap(ending -> arrayFilter(r -> r.at < ending AND r.until >= ending, told),
                     arrayMap(on -> toDateTime64(on + 1, 6, 'UTC'), dates))),
        arrayDistinct(tries.assessment_id),
        arrayMap(id -> arrayFilter(t -> t.assessment_id = id, tries), arrayDistinct(tries.assessment_id)),
        arrayMap(id -> arrayFilter(r -> r.assessment_id = id, results), arrayDistinct(tries.assessment_id)),
        arrayMap(id -> arraySort(arrayDistinct(arrayMap(t -> toDate(t.at), arrayFilter(t -> t.assessment_id = id, tries)))),
                 arrayDistinct(tries.assessment_id))))
    COMMENT 'what had come of each assessment from the end of `day` until that of the day before `until`; begun: attempts at a quiz, hand-ins of an assignment';

ALTER TABLE learner_courses
    MATERIALIZE COLUMN enrolled_at, MATERIALIZE COLUMN declared_at, MATERIALIZE COLUMN handed_in,
    MATERIALIZE COLUMN bests, MATERIALIZE COLUMN steps, MATERIALIZE COLUMN assessments
