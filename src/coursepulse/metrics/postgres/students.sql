-- What PostgreSQL alone knows of one student.

-- name: own_goals
-- The goals that a student has set; the policies of the database show them to nobody else.
SELECT kind, course_id, minutes, finish_on
FROM goals
WHERE student_id = %(student)s::uuid
ORDER BY kind DESC, finish_on, course_id

-- name: own_certificates
-- The certificates that organisations have on record for a student.
SELECT coalesce(nullif(title, ''), certificate_id) AS certificate, certificate_id, coalesce(course_id, '') AS course_id, issued_on, expires_on
FROM certificates
WHERE student_id = %(student)s::uuid AND status = 'valid'
ORDER BY certificate_id, organisation_id

-- name: own_skill_work
-- Which quiz or assignment tests which skill, in some courses.
SELECT DISTINCT skill, course_id, assessment_id
FROM assessments CROSS JOIN unnest(skills) AS skill
WHERE course_id = ANY(%(courses)s)
ORDER BY skill, course_id, assessment_id

-- name: skill_lessons
-- Where each skill is taught first, in some courses.
SELECT DISTINCT ON (course_id, skill) course_id, skill, lesson_id
FROM lessons CROSS JOIN unnest(skills) AS skill
WHERE course_id = ANY(%(courses)s)
ORDER BY course_id, skill, place, lesson_id

-- name: own_needs
-- The levels that the job roles of a student need.
SELECT skill, max(level) AS level
FROM target_people
JOIN target_needs USING (profile_id)
WHERE student_id = %(student)s::uuid AND skill <> ''
GROUP BY skill
