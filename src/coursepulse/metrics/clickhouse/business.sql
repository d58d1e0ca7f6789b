-- What courses bring in, and which do well.

-- name: revenue
-- Payments and refunds of each month, currency and course, in ten-thousandths. They rest on contract, so consent to analytics does not matter.
SELECT
    toStartOfMonth(toDate(at)) AS month,
    course_id,
    currency,
    countIf(event_type = 'payment_completed') AS payments,
    countIf(event_type = 'payment_refunded') AS refunds,
    toInt64(sumIf(amount, event_type = 'payment_completed') * 10000) AS paid_parts,
    toInt64(sumIf(amount, event_type = 'payment_refunded') * 10000) AS refunded_parts
FROM
(
    -- Not FINAL: payments are few, and merging would read every event of the period.
    SELECT event_id, event_type, at, course_id, currency, amount
    FROM events
    WHERE at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
        AND event_type IN ('payment_completed', 'payment_refunded')
        AND ({course:String} = '' OR course_id = {course:String})
        AND student_id NOT IN (SELECT student_id FROM no_learners)
    LIMIT 1 BY event_id, at
) AS paid
GROUP BY month, course_id, currency
ORDER BY month, course_id, currency

-- name: evidence_payments
-- The same by day.
SELECT
    toDate(at) AS day,
    toStartOfMonth(day) AS month,
    course_id,
    currency,
    countIf(event_type = 'payment_completed') AS payments,
    countIf(event_type = 'payment_refunded') AS refunds,
    toInt64(sumIf(amount, event_type = 'payment_completed') * 10000) AS paid_parts,
    toInt64(sumIf(amount, event_type = 'payment_refunded') * 10000) AS refunded_parts
FROM
(
    -- Not FINAL: payments are few, and merging would read every event of the period.
    SELECT event_id, event_type, at, course_id, currency, amount
    FROM events
    WHERE at >= toDateTime64({start:Date}, 6, 'UTC') AND at < toDateTime64({end:Date}, 6, 'UTC')
        AND event_type IN ('payment_completed', 'payment_refunded')
        AND ({course:String} = '' OR course_id = {course:String})
        AND student_id NOT IN (SELECT student_id FROM no_learners)
    LIMIT 1 BY event_id, at
) AS paid
GROUP BY day, course_id, currency
ORDER BY day, course_id, currency

-- name: course_ranks
-- How many learners of each course completed it, and their scores, in courses that are large enough to tell.
SELECT
    course_id,
    count() AS learners,
    countIf(done) AS completed,
    count(score) AS scored,
    avgOrNull(score) AS score_pct,
    varSampOrNull(score) AS variance
FROM
(
    SELECT
        class.course_id AS course_id,
        class.declared_complete OR ifNull(class.completion_pct >= 100, false) AS done,
        class.score_pct AS score
    FROM learners(courses = {courses:Array(String)}, students = {students:Array(UUID)}, start = {start:Date}, end = {end:Date}) AS class
    WHERE (NOT gone OR done) AND student_id NOT IN {apart:Array(UUID)}
)
GROUP BY course_id
HAVING learners >= {fair:UInt32}
ORDER BY course_id
