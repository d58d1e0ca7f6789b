-- The classes and teams that a student is in, and so in whose lists.
SELECT 'course' AS kind, course_id AS id FROM course_members WHERE student_id = %(student)s::uuid
UNION
SELECT 'course', course_id FROM enrolments WHERE student_id = %(student)s::uuid AND status = 'active'
UNION
SELECT 'team', team_id FROM team_people WHERE student_id = %(student)s::uuid AND NOT manages
