-- Profiles, and who is in which course.

-- name: put_profile
-- The profile of one student, replacing an older one.
INSERT INTO student_analytics_profiles (
    student_id, first_enrollment_at, total_enrollments, active_enrollments, completed_courses, dropped_courses,
    total_time_spent_hours, avg_daily_minutes, preferred_hour, preferred_day, avg_course_completion_days,
    learning_consistency_score, overall_avg_score, quiz_accuracy, at_risk_score, last_activity_at, updated_at,
    version
) VALUES (
    %(student_id)s, %(first_enrollment_at)s, %(total_enrollments)s, %(active_enrollments)s, %(completed_courses)s,
    %(dropped_courses)s, %(total_time_spent_hours)s, %(avg_daily_minutes)s, %(preferred_hour)s, %(preferred_day)s,
    %(avg_course_completion_days)s, %(learning_consistency_score)s, %(overall_avg_score)s, %(quiz_accuracy)s,
    %(at_risk_score)s, %(last_activity_at)s, %(updated_at)s, %(version)s
)
ON CONFLICT (student_id) DO UPDATE SET
    first_enrollment_at = excluded.first_enrollment_at,
    total_enrollments = excluded.total_enrollments,
    active_enrollments = excluded.active_enrollments,
    completed_courses = excluded.completed_courses,
    dropped_courses = excluded.dropped_courses,
    total_time_spent_hours = excluded.total_time_spent_hours,
    avg_daily_minutes = excluded.avg_daily_minutes,
    preferred_hour = excluded.preferred_hour,
    preferred_day = excluded.preferred_day,
    avg_course_completion_days = excluded.avg_course_completion_days,
    learning_consistency_score = excluded.learning_consistency_score,
    overall_avg_score = excluded.overall_avg_score,
    quiz_accuracy = excluded.quiz_accuracy,
    at_risk_score = excluded.at_risk_score,
    last_activity_at = excluded.last_activity_at,
    updated_at = excluded.updated_at,
    -- The version of a rebuild is one ahead of the pipeline.
    version = greatest(student_analytics_profiles.version, excluded.version)
WHERE student_analytics_profiles.updated_at <= excluded.updated_at

-- name: put_member
-- Remember that a student is in a course now.
INSERT INTO course_members (student_id, course_id) VALUES (%(student_id)s, %(course_id)s) ON CONFLICT DO NOTHING

-- name: clear_members
-- Forget which courses some students are in, to write it again in the same transaction.
DELETE FROM course_members WHERE student_id = ANY(%(students)s)

-- name: drop_old_profiles
-- Profiles that a rebuild has not made again: nothing is known about their students any more.
DELETE FROM student_analytics_profiles WHERE version < %(version)s

-- name: drop_old_members
-- Members of courses without a profile, after a rebuild: nothing is known about them any more.
DELETE FROM course_members WHERE student_id NOT IN (SELECT student_id FROM student_analytics_profiles)

-- name: drop_profiles
-- Profiles of students who have withdrawn their consent.
DELETE FROM student_analytics_profiles WHERE student_id = ANY(%(students)s)

-- name: profiles_made
-- Which of some students have a profile, with its version and when it was made.
SELECT student_id, version, updated_at FROM student_analytics_profiles WHERE student_id = ANY(%(students)s)

-- name: ended_courses
-- Which of some courses had their last day before a day.
SELECT course_id FROM courses WHERE course_id = ANY(%(courses)s) AND ends_on < %(day)s
