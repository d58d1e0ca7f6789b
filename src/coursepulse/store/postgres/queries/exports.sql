-- A student's own data, table by table.

-- name: export_person
-- A student's own row of the roster.
SELECT * FROM people WHERE student_id = %(student)s

-- name: export_consents
-- Every decision of a student.
SELECT purpose, granted, text_version, source, recorded_at FROM consents
WHERE student_id = %(student)s ORDER BY recorded_at, seq

-- name: export_leaderboard_name
-- The name that a student chose for leaderboards.
SELECT shown_as, chosen_at, removed_at, refused FROM leaderboard_names WHERE student_id = %(student)s

-- name: export_goals
-- The goals of a student.
SELECT kind, course_id, minutes, finish_on, set_at FROM goals WHERE student_id = %(student)s ORDER BY kind, course_id

-- name: export_events
-- The raw events of a student, in order.
SELECT * FROM student_activity_events WHERE student_id = %(student)s ORDER BY event_timestamp, event_id

-- name: export_profile
-- The profile of a student.
SELECT * FROM student_analytics_profiles WHERE student_id = %(student)s

-- name: export_academic_records
-- The academic records of a student.
SELECT * FROM academic_records WHERE student_id = %(student)s ORDER BY at, event_id

-- name: export_roster_enrolments
-- The enrolments of a student on the roster.
SELECT course_id, status, starts_on, ends_on FROM enrolments WHERE student_id = %(student)s ORDER BY course_id

-- name: export_classes
-- The classes of a student according to events.
SELECT course_id FROM course_members WHERE student_id = %(student)s ORDER BY course_id

-- name: export_teams
-- The teams of a person.
SELECT team_id, name, organisation_id, manages FROM team_people JOIN teams USING (team_id)
WHERE student_id = %(student)s ORDER BY team_id

-- name: export_trainings
-- What a person has to take, alone or as a member of a team.
SELECT organisation_id, '' AS team_id, course_id, mandatory, assigned_on, due_on, counts_from, status
FROM person_trainings WHERE student_id = %(student)s
UNION ALL
SELECT organisation_id, team_id, course_id, mandatory, assigned_on, due_on, counts_from, status
FROM team_trainings JOIN teams USING (team_id) JOIN team_people USING (team_id)
WHERE student_id = %(student)s AND NOT manages
ORDER BY organisation_id, team_id, course_id

-- name: export_certificates
-- The certificates of a person.
SELECT organisation_id, certificate_id, title, course_id, issued_on, expires_on, status
FROM certificates WHERE student_id = %(student)s ORDER BY organisation_id, certificate_id

-- name: export_job_roles
-- The job roles of a person.
SELECT profile_id, name, organisation_id FROM target_people JOIN target_profiles USING (profile_id)
WHERE student_id = %(student)s ORDER BY profile_id

-- name: export_teaching
-- What a person teaches.
SELECT course_id, starts_on, ends_on FROM teaching WHERE teacher_id = %(student)s ORDER BY course_id

-- name: export_messages
-- When somebody drafted a message to a student.
SELECT course_id, at FROM student_messages WHERE student_id = %(student)s ORDER BY at

-- name: export_draws
-- What was drawn for a student: to be written to at once, or to wait.
SELECT course_id, at, at_once FROM message_arms JOIN message_draws USING (draw_id)
WHERE student_id = %(student)s ORDER BY at

-- name: export_steps
-- Which next steps a student was shown, and when first.
SELECT course_id, advice, kind, item_id, shown_at FROM shown_steps
WHERE student_id = %(student)s ORDER BY shown_at, course_id, advice, item_id

-- name: export_account
-- The account of a person, without the password, and when it gets alerts by e-mail.
SELECT
    a.login_name, a.issuer, a.role, a.organisation_id, a.created_at, a.last_sign_in_at,
    a.language, c.pace, c.hour, c.quiet_from, c.quiet_until, c.time_zone, c.language AS language_of_mails
FROM accounts AS a
LEFT JOIN mail_choices AS c USING (account_id)
WHERE a.student_id = %(student)s

-- name: export_reports
-- What is sent to a person at regular times.
SELECT r.kind, r.title, r.address, r.form, r.weekday, r.month_day, r.hour, r.time_zone, r.paused, r.created_at, r.next_at
FROM report_schedules AS r
JOIN accounts AS a USING (account_id)
WHERE a.student_id = %(student)s ORDER BY r.created_at, r.report_id

-- name: export_sessions
-- Where a person is signed in.
SELECT s.created_at, s.seen_at, s.expires_at FROM sessions AS s LEFT JOIN accounts AS a USING (account_id)
WHERE s.student_id = %(student)s OR a.student_id = %(student)s ORDER BY s.created_at

-- name: export_openings
-- Who opened the record of a student with a typed reason, and when.
SELECT id AS number, kind, role, reason, opened_at, expires_at FROM break_glass WHERE student_id = %(student)s ORDER BY opened_at

-- name: export_alerts
-- Alerts about a student.
SELECT
    rule, severity, course_id, item, raised_at, updated_at, cleared_at, evidence, details, acknowledged_at,
    snoozed_until
FROM alerts WHERE student_id = %(student)s AND withdrawn_at IS NULL ORDER BY raised_at, alert_id

-- name: export_predictions
-- What models predicted about a student.
SELECT course_id, predicted_at, model, probability, reasons, outcome, outcome_on FROM risk_predictions
WHERE student_id = %(student)s ORDER BY course_id, predicted_at

-- name: export_verdicts_on_predictions
-- What teachers said of predictions about a student.
SELECT course_id, at, verdict, because, probability, model FROM risk_verdicts WHERE student_id = %(student)s ORDER BY at

-- name: export_models
-- The models that were trained with a student.
SELECT model, trained_at FROM risk_model_students JOIN risk_models USING (model)
WHERE student_id = %(student)s ORDER BY trained_at

-- name: export_privacy_requests
-- A student's requests about their data.
SELECT request_id, kind, mode, keep_records, state, asked_by, asked_at, done_at FROM privacy_requests
WHERE student_id = %(student)s ORDER BY asked_at

-- name: export_changes
-- When numbers about a student were renewed, as processes told each other.
SELECT noted_at, kind, latest_event_at FROM changed_keys
WHERE position(uuid_send(%(student)s) IN learners) > 0
ORDER BY number
