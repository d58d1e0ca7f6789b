-- The rows of those touched learners whom the roster names and who have done nothing yet.
INSERT INTO learner_courses (course_id, student_id, version, days, enrolments, edition, listed)
WITH
    ifNull(starts_on, known_on) AS since,
    if(left_on IS NULL, [since], [since, greatest(since, assumeNotNull(left_on))]) AS marks
SELECT
    course_id,
    student_id,
    {cycle:UInt64} AS version,
    arrayMap(on -> (on, toInt64(0), toUInt32(0), false, toDateTime64(0, 6, 'UTC')), arrayDistinct(marks)) AS days,
    arrayMap((on, nth) -> (toDateTime64(on, 6, 'UTC'), if(nth = 1, 'course_enroll', 'course_unenroll')),
             marks, arrayEnumerate(marks)) AS enrolments,
    4 AS edition,
    roster.version AS listed
FROM roster_enrolments AS roster FINAL
WHERE student_id IN (SELECT student_id FROM touched_learners)
  AND (course_id, student_id) IN (SELECT course_id, student_id FROM touched_learners)
  AND (course_id, student_id) NOT IN
      (SELECT course_id, student_id FROM student_days WHERE student_id IN (SELECT student_id FROM touched_learners))
