-- Erasing students.

-- name: erasure_unwithdraw
-- Removes the withdrawals of an erasure from the history once every collector has received them.
DELETE FROM consents WHERE student_id = %(student)s AND source = 'erasure'

-- name: erasure_agreed
-- The last decision of a student's replacement about a purpose.
SELECT granted FROM consents WHERE student_id = %(replacement)s AND purpose = %(purpose)s
ORDER BY recorded_at DESC, seq DESC LIMIT 1

-- name: erasure_days
-- The UTC days on which a student has raw events.
SELECT DISTINCT event_date FROM student_activity_events WHERE student_id = %(student)s

-- name: erasure_account_anonymise
-- Deletes the account of a person, and with it every session: a login name is personal.
DELETE FROM accounts WHERE student_id = %(student)s

-- name: erasure_alerts_anonymise
-- Removes the alerts about a student: a random id needs no help from a teacher.
DELETE FROM alerts WHERE student_id = %(student)s

-- name: erasure_messages_anonymise
-- Removes when a student was written to.
DELETE FROM student_messages WHERE student_id = %(student)s

-- name: erasure_arms_anonymise
-- Removes what was drawn for a student.
DELETE FROM message_arms WHERE student_id = %(student)s

-- name: erasure_steps_anonymise
-- Removes which next steps a student was shown.
DELETE FROM shown_steps WHERE student_id = %(student)s

-- name: erasure_predictions_anonymise
-- Removes what was predicted of a student: a random id needs no help from a teacher.
DELETE FROM risk_predictions WHERE student_id = %(student)s

-- name: erasure_verdicts_anonymise
-- Removes what teachers said of predictions about a student.
DELETE FROM risk_verdicts WHERE student_id = %(student)s

-- name: erasure_trained_anonymise
-- Forgets that models were trained with a student, and names these models.
DELETE FROM risk_model_students WHERE student_id = %(student)s RETURNING model

-- name: erasure_consents_anonymise
-- Replaces a student in the history of consents.
UPDATE consents SET student_id = %(replacement)s WHERE student_id = %(student)s

-- name: erasure_board_name_anonymise
-- Deletes the name that a student chose for leaderboards: it could lead to them.
DELETE FROM leaderboard_names WHERE student_id = %(student)s

-- name: erasure_goals_anonymise
-- Deletes the goals of a student.
DELETE FROM goals WHERE student_id = %(student)s

-- name: erasure_enrolments_anonymise
-- Replaces a student in the enrolments of the roster.
UPDATE enrolments SET student_id = %(replacement)s WHERE student_id = %(student)s

-- name: erasure_members_anonymise
-- Replaces a student in the lists of classes.
UPDATE course_members SET student_id = %(replacement)s WHERE student_id = %(student)s

-- name: erasure_grants_anonymise
-- Replaces a student in access grants and removes the typed reason, which may have named somebody.
UPDATE break_glass SET student_id = %(replacement)s, reason = 'removed with the erased record' WHERE student_id = %(student)s

-- name: erasure_person_anonymise
-- Keeps only what class totals need of a person: the calendar, and whether it was a learner. No name, no address.
UPDATE people
SET student_id = %(replacement)s, external_id = 'erased:' || %(replacement)s::text, name = '', email = ''
WHERE student_id = %(student)s

-- name: erasure_profile_anonymise
-- Replaces a student in the profiles.
UPDATE student_analytics_profiles SET student_id = %(replacement)s WHERE student_id = %(student)s

-- name: erasure_raw_anonymise
-- Replaces a student in the raw events and removes addresses, countries and texts about people.
UPDATE student_activity_events
SET student_id = %(replacement)s,
    session_id = md5(%(salt)s || session_id::text)::uuid,
    ip_address = NULL,
    country_code = NULL,
    event_data = (
        SELECT coalesce(jsonb_object_agg(key, value), '{}')
        FROM jsonb_each(event_data)
        WHERE jsonb_typeof(value) <> 'string' OR key = ANY(%(kept)s)
    )
WHERE student_id = %(student)s

-- name: erasure_records_anonymise
-- Replaces a student in the academic records.
UPDATE academic_records SET student_id = %(replacement)s WHERE student_id = %(student)s

-- name: erasure_reports_anonymise
-- Removes reports by e-mail to a student, and those of pages about them.
DELETE FROM report_schedules
WHERE account_id IN (SELECT account_id FROM accounts WHERE student_id = %(student)s)
   OR student_id = %(student)s

-- name: erasure_requests_anonymise
-- Takes a student out of the other requests about the same student; their archives go with the files.
UPDATE privacy_requests
SET student_id = NULL, external_id = NULL, email = NULL, name = NULL, state = 'done', trouble = ''
WHERE student_id = %(student)s AND request_id <> %(request)s

-- name: erasure_sessions_anonymise
-- Ends the sessions of pages that show a student in a frame.
DELETE FROM sessions WHERE student_id = %(student)s

-- name: erasure_teaching_anonymise
-- Replaces a person in the list of teachers.
UPDATE teaching SET teacher_id = %(replacement)s WHERE teacher_id = %(student)s

-- name: erasure_teams_anonymise
-- Takes a person out of every team: to an employer a random id among few would be a name.
DELETE FROM team_people WHERE student_id = %(student)s

-- name: erasure_trainings_anonymise
-- Removes what a person has to take: to an employer a random id among few would be a name.
DELETE FROM person_trainings WHERE student_id = %(student)s

-- name: erasure_certificates_anonymise
-- Removes the certificates of a person.
DELETE FROM certificates WHERE student_id = %(student)s

-- name: erasure_roles_anonymise
-- Takes a person out of every job role.
DELETE FROM target_people WHERE student_id = %(student)s

-- name: erasure_account_delete
-- Deletes the account of a person, and with it every session: a login name is personal.
DELETE FROM accounts WHERE student_id = %(student)s

-- name: erasure_alerts_delete
-- Removes the alerts about a student: a random id needs no help from a teacher.
DELETE FROM alerts WHERE student_id = %(student)s

-- name: erasure_messages_delete
-- Removes when a student was written to.
DELETE FROM student_messages WHERE student_id = %(student)s

-- name: erasure_arms_delete
-- Removes what was drawn for a student.
DELETE FROM message_arms WHERE student_id = %(student)s

-- name: erasure_steps_delete
-- Removes which next steps a student was shown.
DELETE FROM shown_steps WHERE student_id = %(student)s

-- name: erasure_predictions_delete
-- Removes what was predicted of a student.
DELETE FROM risk_predictions WHERE student_id = %(student)s

-- name: erasure_verdicts_delete
-- Removes what teachers said of predictions about a student.
DELETE FROM risk_verdicts WHERE student_id = %(student)s

-- name: erasure_trained_delete
-- Forgets that models were trained with a student, and names these models.
DELETE FROM risk_model_students WHERE student_id = %(student)s RETURNING model

-- name: erasure_consents_delete
-- Deletes the history of consents of a student.
DELETE FROM consents WHERE student_id = %(student)s

-- name: erasure_board_name_delete
-- Deletes the name that a student chose for leaderboards.
DELETE FROM leaderboard_names WHERE student_id = %(student)s

-- name: erasure_goals_delete
-- Deletes the goals of a student.
DELETE FROM goals WHERE student_id = %(student)s

-- name: erasure_enrolments_delete
-- Deletes the enrolments of a student from the roster.
DELETE FROM enrolments WHERE student_id = %(student)s

-- name: erasure_members_delete
-- Takes a student out of the lists of classes.
DELETE FROM course_members WHERE student_id = %(student)s

-- name: erasure_grants_delete
-- Keeps that a record was opened, without the student and the reason.
UPDATE break_glass SET student_id = %(replacement)s, reason = 'removed with the erased record' WHERE student_id = %(student)s

-- name: erasure_person_delete
-- Deletes a person from the roster.
DELETE FROM people WHERE student_id = %(student)s

-- name: erasure_profile_delete
-- Deletes the profile of a student.
DELETE FROM student_analytics_profiles WHERE student_id = %(student)s

-- name: erasure_raw_delete
-- Deletes the raw events of a student.
DELETE FROM student_activity_events WHERE student_id = %(student)s

-- name: erasure_records_delete
-- Deletes the academic records of a student.
DELETE FROM academic_records WHERE student_id = %(student)s

-- name: erasure_reports_delete
-- Removes reports by e-mail to a student, and those of pages about them.
DELETE FROM report_schedules
WHERE account_id IN (SELECT account_id FROM accounts WHERE student_id = %(student)s)
   OR student_id = %(student)s

-- name: erasure_requests_delete
-- Takes a student out of the other requests about the same student; their archives go with the files.
UPDATE privacy_requests
SET student_id = NULL, external_id = NULL, email = NULL, name = NULL, state = 'done', trouble = ''
WHERE student_id = %(student)s AND request_id <> %(request)s

-- name: erasure_sessions_delete
-- Ends the sessions of pages that show a student in a frame.
DELETE FROM sessions WHERE student_id = %(student)s

-- name: erasure_teaching_delete
-- Takes a person out of the list of teachers.
DELETE FROM teaching WHERE teacher_id = %(student)s

-- name: erasure_teams_delete
-- Takes a person out of every team: to an employer a random id among few would be a name.
DELETE FROM team_people WHERE student_id = %(student)s

-- name: erasure_trainings_delete
-- Removes what a person has to take: to an employer a random id among few would be a name.
DELETE FROM person_trainings WHERE student_id = %(student)s

-- name: erasure_certificates_delete
-- Removes the certificates of a person.
DELETE FROM certificates WHERE student_id = %(student)s

-- name: erasure_roles_delete
-- Takes a person out of every job role.
DELETE FROM target_people WHERE student_id = %(student)s

-- name: erasure_partitions
-- The partitions of some days, as far as they exist.
SELECT partition FROM unnest(%(days)s::date[]) AS day, day_partition(day) AS partition
WHERE to_regclass(partition) IS NOT NULL
ORDER BY partition

-- name: erasure_rewrite
-- Rewrites a table and its indexes without deleted rows: a plain VACUUM leaves their bytes in free space.
VACUUM (FULL) {table}

-- name: erasure_sample
-- A tenth of the usual samples: queries on a day partition only select single students and ranges of the log.
SET LOCAL default_statistics_target = 10

-- name: erasure_statistics
-- Takes new planner samples of a table: they quote values.
ANALYZE {table}

-- name: erasure_moment
-- A new transaction id: everything deleted so far is older.
SELECT pg_current_xact_id()::xid::text

-- name: erasure_horizon
-- How many transactions may still see what was deleted before a transaction id: VACUUM would keep it for them.
SELECT count(*) FROM pg_stat_activity
WHERE backend_xmin IS NOT NULL AND age(backend_xmin) > age(%(before)s::text::xid) AND pid <> pg_backend_pid()

-- name: erasure_is_owner
-- Whether this role may empty the write-ahead log.
SELECT rolsuper FROM pg_roles WHERE rolname = current_user

-- name: erasure_wal_files
-- How many files the write-ahead log has, the ones prepared for later included.
SELECT count(*) FROM pg_ls_waldir()

-- name: erasure_wal_fresh
-- From now on used files of the write-ahead log are removed instead of recycled.
ALTER SYSTEM SET wal_recycle = off

-- name: erasure_wal_reload
-- Makes the server reload its settings.
SELECT pg_reload_conf()

-- name: erasure_checkpoint
-- Writes everything into the tables, so that older files of the write-ahead log can go.
CHECKPOINT

-- name: erasure_wal_prepared
-- How many files of the write-ahead log are prepared after the current one; recycled ones contain old bytes.
SELECT count(*) FROM pg_ls_waldir() WHERE name > pg_walfile_name(pg_current_wal_lsn()) AND name ~ '^[0-9A-F]{24}$'

-- name: erasure_wal_mark
-- Writes something, because a file of the write-ahead log that is empty is not closed.
SELECT pg_logical_emit_message(false, 'erasure', '')

-- name: erasure_wal_switch
-- Closes the current file of the write-ahead log; the rest of it is filled with zeros.
SELECT pg_switch_wal()

-- name: erasure_wal_reuse
-- Files of the write-ahead log are recycled again, as configured.
ALTER SYSTEM RESET wal_recycle

-- name: erasure_changes_anonymise
-- Replaces a student in what processes tell each other, but for the notice that the student was erased.
UPDATE changed_keys
SET learners = decode(
    replace(
        encode(learners, 'hex'), encode(uuid_send(%(student)s), 'hex'), encode(uuid_send(%(replacement)s), 'hex')
    ),
    'hex'
)
WHERE kind <> 'erased' AND position(uuid_send(%(student)s) IN learners) > 0

-- name: erasure_changes_delete
-- The same: nothing leads from the random id to anybody, and no row of numbers has it.
UPDATE changed_keys
SET learners = decode(
    replace(
        encode(learners, 'hex'), encode(uuid_send(%(student)s), 'hex'), encode(uuid_send(%(replacement)s), 'hex')
    ),
    'hex'
)
WHERE kind <> 'erased' AND position(uuid_send(%(student)s) IN learners) > 0
