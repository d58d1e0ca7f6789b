-- One row per student, refreshed by the pipeline, for lists and for other systems.

-- The specification generates days_since_active from NOW(), which no generated column may call: it is a column of
-- the view instead. Units: hours, minutes per active day, preferred_hour 0-23 and preferred_day 1 (Monday) to 7 in
-- the student's own time zone, scores in per cent, learning_consistency_score 0-1, at_risk_score 0-100.
CREATE TABLE student_analytics_profiles (
    student_id uuid PRIMARY KEY,
    first_enrollment_at timestamptz,
    total_enrollments integer NOT NULL DEFAULT 0,
    active_enrollments integer NOT NULL DEFAULT 0,
    completed_courses integer NOT NULL DEFAULT 0,
    dropped_courses integer NOT NULL DEFAULT 0,
    total_time_spent_hours double precision NOT NULL DEFAULT 0,
    avg_daily_minutes double precision NOT NULL DEFAULT 0,
    preferred_hour smallint,
    preferred_day smallint,
    avg_course_completion_days double precision,
    learning_consistency_score double precision,
    overall_avg_score double precision,
    quiz_accuracy double precision,
    at_risk_score double precision,
    last_activity_at timestamptz,
    updated_at timestamptz NOT NULL
);

CREATE VIEW student_profiles AS
SELECT *, (now() AT TIME ZONE 'UTC')::date - (last_activity_at AT TIME ZONE 'UTC')::date AS days_since_active
FROM student_analytics_profiles;
